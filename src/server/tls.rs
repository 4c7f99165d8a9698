//! Terms of TLS as rustls takes them.
//!
//! A configuration is made anew whenever the terms change, and taken by the connections that begin then; those that
//! have begun go on as they are, for a minute at the most.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CipherSuite, NamedGroup, RootCertStore, ServerConfig, SupportedCipherSuite,
    SupportedProtocolVersion,
};

use crate::facts::{ClusterTls, TlsProfile};
use crate::terms::{ClientCa, Pair, Text, Tls, Version};

/// Terms that are sound by themselves, and cannot be served all the same. The message names the flag or field.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(String);

/// A serving pair as it is shown.
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// What a connection is secured by. What the terms leave open is as the cluster has it.
pub(super) fn config(tls: &Tls, cluster: &ClusterTls) -> Result<ServerConfig, TlsError> {
    let usual = TlsProfile::default();
    let profile = cluster.profile.as_deref().unwrap_or(&usual);
    let provider = Arc::new(provider(tls, profile)?);
    let verifier = verifier(tls.client_ca.as_ref(), cluster, &provider)?;
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(tls, profile))
        .map_err(|error| {
            TlsError(format!(
                "these terms of TLS leave nothing to speak: {error}"
            ))
        })?
        .with_client_cert_verifier(verifier);
    let Shown { chain, key } = match &tls.pair {
        Pair::SelfSigned => Shown::own()?,
        Pair::Pem { certificate, key } => Shown::read(certificate, key)?,
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(|error| TlsError(format!("{}: {error}", place(&tls.pair))))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Who resumes a session is not asked for a certificate again, although its CA may have been replaced since then.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn place(pair: &Pair) -> String {
    match pair {
        Pair::SelfSigned => "--tls-self-signed".into(),
        Pair::Pem { certificate, key } => format!("{} and {}", certificate.from, key.from),
    }
}

fn versions(tls: &Tls, profile: &TlsProfile) -> Vec<&'static SupportedProtocolVersion> {
    let oldest = if profile.is_tls13_only {
        Version::Tls13
    } else {
        Version::Tls12
    };
    let spoken = tls.oldest.unwrap_or(oldest)..=tls.newest.unwrap_or(Version::Tls13);
    let all = [(Version::Tls13, &TLS13), (Version::Tls12, &TLS12)];
    let spoken = all
        .into_iter()
        .filter(|(version, _)| spoken.contains(version));
    spoken.map(|(_, version)| version).collect()
}

fn provider(tls: &Tls, profile: &TlsProfile) -> Result<CryptoProvider, TlsError> {
    let mut provider = aws_lc_rs::default_provider();
    let is_chosen = |suite: &SupportedCipherSuite| match (&tls.suites, &profile.ciphers) {
        // Those of TLS 1.3 are all good, and Go and so OpenShift does not let anybody choose among them.
        _ if suite.tls13().is_some() => true,
        (Some(names), _) => names.iter().any(|it| Some(*it) == suite.suite().as_str()),
        (None, Some(names)) => names.iter().any(|it| **it == *openssl(suite.suite())),
        (None, None) => true,
    };
    provider.cipher_suites.retain(is_chosen);
    if let Some(names) = &tls.groups {
        let known = std::mem::take(&mut provider.kx_groups);
        let find = |name: &&str| {
            let mut known = known.iter();
            known.find(|it| group(it.name()) == *name).copied()
        };
        provider.kx_groups = names.iter().filter_map(find).collect();
    }
    if provider.kx_groups.is_empty() {
        return Err(TlsError("no key exchange group is left".into()));
    }
    Ok(provider)
}

/// OpenSSL's name of a cipher suite (openssl: doc/man1/openssl-ciphers.pod.in, "TLS v1.2 cipher suites").
fn openssl(suite: CipherSuite) -> String {
    let name = suite.as_str().unwrap_or_default();
    let name = name.trim_start_matches("TLS_").replace("_WITH", "");
    name.replace("AES_", "AES")
        .replace("POLY1305_SHA256", "POLY1305")
        .replace('_', "-")
}

fn group(group: NamedGroup) -> &'static str {
    match group {
        NamedGroup::secp256r1 => "secp256r1",
        NamedGroup::secp384r1 => "secp384r1",
        NamedGroup::X25519 => "x25519",
        NamedGroup::X25519MLKEM768 => "X25519MLKEM768",
        _ => "",
    }
}

/// A certificate is asked for and need not be shown: probes have none. Which requests need one is decided later.
fn verifier(
    ca: Option<&ClientCa>,
    cluster: &ClusterTls,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let (from, pem) = match (ca, &cluster.client_ca) {
        (Some(ClientCa::Pem(text)), _) => (text.from.as_str(), text.bytes.as_slice()),
        (Some(ClientCa::Cluster), Some(pem)) => ("the cluster's client CA", pem.as_bytes()),
        // What is not known yet, or does not exist, vouches for nobody.
        (Some(ClientCa::Cluster), None) | (None, _) => {
            return Ok(WebPkiClientVerifier::no_client_auth());
        }
    };
    let mut roots = RootCertStore::empty();
    for certificate in chain(from, pem)? {
        let added = roots.add(certificate);
        added.map_err(|error| TlsError(format!("{from}: {error}")))?;
    }
    let built = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone())
        .allow_unauthenticated()
        .build();
    built.map_err(|error| TlsError(format!("{from}: {error}")))
}

fn chain(from: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(chain) if chain.is_empty() => {
            Err(TlsError(format!("{from}: it holds no certificate in PEM")))
        }
        Ok(chain) => Ok(chain),
        // The parser's own message may quote a line.
        Err(_) => Err(TlsError(format!("{from}: it is no sound PEM"))),
    }
}

// === impl Shown ===

impl Shown {
    /// A pair of our own, which nobody can verify: what it protects from is reading along.
    fn own() -> Result<Self, TlsError> {
        let names = ["notafter".into(), "localhost".into()];
        let made = rcgen::generate_simple_self_signed(names)
            .map_err(|error| TlsError(format!("--tls-self-signed: {error}")))?;
        Ok(Self {
            chain: vec![made.cert.der().clone()],
            key: PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into()),
        })
    }

    fn read(certificate: &Text, key: &Text) -> Result<Self, TlsError> {
        Ok(Self {
            chain: chain(&certificate.from, &certificate.bytes)?,
            key: PrivateKeyDer::from_pem_slice(&key.bytes).map_err(|_| {
                TlsError(format!(
                    "{}: it holds no private key in PEM, or an encrypted one",
                    key.from
                ))
            })?,
        })
    }
}
