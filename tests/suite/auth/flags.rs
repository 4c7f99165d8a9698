//! Flags of TLS and authentication that contradict each other, or cannot be served.

use crate::running::{run, stderr};
use crate::world::certificate;

#[test]
fn contradictory_flags_end_with_2_and_are_named() {
    for (flags, named) in [
        (vec!["--tls-cert", "x"], "--tls-key"),
        (vec!["--tls-key", "x"], "--tls-cert"),
        (
            vec!["--tls-self-signed", "--tls-cert", "x", "--tls-key", "y"],
            "--tls-self-signed",
        ),
        (vec!["--client-ca", "x"], "--tls-cert"),
        (
            vec!["--client-ca-from-cluster", "--client-name", "x"],
            "--tls-cert",
        ),
        (
            vec!["--tls-self-signed", "--client-ca-from-cluster"],
            "--client-name",
        ),
        (
            vec!["--tls-self-signed", "--client-name", "x"],
            "--client-ca",
        ),
        (
            vec![
                "--tls-self-signed",
                "--client-ca",
                "x",
                "--client-ca-from-cluster",
                "--client-name",
                "x",
            ],
            "--client-ca",
        ),
        (
            vec!["--web.config.file", "x", "--tls-self-signed"],
            "--web.config.file",
        ),
    ] {
        let output = run(&[&["serve"], &*flags].concat());
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {said}");
        assert!(said.contains(named), "{flags:?}: {said}");
    }
}

#[test]
fn a_configuration_that_cannot_be_served_ends_with_1_and_one_line_that_names_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| -> String {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (one, other) = (certificate("one", 90), certificate("other", 90));
    let (cert, key) = (put("tls.crt", &one.certificate), put("tls.key", &one.key));
    let other = put("other.key", &other.key);
    let empty = put("empty", "");
    let web = put("web.yml", "basic_auth_users:\n  prometheus: hunter2\n");
    let typo = put("typo.yml", "tls_server_confg: {}\n");
    for (flags, said) in [
        (
            vec!["--tls-cert", "/nowhere", "--tls-key", &key],
            "--tls-cert /nowhere: No such file".to_owned(),
        ),
        (
            vec!["--tls-cert", &cert, "--tls-key", &other],
            format!("--tls-cert {cert} and --tls-key {other}: "),
        ),
        (
            vec!["--tls-cert", &empty, "--tls-key", &key],
            format!("--tls-cert {empty}: there is no certificate in PEM"),
        ),
        (
            vec!["--tls-cert", &cert, "--tls-key", &cert],
            format!("--tls-key {cert}: there is no private key in PEM"),
        ),
        (
            vec!["--tls-self-signed", "--client-ca", &key],
            format!("--client-ca {key}: there is no certificate in PEM"),
        ),
        (
            vec!["--web.config.file", &web],
            format!(
                "--web.config.file {web}: basic_auth_users.prometheus, line 2, column 15: must be a bcrypt hash"
            ),
        ),
        (
            vec!["--web.config.file", &typo],
            format!("--web.config.file {typo}: line 1, column 1: unknown key tls_server_confg"),
        ),
    ] {
        let output = run(&[&["serve", "--listen", "127.0.0.1:0"], &*flags].concat());
        let log = stderr(&output);
        assert_eq!(output.status.code(), Some(1), "{flags:?}: {log}");
        assert_eq!(log.lines().count(), 1, "{flags:?}: {log}");
        assert!(log.contains(&format!("ERROR {said}")), "{flags:?}: {log}");
        assert!(
            !log.contains("hunter2") && !log.contains("PRIVATE"),
            "{log}"
        );
    }
}
