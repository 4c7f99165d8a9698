//! `tls_server_config`: TLS of the connections, and the client certificates that are accepted.

use std::mem;
use std::path::Path;

use rustls::{CipherSuite, NamedGroup};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{Location, Spanned};
use zeroize::Zeroizing;

use super::error::Problem;
use crate::serving::{
    ClientCa, ClientCertificates, ClientNames, KeyPair, PemText, TlsConfig, TlsVersion,
};

/// The only type with which a client needs a certificate of the CA.
const REQUIRED: &str = "RequireAndVerifyClientCert";

#[derive(Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TlsServerConfig {
    #[serde(deserialize_with = "text")]
    cert: Option<Spanned<Text>>,
    #[serde(deserialize_with = "text")]
    cert_file: Option<Spanned<Text>>,
    #[serde(deserialize_with = "text")]
    key: Option<Spanned<Text>>,
    #[serde(deserialize_with = "text")]
    key_file: Option<Spanned<Text>>,
    #[serde(deserialize_with = "text")]
    client_ca: Option<Spanned<Text>>,
    #[serde(deserialize_with = "text")]
    client_ca_file: Option<Spanned<Text>>,
    client_auth_type: Option<Spanned<ClientAuthType>>,
    client_allowed_sans: Option<Spanned<Vec<String>>>,
    min_version: Option<MinVersion>,
    max_version: Option<Spanned<MaxVersion>>,
    #[serde(deserialize_with = "list")]
    cipher_suites: Vec<Suite>,
    /// Without effect on who can connect; Go has ignored it since 1.17, too.
    #[serde(rename = "prefer_server_cipher_suites")]
    _prefer_server_cipher_suites: Option<bool>,
    #[serde(deserialize_with = "list")]
    curve_preferences: Vec<Curve>,
}

/// A text that may be a private key: it is wiped when it is dropped.
type Text = Zeroizing<String>;

/// Go's `tls.ClientAuthType`. `RequireClientCert` is an old name that the toolkit gave to
/// `RequireAnyClientCert`.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum ClientAuthType {
    #[serde(alias = "")]
    NoClientCert,
    RequestClientCert,
    VerifyClientCertIfGiven,
    RequireAndVerifyClientCert,
    RequireAnyClientCert,
    RequireClientCert,
}

/// The oldest version that a file allows. The two oldest are never served; a file that allows them
/// has newer ones served.
#[derive(Clone, Copy, PartialEq, Deserialize)]
enum MinVersion {
    #[serde(rename = "TLS12", alias = "TLS10", alias = "TLS11")]
    Tls12,
    #[serde(rename = "TLS13")]
    Tls13,
}

/// The newest version that a file allows; with an older one nothing could be served.
#[derive(Clone, Copy, PartialEq, Deserialize)]
enum MaxVersion {
    #[serde(rename = "TLS12")]
    Tls12,
    #[serde(rename = "TLS13")]
    Tls13,
}

/// The cipher suites that rustls' provider has (rustls 0.23, `crypto::aws_lc_rs`:
/// `ALL_CIPHER_SUITES`); Go's names are IANA's.
#[derive(Clone, Copy, PartialEq, Deserialize)]
enum Suite {
    #[serde(rename = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")]
    EcdsaAes128,
    #[serde(rename = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")]
    EcdsaAes256,
    #[serde(rename = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")]
    EcdsaChacha20,
    #[serde(rename = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")]
    RsaAes128,
    #[serde(rename = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")]
    RsaAes256,
    #[serde(rename = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")]
    RsaChacha20,
    /// A suite of TLS 1.3: it can be named, but all of them are always there (Go's
    /// `tls.Config.CipherSuites`).
    #[serde(
        rename = "TLS_AES_128_GCM_SHA256",
        alias = "TLS_AES_256_GCM_SHA384",
        alias = "TLS_CHACHA20_POLY1305_SHA256"
    )]
    OfTls13,
}

/// The key exchange groups of the provider (`ALL_KX_GROUPS`), by Go's names. The toolkit does not
/// know the last one yet.
#[derive(Clone, Copy, PartialEq, Deserialize)]
enum Curve {
    CurveP256,
    CurveP384,
    X25519,
    X25519MLKEM768,
}

