//! No message quotes a secret.

use super::{HASH, refusal};

/// Every known way to put a secret where it does not belong; `refusal` looks for it.
#[test]
fn no_message_quotes_a_secret() {
    let key = "-----BEGIN PRIVATE KEY-----";
    for web in [
        "hunter2\n".to_owned(),
        "[hunter2]\n".to_owned(),
        "basic_auth_users: hunter2\n".to_owned(),
        "basic_auth_users: [hunter2]\n".to_owned(),
        "basic_auth_users: {alice: {password: hunter2}}\n".to_owned(),
        "basic_auth_users: {alice: !!int hunter2}\n".to_owned(),
        "basic_auth_users: {alice: !!binary hunter2}\n".to_owned(),
        "basic_auth_users: {alice: *hunter2}\n".to_owned(),
        "basic_auth_users: {alice: 'hunter2}\n".to_owned(),
        "basic_auth_users: {alice: \"\\hunter2\"}\n".to_owned(),
        "basic_auth_users:\n  alice: hunter2\n bob: hunter2\n".to_owned(),
        "basic_auth_users:\n  alice: hunter2: hunter2\n".to_owned(),
        "basic_auth_users:\n  alice: hunter2\n  alice: hunter2\n".to_owned(),
        format!("basic_auth_users: {{{HASH}: alice}}\n"),
        format!("{HASH}: alice\n"),
        format!("tls_server_config: {{'{HASH}': alice}}\n"),
        format!("? [{HASH}]\n: alice\n"),
        format!("? {HASH}\n: alice\n{HASH}: bob\n"),
        format!("tls_server_config:\n  key: |\n  {key}\n  hunter2\n"),
        format!("tls_server_config:\n  key:\n    {key}: hunter2\n"),
        format!("tls_server_config:\n  key: [\"{key}\", hunter2]\n"),
        format!("tls_server_config:\n  cert: a\n  key_file: |\n    {key}\n    hunter2\n"),
        format!("tls_server_config:\n  cert: a\n  key_file: '{key} hunter2'\n"),
        "tls_server_config:\n  client_auth_type: hunter2\n".to_owned(),
        "tls_server_config: {cert: a, key: b, client_auth_type: hunter2}\n".to_owned(),
        "tls_server_config: {cert: a, key: b, min_version: hunter2}\n".to_owned(),
        "tls_server_config: {cert: a, key: b, cipher_suites: [hunter2]}\n".to_owned(),
        "tls_server_config: {cert: a, key: b, curve_preferences: [hunter2]}\n".to_owned(),
        "http_server_config: {http2: hunter2}\n".to_owned(),
        "http_server_config: {headers: {X-Frame-Options: hunter2}}\n".to_owned(),
        "rate_limit: {interval: hunter2, burst: 1}\n".to_owned(),
        "rate_limit: {interval: 1s, burst: hunter2}\n".to_owned(),
    ] {
        refusal(web.as_bytes());
    }
}
