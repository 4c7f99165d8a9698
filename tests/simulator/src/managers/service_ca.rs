//! The service-ca operator, which renews its CA, and its controller, which renews the certificates of Services.
//!
//! As they were seen to do it, and by their code (openshift/service-ca-operator: `pkg/operator/rotate.go`,
//! `pkg/controller/servingcert/controller/secret_creating_controller.go` and `secret_updating_controller.go`).

mod serving;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use self::serving::Serving;
use super::round::{DAY, Round, annotation, authority, data};
use crate::certificate::{Authority, Draft};

/// How long a CA is valid, and when it is renewed (`pkg/operator/rotate.go`, `minimumTrustDuration`).
const CA_VALID: i64 = 790 * DAY;
const CA_MINIMUM: i64 = 395 * DAY;

const NAMESPACE: &str = "openshift-service-ca";
const SIGNING_KEY: &str = "signing-key";

/// Its annotations, in the flavour that is looked at first and the one before it.
const BETA: &str = "service.beta.openshift.io";
const ALPHA: &str = "service.alpha.openshift.io";

/// The service-ca operator and its controller.
pub struct ServiceCa {
    /// Whether they run.
    pub running: bool,
    /// How many Services they serve at one time. The real ones serve 1.3 a second, so that the last of a thousand waits
    /// for 13 minutes.
    pub at_once: usize,
    /// How many they have served at what time.
    served: (i64, usize),
}

// === impl ServiceCa ===

impl ServiceCa {
    pub(super) fn new() -> Self {
        Self {
            running: true,
            at_once: usize::MAX,
            served: (0, 0),
        }
    }

    /// One sync of the CA and of every Service.
    pub(super) fn look(&mut self, round: &Round<'_>) {
        keep_authority(round);
        let Some(signing_key) = round.secret(NAMESPACE, SIGNING_KEY) else {
            return;
        };
        let Some(certificate) = round.certificate(&signing_key, "tls.crt") else {
            return;
        };
        if self.served.0 != round.now {
            self.served = (round.now, 0);
        }
        for service in round.cluster.objects("Service") {
            if self.served.1 == self.at_once {
                round.passed(round.now); // the others have to wait
                return;
            }
            if let Some(secret) = requested(&service) {
                let before = round.cluster.revision();
                Serving::new(round, &signing_key, &certificate, &service, secret).sync();
                self.served.1 += usize::from(round.cluster.revision() != before);
            }
        }
    }
}

/// The secret that a Service asks for.
fn requested(service: &Value) -> Option<&str> {
    let requests =
        [BETA, ALPHA].map(|it| annotation(service, &format!("{it}/serving-cert-secret-name")));
    requests.into_iter().find(|it| !it.is_empty())
}

/// Makes the CA, or renews it in its middle.
fn keep_authority(round: &Round<'_>) {
    let now = round.now;
    let secret = round.secret(NAMESPACE, SIGNING_KEY);
    let read = secret
        .as_ref()
        .and_then(|secret| Some((authority(secret)?, round.certificate(secret, "tls.crt")?)));
    let Some((old, certificate)) = read else {
        let name = format!("openshift-service-serving-signer@{now}");
        let new = Draft::named(&name).valid(now, now + CA_VALID).authority();
        apply_authority(round, &new, None);
        return;
    };
    if round.passed(certificate.not_after - CA_MINIMUM) {
        // The new one has the old one's name: only the keys tell them apart.
        let new = Draft::named(&certificate.common_name).valid(now, now + CA_VALID);
        apply_authority(round, &new.authority(), Some(&old));
    }
}

fn apply_authority(round: &Round<'_>, new: &Authority, old: Option<&Authority>) {
    let now = round.now;
    let mut data = data(&new.pair, &[]);
    if let Some(old) = old {
        let trusted = old.cross_signed(new, now, now + CA_MINIMUM);
        let bundle = format!("{}{trusted}", new.pair.certificate);
        data["ca-bundle.crt"] = STANDARD.encode(bundle).into();
        let intermediate = new.cross_signed(old, now, now + CA_VALID);
        data["intermediate-ca.crt"] = STANDARD.encode(intermediate).into();
    }
    round.cluster.apply(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {
            "namespace": NAMESPACE, "name": SIGNING_KEY,
            "annotations": {"openshift.io/owning-component": "service-ca"},
        },
        "data": data,
    }));
}