// === impl TlsServerConfig ===

impl TlsServerConfig {
    /// The configuration at a place; none if no field is set.
    pub(super) fn tls_config(
        self,
        at: Location,
        folder: &Path,
    ) -> Result<Option<TlsConfig>, Problem> {
        if self == Self::default() {
            return Ok(None);
        }
        let certificate = pem(("cert", self.cert), ("cert_file", self.cert_file), folder)?;
        let key = pem(("key", self.key), ("key_file", self.key_file), folder)?;
        let key_pair = match (certificate, key) {
            (Some(certificate), Some(key)) => KeyPair::Pem { certificate, key },
            (None, _) => return Err(invalid("", at, "needs cert_file or cert")),
            (_, None) => return Err(invalid("", at, "needs key_file or key")),
        };
        let inline = ("client_ca", self.client_ca);
        let ca = pem(inline, ("client_ca_file", self.client_ca_file), folder)?;
        let client_certificates =
            client_certificates(self.client_auth_type, self.client_allowed_sans, ca, at)?;
        let (mut min_version, max_version) = versions(self.min_version, self.max_version)?;
        let chosen = !self.cipher_suites.is_empty();
        let suites = self.cipher_suites.into_iter();
        let suites: Vec<CipherSuite> = suites.filter_map(Suite::of_tls12).collect();
        if chosen && suites.is_empty() {
            // Only suites of TLS 1.3 are named.
            if max_version == Some(TlsVersion::Tls12) {
                let what = "has no suite of TLS 1.2, and max_version is TLS12";
                return Err(invalid("cipher_suites", at, what));
            }
            min_version = Some(TlsVersion::Tls13);
        }
        let curves = self.curve_preferences.into_iter();
        let groups: Vec<NamedGroup> = curves.map(Curve::group).collect();
        Ok(Some(TlsConfig {
            key_pair,
            client_certificates,
            min_version,
            max_version,
            cipher_suites: chosen.then_some(suites),
            key_exchange_groups: Some(groups).filter(|groups| !groups.is_empty()),
        }))
    }
}

/// Reads a text; an empty one is absent.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Spanned<Text>>, D::Error> {
    let text: Option<Spanned<Text>> = Option::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.value.is_empty()))
}

/// Reads a list; an absent one is empty.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A problem of a field of `tls_server_config`, or of the whole if the name is empty.
fn invalid(field: &str, at: Location, what: impl Into<String>) -> Problem {
    let dot = if field.is_empty() { "" } else { "." };
    Problem::invalid(format!("tls_server_config{dot}{field}"), at, what.into())
}

/// A text that is in the file itself, or in one that it names.
fn pem(
    (inline_name, inline): (&str, Option<Spanned<Text>>),
    (file_name, file): (&str, Option<Spanned<Text>>),
    folder: &Path,
) -> Result<Option<PemText>, Problem> {
    match (inline, file) {
        (None, None) => Ok(None),
        (Some(mut text), None) => Ok(Some(PemText {
            origin: format!("tls_server_config.{inline_name}"),
            bytes: Zeroizing::new(mem::take(&mut *text.value).into_bytes()),
        })),
        (None, Some(file)) => {
            let name = &file.value;
            // The name is quoted if there is no such file.
            if name.contains(char::is_control) || name.contains("-----BEGIN") {
                let what = format!("must name a file; a PEM text belongs in {inline_name}");
                return Err(invalid(file_name, file.referenced, what));
            }
            let origin = format!("tls_server_config.{file_name}");
            Ok(Some(PemText::read(&origin, &folder.join(name.as_str()))?))
        }
        (Some(_), Some(file)) => {
            let what = format!("cannot be combined with tls_server_config.{inline_name}");
            Err(invalid(file_name, file.referenced, what))
        }
    }
}

