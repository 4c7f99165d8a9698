//! The service-ca operator, which renews its CA, and its controller, which renews the certificates
//! of Services (openshift/service-ca-operator: `pkg/operator/rotate.go`,
//! `pkg/controller/servingcert/controller/secret_creating_controller.go` and
//! `secret_updating_controller.go`).

use serde_json::{Value, json};

use super::round::{DAY, HOUR, Round, authority, pem};
use crate::certificate::{Authority, Draft, Parsed};
use crate::object::{annotation, name, namespace, place, reference, rfc3339, text, time};

/// How long a CA is valid, and how much of that is left when it is renewed
/// (`pkg/operator/rotate.go`, `minimumTrustDuration`).
const CA_VALID: i64 = 790 * DAY;
const CA_MINIMUM: i64 = 395 * DAY;

/// How long a certificate is valid, and how much of that is left when it is renewed
/// (pkg/controller/servingcert/starter/starter.go, `minTimeLeftForCert`).
const VALID: i64 = 730 * DAY;
const MINIMUM_LEFT: i64 = HOUR;

/// The number of failures after which it gives up, which takes seconds
/// (pkg/controller/servingcert/controller, `maxRetries`).
const RETRIES: i64 = 10;

const CA: (&str, &str) = ("openshift-service-ca", "signing-key");

const SECRET_NAME: &str = "service.beta.openshift.io/serving-cert-secret-name";
const SIGNED_BY: &str = "service.beta.openshift.io/serving-cert-signed-by";
const ERRORS: &str = "service.beta.openshift.io/serving-cert-generation-error-num";
const SERVICE_NAME: &str = "service.beta.openshift.io/originating-service-name";
const SERVICE_UID: &str = "service.beta.openshift.io/originating-service-uid";
const EXPIRY: &str = "service.beta.openshift.io/expiry";

pub(super) fn sync(round: &Round<'_>) {
    keep_authority(round);
    let Some(signing_key) = round.secret(CA) else {
        return;
    };
    let Some(ca) = round.leaf(&signing_key) else {
        return;
    };
    for service in round.cluster.objects("Service") {
        if annotation(&service, SECRET_NAME).is_empty() {
            continue;
        }
        if round.served.get() == round.switches.services_at_once {
            round.passed(round.now); // the others have to wait
            return;
        }
        let before = round.cluster.revision();
        serve(round, &signing_key, &ca, &service);
        let served = usize::from(round.cluster.revision() != before);
        round.served.set(round.served.get() + served);
    }
}

/// Makes the CA, or renews it in its middle.
fn keep_authority(round: &Round<'_>) {
    let now = round.now;
    let secret = round.secret(CA);
    let old = secret.and_then(|secret| Some((round.leaf(&secret)?, secret)));
    let Some((certificate, secret)) = old else {
        let name = format!("openshift-service-serving-signer@{now}");
        let new = Draft::named(&name).valid(now, now + CA_VALID).authority();
        write_authority(round, &new, &[]);
        return;
    };
    if !round.passed(certificate.not_after - CA_MINIMUM) {
        return;
    }
    let Some(old) = authority(&secret) else {
        return;
    };
    // The new one has the old one's name: only the keys tell them apart.
    let new = Draft::named(&certificate.common_name).valid(now, now + CA_VALID);
    let new = new.authority();
    let trusted = old.cross_signed(&new, now, now + CA_MINIMUM);
    let bundle = format!("{}{trusted}", new.pair.certificate);
    let intermediate = new.cross_signed(&old, now, now + CA_VALID);
    let more = [
        ("ca-bundle.crt", &*bundle),
        ("intermediate-ca.crt", &intermediate),
    ];
    write_authority(round, &new, &more);
}

fn write_authority(round: &Round<'_>, new: &Authority, more: &[(&str, &str)]) {
    let pair = [
        ("tls.crt", &*new.pair.certificate),
        ("tls.key", &new.pair.key),
    ];
    let metadata = json!({"annotations": {"openshift.io/owning-component": "service-ca"}});
    round.write(CA, &metadata, &[&pair, more].concat());
}

/// Looks at one Service as two loops do: one creates its secret, the other updates it.
fn serve(round: &Round<'_>, signing_key: &Value, ca: &Parsed, service: &Value) {
    let uid = text(&service["metadata"]["uid"]);
    let secret = round.secret((namespace(service), annotation(service, SECRET_NAME)));
    let leaf = secret.as_ref().and_then(|secret| round.leaf(secret));
    let is_missing = leaf.is_none_or(|leaf| leaf.authority_key_id != ca.key_id);
    let failures: i64 = annotation(service, ERRORS).parse().unwrap_or_default();
    let belongs = secret.as_ref().is_none_or(|secret| {
        annotation(secret, SERVICE_NAME) == name(service) && annotation(secret, SERVICE_UID) == uid
    });
    if is_missing && failures < RETRIES {
        if belongs {
            issue(round, signing_key, service);
        }
        let (key, value) = if belongs {
            (SIGNED_BY, ca.common_name.clone())
        } else {
            (ERRORS, RETRIES.to_string())
        };
        let mut service = service.clone();
        service["metadata"]["annotations"][key] = value.into();
        round.cluster.apply(service);
    } else if let Some(secret) = secret.filter(|_| belongs) {
        // By the annotation, not by the certificate, and whatever has failed.
        let expiry = time(annotation(&secret, EXPIRY));
        if expiry.is_none_or(|expiry| round.passed(expiry - MINIMUM_LEFT)) {
            issue(round, signing_key, service);
        }
    }
}

fn issue(round: &Round<'_>, signing_key: &Value, service: &Value) {
    let Some(ca) = authority(signing_key) else {
        return;
    };
    let (namespace, name) = place(service);
    let host = format!("{name}.{namespace}.svc");
    let (from, until) = (round.now - 1, round.now - 1 + VALID);
    let leaf = Draft::named(&host).hosts(&[&host, &format!("{host}.cluster.local")]);
    let pair = leaf.serving().valid(from, until).signed_by(&ca);
    let intermediate = pem(signing_key, "intermediate-ca.crt").unwrap_or_default();
    let chain = [pair.certificate, ca.pair.certificate, intermediate].concat();
    let metadata = json!({
        "ownerReferences": [reference(service)],
        "annotations": {
            "openshift.io/owning-component": "service-ca", EXPIRY: rfc3339(until),
            SERVICE_NAME: name, SERVICE_UID: service["metadata"]["uid"],
        },
    });
    let data = [("tls.crt", &*chain), ("tls.key", &pair.key)];
    round.write(
        (namespace, annotation(service, SECRET_NAME)),
        &metadata,
        &data,
    );
}
