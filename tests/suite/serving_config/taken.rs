//! The meaning of every key.

use std::time::Duration;

use http::HeaderValue;
use notafter::serving::{
    ClientCa, ClientCertificates, ClientNames, RateLimit, ServingConfig, TlsVersion,
};

use rustls::{CipherSuite, NamedGroup};

use super::{HASH, config, folder, read, text};

#[test]
fn an_empty_file_is_plain_http_without_authentication() {
    let nothing = [
        "",
        "\n",
        "---\n",
        "# nothing yet\n",
        "{}\n",
        "tls_server_config:\n",
        "tls_server_config: {}\nhttp_server_config: {}\nbasic_auth_users: {}\nrate_limit: {}\n",
        "tls_server_config:\n  cert_file: \"\"\n  key_file:\n  client_allowed_sans:\n  cipher_suites: []\n",
        "http_server_config:\n  http2:\n  headers:\n    X-Frame-Options: \"\"\n",
    ];
    for web in nothing {
        let config = config(web);
        assert!(config == ServingConfig::default(), "{web}");
        assert!(config.is_open(), "{web}");
    }
}

#[test]
fn every_key_is_taken() {
    let config = config(&format!(
        "tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  client_allowed_sans: [prometheus.example, 192.0.2.1]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519MLKEM768, X25519, CurveP384, CurveP256]
http_server_config:
  http2: false
  headers:
    X-XSS-Protection: 0
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    Strict-Transport-Security: max-age=31536000; includeSubDomains
    Content-Security-Policy: default-src 'self'
basic_auth_users:
  alice: {HASH}
  007: '{HASH}'
rate_limit:
  interval: 1m30s
  burst: 20
"
    ));
    let tls = config.tls.as_ref().unwrap();
    assert_eq!(
        (tls.min_version, tls.max_version),
        (Some(TlsVersion::Tls12), Some(TlsVersion::Tls13))
    );
    let suites = [
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    ];
    assert_eq!(tls.cipher_suites.as_deref(), Some(&suites[..]));
    let groups = [
        NamedGroup::X25519MLKEM768,
        NamedGroup::X25519,
        NamedGroup::secp384r1,
        NamedGroup::secp256r1,
    ];
    assert_eq!(tls.key_exchange_groups.as_deref(), Some(&groups[..]));
    assert!(
        matches!(&tls.client_certificates, ClientCertificates::Accepted { ca: ClientCa::Pem(ca), .. } if text(ca).1 == "a CA")
    );
    let names = vec!["prometheus.example".to_owned(), "192.0.2.1".to_owned()];
    assert_eq!(
        config.client_names(),
        Some(&ClientNames::Alternative(names))
    );
    let users: Vec<_> = config
        .auth
        .users
        .iter()
        .map(|(user, hash)| (user.as_str(), hash.as_str()))
        .collect();
    assert_eq!(users, [("007", HASH), ("alice", HASH)]);
    let headers: Vec<_> = config
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    assert_eq!(
        headers,
        [
            (
                "content-security-policy",
                HeaderValue::from_static("default-src 'self'")
            ),
            ("x-frame-options", HeaderValue::from_static("deny")),
            (
                "x-content-type-options",
                HeaderValue::from_static("nosniff")
            ),
            ("x-xss-protection", HeaderValue::from_static("0")),
            (
                "strict-transport-security",
                HeaderValue::from_static("max-age=31536000; includeSubDomains")
            ),
        ]
    );
    let interval = Duration::from_secs(90);
    assert_eq!(
        config.rate_limit,
        Some(RateLimit {
            interval,
            burst: 20
        })
    );
}

#[test]
fn an_interval_is_a_duration_as_go_writes_it() {
    let cases = [
        ("0", None),
        ("0s", None),
        ("1s", Some(Duration::from_secs(1))),
        ("\"250ms\"", Some(Duration::from_millis(250))),
        ("1.5s", Some(Duration::from_millis(1500))),
        (".5s", Some(Duration::from_millis(500))),
        ("1h2m3s", Some(Duration::from_secs(3723))),
        ("7us", Some(Duration::from_micros(7))),
        ("7µs", Some(Duration::from_micros(7))),
        ("9ns", Some(Duration::from_nanos(9))),
    ];
    for (interval, expected) in cases {
        let rate = config(&format!("rate_limit: {{interval: {interval}, burst: 1}}")).rate_limit;
        assert_eq!(
            rate,
            expected.map(|interval| RateLimit { interval, burst: 1 }),
            "{interval}"
        );
    }
    assert_eq!(config("rate_limit: {burst: 5}").rate_limit, None);
}

#[test]
fn token_review_is_a_flag_and_no_field_of_the_file() {
    let folder = folder(b"");
    for tokens in [false, true] {
        let config = read(&folder.path().join("web.yml"), tokens).unwrap();
        assert_eq!(config.auth.token_review, tokens);
    }
}