/// The use of client certificates; `at` is the place of the whole.
///
/// Names that lock nobody out are refused. The toolkit takes them: without a certificate it then
/// either looks at no name, or ends the connection in a panic (`VerifyPeerCertificate`, which Go
/// calls also when none is presented).
fn client_certificates(
    auth_type: Option<Spanned<ClientAuthType>>,
    names: Option<Spanned<Vec<String>>>,
    ca: Option<PemText>,
    at: Location,
) -> Result<ClientCertificates, Problem> {
    let (auth_type, at) = auth_type.map_or((ClientAuthType::NoClientCert, at), |auth_type| {
        (auth_type.value, auth_type.referenced)
    });
    let names = client_names(names, auth_type)?;
    let wrong = |what: String| Err(invalid("client_auth_type", at, what));
    match (auth_type, ca.map(ClientCa::Pem)) {
        (ClientAuthType::RequireAnyClientCert | ClientAuthType::RequireClientCert, _) => wrong(
            format!("would accept certificates of any CA; use {REQUIRED}"),
        ),
        (ClientAuthType::NoClientCert, Some(_)) => wrong(format!(
            "must say what the client CA is for, such as {REQUIRED}"
        )),
        (ClientAuthType::RequireAndVerifyClientCert, None) => {
            wrong(format!("{REQUIRED} needs client_ca_file or client_ca"))
        }
        (ClientAuthType::RequireAndVerifyClientCert, Some(ca)) => {
            Ok(ClientCertificates::Accepted { ca, names })
        }
        (ClientAuthType::VerifyClientCertIfGiven, Some(ca)) => Ok(ClientCertificates::Verified(ca)),
        // Without a CA, Go would verify a certificate by the system's CAs; but it would
        // authenticate nobody.
        (ClientAuthType::VerifyClientCertIfGiven | ClientAuthType::NoClientCert, None)
        | (ClientAuthType::RequestClientCert, _) => Ok(ClientCertificates::Ignored),
    }
}

fn client_names(
    names: Option<Spanned<Vec<String>>>,
    auth_type: ClientAuthType,
) -> Result<ClientNames, Problem> {
    let Some(names) = names else {
        return Ok(ClientNames::Any);
    };
    let wrong = |what: String| Err(invalid("client_allowed_sans", names.referenced, what));
    if names.value.is_empty() {
        return wrong(
            "is empty; without it, every certificate of the client CA is accepted".into(),
        );
    }
    if auth_type != ClientAuthType::RequireAndVerifyClientCert {
        return wrong(format!("needs client_auth_type {REQUIRED}"));
    }
    if names.value.iter().any(String::is_empty) {
        return wrong("must not have an empty name".into());
    }
    Ok(ClientNames::Alternative(names.value))
}

fn versions(
    min: Option<MinVersion>,
    max: Option<Spanned<MaxVersion>>,
) -> Result<(Option<TlsVersion>, Option<TlsVersion>), Problem> {
    let oldest = min.map(|min| match min {
        MinVersion::Tls12 => TlsVersion::Tls12,
        MinVersion::Tls13 => TlsVersion::Tls13,
    });
    let newest = max.as_ref().map(|max| match max.value {
        MaxVersion::Tls12 => TlsVersion::Tls12,
        MaxVersion::Tls13 => TlsVersion::Tls13,
    });
    match max {
        Some(max) if newest < oldest => Err(invalid(
            "max_version",
            max.referenced,
            "is older than min_version",
        )),
        _ => Ok((oldest, newest)),
    }
}

// === impl Suite ===

impl Suite {
    fn of_tls12(self) -> Option<CipherSuite> {
        Some(match self {
            Self::EcdsaAes128 => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            Self::EcdsaAes256 => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            Self::EcdsaChacha20 => CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            Self::RsaAes128 => CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            Self::RsaAes256 => CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            Self::RsaChacha20 => CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            Self::OfTls13 => return None,
        })
    }
}

// === impl Curve ===

impl Curve {
    fn group(self) -> NamedGroup {
        match self {
            Self::CurveP256 => NamedGroup::secp256r1,
            Self::CurveP384 => NamedGroup::secp384r1,
            Self::X25519 => NamedGroup::X25519,
            Self::X25519MLKEM768 => NamedGroup::X25519MLKEM768,
        }
    }
}
