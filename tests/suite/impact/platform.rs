//! Certificates that the platform depends on without naming them.

use std::collections::BTreeMap;

use notafter_simulator::openshift;

use super::{impacts_with, web};
use crate::judged::judge;
use crate::world::THEN;

#[test]
fn the_signers_and_servers_of_the_platform_affect_the_whole_cluster() {
    for (place, stops) in [
        (
            "openshift-service-ca/signing-key",
            "every certificate of the service CA",
        ),
        ("openshift-etcd/etcd-signer", "etcd"),
        ("openshift-etcd/etcd-peer-master-0.example.com", "etcd"),
        ("openshift-etcd/etcd-serving-master-0", "etcd"),
        (
            "openshift-kube-apiserver/aggregator-client",
            "the API server of the cluster",
        ),
        (
            "openshift-kube-apiserver-operator/kube-apiserver-to-kubelet-signer",
            "the API server of the cluster",
        ),
        (
            "openshift-kube-controller-manager-operator/csr-signer",
            "every kubelet's certificates",
        ),
        (
            "openshift-authentication/v4-0-config-system-serving-cert",
            "logging in",
        ),
        ("openshift-console/console-serving-cert", "the web console"),
    ] {
        let (namespace, name) = place.split_once('/').unwrap();
        let impacts = impacts_with(&[web(namespace, name)], place);
        assert_eq!(impacts, [format!("cluster {stops}")], "{place}");
    }
}

#[test]
fn metrics_recovery_and_other_namespaces_are_no_matter_of_the_cluster() {
    for place in [
        "openshift-etcd/etcd-serving-metrics-master-0",
        "openshift-etcd/etcd-metric-signer",
        "openshift-kube-apiserver/localhost-recovery-serving-certkey",
        "shop/etcd-signer",
        "shop/signing-key",
    ] {
        let (namespace, name) = place.split_once('/').unwrap();
        let impacts = impacts_with(&[web(namespace, name)], place);
        assert!(impacts.is_empty(), "{place}: {impacts:?}");
    }
}

#[test]
fn every_part_of_the_platform_is_found_on_a_real_inventory() {
    let inventory = judge(&openshift(THEN));
    let mut parts = BTreeMap::<String, Vec<String>>::new();
    for impact in &inventory.impacts {
        let consumer = impact.consumer.seen_from("");
        if !consumer.contains('/') {
            let secret = impact.object.name.to_string();
            parts.entry(consumer).or_default().push(secret);
        }
    }
    let names: Vec<&str> = parts.keys().map(|part| &**part).collect();
    let expected = [
        "etcd",
        "every certificate of the service CA",
        "every kubelet's certificates",
        "kube-controller-manager",
        "kube-scheduler",
        "logging in",
        "the API server of the cluster",
        "the web console",
    ];
    assert_eq!(names, expected, "{parts:?}");
    assert_eq!(
        parts["the API server of the cluster"].len(),
        12,
        "{parts:?}"
    );
}
