//! The labels and annotations by which certificate managers and owners mark objects. No others are
//! kept.

use strum::{EnumString, IntoStaticStr};

use crate::certificate::bounded;

/// A label or annotation of a certificate manager, with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr)]
pub enum Mark {
    /// OLM: the SHA-256 of the CA's PEM, in hexadecimal (operator-framework/
    /// operator-lifecycle-manager: pkg/controller/install/certresources.go,
    /// `OLMCAHashAnnotationKey`).
    #[strum(serialize = "olmcahash")]
    OlmCaHash,
    /// OLM, on a ClusterServiceVersion: the ClusterOperator that reports it
    /// (operator-framework/operator-lifecycle-manager: `pkg/lib/operatorstatus/csv_reporter.go`).
    #[strum(serialize = "olm.clusteroperator.name")]
    ClusterOperator,

    /// service-ca, on a secret: the Service it was issued for (openshift/service-ca-operator:
    /// pkg/controller/api/api.go). Each of its annotations has an older, alpha key as well.
    #[strum(serialize = "service.beta.openshift.io/originating-service-name")]
    ServiceName,
    /// The older key of [`Mark::ServiceName`].
    #[strum(serialize = "service.alpha.openshift.io/originating-service-name")]
    ServiceNameAlpha,
    /// service-ca, on a secret: the uid of that Service.
    #[strum(serialize = "service.beta.openshift.io/originating-service-uid")]
    ServiceUid,
    /// The older key of [`Mark::ServiceUid`].
    #[strum(serialize = "service.alpha.openshift.io/originating-service-uid")]
    ServiceUidAlpha,
    /// service-ca, on a Service: the secret that it requests.
    #[strum(serialize = "service.beta.openshift.io/serving-cert-secret-name")]
    ServingSecret,
    /// The older key of [`Mark::ServingSecret`].
    #[strum(serialize = "service.alpha.openshift.io/serving-cert-secret-name")]
    ServingSecretAlpha,
    /// service-ca, on a Service: the CA that signed its certificate last; absent if none ever did.
    #[strum(serialize = "service.beta.openshift.io/serving-cert-signed-by")]
    SignedBy,
    /// The older key of [`Mark::SignedBy`].
    #[strum(serialize = "service.alpha.openshift.io/serving-cert-signed-by")]
    SignedByAlpha,
    /// service-ca, on a Service: the number of failed attempts.
    #[strum(serialize = "service.beta.openshift.io/serving-cert-generation-error-num")]
    Errors,
    /// The older key of [`Mark::Errors`].
    #[strum(serialize = "service.alpha.openshift.io/serving-cert-generation-error-num")]
    ErrorsAlpha,

    /// certrotation: `signer`, `target` or `ca-bundle` (openshift/library-go:
    /// pkg/operator/certrotation/label.go).
    #[strum(serialize = "auth.openshift.io/managed-certificate-type")]
    CertificateType,
    /// certrotation: the issuer's common name (openshift/library-go:
    /// pkg/operator/certrotation/annotations.go).
    #[strum(serialize = "auth.openshift.io/certificate-issuer")]
    CertificateIssuer,
    /// certrotation and CSR controllers: the certificate's notBefore (RFC 3339).
    #[strum(serialize = "auth.openshift.io/certificate-not-before")]
    CertificateNotBefore,
    /// certrotation and CSR controllers: the certificate's notAfter (RFC 3339).
    #[strum(serialize = "auth.openshift.io/certificate-not-after")]
    CertificateNotAfter,
    /// certrotation: the age at which a certificate is renewed, as Go writes a duration
    /// (openshift/api: annotations/annotations.go).
    #[strum(serialize = "certificates.openshift.io/refresh-period")]
    RefreshPeriod,
    /// The platform component that owns a secret which no object owns (openshift/api:
    /// annotations/annotations.go).
    #[strum(serialize = "openshift.io/owning-component")]
    OwningComponent,

    /// cert-manager: the Certificate that a secret was issued for (cert-manager/cert-manager:
    /// pkg/apis/certmanager/v1/types.go).
    #[strum(serialize = "cert-manager.io/certificate-name")]
    CertificateName,
    /// cert-manager's label on every secret it has issued; it stays where the annotation was
    /// removed.
    #[strum(serialize = "controller.cert-manager.io/fao")]
    IssuedSecret,

    /// The owner's annotation: the time before expiry at which somebody renews it.
    #[strum(serialize = "notafter.io/renewed-before")]
    RenewedBefore,
    /// The owner's annotation: the time before expiry from which to warn.
    #[strum(serialize = "notafter.io/warn-before")]
    WarnBefore,
    /// The owner's annotation: the owner, for the routing of alerts.
    #[strum(serialize = "notafter.io/owner")]
    Owner,
    /// The owner's annotation: the reason for no alerts.
    #[strum(serialize = "notafter.io/ignore")]
    Ignore,

    /// The tool that deployed an object (kubernetes.io: Recommended Labels).
    #[strum(serialize = "app.kubernetes.io/managed-by")]
    ManagedBy,
    /// Helm: the release that an object belongs to (helm/helm: pkg/action/validate.go).
    #[strum(serialize = "meta.helm.sh/release-name")]
    HelmRelease,
    /// External Secrets Operator's label since its v1 API (external-secrets/external-secrets:
    /// apis/externalsecrets/v1).
    #[strum(serialize = "reconcile.external-secrets.io/managed")]
    ExternalSecret,
    /// External Secrets Operator's older label.
    #[strum(serialize = "reconcile.external-secrets.io/created-by")]
    ExternalSecretCreator,
    /// Strimzi's label (strimzi/strimzi-kafka-operator: operator-common, `Labels.java`).
    #[strum(serialize = "strimzi.io/cluster")]
    StrimziCluster,

