//! TLS as rustls takes it.
//!
//! A configuration is made anew whenever the serving configuration or the TLS settings of the
//! cluster change, and used by the connections that are opened then; those that are open go on as
//! they are, for a minute at the most.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CipherSuite, RootCertStore, ServerConfig, SupportedCipherSuite, SupportedProtocolVersion,
};

use crate::facts::{ClusterTls, TlsProfile};
use crate::serving::{ClientCa, KeyPair, PemText, TlsConfig, TlsVersion};

/// The name of the cluster's client CA in messages, in the place of a flag or field.
const CLUSTER_CLIENT_CA: &str = "the client CA of the cluster";

/// TLS that cannot be served. Each message names the flag or field, and holds its causes: as
/// sources they would be repeated.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// There is no certificate.
    #[error("{0}: there is no certificate in PEM")]
    NoCertificate(String),
    /// The PEM cannot be read. The parser's own message may quote a line.
    #[error("{0}: invalid PEM")]
    InvalidPem(String),
    /// There is no private key that can be used.
    #[error("{0}: there is no private key in PEM, or it is encrypted")]
    NoPrivateKey(String),
    /// The certificate and the key are no pair that can be used.
    #[error("{0}: {1}")]
    KeyPair(String, rustls::Error),
    /// The certificate cannot be generated.
    #[error("--tls-self-signed: {0}")]
    SelfSigned(rcgen::Error),
    /// A certificate of the client CA cannot be used.
    #[error("{0}: {1}")]
    ClientCa(String, rustls::Error),
    /// Clients cannot be verified by the client CA.
    #[error("{0}: {1}")]
    ClientVerifier(String, VerifierBuilderError),
    /// No version or cipher suite is left.
    #[error("the TLS settings leave no version and cipher suite to negotiate: {0}")]
    NothingToNegotiate(rustls::Error),
    /// No key exchange group is left.
    #[error("the TLS settings leave no key exchange group")]
    NoKeyExchangeGroup,
}

/// A serving certificate with its chain, and its key.
type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The TLS of connections. The cluster decides what the configuration leaves open.
pub(super) fn server_config(
    tls: &TlsConfig,
    cluster: &ClusterTls,
) -> Result<ServerConfig, TlsError> {
    let default = TlsProfile::default();
    let profile = cluster.profile.as_deref().unwrap_or(&default);
    let provider = Arc::new(provider(tls, profile)?);
    let verifier = verifier(tls.client_certificates.ca(), cluster, &provider)?;
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(tls, profile))
        .map_err(TlsError::NothingToNegotiate)?
        .with_client_cert_verifier(verifier);
    let (origin, (chain, key)) = match &tls.key_pair {
        KeyPair::SelfSigned => ("--tls-self-signed".to_owned(), self_signed()?),
        KeyPair::Pem { certificate, key } => {
            let origin = format!("{} and {}", certificate.origin, key.origin);
            (origin, read_pair(certificate, key)?)
        }
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(|error| TlsError::KeyPair(origin, error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session would not present its certificate again, although its CA may have been
    // replaced.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn versions(tls: &TlsConfig, profile: &TlsProfile) -> Vec<&'static SupportedProtocolVersion> {
    let oldest = if profile.is_tls13_only {
        TlsVersion::Tls13
    } else {
        TlsVersion::Tls12
    };
    let range = tls.min_version.unwrap_or(oldest)..=tls.max_version.unwrap_or(TlsVersion::Tls13);
    let all = [(TlsVersion::Tls13, &TLS13), (TlsVersion::Tls12, &TLS12)];
    let accepted = all
        .into_iter()
        .filter(|(version, _)| range.contains(version));
    accepted.map(|(_, version)| version).collect()
}

fn provider(tls: &TlsConfig, profile: &TlsProfile) -> Result<CryptoProvider, TlsError> {
    let mut provider = aws_lc_rs::default_provider();
    let is_accepted = |suite: &SupportedCipherSuite| match (&tls.cipher_suites, &profile.ciphers) {
        // Those of TLS 1.3 are all good; Go, and so OpenShift, offers no choice among them.
        _ if suite.tls13().is_some() => true,
        (Some(suites), _) => suites.contains(&suite.suite()),
        (None, Some(names)) => names.iter().any(|name| **name == *openssl(suite.suite())),
        (None, None) => true,
    };
    provider.cipher_suites.retain(is_accepted);
    if let Some(groups) = &tls.key_exchange_groups {
        let known = std::mem::take(&mut provider.kx_groups);
        let find = |group| known.iter().find(|known| known.name() == group).copied();
        provider.kx_groups = groups.iter().filter_map(|group| find(*group)).collect();
    }
    if provider.kx_groups.is_empty() {
        return Err(TlsError::NoKeyExchangeGroup);
    }
    Ok(provider)
}

/// OpenSSL's name of a cipher suite (openssl: doc/man1/openssl-ciphers.pod.in, "TLS v1.2 cipher
/// suites").
fn openssl(suite: CipherSuite) -> String {
    let name = suite.as_str().unwrap_or_default();
    let name = name.trim_start_matches("TLS_").replace("_WITH", "");
    name.replace("AES_", "AES")
        .replace("POLY1305_SHA256", "POLY1305")
        .replace('_', "-")
}

/// The verifier of client certificates. A connection need not present one, since probes have none;
/// whether a request needs one is decided later.
fn verifier(
    ca: Option<&ClientCa>,
    cluster: &ClusterTls,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let (origin, pem) = match (ca, &cluster.client_ca) {
        (Some(ClientCa::Pem(text)), _) => (text.origin.as_str(), text.bytes.as_slice()),
        (Some(ClientCa::Cluster), Some(pem)) => (CLUSTER_CLIENT_CA, pem.as_bytes()),
        // A CA that is not known yet, or does not exist, signs nothing.
        (Some(ClientCa::Cluster), None) | (None, _) => {
            return Ok(WebPkiClientVerifier::no_client_auth());
        }
    };
    let mut roots = RootCertStore::empty();
    for certificate in chain(origin, pem)? {
        let added = roots.add(certificate);
        added.map_err(|error| TlsError::ClientCa(origin.into(), error))?;
    }
    let built = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone())
        .allow_unauthenticated()
        .build();
    built.map_err(|error| TlsError::ClientVerifier(origin.into(), error))
}

/// A generated pair that no client can verify: it protects from eavesdropping only.
fn self_signed() -> Result<Pair, TlsError> {
    let names = ["notafter".into(), "localhost".into()];
    let generated = rcgen::generate_simple_self_signed(names).map_err(TlsError::SelfSigned)?;
    let key = PrivateKeyDer::Pkcs8(generated.signing_key.serialize_der().into());
    Ok((vec![generated.cert.der().clone()], key))
}

fn read_pair(certificate: &PemText, key: &PemText) -> Result<Pair, TlsError> {
    let chain = chain(&certificate.origin, &certificate.bytes)?;
    let read = PrivateKeyDer::from_pem_slice(&key.bytes);
    let key = read.map_err(|_| TlsError::NoPrivateKey(key.origin.clone()))?;
    Ok((chain, key))
}

fn chain(origin: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(chain) if chain.is_empty() => Err(TlsError::NoCertificate(origin.into())),
        Ok(chain) => Ok(chain),
        Err(_) => Err(TlsError::InvalidPem(origin.into())),
    }
}
