//! What may be said, and what it means.

use std::time::Duration;

use http::HeaderValue;
use notafter::terms::{ClientCa, Names, Rate, Terms, Version};

use super::{HASH, folder, read, terms, text};

#[test]
fn a_file_that_says_nothing_opens_everything_over_plain_http() {
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
        let terms = terms(web);
        assert!(terms == Terms::default(), "{web}");
        assert!(terms.access.is_open(), "{web}");
    }
}

#[test]
fn every_key_is_taken() {
    let terms = terms(&format!(
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
    let tls = terms.tls.as_ref().unwrap();
    assert_eq!(
        (tls.oldest, tls.newest),
        (Some(Version::Tls12), Some(Version::Tls13))
    );
    let suites = [
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    ];
    assert_eq!(tls.suites.as_deref(), Some(&suites[..]));
    let groups = ["X25519MLKEM768", "x25519", "secp384r1", "secp256r1"];
    assert_eq!(tls.groups.as_deref(), Some(&groups[..]));
    assert!(matches!(&tls.client_ca, Some(ClientCa::Pem(ca)) if text(ca).1 == "a CA"));
    let names = vec!["prometheus.example".to_owned(), "192.0.2.1".to_owned()];
    assert_eq!(terms.access.certificate, Some(Names::Alternative(names)));
    let users: Vec<_> = terms
        .access
        .users
        .iter()
        .map(|(user, hash)| (user.as_str(), hash.as_str()))
        .collect();
    assert_eq!(users, [("007", HASH), ("alice", HASH)]);
    let headers: Vec<_> = terms
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
        terms.rate,
        Some(Rate {
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
        let rate = terms(&format!("rate_limit: {{interval: {interval}, burst: 1}}")).rate;
        assert_eq!(
            rate,
            expected.map(|interval| Rate { interval, burst: 1 }),
            "{interval}"
        );
    }
    assert_eq!(terms("rate_limit: {burst: 5}").rate, None);
}

#[test]
fn tokens_are_no_business_of_the_file() {
    let folder = folder(b"");
    for tokens in [false, true] {
        let terms = read(&folder.path().join("web.yml"), tokens).unwrap();
        assert_eq!(terms.access.tokens, tokens);
    }
}
