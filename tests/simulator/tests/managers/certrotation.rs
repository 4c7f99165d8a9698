//! What rotates by its annotations.

use notafter_simulator::Managers;

use crate::{NOW, days, expired, leaf, text};

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
