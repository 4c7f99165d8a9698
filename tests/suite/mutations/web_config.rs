//! Mutated web configurations: each is used, or refused in one line that shows no secret.

use notafter::serving::ServingArgs;
use notafter_simulator::rng;

use super::mutate;

/// The part of the hash behind its cost.
const HASH: &str = "hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunt";

const FILES: [&str; 4] = [
    "basic_auth_users:\n  prometheus: $2y$10$HASH\n  'other': \"$2b$04$HASH\"\n",
    "http_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: deny\n    Strict-Transport-Security: max-age=1\n    Content-Security-Policy: \"\"\n",
    "rate_limit: {interval: 1m30s, burst: 20}\n",
    "tls_server_config:\n  cert_file: tls.crt\n  key: |\n    HASH\n  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [web]\n  min_version: TLS12\n",
];

#[test]
fn a_mutated_web_configuration_is_used_or_refused_in_one_line_without_secrets() {
    let mut rng = rng();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yaml");
    let args = ServingArgs {
        web_config_file: Some(file.clone()),
        ..ServingArgs::default()
    };
    let mut refused = 0;
    for text in FILES.iter().cycle().take(1_500) {
        let mut text = text.replace("HASH", HASH).into_bytes();
        mutate(&mut rng, &mut text);
        std::fs::write(&file, &text).unwrap();
        let Err(error) = args.read() else {
            continue;
        };
        refused += 1;
        let message = error.to_string();
        assert!(!message.contains(char::is_control), "{message:?}");
        assert!(!message.contains("hunter2hunter2hunter2"), "{message}");
    }
    assert!(refused > 250, "{refused}");
}
