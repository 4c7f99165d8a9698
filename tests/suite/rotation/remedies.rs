//! Commands that are never printed, whatever the state.

use notafter_simulator::{Cluster, openshift};
use serde_json::Value;

use crate::judged::judge;
use crate::managed::{
    END, FIXED, ServiceCa, UNFIXED, annotated, cluster, csv, labelled, olm_secret, remembering,
    service, webhook, webhooks,
};
use crate::world::{DAY, THEN, certificate, tls};

/// The states of an operator in which a deleted secret is not recreated.
const LOST: [(&str, &str); 14] = [
    ("Pending", "RequirementsNotMet"),
    ("Pending", "OperatorConditionNotUpgradeable"),
    ("Failed", "NoOperatorGroup"),
    ("Failed", "TooManyOperatorGroups"),
    ("Failed", "UnsupportedOperatorGroup"),
    ("Failed", "NoTargetNamespaces"),
    ("Failed", "InvalidInstallModes"),
    ("Failed", "InterOperatorGroupOwnerConflict"),
    ("Failed", "CannotModifyStaticOperatorGroupProvidedAPIs"),
    ("Failed", "InstallComponentFailedNoRetry"),
    ("Replacing", "BeingReplaced"),
    ("Deleting", "Replaced"),
    ("Pending", "RequirementsUnknown"),
    ("Levitating", ""),
];

/// Every command printed for a cluster.
fn commands(cluster: &Cluster) -> Vec<String> {
    let inventory = judge(cluster);
    let commands = inventory.advice().map(|advice| advice.remedy);
    commands.filter(|command| !command.is_empty()).collect()
}

/// A cluster with the widgets operator and a webhook that trusts another CA.
fn widgets(names: &[&str], csv: Value) -> Cluster {
    let cluster = cluster();
    cluster.apply(olm_secret(names, END));
    cluster.apply(csv);
    let other = &olm_secret(names, END)["data"]["olmCAKey"];
    let service = "widget-operator/widgets-controller-service";
    let webhook = webhook(service, other, &["example.com"], "Fail");
    cluster.apply(webhooks(
        "MutatingWebhookConfiguration",
        "widgets",
        &[webhook],
    ));
    cluster
}

#[test]
fn no_secret_is_deleted_where_it_would_not_be_recreated() {
    for state in LOST {
        for names in [FIXED, UNFIXED] {
            for csv in [csv(state), remembering(csv(state), END + DAY)] {
                let commands = commands(&widgets(names, csv));
                let deletes = commands.iter().find(|command| command.contains("delete"));
                assert_eq!(deletes, None, "{state:?}");
            }
        }
    }
}

#[test]
fn deleting_the_secret_is_the_remedy_for_a_stuck_installation() {
    let commands = commands(&widgets(FIXED, csv(("Installing", "InstallSucceeded"))));
    let delete = "kubectl -n widget-operator delete secret widgets-controller-service-cert";
    assert!(
        commands.iter().any(|command| command == delete),
        "{commands:?}"
    );
}

#[test]
fn what_is_late_without_evidence_is_looked_at_and_not_deleted() {
    for (cluster, look) in [
        (
            widgets_at_ease(),
            "kubectl get pods --all-namespaces --selector=app=olm-operator",
        ),
        (
            served_by_service_ca(),
            "kubectl -n openshift-service-ca get deployments,pods",
        ),
    ] {
        let commands = commands(&cluster);
        assert!(
            commands.iter().any(|command| command == look),
            "{commands:?}"
        );
        let deletes = commands.iter().find(|command| command.contains("delete"));
        assert_eq!(deletes, None);
    }
}

/// A healthy operator under an OLM that may or may not run.
fn widgets_at_ease() -> Cluster {
    let cluster = cluster();
    cluster.apply(olm_secret(FIXED, END));
    cluster.apply(csv(("Succeeded", "InstallSucceeded")));
    cluster
}

/// A Service with a certificate of the current service CA.
fn served_by_service_ca() -> Cluster {
    let (cluster, ca) = (cluster(), ServiceCa::since(THEN));
    ca.install(&cluster);
    cluster.apply(service("web", "web-tls"));
    ca.serve(&cluster, "web", THEN);
    cluster
}