    /// Kyverno's label on what it renews (kyverno/kyverno: api/kyverno/constants.go).
    #[strum(serialize = "cert.kyverno.io/managed-by")]
    Kyverno,
    /// KubeVirt: the configured lifetime, as Go writes a duration (kubevirt/kubevirt:
    /// pkg/virt-operator/resource/generate/components/secrets.go).
    #[strum(serialize = "kubevirt.io/duration")]
    KubeVirtDuration,
    /// KubeVirt's Containerized Data Importer: the configured lifetime, in JSON
    /// (kubevirt/containerized-data-importer: pkg/operator/resources/cert/factory.go).
    #[strum(serialize = "operator.cdi.kubevirt.io/certConfig")]
    CdiDuration,
    /// HyperShift, on what its control-plane-operator signs (openshift/hypershift:
    /// support/certs/tls.go, `CAHashAnnotation`).
    #[strum(serialize = "hypershiftlite.openshift.io/ca-hash")]
    HyperShiftCaHash,
    /// The label on a sealing key (bitnami-labs/sealed-secrets: pkg/controller/keys.go).
    #[strum(serialize = "sealedsecrets.bitnami.com/sealed-secrets-key")]
    SealingKey,
    /// dynamiclistener, on the certificates that it renews (rancher/dynamiclistener:
    /// factory/gen.go).
    #[strum(serialize = "listener.cattle.io/fingerprint")]
    Listener,
    /// dynamiclistener, on a certificate that it must not renew.
    #[strum(serialize = "listener.cattle.io/static")]
    StaticListener,
    /// The mark of a library for webhooks (qinqon/kube-admission-webhook: pkg/certificate).
    #[strum(serialize = "kubevirt.io/kube-admission-webhook")]
    AdmissionWebhook,
    /// Linkerd's chart or command (linkerd/linkerd2: charts/linkerd-control-plane).
    #[strum(serialize = "linkerd.io/created-by")]
    Linkerd,
    /// Cilium's chart, on what it generates itself (cilium/charts: since 1.19).
    #[strum(serialize = "cilium.io/helm-template-non-idempotent")]
    CiliumHelm,
    /// vCluster, on what it syncs out of a virtual cluster (loft-sh/vcluster:
    /// pkg/util/translate/types.go).
    #[strum(serialize = "vcluster.loft.sh/managed-by")]
    VirtualCluster,

    /// Reflector, on a copy: its original as `namespace/name` (emberstack/kubernetes-reflector:
    /// README.md).
    #[strum(serialize = "reflector.v1.k8s.emberstack.com/reflects")]
    Reflects,
    /// Replicator, on a copy: its original as `namespace/name` (mittwald/kubernetes-replicator:
    /// README.md).
    #[strum(serialize = "replicator.v1.mittwald.de/replicate-from")]
    Replicates,
    /// Config Syncer, on a copy: the namespace of its original (config-syncer/config-syncer:
    /// pkg/syncer/syncer.go).
    #[strum(serialize = "kubed.appscode.com/origin.namespace")]
    SyncedFromNamespace,
    /// Config Syncer, on a copy: the name of its original.
    #[strum(serialize = "kubed.appscode.com/origin.name")]
    SyncedFromName,
    /// Cilium, on a copy for its proxies: the namespace of its original (cilium/cilium:
    /// operator/pkg/secretsync).
    #[strum(serialize = "secretsync.cilium.io/owning-secret-namespace")]
    CiliumSyncedFromNamespace,
    /// Cilium, on a copy for its proxies: the name of its original.
    #[strum(serialize = "secretsync.cilium.io/owning-secret-name")]
    CiliumSyncedFromName,
}

/// The marks of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(Box<[(Mark, Box<str>)]>);

// === impl Mark ===

impl Mark {
    /// The mark of a label or annotation with that key, if it is one.
    pub fn of_key(key: &str) -> Option<Self> {
        key.parse().ok()
    }

    /// The key of the label or annotation.
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// The older mark that counts where this one is absent.
    fn older(self) -> Option<Self> {
        match self {
            Self::ServiceName => Some(Self::ServiceNameAlpha),
            Self::ServiceUid => Some(Self::ServiceUidAlpha),
            Self::ServingSecret => Some(Self::ServingSecretAlpha),
            Self::SignedBy => Some(Self::SignedByAlpha),
            Self::Errors => Some(Self::ErrorsAlpha),
            _ => None,
        }
    }
}

// === impl Marks ===

impl Marks {
    /// Returns whether a mark is there, whatever its value.
    pub fn has(&self, mark: Mark) -> bool {
        self.0.iter().any(|(of, _)| *of == mark)
    }

    /// Every mark with its value.
    pub fn all(&self) -> impl Iterator<Item = (Mark, &str)> {
        self.0.iter().map(|(mark, value)| (*mark, &**value))
    }

    /// The value of a mark, or of its older key; nothing if it is absent or empty.
    pub fn get(&self, mark: Mark) -> Option<&str> {
        let value = |mark| {
            let mut present = self.0.iter().filter(|(_, value)| !value.is_empty());
            present
                .find(|(of, _)| *of == mark)
                .map(|(_, value)| &**value)
        };
        value(mark).or_else(|| value(mark.older()?))
    }
}

/// Values are bounded: the API server does not check what tenants write there.
impl FromIterator<(Mark, String)> for Marks {
    fn from_iter<I: IntoIterator<Item = (Mark, String)>>(marks: I) -> Self {
        let bounded = |(mark, value)| (mark, bounded(value).into());
        Self(marks.into_iter().map(bounded).collect())
    }
}
