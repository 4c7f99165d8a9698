//! Whoever renews certificates in a simulated cluster, through the years and when something is broken.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter_simulator::certificate::Parsed;
use notafter_simulator::managers::{Managers, OlmVersion};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const DAY: i64 = 24 * 3600;
const OLM: &str = "openshift-operator-lifecycle-manager";
const OPERATORS: &str = "openshift-operators";
const DEVWORKSPACE: &str = "devworkspace-operator.v0.26.0";
const DEVWORKSPACE_SECRET: &str = "devworkspace-controller-manager-service-cert";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The first certificate below a key of a secret.
fn read(secret: &Value, key: &str) -> Option<Parsed> {
    let pem = STANDARD.decode(text(&secret["data"][key])).ok()?;
    Parsed::first(&String::from_utf8(pem).ok()?)
}

fn leaf(managers: &Managers, namespace: &str, name: &str) -> Parsed {
    let secret = managers.cluster.get("Secret", namespace, name);
    read(&secret.expect(name), "tls.crt").expect(name)
}

/// Whether it is a copy for a revision of a static pod.
fn is_revision(secret: &Value) -> bool {
    secret["metadata"]["ownerReferences"][0]["kind"] == "ConfigMap"
}

/// The secrets whose certificate is over, but for old revisions and what nobody ever renews.
fn expired(managers: &Managers) -> Vec<String> {
    let secrets = managers.cluster.list("Secret");
    let over = secrets.iter().filter(|it| {
        let never = text(&it["metadata"]["name"]) == "router-ca";
        !is_revision(it)
            && !never
            && !is_revision(it)
            && read(it, "tls.crt").is_some_and(|it| it.not_after < managers.now())
    });
    let name = |it: &Value| {
        format!(
            "{}/{}",
            text(&it["metadata"]["namespace"]),
            text(&it["metadata"]["name"])
        )
    };
    over.map(name).collect()
}

fn days(managers: &mut Managers, days: i64) {
    for _ in 0..days {
        managers.advance(managers.now() + DAY);
    }
}

fn csv(managers: &Managers, namespace: &str, name: &str) -> Value {
    managers
        .cluster
        .get("ClusterServiceVersion", namespace, name)
        .unwrap()
}

fn phase(managers: &Managers, namespace: &str, name: &str) -> String {
    let status = &csv(managers, namespace, name)["status"];
    format!("{}/{}", text(&status["phase"]), text(&status["reason"]))
}

fn set_phase(managers: &Managers, namespace: &str, name: &str, phase: &str, reason: &str) {
    managers
        .cluster
        .edit("ClusterServiceVersion", namespace, name, |csv| {
            csv["status"]["phase"] = phase.into();
            csv["status"]["reason"] = reason.into();
        });
}

fn certificate(managers: &Managers, namespace: &str, name: &str) -> Value {
    managers
        .cluster
        .get("Certificate", namespace, name)
        .unwrap()
}