#[test]
fn the_remedy_is_the_same_in_every_state_that_an_expired_certificate_leads_to() {
    let states = [
        ("Succeeded", "InstallSucceeded"),
        ("Failed", "APIServiceResourceIssue"),
        ("Pending", "APIServiceResourcesNeedReinstall"),
        ("Pending", "NeedsCertRotation"),
        ("Pending", "NeedsReinstall"),
        ("InstallReady", "AllRequirementsMet"),
        ("Installing", "InstallSucceeded"),
        ("Installing", "InstallWaiting"),
    ];
    let delete = "kubectl -n widget-operator delete secret widgets-controller-service-cert";
    for state in states {
        let commands = commands(&widgets(UNFIXED, csv(state)));
        assert!(
            commands.iter().all(|command| command == delete),
            "{state:?}: {commands:?}"
        );
        assert!(!commands.is_empty(), "{state:?}");
    }
}

#[test]
fn no_command_deletes_a_key_that_all_trust_depends_on() {
    let cluster = openshift(THEN + 1000 * DAY);
    ServiceCa::since(THEN).install(&cluster);
    let router_ca = tls(
        "openshift-ingress-operator",
        "router-ca",
        &certificate("x", 30),
    );
    cluster.apply(annotated(router_ca, "olmcahash", "x"));
    for command in commands(&cluster) {
        let names_key = ["signing-key", "router-ca"]
            .iter()
            .any(|key| command.contains(key));
        assert!(!(names_key && command.contains("delete")), "{command}");
    }
}

#[test]
fn a_late_service_ca_is_investigated_and_never_deleted() {
    let cluster = cluster();
    ServiceCa::since(THEN).install(&cluster);
    let logs = "kubectl -n openshift-service-ca-operator logs deployment/service-ca-operator";
    assert_eq!(commands(&cluster), [logs]);
}

#[test]
fn a_release_is_named_in_a_command_only_if_its_name_is_valid() {
    let releases = [
        ("web", "helm -n shop get metadata web"),
        ("web-2.a", "helm -n shop get metadata web-2.a"),
        ("web; rm -rf /", ""),
        ("$(reboot)", ""),
        ("`reboot`", ""),
        ("a\nb", ""),
        ("--post-renderer=x", ""),
        ("web'", ""),
        ("Web", ""),
        ("wéb", ""),
        (&"w".repeat(5000), ""),
    ];
    for (release, command) in releases {
        let cluster = Cluster::new();
        let secret = tls("shop", "web", &certificate("web", 90));
        let secret = labelled(secret, "app.kubernetes.io/managed-by", "Helm");
        cluster.apply(annotated(secret, "meta.helm.sh/release-name", release));
        let describe = "kubectl -n shop describe secret web";
        let command = if command.is_empty() {
            describe
        } else {
            command
        };
        assert_eq!(commands(&cluster), [command], "{release}");
    }
}

#[test]
fn a_name_found_only_in_an_annotation_is_in_no_command() {
    let evil = "x; reboot";
    let names = [
        "service.beta.openshift.io/originating-service-name",
        "service.alpha.openshift.io/originating-service-name",
        "cert-manager.io/certificate-name",
        "openshift.io/owning-component",
        "auth.openshift.io/certificate-issuer",
        "olmcahash",
    ];
    for name in names {
        let cluster = cluster();
        let secret = tls("shop", "web", &certificate("web", 90));
        let secret = annotated(secret, name, evil);
        let not_before = "auth.openshift.io/certificate-not-before";
        cluster.apply(annotated(secret, not_before, evil));
        for command in commands(&cluster) {
            assert!(!command.contains("reboot"), "{name}: {command}");
        }
    }
}

#[test]
fn a_name_found_only_in_a_service_is_in_no_command() {
    let (cluster, ca) = (cluster(), ServiceCa::since(THEN));
    cluster.apply(service("web", "web-tls"));
    ca.serve(&cluster, "web", THEN);
    cluster.apply(service("web", "x; reboot"));
    let commands = commands(&cluster);
    assert!(commands.contains(&"kubectl -n app describe service web".to_owned()));
    assert!(
        !commands.iter().any(|command| command.contains("reboot")),
        "{commands:?}"
    );
}
