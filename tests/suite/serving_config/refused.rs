//! Errors for values that cannot be meant.

use super::{HASH, config, refusal, refused};

#[test]
fn an_unknown_key_is_refused_at_every_level() {
    refused(
        "tls_server: {}\n",
        "line 1, column 1: unknown key tls_server; known are basic_auth_users, http_server_config, rate_limit, \
         tls_server_config",
    );
    refused(
        "tls_server_config:\n  cert_filse: server.crt\n",
        "line 2, column 3: unknown key tls_server_config.cert_filse; known are cert, cert_file, cipher_suites, \
         client_allowed_sans, client_auth_type, client_ca, client_ca_file, curve_preferences, key, key_file, \
         max_version, min_version, prefer_server_cipher_suites",
    );
    refused(
        "http_server_config: {http3: true}",
        "line 1, column 22: unknown key http_server_config.http3; known are headers, http2",
    );
    refused(
        "http_server_config:\n  headers:\n    Server: mine\n",
        "line 3, column 5: unknown key http_server_config.headers.Server; known are Content-Security-Policy, \
         Strict-Transport-Security, X-Content-Type-Options, X-Frame-Options, X-XSS-Protection",
    );
    refused(
        "rate_limit:\n  rate: 5\n",
        "line 2, column 3: unknown key rate_limit.rate; known are burst, interval",
    );
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    for (web, why) in [
        ("just text\n", "line 1, column 1: must be keys with values"),
        (
            "tls_server_config: []",
            "tls_server_config, line 1, column 20: must be keys with values",
        ),
        (
            "basic_auth_users: 5",
            "basic_auth_users, line 1, column 19: must be keys with values",
        ),
        (
            "tls_server_config: {cert_file: [a]}",
            "tls_server_config.cert_file, line 1, column 32: must be a single value",
        ),
        (
            "http_server_config:\n  http2: maybe\n",
            "http_server_config.http2, line 2, column 10: must be true or false",
        ),
        (
            "http_server_config: {headers: deny}",
            "http_server_config.headers, line 1, column 31: must be keys with values",
        ),
        (
            "rate_limit: {interval: 1s, burst: many}",
            "rate_limit.burst, line 1, column 35: must be a whole number, 0 or more",
        ),
        (
            "rate_limit: {interval: 1s, burst: -1}",
            "rate_limit.burst, line 1, column 35: must be a whole number, 0 or more",
        ),
        (
            "rate_limit: {burst: 1.5}",
            "rate_limit.burst, line 1, column 21: must be a whole number, 0 or more",
        ),
        (
            "rate_limit: {}\nrate_limit: {}\n",
            "line 2, column 1: the key is already there",
        ),
        (
            "rate_limit: {}\n---\nrate_limit: {}\n",
            "line 3, column 1: must be one document, and here a second one begins",
        ),
        ("rate_limit: {\n", "line 1, column 13: not valid YAML"),
        ("\u{1}", "line 1, column 1: not valid YAML"),
    ] {
        refused(web, why);
    }
    assert_eq!(refusal(b"rate_limit: {} # \xff"), "the file is not UTF-8");
}

#[test]
fn only_hashes_that_can_be_verified_in_time_are_accepted() {
    let rest = &HASH["$2y$10$".len()..];
    for start in ["$2a$04$", "$2b$10$", "$2y$16$"] {
        let hash = format!("{start}{rest}");
        let users = config(&format!("basic_auth_users: {{alice: {hash}}}"))
            .auth
            .users;
        assert_eq!(users["alice"], hash);
    }
    let no_hash = "must be a bcrypt hash ($2a$, $2b$ or $2y$, 60 characters in all; htpasswd -nBC 10 makes one)";
    for wrong in [
        "hunter2".to_owned(),
        "\"\"".to_owned(),
        String::new(),
        "5".to_owned(),
        "$apr1$hunter2$".to_owned(),
        format!("$2x$10${rest}"),
        format!("$2y$03${rest}"),
        format!("$2y$32${rest}"),
        format!("'{HASH}.'"),
        HASH[..59].to_owned(),
        HASH.replace('/', "!"),
    ] {
        let place = "basic_auth_users.alice, line 2, column ";
        let why = refusal(format!("basic_auth_users:\n  alice: {wrong}\n").as_bytes());
        let column = if wrong.is_empty() { "8" } else { "10" };
        assert_eq!(why, format!("{place}{column}: {no_hash}"), "{wrong}");
    }
    refused(
        &format!("basic_auth_users: {{alice: $2y$17${rest}}}"),
        "basic_auth_users.alice, line 1, column 27: a bcrypt hash of a cost above 16 takes too long for a \
         request",
    );
    refused(
        &format!("basic_auth_users: {{'a:b': '{HASH}'}}"),
        "basic_auth_users, line 1, column 27: a user with a colon in the name cannot log in",
    );
}

#[test]
fn header_values_are_restricted_as_by_the_toolkit() {
    let headers = "http_server_config.headers.";
    for (line, why) in [
        (
            "X-Frame-Options: SAMEORIGIN",
            "X-Frame-Options, line 3, column 22: must be one of deny, sameorigin",
        ),
        (
            "X-Content-Type-Options: sniff",
            "X-Content-Type-Options, line 3, column 29: must be nosniff",
        ),
        (
            "Content-Security-Policy: \"a\\nb\"",
            "Content-Security-Policy, line 3, column 30: must be one line of printable ASCII",
        ),
    ] {
        let web = format!("http_server_config:\n  headers:\n    {line}\n");
        refused(&web, &format!("{headers}{why}"));
    }
}

#[test]
fn a_limit_that_denies_every_request_is_refused() {
    let burst = "must be at least 1 with an interval: with 0 no request is ever answered";
    refused(
        "rate_limit: {interval: 1s, burst: 0}",
        &format!("rate_limit.burst, line 1, column 35: {burst}"),
    );
    refused(
        "rate_limit: {interval: 1s}",
        &format!("rate_limit.burst, line 1, column 13: {burst}"),
    );
    for interval in [
        "1",
        "-1s",
        "soon",
        "1 s",
        "1s5",
        "s",
        "1.2.3s",
        "99999999999999999999h",
    ] {
        refused(
            &format!("rate_limit: {{interval: {interval}, burst: 1}}"),
            "rate_limit.interval, line 1, column 24: must be 0 or a time with its unit, such as 500ms, 1s or 1m30s",
        );
    }
}
