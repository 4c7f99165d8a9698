//! Errors for a `tls_server_config` that secures nothing, or less than it seems to.

use super::{folder, read, refused, with_pair};

#[test]
fn half_a_pair_is_refused() {
    for (lines, why) in [
        ("cert_file: server.crt", "needs key_file or key"),
        ("cert: a certificate", "needs key_file or key"),
        ("cert: a certificate\n  key: ''", "needs key_file or key"),
        ("key_file: server.key", "needs cert_file or cert"),
        ("client_auth_type: NoClientCert", "needs cert_file or cert"),
        ("min_version: TLS13", "needs cert_file or cert"),
    ] {
        let web = format!("tls_server_config:\n  {lines}\n");
        refused(&web, &format!("tls_server_config, line 2, column 3: {why}"));
    }
}

#[test]
fn a_text_both_inline_and_in_a_file_is_refused() {
    for (lines, why) in [
        (
            "cert: a",
            "cert_file, line 2, column 14: cannot be combined with tls_server_config.cert",
        ),
        (
            "key: a",
            "key_file, line 3, column 13: cannot be combined with tls_server_config.key",
        ),
        (
            "client_ca: a\nclient_ca_file: ca.crt",
            "client_ca_file, line 5, column 19: cannot be combined with tls_server_config.client_ca",
        ),
    ] {
        refused(&with_pair(lines), &format!("tls_server_config.{why}"));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_its_field() {
    let folder = folder(b"");
    let missing = folder.path().join("missing.yml");
    let why = read(&missing, false).err().unwrap();
    assert_eq!(
        why,
        format!(
            "--web.config.file {}: No such file or directory (os error 2)",
            missing.display()
        )
    );
    refused(
        "tls_server_config: {cert_file: server.crt, key_file: missing.key}",
        "tls_server_config.key_file missing.key: No such file or directory (os error 2)",
    );
    refused(
        &with_pair("client_ca_file: missing.crt\nclient_auth_type: RequireAndVerifyClientCert"),
        "tls_server_config.client_ca_file missing.crt: No such file or directory (os error 2)",
    );
}

#[test]
fn client_authentication_without_effect_is_refused() {
    for (lines, why) in [
        (
            "client_auth_type: Require",
            "client_auth_type, line 4, column 21: must be one of NoClientCert, RequestClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert, \
             RequireAnyClientCert, RequireClientCert",
        ),
        (
            "client_auth_type: RequireAnyClientCert",
            "client_auth_type, line 4, column 21: would accept certificates of any CA; use RequireAndVerifyClientCert",
        ),
        (
            "client_auth_type: RequireClientCert",
            "client_auth_type, line 4, column 21: would accept certificates of any CA; use RequireAndVerifyClientCert",
        ),
        (
            "client_auth_type: RequireAndVerifyClientCert",
            "client_auth_type, line 4, column 21: RequireAndVerifyClientCert needs client_ca_file or client_ca",
        ),
        (
            "client_ca_file: ca.crt",
            "client_auth_type, line 2, column 3: must say what the client CA is for, such as RequireAndVerifyClientCert",
        ),
        (
            "client_ca: a CA\nclient_auth_type: NoClientCert",
            "client_auth_type, line 5, column 21: must say what the client CA is for, such as RequireAndVerifyClientCert",
        ),
        (
            "client_allowed_sans: [one]",
            "client_allowed_sans, line 4, column 24: needs client_auth_type RequireAndVerifyClientCert",
        ),
        (
            "client_allowed_sans: [one]\nclient_ca: a CA\nclient_auth_type: VerifyClientCertIfGiven",
            "client_allowed_sans, line 4, column 24: needs client_auth_type RequireAndVerifyClientCert",
        ),
        (
            "client_allowed_sans: []",
            "client_allowed_sans, line 4, column 24: is empty; without it, every certificate of the client CA is accepted",
        ),
        (
            "client_allowed_sans: one",
            "client_allowed_sans, line 4, column 24: must be a list",
        ),
        (
            "client_allowed_sans: [one, '']\nclient_ca: a CA\nclient_auth_type: RequireAndVerifyClientCert",
            "client_allowed_sans, line 4, column 24: must not have an empty name",
        ),
    ] {
        refused(&with_pair(lines), &format!("tls_server_config.{why}"));
    }
}

#[test]
fn unknown_versions_suites_and_curves_are_refused_with_the_known_ones() {
    let suites = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, \
                  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, \
                  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, TLS_AES_128_GCM_SHA256, \
                  TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256";
    let groups = "CurveP256, CurveP384, X25519, X25519MLKEM768";
    for (lines, why) in [
        (
            "min_version: TLS14",
            "min_version, line 4, column 16: must be one of TLS10, TLS11, TLS12, TLS13".to_owned(),
        ),
        (
            "max_version: 1.2",
            "max_version, line 4, column 16: must be one of TLS12, TLS13".to_owned(),
        ),
        (
            "max_version: TLS11",
            "max_version, line 4, column 16: must be one of TLS12, TLS13".to_owned(),
        ),
        (
            "max_version: TLS12\nmin_version: TLS13",
            "max_version, line 4, column 16: is older than min_version".to_owned(),
        ),
        (
            "cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA]",
            format!("cipher_suites[0], line 4, column 19: must be one of {suites}"),
        ),
        (
            "cipher_suites:\n- TLS_AES_128_GCM_SHA256\n- foo",
            format!("cipher_suites[1], line 6, column 5: must be one of {suites}"),
        ),
        (
            "max_version: TLS12\ncipher_suites: [TLS_AES_128_GCM_SHA256]",
            "cipher_suites, line 2, column 3: has no suite of TLS 1.2, and max_version is TLS12"
                .to_owned(),
        ),
        (
            "curve_preferences: [X25519, CurveP521]",
            format!("curve_preferences[1], line 4, column 31: must be one of {groups}"),
        ),
        (
            "prefer_server_cipher_suites: 1",
            "prefer_server_cipher_suites, line 4, column 32: must be true or false".to_owned(),
        ),
    ] {
        refused(&with_pair(lines), &format!("tls_server_config.{why}"));
    }
}
