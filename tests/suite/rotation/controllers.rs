//! Controllers that issue certificates for themselves: each as it is when healthy, at the last
//! moment before it renews, and as it is when it no longer runs.
//!
//! The times are those of the controllers' sources, which `src/rotation/controllers/table.rs` names.

use notafter::rotation::Evidence;
use notafter::urgency::{Assessor, Thresholds, Urgency};
use notafter_simulator::Cluster;
use notafter_simulator::certificate::Draft;
use serde_json::{Value, json};

use crate::judged::judge;
use crate::managed::{cluster, owned};
use crate::verdict::Verdict;
use crate::world::{DAY, THEN, tls};

const HOUR: i64 = 3600;

/// A secret of a controller.
#[derive(Clone, Copy)]
struct Case {
    place: &'static str,
    manager: &'static str,
    /// The common name of the issuer.
    issuer: &'static str,
    /// The length of the validity.
    life: i64,
    /// The time that is left when a healthy controller renews it, at the latest.
    left: i64,
    marks: &'static [(&'static str, &'static str)],
    owner: Option<(&'static str, &'static str)>,
}

const fn case(
    manager: &'static str,
    place: &'static str,
    issuer: &'static str,
    (life, left): (i64, i64),
    marks: &'static [(&'static str, &'static str)],
) -> Case {
    Case {
        place,
        manager,
        issuer,
        life,
        left,
        marks,
        owner: None,
    }
}

const fn owned_case(case: Case, kind: &'static str, name: &'static str) -> Case {
    Case {
        owner: Some((kind, name)),
        ..case
    }
}

const YEAR: i64 = 365 * DAY;
const KYVERNO: &[(&str, &str)] = &[("cert.kyverno.io/managed-by", "kyverno")];
const KUBEVIRT: &[(&str, &str)] = &[
    ("app.kubernetes.io/managed-by", "virt-operator"),
    ("kubevirt.io/duration", "24h0m0s"),
];
const LISTENER: &[(&str, &str)] = &[("listener.cattle.io/fingerprint", "SHA1=0A")];

