//! The names that Go has for versions, cipher suites and groups, and what they are called elsewhere.
//!
//! The rows are what rustls' provider has (rustls 0.23, `crypto::aws_lc_rs`: `ALL_CIPHER_SUITES`, `ALL_KX_GROUPS`).

use crate::terms::Version;

/// Versions, the older first. The two oldest are never spoken; who allows them has what is newer spoken.
pub(super) const VERSIONS: [(&str, Option<Version>); 4] = [
    ("TLS10", None),
    ("TLS11", None),
    ("TLS12", Some(Version::Tls12)),
    ("TLS13", Some(Version::Tls13)),
];

/// The cipher suites of TLS 1.2; Go's names are IANA's.
pub(super) const SUITES: [&str; 6] = [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/// Those of TLS 1.3: they can be named, but all of them are always there (Go's `tls.Config.CipherSuites`).
pub(super) const SUITES_OF_TLS13: [&str; 3] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
];

/// The key exchange groups, by Go's name and by IANA's. The toolkit knows the last one not yet.
pub(super) const GROUPS: [(&str, &str); 4] = [
    ("CurveP256", "secp256r1"),
    ("CurveP384", "secp384r1"),
    ("X25519", "x25519"),
    ("X25519MLKEM768", "X25519MLKEM768"),
];
