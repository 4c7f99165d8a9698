//! The ingress operator: a CA and a certificate for every `IngressController` that was given none. Neither is ever
//! renewed (openshift/cluster-ingress-operator: pkg/operator/controller/certificate).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::round::{Round, YEAR, authority, data, name, text};
use crate::certificate::Draft;

const VALID: i64 = 2 * YEAR;

/// The ingress operator.
pub struct IngressOperator {
    /// Whether it runs.
    pub running: bool,
    /// The `IngressControllers` that it has seen, in which version: it watches nothing else, and does not notice that
    /// a certificate was deleted.
    seen: BTreeMap<String, Value>,
}

// === impl IngressOperator ===

impl IngressOperator {
    pub(super) fn new() -> Self {
        Self {
            running: true,
            seen: BTreeMap::new(),
        }
    }

    /// One sync of every `IngressController` that is new to it.
    pub(super) fn look(&mut self, round: &Round<'_>) {
        for controller in round.cluster.objects("IngressController") {
            let version = controller["metadata"]["resourceVersion"].clone();
            let before = self.seen.insert(name(&controller).into(), version.clone());
            if before == Some(version) {
                continue;
            }
            keep_authority(round);
            let secret = format!("router-certs-{}", name(&controller));
            if controller["spec"]["defaultCertificate"]["name"].is_string() {
                round
                    .cluster
                    .try_delete("Secret", "openshift-ingress", &secret);
            } else if round.secret("openshift-ingress", &secret).is_none() {
                make_certificate(round, name(&controller), &secret);
            }
        }
    }
}

fn keep_authority(round: &Round<'_>) {
    let place = ("openshift-ingress-operator", "router-ca");
    if round.secret(place.0, place.1).is_some() {
        return;
    }
    let draft = Draft::named(&format!("ingress-operator@{}", round.now));
    let pair = draft.valid(round.now, round.now + VALID).authority().pair;
    round.cluster.apply(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {"namespace": place.0, "name": place.1}, "data": data(&pair, &[]),
    }));
}

fn make_certificate(round: &Round<'_>, controller: &str, secret: &str) {
    let ca = round.secret("openshift-ingress-operator", "router-ca");
    let Some(authority) = ca.and_then(|it| authority(&it)) else {
        return;
    };
    let ingress = round.cluster.find("Ingress", "", "cluster");
    let domain = ingress
        .map(|it| text(&it["spec"]["domain"]).to_owned())
        .unwrap_or_default();
    let host = format!("*.{domain}");
    let leaf = Draft::named(&host).hosts(&[&host]).serving();
    let pair = leaf
        .valid(round.now, round.now + VALID)
        .signed_by(&authority);
    let owner = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "name": format!("router-{controller}"),
        "uid": "5e3f9d0c-8a51-4a6e-9f57-1f0f2c7f8f10", "controller": true,
    });
    round.cluster.apply(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {"namespace": "openshift-ingress", "name": secret, "ownerReferences": [owner]},
        "data": data(&pair, &[&authority.pair.certificate]),
    }));
}
