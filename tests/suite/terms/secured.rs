//! What `tls_server_config` means.

use notafter::terms::{ClientCa, Names, Pair, Tls, Version};

use super::{PAIR, folder, read, terms, text, tls, with_pair};

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
        let Some(Tls {
            pair: Pair::Pem { certificate, key },
            client_ca,
            ..
        }) = terms(&web).tls
        else {
            panic!("no pair: {web}");
        };
        assert_eq!(text(&certificate).1, expected_certificate, "{web}");
        assert_eq!(text(&key).1, expected_key, "{web}");
        assert!(client_ca.is_none(), "{web}");
    }
}

#[test]
fn a_text_knows_which_field_it_is_from() {
    let folder =
        folder(with_pair("client_ca: a CA\nclient_auth_type: VerifyClientCertIfGiven").as_bytes());
    let tls = read(&folder.path().join("web.yml"), false)
        .unwrap()
        .tls
        .unwrap();
    let Pair::Pem { key, .. } = &tls.pair else {
        panic!("no pair")
    };
    let file = folder.path().join("server.key");
    let from = format!("tls_server_config.key_file {}", file.display());
    assert_eq!(text(key).0, from);
    assert!(
        matches!(&tls.client_ca, Some(ClientCa::Pem(ca)) if text(ca).0 == "tls_server_config.client_ca")
    );
}

#[test]
fn only_a_certificate_that_is_required_and_verified_opens() {
    let ca = "client_ca_file: ca.crt\nclient_auth_type: ";
    let sans = "\nclient_allowed_sans: [one]";
    let one = Names::Alternative(vec!["one".to_owned()]);
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
            Some(Names::Any),
        ),
        (
            format!("{ca}RequireAndVerifyClientCert{sans}"),
            true,
            Some(one),
        ),
    ];
    for (lines, verified, certificate) in cases {
        let terms = terms(&with_pair(&lines));
        assert_eq!(terms.tls.unwrap().client_ca.is_some(), verified, "{lines}");
        assert_eq!(terms.access.certificate, certificate, "{lines}");
    }
}

#[test]
fn the_cluster_says_what_the_file_does_not() {
    let tls = tls("curve_preferences: []\ncipher_suites:\nclient_auth_type: NoClientCert");
    assert_eq!((tls.oldest, tls.newest), (None, None));
    assert_eq!((tls.suites, tls.groups), (None, None));
}

#[test]
fn versions_that_are_too_old_to_be_spoken_may_be_allowed() {
    for (min, oldest) in [
        ("TLS10", Version::Tls12),
        ("TLS11", Version::Tls12),
        ("TLS12", Version::Tls12),
        ("TLS13", Version::Tls13),
    ] {
        assert_eq!(tls(&format!("min_version: {min}")).oldest, Some(oldest));
    }
    for (max, newest) in [("TLS12", Version::Tls12), ("TLS13", Version::Tls13)] {
        assert_eq!(tls(&format!("max_version: {max}")).newest, Some(newest));
    }
}

#[test]
fn the_suites_of_tls_1_3_can_be_named_but_not_left_out() {
    let mixed =
        tls("cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256]");
    assert_eq!(
        mixed.suites,
        Some(vec!["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"])
    );
    assert_eq!(mixed.oldest, None);
    let alone = tls("cipher_suites: [TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256]");
    assert_eq!(alone.suites, Some(Vec::new()));
    assert_eq!(alone.oldest, Some(Version::Tls13));
}