#[rustfmt::skip]
const RENEWED: &[Case] = &[
    case("kyverno", "kyverno/kyverno-svc.kyverno.svc.kyverno-tls-pair", "*.kyverno.svc", (150 * DAY, 60 * HOUR - 12 * HOUR), KYVERNO),
    case("kyverno", "kyverno/kyverno-svc.kyverno.svc.kyverno-tls-pair", "*.kyverno.svc", (150 * DAY, 15 * DAY - 12 * HOUR), KYVERNO),
    owned_case(case("cloudnative-pg", "shop/orders-server", "orders", (90 * DAY, 7 * DAY - 10 * HOUR), &[]), "Cluster", "orders"),
    case("cloudnative-pg", "shop/reader-client-cert", "orders", (90 * DAY, 7 * DAY - HOUR), &[("app.kubernetes.io/managed-by", "cloudnative-pg")]),
    owned_case(case("cloudnative-pg", "cnpg-system/cnpg-webhook-cert", "cnpg-ca-secret", (90 * DAY, 7 * DAY - HOUR), &[]), "Deployment", "cnpg-controller-manager"),
    case("kubevirt", "kubevirt/kubevirt-virt-api-certs", "kubevirt.io@1708682825", (DAY, 4 * HOUR + 48 * 60), KUBEVIRT),
    case("kubevirt", "kubevirt/kubevirt-ca", "kubevirt.io@1708682825", (7 * DAY, 33 * HOUR), &[("kubevirt.io/duration", "168h0m0s")]),
    case("kubevirt", "kubevirt/kubevirt-export-ca", "export.kubevirt.io@1708682825", (7 * DAY, 4 * HOUR + 48 * 60), &[("kubevirt.io/duration", "168h0m0s")]),
    case("kubevirt", "cdi/cdi-apiserver-server-cert", "cdi_cdi-apiserver-signer@1708682825", (DAY, 12 * HOUR), &[
        ("auth.openshift.io/managed-certificate-type", "target"), ("auth.openshift.io/certificate-issuer", "cdi"),
        ("operator.cdi.kubevirt.io/certConfig", r#"{"lifetime":"24h0m0s","refresh":"12h0m0s"}"#)]),
    case("hypershift", "clusters-one/ignition-server-serving-cert", "ignition-root-ca", (YEAR, 30 * DAY - 60), &[("hypershiftlite.openshift.io/ca-hash", "0a")]),
    case("open-cluster-management", "open-cluster-management-hub/work-webhook-serving-cert", "cluster-manager-webhook@1708682825", (30 * DAY, 6 * DAY - 600), &[]),
    case("kubemacpool", "kubemacpool-system/kubemacpool-service", "kubemacpool-mutator", (4380 * HOUR, 24 * HOUR), &[("kubevirt.io/kube-admission-webhook", "")]),
    case("longhorn", "longhorn-system/longhorn-webhook-tls", "longhorn-webhook-ca", (YEAR, 90 * DAY - 6 * HOUR), &[("listener.cattle.io/static", "true")]),
    case("rancher", "cattle-system/serving-cert", "dynamiclistener-ca@1708682825", (YEAR, 7 * DAY - 6 * HOUR), LISTENER),
    case("rancher", "cattle-system/cattle-webhook-tls", "dynamiclistener-ca@1708682825", (3650 * DAY, 90 * DAY - 6 * HOUR), LISTENER),
    case("k3s", "kube-system/k3s-serving", "k3s-server-ca@1708682825", (YEAR, 90 * DAY - 6 * HOUR), LISTENER),
    case("dynamiclistener", "harvester-system/serving-cert", "dynamiclistener-ca@1708682825", (YEAR, 90 * DAY - 6 * HOUR), LISTENER),
    case("antrea", "kube-system/antrea-controller-tls", "antrea-ca@1708682825", (YEAR, 90 * DAY - HOUR), &[]),
    case("antrea", "flow-aggregator/flow-aggregator-client-tls", "flow-aggregator-ca@1708682825", (YEAR, 90 * DAY - HOUR), &[]),
    case("cilium", "kube-system/hubble-server-certs", "Cilium CA", (YEAR, 242 * DAY), &[]),
    case("grove", "grove-system/grove-webhook-server-cert", "Grove-CA", (YEAR, 90 * DAY - 12 * HOUR), &[]),
];

#[rustfmt::skip]
const NEVER_RENEWED: &[Case] = &[
    owned_case(case("operator", "openshift-gitops/openshift-gitops-tls", "argocd-operator@openshift-gitops", (YEAR, 0), &[]), "ArgoCD", "openshift-gitops"),
    case("operator", "linkerd/linkerd-proxy-injector-k8s-tls", "linkerd-proxy-injector.linkerd.svc", (YEAR, 0), &[("linkerd.io/created-by", "linkerd/cli edge-26.8.3")]),
    case("operator", "projectcontour/contourcert", "Project Contour", (YEAR, 0), &[]),
];

#[rustfmt::skip]
const NEEDLESS: &[Case] = &[
    case("operator", "kube-system/sealed-secrets-key7gq2t", "", (3650 * DAY, 0), &[("sealedsecrets.bitnami.com/sealed-secrets-key", "active")]),
    owned_case(case("operator", "clusters-one/1x8k2", "signer", (7 * DAY, 0), &[]), "CertificateRevocationRequest", "revoke"),
];

impl Case {
    fn cluster(&self) -> Cluster {
        let cluster = cluster();
        cluster.apply(self.secret());
        cluster
    }

    fn secret(&self) -> Value {
        let (namespace, name) = self.place.split_once('/').unwrap();
        let ca = Draft::named(self.issuer)
            .valid(THEN, THEN + 3650 * DAY)
            .authority();
        let leaf = Draft::named(name).valid(THEN, THEN + self.life);
        let mut secret = tls(namespace, name, &leaf.signed_by(&ca));
        let marks: Vec<_> = self
            .marks
            .iter()
            .map(|(key, value)| (*key, json!(value)))
            .collect();
        let marks: serde_json::Map<_, _> = marks
            .into_iter()
            .map(|(key, value)| (key.into(), value))
            .collect();
        // Nothing but the key tells whether it is a label or an annotation.
        secret["metadata"]["annotations"] = marks.clone().into();
        secret["metadata"]["labels"] = marks.into();
        match self.owner {
            Some((kind, name)) => owned(secret, kind, name),
            None => secret,
        }
    }

    /// The urgency of the secret when so many seconds are left.
    fn urgency(&self, left: i64) -> Urgency {
        let inventory = judge(&self.cluster());
        let assessed =
            Assessor::new(&inventory, THEN + self.life - left, Thresholds::default()).all();
        let [object] = assessed[..] else {
            panic!("{}: {assessed:?}", self.place);
        };
        object.urgency
    }
}

#[test]
fn each_controller_is_named_and_shown() {
    for case in RENEWED {
        let verdict = Verdict::of(&case.cluster(), case.place);
        assert_eq!(verdict.manager, case.manager, "{}", case.place);
        assert!(verdict.due.is_some(), "{}", case.place);
        assert_eq!(verdict.blocked, [""; 0], "{}", case.place);
        let inventory = judge(&case.cluster());
        let mut overviews = inventory.overviews();
        assert!(
            overviews.any(|(manager, _)| manager.as_str() == case.manager),
            "{} can be late in bulk",
            case.manager
        );
    }
}

#[test]
fn a_healthy_controller_is_silent_until_the_moment_when_it_renews() {
    for case in RENEWED {
        for left in [case.life, case.life / 2, case.left + 1, case.left] {
            let left = left.max(case.left);
            assert_eq!(
                case.urgency(left),
                Urgency::Ok,
                "{}, {left} s left",
                case.place
            );
        }
    }
}

#[test]
fn a_controller_that_does_not_run_is_late_before_the_certificate_expires() {
    for case in RENEWED {
        let left = case.left / 8;
        assert_ne!(
            case.urgency(left),
            Urgency::Ok,
            "{}, {left} s left",
            case.place
        );
    }
}

#[test]
fn a_controller_that_never_renews_is_known_for_it_in_the_last_90_days() {
    for case in NEVER_RENEWED {
        let verdict = Verdict::of(&case.cluster(), case.place);
        assert_eq!(
            (&*verdict.manager, verdict.due),
            (case.manager, None),
            "{}",
            case.place
        );
        let reason = Evidence::NeverRenewed.as_str();
        assert!(verdict.blocked[0].starts_with(reason), "{}", case.place);
        assert_eq!(case.urgency(91 * DAY), Urgency::Ok, "{}", case.place);
        assert_eq!(case.urgency(89 * DAY), Urgency::Blocked, "{}", case.place);
    }
}

#[test]
fn what_serves_after_it_has_expired_is_ignored_for_that_reason() {
    for case in NEEDLESS {
        assert_eq!(case.urgency(-DAY), Urgency::Ok, "{}", case.place);
        let inventory = judge(&case.cluster());
        assert_eq!(inventory.ignored().count(), 1, "{}", case.place);
        assert_eq!(inventory.advice().count(), 0, "{}", case.place);
    }
}

#[test]
fn charts_and_people_who_make_the_same_secrets_are_not_taken_for_the_controller() {
    let by_helm: &[(&str, &str)] = &[
        ("app.kubernetes.io/managed-by", "Helm"),
        ("meta.helm.sh/release-name", "cilium"),
    ];
    let by_hand = case(
        "",
        "kyverno/kyverno-svc.kyverno.svc.kyverno-tls-pair",
        "*.kyverno.svc",
        (YEAR, 0),
        &[],
    );
    let by_chart = case(
        "",
        "kube-system/hubble-server-certs",
        "Cilium CA",
        (YEAR, 0),
        by_helm,
    );
    let static_one = case(
        "",
        "cattle-system/serving-cert",
        "acme",
        (YEAR, 0),
        &[
            ("listener.cattle.io/fingerprint", "SHA1=0A"),
            ("listener.cattle.io/static", "true"),
        ],
    );
    for (case, manager) in [(by_hand, "none"), (by_chart, "helm"), (static_one, "none")] {
        assert_eq!(
            Verdict::of(&case.cluster(), case.place).manager,
            manager,
            "{}",
            case.place
        );
    }
}

#[test]
fn a_secret_synced_out_of_a_virtual_cluster_is_not_judged_by_the_marks_of_its_original() {
    let synced = case(
        "",
        "host/web-x-shop-x-virtual",
        "ca",
        (YEAR, 0),
        &[
            ("cert-manager.io/certificate-name", "web"),
            ("vcluster.loft.sh/managed-by", "virtual"),
        ],
    );
    Verdict::of(&synced.cluster(), synced.place).is_well("operator", None);
}
