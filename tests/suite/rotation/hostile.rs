//! Garbage in unvalidated fields affects its own object at most, and never a neighbour.

use notafter_simulator::Cluster;
use notafter_simulator::certificate::Draft;
use serde_json::{Value, json};

use crate::managed::{
    CSV, END, FIXED, RENEWAL, ServiceCa, TARGET, WEB, WELL, WIDGETS, annotated, asked, cluster,
    copied, csv, issued, labelled, olm_secret, owned, remembering, rotated, service,
};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN, World, certificate, tls};

/// Every label and annotation that is read.
const MARKS: [&str; 23] = [
    "olmcahash",
    "service.beta.openshift.io/originating-service-name",
    "service.alpha.openshift.io/originating-service-name",
    "service.beta.openshift.io/originating-service-uid",
    "service.alpha.openshift.io/originating-service-uid",
    "service.beta.openshift.io/serving-cert-secret-name",
    "service.alpha.openshift.io/serving-cert-secret-name",
    "service.beta.openshift.io/serving-cert-signed-by",
    "service.alpha.openshift.io/serving-cert-signed-by",
    "service.beta.openshift.io/serving-cert-generation-error-num",
    "service.alpha.openshift.io/serving-cert-generation-error-num",
    "auth.openshift.io/managed-certificate-type",
    "auth.openshift.io/certificate-issuer",
    "auth.openshift.io/certificate-not-before",
    "auth.openshift.io/certificate-not-after",
    "certificates.openshift.io/refresh-period",
    "openshift.io/owning-component",
    "cert-manager.io/certificate-name",
    "controller.cert-manager.io/fao",
    "app.kubernetes.io/managed-by",
    "meta.helm.sh/release-name",
    "reconcile.external-secrets.io/managed",
    "strimzi.io/cluster",
];

const GARBAGE: [&str; 14] = [
    "soon",
    " ",
    "\u{0}\n\"\\",
    "-9223372036854775808h",
    "9223372036854775807s",
    "99999999999999999999999h",
    "-1h",
    "0s",
    "1ns",
    "9999-12-31T23:59:59Z",
    "-009999-01-01T00:00:00Z",
    "2024-02-30T00:00:00Z",
    "18446744073709551616",
    "🦀",
];

/// A cluster with one healthy secret of each of four managers.
pub(super) fn neighbours() -> Cluster {
    let (cluster, ca) = (cluster(), ServiceCa::since(THEN));
    ca.install(&cluster);
    cluster.apply(service("web", "web-tls"));
    ca.serve(&cluster, "web", THEN);
    cluster.apply(olm_secret(FIXED, END));
    cluster.apply(remembering(csv(WELL), END - DAY));
    cluster.apply(rotated(TARGET, (THEN, THEN + 30 * DAY), "360h0m0s"));
    let issuer = Draft::named("ca").valid(THEN, THEN + 900 * DAY).authority();
    cluster.apply(issued("app", "dflt", &issuer));
    cluster.apply(asked("app", "dflt"));
    cluster
}

/// Polls once and asserts that all neighbours are still healthy.
pub(super) async fn look(cluster: Cluster) -> crate::scrape::Scrape {
    let scrape = World::of(cluster).poll().await;
    let due = [
        (WEB, "service-ca", THEN + 395 * DAY + 790 * DAY / 26),
        (WIDGETS, "olm", END - 23 * 3600),
        (TARGET, "certrotation", THEN + 15 * DAY + 36 * 3600 + 600),
        ("app/dflt-tls", "cert-manager", RENEWAL + 3600),
    ];
    for (place, manager, due) in due {
        Verdict::read(&scrape, place).is_well(manager, Some(due));
    }
    scrape
}

#[tokio::test(start_paused = true)]
async fn garbage_in_any_mark_of_a_secret_affects_neither_its_expiry_nor_a_neighbour() {
    let (cluster, pair) = (neighbours(), certificate("web", 90));
    for (mark, name) in MARKS.iter().enumerate() {
        for (garbage, value) in GARBAGE.iter().enumerate() {
            let plain = tls("shop", &format!("web-{mark}-{garbage}"), &pair);
            cluster.apply(annotated(plain, name, value));
        }
    }
    for (garbage, value) in GARBAGE.iter().enumerate() {
        let plain = labelled(tls("shop", &format!("all-{garbage}"), &pair), "a", "b");
        let all = MARKS
            .iter()
            .fold(plain, |secret, mark| annotated(secret, mark, value));
        cluster.apply(all);
    }
    let scrape = look(cluster).await;
    let expiries = scrape.all("cert_not_after_seconds", &[("cert_namespace", "shop")]);
    assert_eq!(expiries.len(), (MARKS.len() + 1) * GARBAGE.len());
    assert!(
        expiries
            .iter()
            .all(|sample| sample.whole() == THEN + 90 * DAY)
    );
    assert!(scrape.problems().is_empty());
}

