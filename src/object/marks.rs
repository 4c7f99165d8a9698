//! The labels and annotations by which certificate managers mark their objects. No others are kept.

use strum::EnumString;

use crate::certificate::bounded;

/// A label or annotation of a certificate manager, with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString)]
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

    /// Reflector, on a copy: its original as `namespace/name` (emberstack/kubernetes-reflector:
    /// README.md).
    #[strum(serialize = "reflector.v1.k8s.emberstack.com/reflects")]
    Reflects,
    /// Replicator, on a copy: its original as `namespace/name` (mittwald/kubernetes-replicator:
    /// README.md).
    #[strum(serialize = "replicator.v1.mittwald.de/replicate-from")]
    Replicates,
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
