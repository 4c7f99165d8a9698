//! The labels and annotations by which managers of certificates mark what is theirs. All others are forgotten.

use crate::certificate::bounded;

/// OLM: the SHA-256 of the CA's PEM, in hexadecimal (operator-framework/operator-lifecycle-manager:
/// pkg/controller/install/certresources.go, `OLMCAHashAnnotationKey`).
pub const OLM_CA_HASH: &str = "olmcahash";

/// service-ca: whose certificate a secret holds (openshift/service-ca-operator: pkg/controller/api/api.go). Every
/// annotation of it exists twice; where both are there, the beta one counts.
pub const SERVICE_NAME: Twice = Twice(
    "service.beta.openshift.io/originating-service-name",
    "service.alpha.openshift.io/originating-service-name",
);
/// service-ca, on a secret: the uid of that Service.
pub const SERVICE_UID: Twice = Twice(
    "service.beta.openshift.io/originating-service-uid",
    "service.alpha.openshift.io/originating-service-uid",
);
/// service-ca, on a Service: the secret that it wants.
pub const SERVING_SECRET: Twice = Twice(
    "service.beta.openshift.io/serving-cert-secret-name",
    "service.alpha.openshift.io/serving-cert-secret-name",
);
/// service-ca, on a Service: the CA that signed its certificate last; absent if none ever did.
pub const SIGNED_BY: Twice = Twice(
    "service.beta.openshift.io/serving-cert-signed-by",
    "service.alpha.openshift.io/serving-cert-signed-by",
);
/// service-ca, on a Service: how often it failed.
pub const ERRORS: Twice = Twice(
    "service.beta.openshift.io/serving-cert-generation-error-num",
    "service.alpha.openshift.io/serving-cert-generation-error-num",
);

/// certrotation: `signer`, `target` or `ca-bundle` (openshift/library-go: pkg/operator/certrotation/label.go).
pub const CERTIFICATE_TYPE: &str = "auth.openshift.io/managed-certificate-type";
/// certrotation: the issuer's common name (openshift/library-go: pkg/operator/certrotation/annotations.go).
pub const CERTIFICATE_ISSUER: &str = "auth.openshift.io/certificate-issuer";
/// certrotation and CSR controllers: when the certificate begins (RFC 3339).
pub const CERTIFICATE_NOT_BEFORE: &str = "auth.openshift.io/certificate-not-before";
/// certrotation and CSR controllers: when the certificate ends (RFC 3339).
pub const CERTIFICATE_NOT_AFTER: &str = "auth.openshift.io/certificate-not-after";
/// certrotation: at which age it is renewed, as Go writes a duration (openshift/api: annotations/annotations.go).
pub const REFRESH_PERIOD: &str = "certificates.openshift.io/refresh-period";
/// Platform components say so where no object owns a secret (openshift/api: annotations/annotations.go).
pub const OWNING_COMPONENT: &str = "openshift.io/owning-component";

/// cert-manager: which Certificate it is of (cert-manager/cert-manager: pkg/apis/certmanager/v1/types.go).
pub const CERTIFICATE_NAME: &str = "cert-manager.io/certificate-name";
/// cert-manager's label on everything it has issued; it stays where the annotation was removed.
pub const ISSUED_SECRET: &str = "controller.cert-manager.io/fao";

/// Whatever deployed an object (kubernetes.io: Recommended Labels).
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Helm: of which release an object is (helm/helm: pkg/action/validate.go).
pub const HELM_RELEASE: &str = "meta.helm.sh/release-name";
/// External Secrets Operator's labels, of two generations (external-secrets/external-secrets:
/// apis/externalsecrets/v1).
pub const EXTERNAL_SECRET: &str = "reconcile.external-secrets.io/managed";
/// The same.
pub const EXTERNAL_SECRET_OF: &str = "reconcile.external-secrets.io/created-by";
/// Strimzi's label (strimzi/strimzi-kafka-operator: operator-common, `Labels.java`).
pub const STRIMZI_CLUSTER: &str = "strimzi.io/cluster";

/// Reflector, on a copy: its original as `namespace/name` (emberstack/kubernetes-reflector: README.md).
pub const REFLECTS: &str = "reflector.v1.k8s.emberstack.com/reflects";
/// Replicator, on a copy: the same (mittwald/kubernetes-replicator: README.md).
pub const REPLICATES: &str = "replicator.v1.mittwald.de/replicate-from";

/// Everything that is kept.
const KEPT: [&str; 26] = [
    OLM_CA_HASH,
    SERVICE_NAME.0,
    SERVICE_NAME.1,
    SERVICE_UID.0,
    SERVICE_UID.1,
    SERVING_SECRET.0,
    SERVING_SECRET.1,
    SIGNED_BY.0,
    SIGNED_BY.1,
    ERRORS.0,
    ERRORS.1,
    CERTIFICATE_TYPE,
    CERTIFICATE_ISSUER,
    CERTIFICATE_NOT_BEFORE,
    CERTIFICATE_NOT_AFTER,
    REFRESH_PERIOD,
    OWNING_COMPONENT,
    CERTIFICATE_NAME,
    ISSUED_SECRET,
    MANAGED_BY,
    HELM_RELEASE,
    EXTERNAL_SECRET,
    EXTERNAL_SECRET_OF,
    REFLECTS,
    REPLICATES,
    STRIMZI_CLUSTER,
];

/// An annotation with two names, the beta one first.
#[derive(Clone, Copy)]
pub struct Twice(&'static str, &'static str);

/// The marks of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(Box<[(&'static str, Box<str>)]>);

// === impl Marks ===

impl Marks {
    /// What is kept of some labels and annotations. Nobody checks what a tenant writes there, not even that it is
    /// UTF-8, so it is bounded, and must not cost more than itself.
    pub fn of<'a>(all: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Self {
        let kept = all.filter_map(|(name, value)| {
            let name = KEPT.iter().find(|kept| kept.as_bytes() == name)?;
            let value = bounded(String::from_utf8_lossy(value).into_owned());
            Some((*name, value.into()))
        });
        Self(kept.collect())
    }

    /// What a mark says; nothing if it is absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut marks = self.0.iter().filter(|(_, value)| !value.is_empty());
        marks.find(|(it, _)| *it == name).map(|(_, value)| &**value)
    }

    /// The same for one that may have two names.
    pub fn either(&self, names: Twice) -> Option<&str> {
        self.get(names.0).or_else(|| self.get(names.1))
    }
}
