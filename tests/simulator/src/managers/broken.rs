//! Every way to break a manager, so that a certificate ends without having been renewed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::round::{DAY, HOUR};
use super::{Managers, OlmVersion};
use crate::certificate::Draft;

const OLM: &str = "openshift-operator-lifecycle-manager";
const BETA: &str = "service.beta.openshift.io";

/// A way to break a manager.
pub struct Broken {
    /// Which manager.
    pub manager: &'static str,
    /// What is wrong then.
    pub what: &'static str,
    /// Namespace and name of the secret that is not renewed then.
    pub secret: (&'static str, &'static str),
    /// Breaks it.
    pub break_it: fn(&mut Managers),
}

const PACKAGESERVER: (&str, &str) = (OLM, "packageserver-service-cert");
const SERVING: (&str, &str) = ("openshift-image-registry", "image-registry-tls");
const PEER: (&str, &str) = ("openshift-etcd", "etcd-peer-master-0");
const CHECKOUT: (&str, &str) = ("shop", "checkout-tls");

/// Every way that is known.
pub const BROKEN: [Broken; 18] = [
    Broken {
        manager: "olm",
        what: "its memory of the date is moved behind the end, before v0.29.0",
        secret: PACKAGESERVER,
        break_it: |it| {
            unfixed(it, OlmVersion::Skewing);
            it.advance(it.now() + HOUR);
            it.reinstall(OLM, "packageserver");
        },
    },
    Broken {
        manager: "olm",
        what: "it has no date, before v0.29.0",
        secret: PACKAGESERVER,
        break_it: |it| {
            unfixed(it, OlmVersion::Forgetting);
            csv(it, |csv| csv["status"]["certsRotateAt"] = Value::Null);
        },
    },
    Broken {
        manager: "olm",
        what: "a requirement of the operator is missing",
        secret: PACKAGESERVER,
        break_it: |it| state(it, "Pending", "RequirementsNotMet"),
    },
    Broken {
        manager: "olm",
        what: "the operator group is deleted",
        secret: PACKAGESERVER,
        break_it: |it| state(it, "Failed", "NoOperatorGroup"),
    },
    Broken {
        manager: "olm",
        what: "the installation hangs",
        secret: PACKAGESERVER,
        break_it: |it| state(it, "Installing", "InstallSucceeded"),
    },
    Broken {
        manager: "olm",
        what: "the operator is gone, its secret is not",
        secret: PACKAGESERVER,
        break_it: |it| {
            it.garbage_collection = false;
            it.cluster
                .delete("ClusterServiceVersion", OLM, "packageserver");
        },
    },
    Broken {
        manager: "olm",
        what: "it does not run",
        secret: PACKAGESERVER,
        break_it: |it| it.olm.running = false,
    },
    Broken {
        manager: "service-ca",
        what: "the secret is of a Service that was replaced, as after a restore",
        secret: SERVING,
        break_it: |it| annotate_secret(it, SERVING, "originating-service-uid", "another"),
    },
    Broken {
        manager: "service-ca",
        what: "it has given the Service up",
        secret: SERVING,
        break_it: |it| {
            annotate_secret(it, SERVING, "originating-service-uid", "another");
            annotate_service(it, "serving-cert-generation-error-num", "10".into());
        },
    },
    Broken {
        manager: "service-ca",
        what: "the Service does not ask for it any more",
        secret: SERVING,
        break_it: |it| annotate_service(it, "serving-cert-secret-name", Value::Null),
    },
    Broken {
        manager: "service-ca",
        what: "the Service is gone, its secret is not",
        secret: SERVING,
        break_it: |it| {
            it.garbage_collection = false;
            it.cluster.delete("Service", SERVING.0, "image-registry");
        },
    },
    Broken {
        manager: "service-ca",
        what: "it does not run: the CA",
        secret: ("openshift-service-ca", "signing-key"),
        break_it: |it| it.service_ca.running = false,
    },
    Broken {
        manager: "certrotation",
        what: "the platform's operators do not run",
        secret: ("openshift-kube-apiserver", "kubelet-client"),
        break_it: |it| it.certrotation.running = false,
    },
    Broken {
        manager: "certrotation",
        what: "the certificate was replaced by hand, its annotations were not",
        secret: PEER,
        break_it: |it| {
            let draft = Draft::named("etcd-peer").valid(it.now(), it.now() + 90 * DAY);
            let text = STANDARD.encode(draft.self_signed().certificate);
            it.cluster.edit("Secret", PEER.0, PEER.1, |secret| {
                secret["data"]["tls.crt"] = text.into();
            });
        },
    },
    Broken {
        manager: "csr",
        what: "nobody signs its requests",
        secret: ("openshift-oauth-apiserver", "openshift-authenticator-certs"),
        break_it: |it| it.certrotation.running = false,
    },
    Broken {
        manager: "cert-manager",
        what: "its Issuer does not answer",
        secret: CHECKOUT,
        break_it: |it| {
            it.cert_manager.broken_issuers.insert("shop/ca".into());
        },
    },
    Broken {
        manager: "cert-manager",
        what: "the Certificate is gone, its secret is not",
        secret: CHECKOUT,
        break_it: |it| it.cluster.delete("Certificate", "shop", "checkout"),
    },
    Broken {
        manager: "ingress-operator",
        what: "the ingress controller has no certificate of its own",
        secret: ("openshift-ingress", "router-certs-default"),
        break_it: |it| {
            let (namespace, name) = ("openshift-ingress-operator", "default");
            it.cluster
                .edit("IngressController", namespace, name, |controller| {
                    controller["spec"] = json!({});
                });
        },
    },
];

/// An older OLM is at work, and the certificate is its.
fn unfixed(managers: &mut Managers, version: OlmVersion) {
    managers.olm.version = version;
    managers
        .cluster
        .delete("Secret", PACKAGESERVER.0, PACKAGESERVER.1);
    managers.advance(managers.now() + HOUR);
}

fn csv(managers: &Managers, change: impl FnOnce(&mut Value)) {
    managers
        .cluster
        .edit("ClusterServiceVersion", OLM, "packageserver", change);
}

fn state(managers: &Managers, phase: &str, reason: &str) {
    csv(managers, |csv| {
        csv["status"]["phase"] = phase.into();
        csv["status"]["reason"] = reason.into();
    });
}

fn annotate_secret(managers: &Managers, (namespace, name): (&str, &str), what: &str, value: &str) {
    managers.cluster.edit("Secret", namespace, name, |secret| {
        secret["metadata"]["annotations"][format!("{BETA}/{what}")] = value.into();
    });
}

fn annotate_service(managers: &Managers, what: &str, value: Value) {
    managers
        .cluster
        .edit("Service", SERVING.0, "image-registry", |service| {
            service["metadata"]["annotations"][format!("{BETA}/{what}")] = value;
        });
}