#[tokio::test(start_paused = true)]
async fn garbage_in_any_mark_of_a_service_affects_no_neighbour() {
    let cluster = neighbours();
    for (mark, name) in MARKS.iter().enumerate() {
        for (garbage, value) in GARBAGE.iter().enumerate() {
            let service = service(&format!("web-{mark}-{garbage}"), "web-tls");
            cluster.apply(annotated(service, name, value));
        }
    }
    look(cluster).await;
}

#[tokio::test(start_paused = true)]
async fn an_invalid_shape_in_an_operator_affects_neither_its_other_fields_nor_a_neighbour() {
    let shapes: [(&str, Value); 11] = [
        ("/spec/apiservicedefinitions", json!(7)),
        ("/spec/apiservicedefinitions", json!({"owned": "x"})),
        (
            "/spec/apiservicedefinitions",
            json!({"owned": [7, "x", null, [], {"deploymentName": 7}]}),
        ),
        ("/spec/webhookdefinitions", json!({"a": 1})),
        ("/spec/webhookdefinitions", json!("x")),
        (
            "/spec/webhookdefinitions",
            json!([[], {"deploymentName": {"a": 1}}]),
        ),
        ("/spec/version", json!({"a": 1})),
        ("/metadata/labels", json!(["olm.clusteroperator.name"])),
        ("/metadata/labels", json!("x")),
        ("/metadata/labels", json!({"olm.clusteroperator.name": 7})),
        ("/status/certsRotateAt", json!([1])),
    ];
    for (path, shape) in shapes {
        let cluster = neighbours();
        let mut odd = copied(&csv(("Failed", "NoOperatorGroup")), "strange", CSV);
        odd["spec"]["apiservicedefinitions"] = json!({});
        odd["metadata"]["labels"] = json!({});
        odd["status"]["certsRotateAt"] = json!(null);
        *odd.pointer_mut(path).unwrap() = shape;
        cluster.apply(odd);
        cluster.apply(copied(
            &olm_secret(FIXED, END),
            "strange",
            "widgets-controller-service-cert",
        ));
        let scrape = look(cluster).await;
        let labels = [("csv_namespace", "strange"), ("reason", "NoOperatorGroup")];
        assert_eq!(scrape.all("olm_csv_info", &labels).len(), 1, "{path}");
        let verdict = Verdict::read(&scrape, "strange/widgets-controller-service-cert");
        assert_eq!(verdict.manager, "olm");
        match &verdict.blocked[..] {
            [blocked] => assert!(blocked.starts_with("operator_group: "), "{path}: {blocked}"),
            // The secret's operator cannot be determined, which is reported, and nothing is
            // concluded.
            [] => {
                assert_eq!(path, "/spec/webhookdefinitions");
                let problem = format!("{CSV}/spec.webhookdefinitions: invalid_field");
                assert!(scrape.problems().contains(&problem), "{path}");
            }
            _ => panic!("{path}: {verdict:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_invalid_shape_in_a_certificate_is_reported_and_affects_no_neighbour() {
    let shapes = [
        ("/spec", json!("x"), "spec"),
        ("/status", json!("x"), "status"),
        ("/spec/secretName", json!(["dflt-tls"]), "spec.secretName"),
        ("/spec/renewal", json!({"policy": 7}), "spec.renewal.policy"),
        ("/status/renewalTime", json!("soon"), "status.renewalTime"),
        ("/status/renewalTime", json!(7), "status.renewalTime"),
    ];
    for (path, shape, field) in shapes {
        let cluster = neighbours();
        let mut odd = asked("strange", "dflt");
        odd["spec"]["renewal"] = json!({});
        *odd.pointer_mut(path).unwrap() = shape;
        cluster.apply(odd);
        let scrape = look(cluster).await;
        assert_eq!(
            scrape.problems(),
            [format!("dflt/{field}: invalid_field")],
            "{path}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn thousands_of_owners_affect_no_neighbour_and_the_first_one_is_the_owner() {
    let cluster = neighbours();
    let mut crowded = tls("shop", "crowded", &certificate("web", 90));
    let owner = |index| json!({"apiVersion": "v1", "kind": "Pod", "name": format!("web-{index}"), "uid": "x"});
    crowded["metadata"]["ownerReferences"] = (0..5000).map(owner).collect();
    cluster.apply(crowded);
    cluster.apply(owned(
        tls("shop", "long", &certificate("web", 90)),
        &"K".repeat(9000),
        "x",
    ));
    let scrape = look(cluster).await;
    assert_eq!(
        scrape.value("cert_info", &[("name", "crowded"), ("owner", "Pod/web-0")]),
        1
    );
    Verdict::read(&scrape, "shop/crowded").is_well("operator", None);
    Verdict::read(&scrape, "shop/long").is_well("operator", None);
}
