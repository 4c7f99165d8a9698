//! The ingress operator: a CA, and a certificate for every `IngressController` without one. Neither
//! is ever renewed (openshift/cluster-ingress-operator: pkg/operator/controller/certificate).

use serde_json::json;

use super::round::{Round, YEAR, authority};
use crate::certificate::Draft;
use crate::object::{name, text};

const VALID: i64 = 2 * YEAR;
const CA: (&str, &str) = ("openshift-ingress-operator", "router-ca");

pub(super) fn sync(round: &Round<'_>) {
    let (from, until) = (round.now, round.now + VALID);
    for controller in round.cluster.objects("IngressController") {
        if round.secret(CA).is_none() {
            let draft = Draft::named(&format!("ingress-operator@{from}"));
            let pair = draft.valid(from, until).authority().pair;
            let data = [("tls.crt", &*pair.certificate), ("tls.key", &pair.key)];
            round.write(CA, &json!({}), &data);
        }
        let secret = format!("router-certs-{}", name(&controller));
        let place = ("openshift-ingress", &*secret);
        let has_its_own = controller["spec"]["defaultCertificate"]["name"].is_string();
        let ca = round.secret(CA).and_then(|ca| authority(&ca));
        let ingress = round
            .cluster
            .find("Ingress.config.openshift.io", "", "cluster");
        let (false, None, Some(ca), Some(ingress)) =
            (has_its_own, round.secret(place), ca, ingress)
        else {
            continue;
        };
        let host = format!("*.{}", text(&ingress["spec"]["domain"]));
        let leaf = Draft::named(&host).hosts(&[&host]).serving();
        let pair = leaf.valid(from, until).signed_by(&ca);
        let chain = pair.certificate + &ca.pair.certificate;
        let data = [("tls.crt", &*chain), ("tls.key", &pair.key)];
        round.write(place, &json!({}), &data);
    }
}
