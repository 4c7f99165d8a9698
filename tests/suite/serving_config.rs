//! The web configuration file: its meaning, and the errors for a file that has none.

mod insecure;
mod refused;
mod secrets;
mod secured;
mod taken;

use std::fs;
use std::path::Path;

use notafter::serving::{ClusterAuthArgs, PemText, ServingArgs, ServingConfig, TlsConfig};
use tempfile::TempDir;

/// "hunter2".
const HASH: &str = "$2y$10$UG48uzkZGWNJQHBgeWXq/uHK2XdjF7GD1aRJmQlJ8mv2DiChHxG0q";

/// What must never be in a message: the password, a piece of its hash, and what a key begins with.
const SECRETS: [&str; 3] = ["hunter2", "UG48uzkZ", "PRIVATE"];

const PAIR: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

/// A folder with a web configuration file and what it may name.
fn folder(web: &[u8]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let files = [
        ("server.crt", "a certificate"),
        ("server.key", "a key"),
        ("ca.crt", "a CA"),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    fs::write(folder.path().join("web.yml"), web).unwrap();
    folder
}

fn read(file: &Path, token_review: bool) -> Result<ServingConfig, String> {
    let args = ServingArgs {
        web_config_file: Some(file.to_owned()),
        cluster_auth: ClusterAuthArgs {
            token_review,
            client_ca_from_cluster: false,
        },
        ..ServingArgs::default()
    };
    args.read().map_err(|error| error.to_string())
}

fn config(web: &str) -> ServingConfig {
    match read(&folder(web.as_bytes()).path().join("web.yml"), false) {
        Ok(config) => config,
        Err(error) => panic!("{error}\n{web}"),
    }
}

/// The serving pair and these lines below it.
fn tls(lines: &str) -> TlsConfig {
    config(&with_pair(lines)).tls.unwrap()
}

fn with_pair(lines: &str) -> String {
    let lines = lines.lines().map(|line| format!("  {line}\n"));
    format!("{PAIR}{}", lines.collect::<String>())
}

/// Why a file is refused, without the name of the file, which every message begins with.
fn refusal(web: &[u8]) -> String {
    let folder = folder(web);
    let file = folder.path().join("web.yml");
    let shown = String::from_utf8_lossy(web);
    let Err(why) = read(&file, false) else {
        panic!("this is taken:\n{shown}");
    };
    for secret in SECRETS {
        assert!(!why.contains(secret), "{why}\n{shown}");
    }
    let start = format!("--web.config.file {}: ", file.display());
    let why = why.strip_prefix(&start).unwrap();
    why.replace(&format!("{}/", folder.path().display()), "")
}

#[track_caller]
fn refused(web: &str, why: &str) {
    assert_eq!(refusal(web.as_bytes()), why, "{web}");
}

fn text(text: &PemText) -> (&str, &str) {
    (&text.origin, str::from_utf8(&text.bytes).unwrap())
}
