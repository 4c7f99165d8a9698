//! Every way to break a manager, so that a certificate expires without having been renewed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::round::{DAY, HOUR};
use super::{Managers, OlmVersion};
use crate::certificate::Draft;
use crate::object::Place;

/// A way to break a manager.
pub struct Broken {
    /// The manager that is broken.
    pub manager: &'static str,
    /// The fault, in words.
    pub what: &'static str,
    /// Namespace and name of the secret that is not renewed then.
    pub secret: Place<'static>,
    /// Breaks the manager.
    pub break_it: fn(&mut Managers),
}

const OLM: &str = "openshift-operator-lifecycle-manager";
const PACKAGESERVER: Place<'_> = (OLM, "packageserver-service-cert");
const SERVING: Place<'_> = ("openshift-image-registry", "image-registry-tls");
const SIGNING_KEY: Place<'_> = ("openshift-service-ca", "signing-key");
const KUBELET: Place<'_> = ("openshift-kube-apiserver", "kubelet-client");
const PEER: Place<'_> = ("openshift-etcd", "etcd-peer-master-0");
const AUTHENTICATOR: Place<'_> = ("openshift-oauth-apiserver", "openshift-authenticator-certs");
const CHECKOUT: Place<'_> = ("shop", "checkout-tls");
const ROUTER: Place<'_> = ("openshift-ingress", "router-certs-default");

/// Every way that is known.
pub const BROKEN: [Broken; 18] = [
    Broken {
        manager: "olm",
        what: "the remembered renewal date is later than the expiry (before v0.29.0)",
        secret: PACKAGESERVER,
        break_it: |managers| {
            go_back(managers, OlmVersion::Skewing);
            managers.advance(managers.now() + HOUR);
            managers.reinstall(OLM, "packageserver");
        },
    },
    Broken {
        manager: "olm",
        what: "the renewal date is missing (before v0.29.0)",
        secret: PACKAGESERVER,
        break_it: |managers| {
            go_back(managers, OlmVersion::Forgetting);
            edit_status(managers, &json!({"certsRotateAt": null}));
        },
    },
    Broken {
        manager: "olm",
        what: "a requirement of the operator is missing",
        secret: PACKAGESERVER,
        break_it: |managers| {
            let status = json!({"phase": "Pending", "reason": "RequirementsNotMet"});
            edit_status(managers, &status);
        },
    },
    Broken {
        manager: "olm",
        what: "the OperatorGroup is deleted",
        secret: PACKAGESERVER,
        break_it: |managers| {
            edit_status(
                managers,
                &json!({"phase": "Failed", "reason": "NoOperatorGroup"}),
            );
        },
    },
    Broken {
        manager: "olm",
        what: "the installation does not complete",
        secret: PACKAGESERVER,
        break_it: |managers| edit_status(managers, &json!({"phase": "Installing"})),
    },
    Broken {
        manager: "olm",
        what: "the operator is deleted, its secret is not",
        secret: PACKAGESERVER,
        break_it: |managers| orphan(managers, "ClusterServiceVersion", (OLM, "packageserver")),
    },
    Broken {
        manager: "olm",
        what: "OLM is down",
        secret: PACKAGESERVER,
        break_it: |managers| managers.switches.olm = false,
    },
    Broken {
        manager: "service-ca",
        what: "the Service was replaced, as after a restore from a backup",
        secret: SERVING,
        break_it: replace_service,
    },
    Broken {
        manager: "service-ca",
        what: "service-ca has given up on the Service",
        secret: SERVING,
        break_it: |managers| {
            replace_service(managers);
            annotate(managers, "serving-cert-generation-error-num", "10".into());
        },
    },
    Broken {
        manager: "service-ca",
        what: "the Service no longer requests the certificate",
        secret: SERVING,
        break_it: |managers| annotate(managers, "serving-cert-secret-name", Value::Null),
    },
    Broken {
        manager: "service-ca",
        what: "the Service is deleted, its secret is not",
        secret: SERVING,
        break_it: |managers| orphan(managers, "Service", (SERVING.0, "image-registry")),
    },
    Broken {
        manager: "service-ca",
        what: "service-ca is down (its CA)",
        secret: SIGNING_KEY,
        break_it: |managers| managers.switches.service_ca = false,
    },
    Broken {
        manager: "certrotation",
        what: "the platform's operators are down",
        secret: KUBELET,
        break_it: |managers| managers.switches.certrotation = false,
    },
    Broken {
        manager: "certrotation",
        what: "the certificate was replaced by hand, its annotations were not",
        secret: PEER,
        break_it: |managers| {
            let now = managers.now();
            let draft = Draft::named("etcd-peer").valid(now, now + 90 * DAY);
            let certificate = STANDARD.encode(draft.self_signed().certificate);
            edit(managers, "Secret", PEER, |secret| {
                secret["data"]["tls.crt"] = certificate.into();
            });
        },
    },
    Broken {
        manager: "csr",
        what: "certificate signing requests are not signed",
        secret: AUTHENTICATOR,
        break_it: |managers| managers.switches.certrotation = false,
    },
    Broken {
        manager: "cert-manager",
        what: "the Issuer does not answer",
        secret: CHECKOUT,
        break_it: |managers| managers.switches.broken_issuers = Some("shop"),
    },
    Broken {
        manager: "cert-manager",
        what: "the Certificate is deleted, its secret is not",
        secret: CHECKOUT,
        break_it: |managers| managers.cluster.delete("Certificate", "shop", "checkout"),
    },
    Broken {
        manager: "ingress-operator",
        what: "the ingress controller has no configured certificate",
        secret: ROUTER,
        break_it: |managers| {
            let controller = ("openshift-ingress-operator", "default");
            edit(managers, "IngressController", controller, |controller| {
                controller["spec"] = json!({});
            });
        },
    },
];

/// Lets an older OLM make the package server's certificate.
fn go_back(managers: &mut Managers, version: OlmVersion) {
    managers.switches.olm_version = version;
    let (namespace, name) = PACKAGESERVER;
    managers.cluster.delete("Secret", namespace, name);
    managers.advance(managers.now() + HOUR);
}

/// Deletes the owner of a secret, which stays.
fn orphan(managers: &mut Managers, kind: &str, (namespace, name): Place<'_>) {
    managers.switches.garbage_collection = false;
    managers.cluster.delete(kind, namespace, name);
}

fn edit_status(managers: &Managers, status: &Value) {
    let kind = "ClusterServiceVersion";
    edit(managers, kind, (OLM, "packageserver"), |csv| {
        let fields = status.as_object().into_iter().flatten();
        for (field, value) in fields {
            csv["status"][field] = value.clone();
        }
    });
}

fn replace_service(managers: &mut Managers) {
    edit(managers, "Secret", SERVING, |secret| {
        let annotations = &mut secret["metadata"]["annotations"];
        annotations["service.beta.openshift.io/originating-service-uid"] = "another".into();
    });
}

fn annotate(managers: &Managers, annotation: &str, value: Value) {
    let service = (SERVING.0, "image-registry");
    edit(managers, "Service", service, |service| {
        let annotation = format!("service.beta.openshift.io/{annotation}");
        service["metadata"]["annotations"][annotation] = value;
    });
}

fn edit(
    managers: &Managers,
    kind: &str,
    (namespace, name): Place<'_>,
    change: impl FnOnce(&mut Value),
) {
    managers.cluster.edit(kind, namespace, name, change);
}
