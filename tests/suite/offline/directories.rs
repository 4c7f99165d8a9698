//! Directories, and whatever people have in one.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use notafter::offline::Reason;
use serde_json::json;

use super::{Files, all, names, reasons, web, yaml};
use crate::world::{certificate, tls};

#[test]
fn a_directory_of_files_yields_the_facts_of_one_list() {
    let objects = crate::encodings::objects();
    let files = Files::new();
    for (index, object) in objects.iter().enumerate() {
        files.write(&format!("{}/{index}.yaml", index % 3), yaml(object));
    }
    let inspected = files.read_all();
    assert_eq!(reasons(&inspected), []);
    assert_eq!(all(&inspected.facts), super::dumps::expected(&objects));
}

#[test]
fn files_that_hold_nothing_of_interest_are_passed_over() {
    let files = Files::new();
    files.write("README.md", "# Secrets\n");
    files.write("values.yaml", "replicas: 3\n");
    files.write(
        "package.json",
        "{\"name\": \"web\", \"version\": \"1.0.0\"}",
    );
    files.write("broken.json", "{\"name\": ");
    files.write("key.pem", certificate("web", 30).key);
    files.write("current.log", "");
    files.write("image.png", b"\x89PNG\r\n\x1a\n\0\0");
    files.write(
        "pod.yaml",
        yaml(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}})),
    );
    let inspected = files.read_all();
    assert_eq!(reasons(&inspected), []);
    assert!(inspected.facts.holders.is_empty());
}

#[test]
fn entries_that_cannot_be_read_are_problems() {
    let files = Files::new();
    files.write("web.yaml", yaml(&web()));
    files.write("empty.yaml", "");
    symlink("loop", files.path("loop")).unwrap();
    symlink("nowhere", files.path("dangling")).unwrap();
    fs::create_dir(files.path("inner")).unwrap();
    symlink("..", files.path("inner/above")).unwrap();
    symlink("/dev/null", files.path("device")).unwrap();
    symlink("web.yaml", files.path("again.yaml")).unwrap();
    let made = Command::new("mkfifo")
        .arg(files.path("pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    let _socket = UnixListener::bind(files.path("socket")).unwrap();
    let inspected = files.read_all();
    let mut found: Vec<_> = inspected
        .problems
        .iter()
        .map(|problem| {
            (
                problem.source.file.file_name().unwrap().to_str().unwrap(),
                problem.reason,
            )
        })
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("above", Reason::SymlinkLoop),
            ("dangling", Reason::Unreadable),
            ("device", Reason::Device),
            ("empty.yaml", Reason::Empty),
            ("loop", Reason::SymlinkLoop),
            ("pipe", Reason::Pipe),
            ("socket", Reason::Socket),
        ]
    );
    assert_eq!(names(&inspected), ["shop/web"]);
}

#[test]
fn a_directory_without_rights_is_a_problem_and_its_neighbours_are_read() {
    let files = Files::new();
    files.write(
        "a/api.yaml",
        yaml(&tls("api", "web", &certificate("web", 30))),
    );
    files.write("b/web.yaml", yaml(&web()));
    fs::set_permissions(files.path("a"), fs::Permissions::from_mode(0o0)).unwrap();
    let inspected = files.read_all();
    fs::set_permissions(files.path("a"), fs::Permissions::from_mode(0o755)).unwrap();
    // Root may read everything.
    if !reasons(&inspected).is_empty() {
        assert_eq!(reasons(&inspected), [Reason::Unreadable]);
        assert_eq!(names(&inspected), ["shop/web"]);
    }
}

#[test]
fn a_pipe_is_read_if_it_is_named_and_a_device_is_a_problem() {
    let files = Files::new();
    let pipe = files.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let contents = yaml(&web());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, contents).unwrap()
    });
    let inspected = super::read(&pipe);
    writer.join().unwrap();
    assert_eq!(names(&inspected), ["shop/web"]);
    assert_eq!(
        reasons(&super::read("/dev/zero".as_ref())),
        [Reason::Device]
    );
    assert_eq!(
        reasons(&super::read(&files.path("absent"))),
        [Reason::Unreadable]
    );
}
