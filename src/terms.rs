//! On what terms notafter is served: TLS, and who may ask.
//!
//! They come from flags or from a web configuration file, and are read again while notafter runs. Here is what was
//! said, with every file that it names, as plain values that can be compared with those of before; what it means for a
//! connection or a request is the server's business.

mod flags;
mod web;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use zeroize::Zeroizing;

pub use self::flags::{ClientCaFlag, Flags, PairFlag};

/// Where terms come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// What was typed.
    Flags(Flags),
    /// A web configuration file.
    Web {
        /// The file.
        file: PathBuf,
        /// Whether bearer tokens are reviewed as well: the file knows nothing of them.
        tokens: bool,
    },
}

/// What was said, with every file that it names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// How connections are secured, if they are.
    pub tls: Option<Tls>,
    /// Who may ask.
    pub access: Access,
    /// What every answer has in its head.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How often anybody at all may ask.
    pub rate: Option<Rate>,
}

/// How connections are secured.
#[derive(Clone, PartialEq, Eq)]
pub struct Tls {
    /// The serving pair.
    pub pair: Pair,
    /// Whose client certificates are believed; without it none is asked for.
    pub client_ca: Option<ClientCa>,
    /// The oldest version that is spoken; the cluster's profile says, if this does not.
    pub oldest: Option<Version>,
    /// The newest version that is spoken, if not the newest there is.
    pub newest: Option<Version>,
    /// The cipher suites of TLS 1.2, by their IANA names; the cluster's profile says, if this does not.
    pub suites: Option<Vec<&'static str>>,
    /// The key exchange groups in their order, by their IANA names, if not the usual ones.
    pub groups: Option<Vec<&'static str>>,
}

/// The serving pair.
#[derive(Clone, PartialEq, Eq)]
pub enum Pair {
    /// Made when it is needed, and known to nobody.
    SelfSigned,
    /// In PEM.
    Pem {
        /// The certificate, with its chain.
        certificate: Text,
        /// Its private key.
        key: Text,
    },
}

/// The CA of client certificates.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientCa {
    /// In PEM.
    Pem(Text),
    /// The one that the cluster names.
    Cluster,
}

/// A text that may hold a key: it is wiped when it is dropped, and cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// Where it is from, for messages: `--tls-key /etc/tls/tls.key`.
    pub from: String,
    /// The text itself.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// Who may ask: who shows what the first two ask for, or who has a token. If nothing is asked for, anybody may.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The client certificates that are needed, if any.
    pub certificate: Option<Names>,
    /// The bcrypt hash of everybody's password, by user; empty if none is needed.
    pub users: BTreeMap<String, String>,
    /// Whether a bearer token is enough whose bearer the cluster allows to get `/metrics`.
    pub tokens: bool,
}

/// Which client certificates of the CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// All of them.
    Any,
    /// Those with one of these common names.
    Common(Vec<String>),
    /// Those with one of these among their alternative names (DNS, IP, e-mail, URI).
    Alternative(Vec<String>),
}

/// How often anybody at all may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The time that gives room for one more request.
    pub interval: Duration,
    /// How many requests may come at once.
    pub burst: u32,
}

/// Terms that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TermsError {
    /// A file that cannot be read.
    #[error("{from}: {error}")]
    Unreadable {
        /// The flag or field that names it, and its path.
        from: String,
        /// Why.
        error: std::io::Error,
    },
    /// A web configuration file that says what cannot be.
    #[error("--web.config.file {}: {why}", .file.display())]
    Web {
        /// The file.
        file: PathBuf,
        /// What is wrong, and with which field; never a value that may be secret.
        why: String,
    },
}

// === impl Source ===

impl Default for Source {
    fn default() -> Self {
        Self::Flags(Flags::default())
    }
}

impl Source {
    /// The terms as they are now.
    ///
    /// # Errors
    /// If a file cannot be read, or a web configuration file is not sound.
    pub fn read(&self) -> Result<Terms, TermsError> {
        match self {
            Self::Flags(flags) => flags.read(),
            Self::Web { file, tokens } => {
                let mut terms = web::read(file)?;
                terms.access.tokens = *tokens;
                Ok(terms)
            }
        }
    }
}

// === impl Tls ===

impl Tls {
    /// Whatever else is usual.
    fn new(pair: Pair, client_ca: Option<ClientCa>) -> Self {
        Self {
            pair,
            client_ca,
            oldest: None,
            newest: None,
            suites: None,
            groups: None,
        }
    }
}

// === impl Text ===

impl Text {
    /// What is in a file that a flag or field names.
    fn read(named_by: &str, path: &Path) -> Result<Self, TermsError> {
        let from = format!("{named_by} {}", path.display());
        match fs::read(path) {
            Ok(bytes) => Ok(Self {
                from,
                bytes: Zeroizing::new(bytes),
            }),
            Err(error) => Err(TermsError::Unreadable { from, error }),
        }
    }
}

// === impl Access ===

impl Access {
    /// Whether nothing is asked of anybody.
    pub fn is_open(&self) -> bool {
        self.certificate.is_none() && self.users.is_empty() && !self.tokens
    }
}
