//! OpenShift's configuration of the API server: its certificates for some host names, and the TLS
//! that all servers of the cluster must accept.

use std::sync::Arc;

use serde::Deserialize;

use super::references::{Reference, add_consumer, use_of_secret};
use super::{ObjectFacts, Resource};
use crate::facts::{Fact, TlsProfile};
use crate::object::Kind;
use crate::wire::{Item, Malformed};

pub(super) static API_SERVERS: Resource = Resource::new(
    Kind::ApiServer,
    ("config.openshift.io", "v1"),
    "apiservers",
    read,
)
.cluster_scoped()
.optional()
.page(20)
.purpose("the certificates of the API server, and the cluster's TLS profile.");

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    serving_certs: ServingCerts,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ServingCerts {
    named_certificates: Vec<NamedCertificate>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct NamedCertificate {
    serving_certificate: Reference,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ProfiledSpec {
    tls_security_profile: Option<Profile>,
}

/// `TLSSecurityProfile` (openshift/api: `config/v1/types_tlssecurityprofile.go`).
#[derive(Deserialize)]
#[serde(tag = "type")]
enum Profile {
    Custom {
        custom: Custom,
    },
    Modern,
    /// Old and Intermediate allow everything that is supported here.
    #[serde(other)]
    Usual,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Custom {
    ciphers: Vec<Box<str>>,
    #[serde(rename = "minTLSVersion")]
    min_version: Box<str>,
}

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    let uses = item.spec().map(|spec: Spec| {
        let named = spec.serving_certs.named_certificates.into_iter();
        let secrets = named.map(|named| named.serving_certificate.name);
        secrets
            .map(|secret| use_of_secret("openshift-config", &secret))
            .collect()
    });
    add_consumer(item, "spec", uses, facts);
    facts.push(Fact::TlsProfile(Arc::new(profile(item))));
    Ok(())
}

/// Returns the TLS profile; the usual one, if it cannot be understood.
fn profile(item: &Item<'_>) -> TlsProfile {
    let spec: ProfiledSpec = item.spec().unwrap_or_default();
    match spec.tls_security_profile {
        Some(Profile::Modern) => TlsProfile {
            is_tls13_only: true,
            ciphers: None,
        },
        Some(Profile::Custom { custom }) => TlsProfile {
            is_tls13_only: *custom.min_version == *"VersionTLS13",
            ciphers: Some(custom.ciphers),
        },
        Some(Profile::Usual) | None => TlsProfile::default(),
    }
}
