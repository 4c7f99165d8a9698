//! One test for each way to break a manager: what is seen of it, and how long before the certificate ends.
//!
//! Every case runs on until the certificate has really ended, unrenewed. The table in docs/rotation.md is the one that
//! these cases make.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter_simulator::Managers;
use notafter_simulator::certificate::Draft;
use notafter_simulator::managers::OlmVersion;
use serde_json::Value;

use crate::documents::table;
use crate::world::{DAY, THEN};
use crate::years::Years;

const HOUR: i64 = 3600;
const OLM: &str = "openshift-operator-lifecycle-manager";
const BETA: &str = "service.beta.openshift.io";

/// A way to break a manager.
struct Case {
    manager: &'static str,
    broken: &'static str,
    /// Namespace and name of the secret that is not renewed then.
    secret: (&'static str, &'static str),
    break_it: fn(&mut Managers),
}

const PACKAGESERVER: (&str, &str) = (OLM, "packageserver-service-cert");
const SERVING: (&str, &str) = ("openshift-image-registry", "image-registry-tls");
const PEER: (&str, &str) = ("openshift-etcd", "etcd-peer-master-0");
const CHECKOUT: (&str, &str) = ("shop", "checkout-tls");

const CASES: [Case; 18] = [
    Case {
        manager: "olm",
        broken: "its memory of the date is moved behind the end, before v0.29.0",
        secret: PACKAGESERVER,
        break_it: |it| {
            unfixed(it, OlmVersion::Skewing);
            it.reinstall(OLM, "packageserver");
        },
    },
    Case {
        manager: "olm",
        broken: "it has no date, before v0.29.0",
        secret: PACKAGESERVER,
        break_it: |it| {
            unfixed(it, OlmVersion::Forgetting);
            csv(it, |csv| csv["status"]["certsRotateAt"] = Value::Null);
        },
    },
    Case {
        manager: "olm",
        broken: "a requirement of the operator is missing",
        secret: PACKAGESERVER,
        break_it: |it| state(it, "Pending", "RequirementsNotMet"),
    },
    Case {
        manager: "olm",
        broken: "the operator group is deleted",
        secret: PACKAGESERVER,
        break_it: |it| state(it, "Failed", "NoOperatorGroup"),
    },
    Case {
        manager: "olm",
        broken: "the installation hangs",
        secret: PACKAGESERVER,
        break_it: |it| state(it, "Installing", "InstallSucceeded"),
    },
    Case {
        manager: "olm",
        broken: "the operator is gone, its secret is not",
        secret: PACKAGESERVER,
        break_it: |it| {
            it.garbage_collection = false;
            it.cluster
                .delete("ClusterServiceVersion", OLM, "packageserver");
        },
    },
    Case {
        manager: "olm",
        broken: "it does not run",
        secret: PACKAGESERVER,
        break_it: |it| it.olm.running = false,
    },
    Case {
        manager: "service-ca",
        broken: "the secret is of a Service that was replaced, as after a restore",
        secret: SERVING,
        break_it: |it| annotate_secret(it, SERVING, "originating-service-uid", "another"),
    },
    Case {
        manager: "service-ca",
        broken: "it has given the Service up",
        secret: SERVING,
        break_it: |it| {
            annotate_secret(it, SERVING, "originating-service-uid", "another");
            annotate_service(it, "serving-cert-generation-error-num", "10".into());
        },
    },
    Case {
        manager: "service-ca",
        broken: "the Service does not ask for it any more",
        secret: SERVING,
        break_it: |it| annotate_service(it, "serving-cert-secret-name", Value::Null),
    },
    Case {
        manager: "service-ca",
        broken: "the Service is gone, its secret is not",
        secret: SERVING,
        break_it: |it| {
            it.garbage_collection = false;
            it.cluster.delete("Service", SERVING.0, "image-registry");
        },
    },
    Case {
        manager: "service-ca",
        broken: "it does not run: the CA",
        secret: ("openshift-service-ca", "signing-key"),
        break_it: |it| it.service_ca.running = false,
    },
    Case {
        manager: "certrotation",
        broken: "the platform's operators do not run",
        secret: ("openshift-kube-apiserver", "kubelet-client"),
        break_it: |it| it.certrotation.running = false,
    },
    Case {
        manager: "certrotation",
        broken: "the certificate was replaced by hand, its annotations were not",
        secret: PEER,
        break_it: |it| {
            let draft = Draft::named("etcd-peer").valid(it.now(), it.now() + 90 * DAY);
            let text = STANDARD.encode(draft.self_signed().certificate);
            it.cluster.edit("Secret", PEER.0, PEER.1, |secret| {
                secret["data"]["tls.crt"] = text.into();
            });
        },
    },
    Case {
        manager: "csr",
        broken: "nobody signs its requests",
        secret: ("openshift-oauth-apiserver", "openshift-authenticator-certs"),
        break_it: |it| it.certrotation.running = false,
    },
    Case {
        manager: "cert-manager",
        broken: "its Issuer does not answer",
        secret: CHECKOUT,
        break_it: |it| {
            it.cert_manager.broken_issuers.insert("shop/ca".into());
        },
    },
    Case {
        manager: "cert-manager",
        broken: "the Certificate is gone, its secret is not",
        secret: CHECKOUT,
        break_it: |it| it.cluster.delete("Certificate", "shop", "checkout"),
    },
    Case {
        manager: "ingress-operator",
        broken: "the ingress controller has no certificate of its own",
        secret: ("openshift-ingress", "router-certs-default"),
        break_it: |it| {
            let (namespace, name) = ("openshift-ingress-operator", "default");
            it.cluster
                .edit("IngressController", namespace, name, |controller| {
                    controller["spec"] = serde_json::json!({});
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

impl Case {
    /// What is seen first, and how many seconds before the end; the rest of the time nobody renews it.
    async fn lead(&self) -> (&'static str, i64) {
        let mut years = Years::from(THEN).await;
        (self.break_it)(&mut years.managers);
        let (namespace, name) = self.secret;
        let (evidence, end) = loop {
            years.managers.advance(years.managers.now() + HOUR);
            years.look().await;
            let now = years.managers.now();
            let (end, due) = years.leaf(namespace, name).unwrap();
            assert!(now < end, "{}: it ends and nothing was said", self.broken);
            if let Some(evidence) = years.evidence(namespace, name) {
                break (evidence, end);
            }
            if due.is_some_and(|due| due <= now) {
                break ("overdue", end);
            }
        };
        let seen = years.managers.now();
        while years.managers.now() < end {
            let tomorrow = years.managers.now() + DAY;
            years.managers.advance(tomorrow.min(end));
        }
        years.look().await;
        let (still, _) = years.leaf(namespace, name).unwrap();
        assert_eq!(still, end, "{}: it was renewed after all", self.broken);
        (evidence, end - seen)
    }
}

#[tokio::test]
async fn every_broken_manager_is_found_as_long_before_the_end_as_the_documentation_says() {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for case in &CASES {
        let (evidence, lead) = case.lead().await;
        let lead = if lead < 2 * DAY {
            format!("{} h", lead / HOUR)
        } else {
            format!("{} d", lead / DAY)
        };
        rows.push(vec![
            case.manager.into(),
            case.broken.into(),
            evidence.into(),
            lead,
        ]);
    }
    let printed: Vec<String> = rows
        .iter()
        .map(|row| format!("| {} |", row.join(" | ")))
        .collect();
    let heading = "| manager | what is broken | what is seen | before the end |";
    assert_eq!(
        table("docs/rotation.md", heading),
        rows,
        "it should be\n{}",
        printed.join("\n")
    );
}
