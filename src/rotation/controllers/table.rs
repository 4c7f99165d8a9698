//! The table of controllers, each with the source that its row was read from.

use super::Renewal::{Age, Left, Needless, Never, Percent, PercentOf, Unknown};
use super::Sign::{Has, In, Is, IssuedBy, IssuedByOwner, Lacks, Named, OwnedBy};
use super::{Controller, Manager, Mark, Renewal, Sign};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

const fn row(
    manager: Manager,
    signs: &'static [Sign],
    renewal: Renewal,
    show: &'static str,
) -> Controller {
    Controller {
        manager,
        signs,
        renewal,
        show,
    }
}

#[rustfmt::skip]
pub(super) static CONTROLLERS: &[Controller] = &[
    // === Copies of what cannot be seen, with all labels and annotations of their originals ===

    // loft-sh/vcluster v0.37: pkg/util/translate/types.go. The original is inside of the virtual cluster.
    row(Manager::Operator, &[Has(Mark::VirtualCluster)], Unknown,
        "get pods --all-namespaces --selector=app=vcluster"),

    // === Keys that are needed after they expire ===

    // bitnami-labs/sealed-secrets v0.36.6: pkg/controller/keys.go. A new key joins the others every 30 days.
    row(Manager::Operator, &[Has(Mark::SealingKey)],
        Needless("Sealed Secrets decrypts with it after it has expired, too."),
        "get pods --all-namespaces --selector=name=sealed-secrets-controller"),
    // openshift/hypershift v0.1.81: control-plane-pki-operator, certificaterevocationcontroller.
    row(Manager::Operator, &[OwnedBy("CertificateRevocationRequest")],
        Needless("It is the signer of certificates that were revoked."),
        "get hostedclusters.hypershift.openshift.io --all-namespaces"),

    // === Controllers that renew ===

    // kyverno/kyverno v1.8.0 to v1.19.0: pkg/tls/renewer.go. When 15 days are left, before v1.12.0 when 60
    // hours are left; every 12 hours.
    row(Manager::Kyverno, &[Is(Mark::Kyverno, "kyverno")], Left(47 * HOUR),
        "get pods --all-namespaces --selector=app.kubernetes.io/part-of=kyverno"),
    // cloudnative-pg/cloudnative-pg v1.15.0 to v1.30.0: pkg/certs/certs.go, internal/controller/cluster_pki.go.
    // When 7 days are left; at every event, and every 10 hours.
    row(Manager::CloudNativePg, &[IssuedByOwner("Cluster")], Left(6 * DAY + 12 * HOUR),
        "get pods --all-namespaces --selector=app.kubernetes.io/name=cloudnative-pg"),
    row(Manager::CloudNativePg, &[Is(Mark::ManagedBy, "cloudnative-pg")], Left(6 * DAY + 12 * HOUR),
        "get pods --all-namespaces --selector=app.kubernetes.io/name=cloudnative-pg"),
    row(Manager::CloudNativePg, &[Named(&["cnpg-webhook-cert"]), IssuedBy("cnpg-ca-secret")], Left(6 * DAY + 12 * HOUR),
        "get pods --all-namespaces --selector=app.kubernetes.io/name=cloudnative-pg"),
    // kubevirt/kubevirt v0.48.0 to v1.9.0: pkg/virt-operator/resource/apply/certificates.go. When a fifth of the
    // configured duration is left, or earlier; these two CAs when a fifth of a leaf's is left. Not by
    // `notBefore`: that of a leaf is the CA's.
    row(Manager::KubeVirt, &[Has(Mark::KubeVirtDuration), Named(&["kubevirt-export-ca", "kubevirt-backup-ca"])],
        Left(2 * HOUR), "get pods --all-namespaces --selector=kubevirt.io=virt-operator"),
    row(Manager::KubeVirt, &[Has(Mark::KubeVirtDuration)], PercentOf(Mark::KubeVirtDuration, 10),
        "get pods --all-namespaces --selector=kubevirt.io=virt-operator"),
    // kubevirt/containerized-data-importer v1.66.0: pkg/operator/resources/cert/factory.go. At half of the
    // lifetime, and at 80 % at the latest; every minute.
    row(Manager::KubeVirt, &[Has(Mark::CdiDuration)], Percent(15),
        "get pods --all-namespaces --selector=name=cdi-operator"),
    // openshift/hypershift v0.1.81: support/certs/tls.go. When 30 days of a year are left; every minute.
    row(Manager::HyperShift, &[Has(Mark::HyperShiftCaHash)], Percent(7),
        "get deployments --all-namespaces --field-selector=metadata.name=control-plane-operator"),
    // open-cluster-management-io/ocm v1.3.1: pkg/operator/operators/clustermanager/controllers/
    // certrotationcontroller; open-cluster-management-io/sdk-go: pkg/certrotation. When a fifth is left;
    // every 10 minutes.
    row(Manager::OpenClusterManagement, &[IssuedBy("cluster-manager-webhook@")], Percent(18),
        "get pods --all-namespaces --selector=app=cluster-manager"),
    // qinqon/kube-admission-webhook v0.21; k8snetworkplumbingwg/kubemacpool: config/release. When 24 hours
    // are left.
    row(Manager::KubeMacPool, &[Has(Mark::AdmissionWebhook)], Left(12 * HOUR),
        "get pods --all-namespaces --selector=app=kubemacpool"),
    // rancher/dynamiclistener v0.9.1: cert/cert.go, listener.go. When 90 days are left; every 6 hours. Static
    // means: not by dynamiclistener.
    // longhorn/longhorn-manager v1.12.1: webhook/cert/rotate.go. Longhorn marks its own as static, and
    // renews them itself.
    row(Manager::Longhorn, &[In("longhorn-system"), Named(&["longhorn-webhook-ca", "longhorn-webhook-tls"]), Has(Mark::StaticListener)],
        Left(89 * DAY), "get pods --all-namespaces --selector=app=longhorn-manager"),
    // rancher/rancher: pkg/tls/tls.go. When 7 days are left, by the setting rotate-certs-if-expiring-in-days.
    row(Manager::Rancher, &[In("cattle-system"), Named(&["serving-cert"]), Has(Mark::Listener), Lacks(Mark::StaticListener)],
        Left(6 * DAY + 12 * HOUR), "get pods --all-namespaces --selector=app=rancher"),
    row(Manager::Rancher, &[In("cattle-system"), Has(Mark::Listener), Lacks(Mark::StaticListener)],
        Left(89 * DAY), "get pods --all-namespaces --selector=app=rancher"),
    // k3s-io/k3s: pkg/cluster/https.go; when 120 days are left since v1.33.1.
    row(Manager::K3s, &[In("kube-system"), Named(&["k3s-serving", "rke2-serving"]), Has(Mark::Listener), Lacks(Mark::StaticListener)],
        Left(89 * DAY), "get events --all-namespaces --field-selector=reason=CertificateExpirationWarning"),
    row(Manager::DynamicListener, &[Has(Mark::Listener), Lacks(Mark::StaticListener)], Left(89 * DAY),
        "get pods --all-namespaces --selector=app=rancher"),
    // antrea-io/antrea v2.6.3: pkg/apiserver/apiserver.go, pkg/flowaggregator/certificate/provider.go. When 90
    // days are left; every hour.
    row(Manager::Antrea, &[IssuedBy("antrea-ca@")], Left(89 * DAY),
        "get pods --all-namespaces --selector=component=antrea-controller"),
    row(Manager::Antrea, &[IssuedBy("flow-aggregator-ca@")], Left(89 * DAY),
        "get pods --all-namespaces --selector=app=flow-aggregator"),
    // cilium/certgen v0.4.6 by the CronJobs of cilium/charts: on the first day of every fourth month. With the
    // labels of Helm it is Helm's.
    row(Manager::Cilium, &[IssuedBy("Cilium CA"), Lacks(Mark::ManagedBy), Lacks(Mark::CiliumHelm), Lacks(Mark::CertificateName)], Age(130 * DAY),
        "get cronjobs --all-namespaces --selector=app.kubernetes.io/part-of=cilium"),
    // open-policy-agent/cert-controller v0.16.0: pkg/rotator/rotator.go. When 90 days are left; every 12
    // hours. The secrets of its other users are of type Opaque.
    row(Manager::Grove, &[IssuedBy("Grove-CA")], Left(89 * DAY),
        "get pods --all-namespaces --selector=app.kubernetes.io/name=grove-operator"),

    // === Controllers that create a certificate once ===

    // argoproj-labs/argocd-operator v0.18.0, which OpenShift GitOps installs: controllers/argocd/secret.go.
    row(Manager::Operator, &[OwnedBy("ArgoCD"), IssuedBy("argocd-operator@")], Never,
        "get argocds.argoproj.io --all-namespaces"),
    // linkerd/linkerd2 edge-26.8.3: charts/linkerd-control-plane. Renewed by an upgrade.
    row(Manager::Operator, &[Has(Mark::Linkerd), Lacks(Mark::HelmRelease)], Never,
        "get secrets --all-namespaces --selector=linkerd.io/control-plane-ns"),
    // projectcontour/contour v1.33.6: pkg/certs/certgen.go. Issued again by the job of another version.
    row(Manager::Operator, &[IssuedBy("Project Contour"), Lacks(Mark::HelmRelease), Lacks(Mark::CertificateName)], Never,
        "get jobs --all-namespaces --selector=app=contour-certgen"),
];
