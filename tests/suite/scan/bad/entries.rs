//! Entries of a directory, pipes, devices and kubeconfigs that cannot be read as they are.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter_simulator::kubeconfig;
use serde_json::{Value, json};

use super::{assert_scan, run, well};
use crate::offline::{Files, yaml};
use crate::running::{notafter, stderr};
use crate::world::certificate;

/// The command without the capability of root to read everything.
fn without_rights(path: &Path) -> Command {
    let program = notafter(&["scan", "--output", "json"]);
    if fs::metadata(path).unwrap().uid() != 0 {
        return program;
    }
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set=-all", "--inh-caps=-all", "--"]);
    command.arg(program.get_program()).args(program.get_args());
    command
}

#[test]
fn entries_that_cannot_be_read_are_problems_and_their_neighbours_are_shown() {
    let files = Files::new();
    let well = yaml(&well());
    files.write("all/well.yaml", &well);
    files.write("all/denied/other.yaml", &well);
    files.write("all/secret.yaml", &well);
    symlink("loop", files.path("all/loop")).unwrap();
    symlink("/dev/zero", files.path("all/zero")).unwrap();
    let pipe = files.path("all/pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for name in ["all/denied", "all/secret.yaml"] {
        fs::set_permissions(files.path(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let output = run(without_rights(&files.path("all")), &files.path("all"));
    fs::set_permissions(files.path("all/denied"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(
        (stderr(&output), output.status.code()),
        (String::new(), Some(3))
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut found: Vec<(&str, &str)> = Vec::new();
    for problem in report["problems"].as_array().unwrap() {
        let source = problem["source"].as_str().unwrap();
        found.push((
            source.rsplit('/').next().unwrap(),
            problem["reason"].as_str().unwrap(),
        ));
    }
    found.sort_unstable();
    let expected = [
        ("denied", "unreadable"),
        ("loop", "symlink_loop"),
        ("pipe", "pipe"),
        ("secret.yaml", "unreadable"),
        ("zero", "device"),
    ];
    assert_eq!(found, expected);
    assert_eq!(report["certificates"][0]["name"], "well");
    assert_eq!(report["complete"], false);
    assert_scan(Path::new("/dev/zero"), &[("device", None)], &[], &[]);
    assert_scan(&files.path("absent"), &[("unreadable", None)], &[], &[]);
}

#[test]
fn a_pipe_and_standard_input_are_read_if_they_are_named() {
    let files = Files::new();
    let pipe = files.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, yaml(&well())).unwrap()
    });
    let output = run(notafter(&["scan", "--output", "csv"]), &pipe);
    writer.join().unwrap();
    assert_eq!(
        (stderr(&output), output.status.code()),
        (String::new(), Some(0))
    );
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains(",shop,well,")
    );
    let mut command = notafter(&["scan"]);
    command.stdin(Stdio::null());
    let output = run(command, Path::new("-"));
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, "Nothing could be read: -: the file is empty\n");
}

#[test]
fn a_context_that_the_kubeconfig_does_not_have_is_a_problem_unless_the_kubeconfig_is_the_input() {
    let files = Files::new();
    let pair = certificate("admin", 300);
    let mut config: Value =
        serde_saphyr::from_str(&kubeconfig("127.0.0.1:1".parse().unwrap(), None)).unwrap();
    config["current-context"] = "elsewhere".into();
    config["users"][0]["user"] = json!({
        "client-certificate-data": STANDARD.encode(&pair.certificate),
        "client-key-data": STANDARD.encode(&pair.key),
    });
    let path = files.write("kubeconfig", yaml(&config));
    for arguments in [&[][..], &["--context", "nowhere"]] {
        let mut command = notafter(&["scan", "--output", "json", "--kubeconfig"]);
        let output = command.arg(&path).args(arguments).output().unwrap();
        assert_eq!(
            (stderr(&output), output.status.code()),
            (String::new(), Some(3))
        );
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let [problem] = &report["problems"].as_array().unwrap()[..] else {
            panic!("{report}");
        };
        let message = problem["message"].as_str().unwrap();
        let context = arguments.last().unwrap_or(&"elsewhere");
        assert!(message.contains(context), "{message}");
        assert_eq!(problem["reason"], "unreachable");
    }
    let name = path.display().to_string();
    assert_scan(&path, &[], &[&name], &[&pair]);
}
