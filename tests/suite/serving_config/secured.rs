//! The meaning of `tls_server_config`.

use notafter::serving::{
    ClientCa, ClientCertificates, ClientNames, KeyPair, TlsConfig, TlsVersion,
};

use rustls::CipherSuite;

use super::{PAIR, config, folder, read, text, tls, with_pair};

#[test]
fn the_pair_is_in_files_beside_the_file_or_in_the_file_itself() {
    let absolute = folder(b"");
    let path = absolute.path().display();
    let cases = [
        (PAIR.to_owned(), "a certificate", "a key"),
        (
            format!("tls_server_config: {{cert_file: {path}/ca.crt, key_file: {path}/server.crt}}"),
            "a CA",
            "a certificate",
        ),
        (
            "tls_server_config:\n  cert: |\n    one\n    two\n  key: |\n    three\n".to_owned(),
            "one\ntwo\n",
            "three\n",
        ),
        (
            "tls_server_config: {cert: one, key_file: server.key}".to_owned(),
            "one",
            "a key",
        ),
    ];
    for (web, expected_certificate, expected_key) in cases {
        let Some(TlsConfig {
            key_pair: KeyPair::Pem { certificate, key },
            client_certificates,
            ..
        }) = config(&web).tls
        else {
            panic!("no pair: {web}");
        };
        assert_eq!(text(&certificate).1, expected_certificate, "{web}");
        assert_eq!(text(&key).1, expected_key, "{web}");
        assert!(client_certificates.ca().is_none(), "{web}");
    }
}

#[test]
fn a_pem_text_names_its_field() {
    let folder =
        folder(with_pair("client_ca: a CA\nclient_auth_type: VerifyClientCertIfGiven").as_bytes());
    let tls = read(&folder.path().join("web.yml"), false)
        .unwrap()
        .tls
        .unwrap();
    let KeyPair::Pem { key, .. } = &tls.key_pair else {
        panic!("no pair")
    };
    let file = folder.path().join("server.key");
    let from = format!("tls_server_config.key_file {}", file.display());
    assert_eq!(text(key).0, from);
    assert!(
        matches!(&tls.client_certificates, ClientCertificates::Verified(ClientCa::Pem(ca)) if text(ca).0 == "tls_server_config.client_ca")
    );
}

#[test]
fn only_a_required_and_verified_certificate_authenticates() {
    let ca = "client_ca_file: ca.crt\nclient_auth_type: ";
    let sans = "\nclient_allowed_sans: [one]";
    let one = ClientNames::Alternative(vec!["one".to_owned()]);
    let cases = [
        (String::new(), false, None),
        ("client_auth_type: NoClientCert".to_owned(), false, None),
        (
            "client_auth_type: RequestClientCert".to_owned(),
            false,
            None,
        ),
        (format!("{ca}RequestClientCert"), false, None),
        (
            "client_auth_type: VerifyClientCertIfGiven".to_owned(),
            false,
            None,
        ),
        (format!("{ca}VerifyClientCertIfGiven"), true, None),
        (
            format!("{ca}RequireAndVerifyClientCert"),
            true,
            Some(ClientNames::Any),
        ),
        (
            format!("{ca}RequireAndVerifyClientCert{sans}"),
            true,
            Some(one),
        ),
    ];
    for (lines, verified, certificate) in cases {
        let config = config(&with_pair(&lines));
        let names = config.client_names().cloned();
        assert_eq!(names, certificate, "{lines}");
        let ca = config.tls.unwrap().client_certificates.ca().cloned();
        assert_eq!(ca.is_some(), verified, "{lines}");
    }
}

#[test]
fn the_cluster_decides_what_the_file_leaves_open() {
    let tls = tls("curve_preferences: []\ncipher_suites:\nclient_auth_type: NoClientCert");
    assert_eq!((tls.min_version, tls.max_version), (None, None));
    assert_eq!((tls.cipher_suites, tls.key_exchange_groups), (None, None));
}

#[test]
fn versions_too_old_to_be_served_may_be_allowed() {
    for (min, oldest) in [
        ("TLS10", TlsVersion::Tls12),
        ("TLS11", TlsVersion::Tls12),
        ("TLS12", TlsVersion::Tls12),
        ("TLS13", TlsVersion::Tls13),
    ] {
        assert_eq!(
            tls(&format!("min_version: {min}")).min_version,
            Some(oldest)
        );
    }
    for (max, newest) in [("TLS12", TlsVersion::Tls12), ("TLS13", TlsVersion::Tls13)] {
        assert_eq!(
            tls(&format!("max_version: {max}")).max_version,
            Some(newest)
        );
    }
}

#[test]
fn the_suites_of_tls_1_3_can_be_named_but_not_left_out() {
    let mixed =
        tls("cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256]");
    assert_eq!(
        mixed.cipher_suites,
        Some(vec![
            CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
        ])
    );
    assert_eq!(mixed.min_version, None);
    let alone = tls("cipher_suites: [TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256]");
    assert_eq!(alone.cipher_suites, Some(Vec::new()));
    assert_eq!(alone.min_version, Some(TlsVersion::Tls13));
}
