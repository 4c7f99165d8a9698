//! The API server's own configuration in OpenShift: the certificates that a user gave it for some names, and the TLS
//! that all servers of the cluster are to speak.

use std::sync::Arc;

use serde::Deserialize;

use super::consumer::{Reference, Uses, read};
use super::{Fact, Resource};
use crate::api::body::Form;
use crate::facts::{TlsProfile, Use};

pub(super) static API_SERVERS: Resource = Resource {
    name: "apiservers.config.openshift.io",
    group: "config.openshift.io",
    version: "v1",
    plural: "apiservers",
    purpose: "which certificates the API server was given, and the cluster's TLS profile.",
    fields: None,
    labels: None,
    form: Form::Json,
    page: 20,
    is_namespaced: false,
    is_optional: true,
    decode: |item| Ok(Fact::ApiServer(read::<ApiServer>(item)?, profile(item))),
};

#[derive(Deserialize)]
struct ApiServer {
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    serving_certs: ServingCerts,
}

#[derive(Deserialize)]
struct Profiled {
    spec: ProfiledSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProfiledSpec {
    tls_security_profile: Profile,
}

/// What `TLSSecurityProfile` says (openshift/api: `config/v1/types_tlssecurityprofile.go`).
#[derive(Deserialize)]
#[serde(tag = "type")]
enum Profile {
    Custom {
        custom: Custom,
    },
    Modern,
    /// Old and Intermediate allow all that is spoken here.
    #[serde(other)]
    Usual,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Custom {
    ciphers: Vec<Box<str>>,
    #[serde(rename = "minTLSVersion")]
    oldest: Box<str>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ServingCerts {
    named_certificates: Vec<Named>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Named {
    serving_certificate: Reference,
}

impl Uses for ApiServer {
    const KIND: &'static str = "APIServer";

    fn uses(self, _: &str, _: &str) -> Vec<Use> {
        let named = self.spec.serving_certs.named_certificates.into_iter();
        named
            .map(|it| Use::of_secret("openshift-config", &it.serving_certificate.name))
            .collect()
    }
}

/// A profile that cannot be understood is none: the usual one then.
fn profile(item: &[u8]) -> Arc<TlsProfile> {
    let profile =
        match serde_json::from_slice::<Profiled>(item).map(|it| it.spec.tls_security_profile) {
            Ok(Profile::Modern) => TlsProfile {
                is_tls13_only: true,
                ciphers: None,
            },
            Ok(Profile::Custom { custom }) => TlsProfile {
                is_tls13_only: *custom.oldest == *"VersionTLS13",
                ciphers: Some(custom.ciphers),
            },
            Ok(Profile::Usual) | Err(_) => TlsProfile::default(),
        };
    Arc::new(profile)
}
