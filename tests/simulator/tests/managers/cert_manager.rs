//! cert-manager.

use notafter_simulator::Managers;
use serde_json::{Value, json};

use crate::{DAY, NOW, days, expired, leaf, read, text};

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