fn condition(certificate: &Value, kind: &str) -> String {
    let mut conditions = certificate["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten();
    let found = conditions.find(|it| it["type"] == kind);
    found.map_or_else(String::new, |it| {
        format!("{}/{}", text(&it["status"]), text(&it["reason"]))
    })
}

#[test]
fn a_healthy_cluster_has_everything_and_nothing_to_do() {
    let mut managers = Managers::openshift(NOW);
    assert_eq!(managers.now(), NOW);
    assert_eq!(expired(&managers), [""; 0]);
    assert_eq!(
        phase(&managers, OLM, "packageserver"),
        "Succeeded/InstallSucceeded"
    );
    assert_eq!(
        phase(&managers, OPERATORS, DEVWORKSPACE),
        "Succeeded/InstallSucceeded"
    );
    let revision = managers.cluster.revision();
    managers.advance(NOW);
    managers.advance(NOW + 60);
    assert_eq!(managers.cluster.revision(), revision);
    assert!(managers.cluster.list("Secret").len() > 35);
    for kind in ["Certificate", "ClusterServiceVersion", "Service"] {
        let owners = managers.cluster.list(kind);
        let uid = |it: &Value| text(&it["metadata"]["uid"]).to_owned();
        let uids: Vec<_> = owners.iter().map(uid).collect();
        for secret in managers.cluster.list("Secret") {
            let owner = &secret["metadata"]["ownerReferences"][0];
            assert!(
                owner["kind"] != kind || uids.contains(&text(&owner["uid"]).into()),
                "{owner}"
            );
        }
    }
}

#[test]
fn nothing_expires_in_three_years_of_days() {
    let mut managers = Managers::openshift(NOW);
    for day in 0..3 * 365 {
        managers.advance(NOW + day * DAY);
        assert_eq!(expired(&managers), [""; 0], "day {day}");
    }
    let secrets = managers.cluster.list("Secret");
    let first = secrets
        .iter()
        .filter(|it| !is_revision(it) && it["metadata"]["name"] != "router-ca");
    let first = first.filter(|it| {
        let certificate = read(it, "tls.crt");
        certificate.is_some_and(|it| it.not_before < NOW && it.not_after < NOW + 1000 * DAY)
    });
    let names: Vec<_> = first.map(|it| text(&it["metadata"]["name"])).collect();
    assert_eq!(names, [""; 0], "all was renewed");
}

#[test]
fn hours_in_which_nothing_happens_cost_nothing() {
    let mut managers = Managers::openshift(NOW);
    let start = std::time::Instant::now();
    for step in 0..26_280 {
        managers.advance(NOW + step);
    }
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn every_certificate_is_signed_by_the_authority_beside_it() {
    let managers = Managers::openshift(NOW);
    let packageserver = managers
        .cluster
        .get("Secret", OLM, "packageserver-service-cert")
        .unwrap();
    let (ca, leaf) = (
        read(&packageserver, "olmCAKey").unwrap(),
        read(&packageserver, "tls.crt").unwrap(),
    );
    assert!(leaf.is_signed_by(&ca));
    assert!(ca.common_name.starts_with("olm-selfsigned-"));
    assert_eq!(leaf.hosts.len(), 3);
    assert_eq!(leaf.not_after - leaf.not_before, 730 * DAY);
    let bundle = &managers
        .cluster
        .get("APIService", "", "v1.packages.operators.coreos.com")
        .unwrap()["spec"]["caBundle"];
    assert_eq!(*bundle, packageserver["data"]["olmCAKey"]);
    let apps = managers
        .cluster
        .get("Secret", "openshift-ingress", "apps-tls")
        .unwrap();
    assert!(
        read(&apps, "tls.crt")
            .unwrap()
            .is_signed_by(&read(&apps, "ca.crt").unwrap())
    );
    assert!(
        managers
            .cluster
            .get("Secret", "openshift-ingress", "router-certs-default")
            .is_none()
    );
    assert!(
        managers
            .cluster
            .get("Secret", "openshift-ingress-operator", "router-ca")
            .is_some()
    );
}

#[test]
fn an_unfixed_olm_lets_a_skewed_certificate_end() {
    let mut managers = Managers::openshift(NOW);
    managers.olm.version = OlmVersion::Skewing;
    managers
        .cluster
        .delete("Secret", OLM, "packageserver-service-cert");
    managers
        .cluster
        .delete("Secret", OPERATORS, DEVWORKSPACE_SECRET);
    managers.advance(NOW);
    let made = leaf(&managers, OLM, "packageserver-service-cert");
    assert_eq!((made.not_after, made.hosts.len()), (NOW + 729 * DAY, 2));
    days(&mut managers, 100);
    managers.reinstall(OLM, "packageserver");
    managers.reinstall(OPERATORS, DEVWORKSPACE);
    assert_eq!(leaf(&managers, OLM, "packageserver-service-cert"), made);
    days(&mut managers, 640);
    assert_eq!(leaf(&managers, OLM, "packageserver-service-cert"), made);
    assert_eq!(
        phase(&managers, OLM, "packageserver"),
        "Installing/InstallSucceeded"
    );
    assert_eq!(
        phase(&managers, OPERATORS, DEVWORKSPACE),
        "Succeeded/InstallSucceeded"
    );
    assert_eq!(expired(&managers).len(), 2);
    // The fixed one heals the webhook, but not what is stuck; that needs the secret's deletion.
    managers.olm.version = OlmVersion::Fixed;
    days(&mut managers, 1);
    assert_eq!(expired(&managers).len(), 1);
    managers
        .cluster
        .delete("Secret", OLM, "packageserver-service-cert");
    days(&mut managers, 1);
    assert_eq!(expired(&managers), [""; 0]);
    assert_eq!(
        phase(&managers, OLM, "packageserver"),
        "Succeeded/InstallSucceeded"
    );
}

#[test]
fn an_olm_that_forgets_never_renews_without_a_date_and_renews_by_a_date_in_the_past() {
    let mut managers = Managers::openshift(NOW);
    managers.olm.version = OlmVersion::Forgetting;
    let rotate_at = |managers: &Managers, time: Value| {
        managers
            .cluster
            .edit("ClusterServiceVersion", OPERATORS, DEVWORKSPACE, |csv| {
                csv["status"]["certsRotateAt"] = time;
            });
    };
    rotate_at(&managers, "2020-01-01T00:00:00Z".into());
    managers.advance(NOW + DAY);
    let made = leaf(&managers, OPERATORS, DEVWORKSPACE_SECRET);
    assert_eq!((made.not_before, made.hosts.len()), (NOW + DAY, 2));
    rotate_at(&managers, Value::Null);
    days(&mut managers, 800);
    assert_eq!(leaf(&managers, OPERATORS, DEVWORKSPACE_SECRET), made);
    assert!(expired(&managers).contains(&format!("{OPERATORS}/{DEVWORKSPACE_SECRET}")));
}

#[test]
fn olm_does_not_rotate_while_a_lasting_state_holds() {
    let states = [
        ("Pending", "RequirementsNotMet", false),
        ("Failed", "NoOperatorGroup", false),
        ("Failed", "TooManyOperatorGroups", false),
        ("Installing", "InstallSucceeded", true),
    ];
    for (state, reason, comes_back) in states {
        let mut managers = Managers::openshift(NOW);
        set_phase(&managers, OPERATORS, DEVWORKSPACE, state, reason);
        managers.advance(NOW + 750 * DAY);
        assert_eq!(
            expired(&managers),
            [format!("{OPERATORS}/{DEVWORKSPACE_SECRET}")]
        );
        assert_eq!(
            phase(&managers, OPERATORS, DEVWORKSPACE),
            format!("{state}/{reason}")
        );
        managers
            .cluster
            .delete("Secret", OPERATORS, DEVWORKSPACE_SECRET);
        days(&mut managers, 1);
        let found = managers
            .cluster
            .get("Secret", OPERATORS, DEVWORKSPACE_SECRET);
        assert_eq!(found.is_some(), comes_back, "{state}/{reason}");
        set_phase(
            &managers,
            OPERATORS,
            DEVWORKSPACE,
            "InstallReady",
            "AllRequirementsMet",
        );
        days(&mut managers, 1);
        assert_eq!(
            phase(&managers, OPERATORS, DEVWORKSPACE),
            "Succeeded/InstallSucceeded"
        );
        assert_eq!(expired(&managers), [""; 0]);
    }
}

#[test]
fn olm_puts_back_what_trusts_its_certificates() {
    for version in [
        OlmVersion::Skewing,
        OlmVersion::Forgetting,
        OlmVersion::Fixed,
    ] {
        let mut managers = Managers::openshift(NOW);
        managers.olm.version = version;
        let webhook = managers
            .cluster
            .list("ValidatingWebhookConfiguration")
            .remove(0);
        let name = text(&webhook["metadata"]["name"]);
        let apiservice = "v1.packages.operators.coreos.com";
        let right =
            managers.cluster.get("APIService", "", apiservice).unwrap()["spec"]["caBundle"].clone();
        managers.cluster.edit("APIService", "", apiservice, |it| {
            it["spec"]["caBundle"] = "bm9uZQ==".into();
        });
        managers
            .cluster
            .edit("ValidatingWebhookConfiguration", "", name, |it| {
                it["webhooks"][0]["clientConfig"]["caBundle"] = "bm9uZQ==".into();
            });
        managers.cluster.delete(
            "CustomResourceDefinition",
            "",
            "devworkspaces.workspace.devfile.io",
        );
        managers.advance(NOW + DAY);
        assert_eq!(
            managers.cluster.get("APIService", "", apiservice).unwrap()["spec"]["caBundle"],
            right
        );
        assert_eq!(
            managers.cluster.list("ValidatingWebhookConfiguration")[0]["webhooks"],
            webhook["webhooks"]
        );
        managers
            .cluster
            .delete("ValidatingWebhookConfiguration", "", name);
        managers.advance(NOW + 2 * DAY);
        assert_eq!(
            managers
                .cluster
                .list("ValidatingWebhookConfiguration")
                .len(),
            1
        );
    }
}

#[test]
fn an_upgrade_of_an_operator_brings_a_new_certificate_once_the_old_one_is_collected() {
    for version in [
        OlmVersion::Skewing,
        OlmVersion::Forgetting,
        OlmVersion::Fixed,
    ] {
        for collected in [true, false] {
            let mut managers = Managers::openshift(NOW);
            managers.olm.version = version;
            managers.garbage_collection = collected;
            managers.advance(NOW + DAY);
            let old = leaf(&managers, OPERATORS, DEVWORKSPACE_SECRET);
            managers.upgrade(OPERATORS, DEVWORKSPACE, "devworkspace-operator.v0.27.0");
            let new = leaf(&managers, OPERATORS, DEVWORKSPACE_SECRET);
            assert_eq!(new != old, collected);
            let csv = csv(&managers, OPERATORS, "devworkspace-operator.v0.27.0");
            let set = collected || version == OlmVersion::Skewing;
            assert_eq!(csv["status"]["certsRotateAt"].is_string(), set);
            assert_eq!(csv["status"]["phase"], "Succeeded");
            let webhook = managers
                .cluster
                .list("ValidatingWebhookConfiguration")
                .remove(0);
            assert_eq!(
                webhook["metadata"]["labels"]["olm.owner"],
                "devworkspace-operator.v0.27.0"
            );
        }
    }
}

#[test]
fn service_ca_gives_up_but_its_timer_goes_on() {
    const UID: &str = "service.beta.openshift.io/originating-service-uid";
    const NUMBER: &str = "serving-cert-generation-error-num";
    let mut managers = Managers::openshift(NOW);
    let place = ("openshift-apiserver", "serving-cert");
    let failures = |managers: &Managers| {
        let service = managers.cluster.get("Service", place.0, "api").unwrap();
        let key = format!("service.beta.openshift.io/{NUMBER}");
        text(&service["metadata"]["annotations"][key]).to_owned()
    };
    let set_failures = |managers: &Managers, namespace: &str, name: &str, number: Value| {
        managers.cluster.edit("Service", namespace, name, |it| {
            for flavour in ["alpha", "beta"] {
                it["metadata"]["annotations"][format!("service.{flavour}.openshift.io/{NUMBER}")] =
                    number.clone();
            }
        });
    };
    // A secret of another Service: nothing happens while its certificate fits, then ten errors.
    managers.cluster.edit("Secret", place.0, place.1, |it| {
        it["metadata"]["annotations"][UID] = "another".into();
    });
    let other = ("openshift-monitoring", "prometheus-k8s-tls");
    set_failures(&managers, other.0, "prometheus-k8s", "12".into());
    let (before, given_up) = (
        leaf(&managers, place.0, place.1),
        leaf(&managers, other.0, other.1),
    );
    days(&mut managers, 200);
    assert_eq!(failures(&managers), "");
    days(&mut managers, 200); // the CA was rotated meanwhile
    assert_eq!(failures(&managers), "10");
    assert_eq!(leaf(&managers, place.0, place.1), before);
    assert_eq!(leaf(&managers, other.0, other.1), given_up);
    managers.advance(given_up.not_after - 60);
    assert_eq!(
        leaf(&managers, other.0, other.1).not_before,
        managers.now() - 1
    );
    managers.cluster.delete("Secret", place.0, place.1);
    days(&mut managers, 1);
    assert!(managers.cluster.get("Secret", place.0, place.1).is_none());
    set_failures(&managers, place.0, "api", Value::Null);
    days(&mut managers, 1);
    assert!(managers.cluster.get("Secret", place.0, place.1).is_some());
}

#[test]
fn service_ca_believes_the_annotation_and_rotates_its_authority_under_the_same_name() {
    let mut managers = Managers::openshift(NOW);
    let (key, place) = (
        "service.beta.openshift.io/expiry",
        ("openshift-monitoring", "prometheus-k8s-tls"),
    );
    let before = leaf(&managers, place.0, place.1);
    managers.cluster.edit("Secret", place.0, place.1, |it| {
        it["metadata"]["annotations"][key] = "2027-01-15T08:30:00Z".into();
    });
    managers.advance(NOW + 1);
    let after = leaf(&managers, place.0, place.1);
    assert_eq!(
        (after.not_before, &after.authority_key_id),
        (NOW, &before.authority_key_id)
    );
    let ca = leaf(&managers, "openshift-service-ca", "signing-key");
    managers.advance(ca.not_after - 394 * DAY);
    let new = leaf(&managers, "openshift-service-ca", "signing-key");
    assert_eq!(new.common_name, ca.common_name);
    assert_ne!(new.key_id, ca.key_id);
    assert!(leaf(&managers, place.0, place.1).is_signed_by(&new));
    assert_eq!(expired(&managers), [""; 0]);
    let secret = managers.cluster.get("Secret", place.0, place.1).unwrap();
    let chain = STANDARD.decode(text(&secret["data"]["tls.crt"])).unwrap();
    assert_eq!(
        String::from_utf8(chain)
            .unwrap()
            .matches("BEGIN CERT")
            .count(),
        3
    );
    let signing_key = managers
        .cluster
        .get("Secret", "openshift-service-ca", "signing-key")
        .unwrap();
    let cross = read(&signing_key, "intermediate-ca.crt").unwrap();
    assert_eq!(
        (cross.key_id, cross.authority_key_id),
        (new.key_id, ca.key_id)
    );
}

#[test]
fn without_its_rotation_a_certificate_of_thirty_days_ends() {
    let mut managers = Managers::openshift(NOW);
    managers.certrotation.running = false;
    days(&mut managers, 31);
    let over = expired(&managers);
    for name in [
        "openshift-kube-apiserver/kubelet-client",
        "openshift-oauth-apiserver/openshift-authenticator-certs",
        "openshift-kube-controller-manager/csr-signer",
    ] {
        assert!(over.contains(&name.into()), "{name} in {over:?}");
    }
    managers.certrotation.running = true;
    days(&mut managers, 1);
    assert_eq!(expired(&managers), [""; 0]);
}

#[test]
fn certrotation_reads_annotations_only() {
    let mut managers = Managers::openshift(NOW);
    let (not_after, place) = (
        "auth.openshift.io/certificate-not-after",
        (
            "openshift-kube-apiserver",
            "localhost-recovery-serving-certkey",
        ),
    );
    let before = leaf(&managers, place.0, place.1);
    managers.cluster.edit("Secret", place.0, place.1, |it| {
        it["data"]["tls.crt"] = "".into();
    });
    days(&mut managers, 30);
    managers.cluster.edit("Secret", place.0, place.1, |it| {
        it["metadata"]["annotations"][not_after] = "force-regeneration".into();
    });
    days(&mut managers, 1);
    assert!(leaf(&managers, place.0, place.1).not_before > before.not_before);
    let copies = managers.cluster.list("Secret").into_iter().filter(|it| {
        text(&it["metadata"]["name"]).starts_with("localhost-recovery-serving-certkey-")
    });
    assert_eq!(copies.count(), 3, "a revision of every content");
}

#[test]
fn a_broken_issuer_lets_a_certificate_end_and_says_so_only_then() {
    let mut managers = Managers::openshift(NOW);
    managers
        .cert_manager
        .broken_issuers
        .insert("shop/ca".into());
    let before = leaf(&managers, "shop", "checkout-tls");
    managers.advance(before.not_after - 29 * DAY);
    let due = certificate(&managers, "shop", "checkout");
    assert_eq!(
        (&*condition(&due, "Ready"), &*condition(&due, "Issuing")),
        ("True/Ready", "True/Renewing")
    );
    managers.advance(before.not_after + 1);
    assert_eq!(
        condition(&certificate(&managers, "shop", "checkout"), "Ready"),
        "False/Expired"
    );
    assert_eq!(expired(&managers), ["shop/checkout-tls"]);
    managers.cert_manager.broken_issuers.clear();
    managers.advance(before.not_after + 1);
    let well = certificate(&managers, "shop", "checkout");
    assert_eq!(
        (&*condition(&well, "Ready"), &*condition(&well, "Issuing")),
        ("True/Ready", "")
    );
    assert_eq!(expired(&managers), [""; 0]);
}

#[test]
fn cert_manager_renews_in_that_very_second_and_only_what_is_asked_for() {
    let mut managers = Managers::openshift(NOW);
    let before = leaf(&managers, "shop", "checkout-tls");
    let renewal = before.not_after - 30 * DAY;
    let again = json!({
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate",
        "metadata": {"namespace": "shop", "name": "again"},
        "spec": {"secretName": "checkout-tls", "dnsNames": ["x"], "issuerRef": {"name": "ca"}},
    });
    managers.cluster.apply(again);
    managers.advance(renewal - 1);
    assert_eq!(leaf(&managers, "shop", "checkout-tls"), before);
    assert_eq!(
        condition(&certificate(&managers, "shop", "again"), "Ready"),
        "False/IncorrectCertificate"
    );
    managers
        .cluster
        .edit("Certificate", "openshift-config", "api", |it| {
            it["spec"]["renewal"]["policy"] = "Disabled".into();
        });
    managers.advance(renewal);
    assert_eq!(leaf(&managers, "shop", "checkout-tls").not_before, renewal);
    managers.cluster.delete("Certificate", "shop", "again");
    managers.cluster.delete("Certificate", "shop", "checkout");
    managers
        .cert_manager
        .replace_authority(NOW - 9 * DAY, NOW - DAY);
    days(&mut managers, 120);
    assert_eq!(
        expired(&managers),
        ["openshift-config/api-tls", "shop/checkout-tls"]
    );
    let api = certificate(&managers, "openshift-config", "api");
    assert_eq!(
        (&api["status"]["renewalTime"], &*condition(&api, "Ready")),
        (&Value::Null, "False/Expired")
    );
    let apps = managers
        .cluster
        .get("Secret", "openshift-ingress", "apps-tls")
        .unwrap();
    assert_eq!(read(&apps, "ca.crt").unwrap().not_after, NOW - DAY);
}

#[test]
fn the_ingress_operator_makes_a_certificate_once_and_takes_it_away() {
    let mut managers = Managers::openshift(NOW);
    let set = |managers: &Managers, certificate: Value| {
        managers.cluster.edit(
            "IngressController",
            "openshift-ingress-operator",
            "default",
            |it| it["spec"] = certificate,
        );
    };
    set(&managers, json!({}));
    managers.advance(NOW + DAY);
    let made = leaf(&managers, "openshift-ingress", "router-certs-default");
    assert_eq!(made.hosts, ["*.apps.example.com"]);
    assert!(made.is_signed_by(&leaf(&managers, "openshift-ingress-operator", "router-ca")));
    managers.advance(NOW + 732 * DAY);
    assert_eq!(
        leaf(&managers, "openshift-ingress", "router-certs-default"),
        made
    );
    set(
        &managers,
        json!({"defaultCertificate": {"name": "apps-tls"}}),
    );
    managers.advance(NOW + 733 * DAY);
    assert!(
        managers
            .cluster
            .get("Secret", "openshift-ingress", "router-certs-default")
            .is_none()
    );
}

#[test]
fn static_pods_keep_five_revisions() {
    let mut managers = Managers::openshift(NOW);
    for time in 1..10 {
        managers.cluster.delete(
            "Secret",
            "openshift-kube-controller-manager",
            "serving-cert",
        );
        managers.advance(NOW + time);
    }
    let secrets = managers.cluster.list("Secret");
    let names = secrets.iter().map(|it| text(&it["metadata"]["name"]));
    let copies: Vec<_> = names.filter(|it| it.starts_with("serving-cert-")).collect();
    assert_eq!(
        copies,
        [
            "serving-cert-10",
            "serving-cert-6",
            "serving-cert-7",
            "serving-cert-8",
            "serving-cert-9"
        ]
    );
}

#[test]
fn what_has_lost_its_owner_is_collected() {
    let mut managers = Managers::openshift(NOW);
    managers
        .cluster
        .delete("Service", "openshift-apiserver", "api");
    managers.advance(NOW + 1);
    assert!(
        managers
            .cluster
            .get("Secret", "openshift-apiserver", "serving-cert")
            .is_none()
    );
}
