//! The program as a plugin of kubectl and oc, its completions, and its manual pages.

use std::os::unix::fs::symlink;
use std::process::{Command, Output};

use crate::running::run;

/// Runs the program under another name.
fn under(name: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    symlink(env!("CARGO_BIN_EXE_notafter"), &path).unwrap();
    Command::new(path).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn help_shows_the_name_under_which_it_is_installed() {
    for (name, shown) in [
        ("notafter", "Usage: notafter scan "),
        ("kubectl-notafter", "Usage: kubectl notafter scan "),
        ("oc-notafter", "Usage: oc notafter scan "),
    ] {
        let help = text(&under(name, &["scan", "--help"]));
        assert!(help.contains(shown), "{name}: {help}");
    }
}

#[test]
fn kubectl_and_oc_complete_commands_flags_and_values() {
    for name in ["kubectl_complete-notafter", "oc_complete-notafter"] {
        for (words, candidate) in [
            (&["sc"][..], "scan\tLook once at clusters or files"),
            (&[""], "explain\t"),
            (
                &["scan", "--all-c"],
                "--all-contexts\tLook at the cluster of every context",
            ),
            (&["scan", "--output", "j"], "junit\tJUnit XML"),
            (&["completions", "z"], "zsh"),
        ] {
            let completed = text(&under(name, words));
            let found = completed.lines().any(|line| line.starts_with(candidate));
            assert!(found, "{words:?}: {completed}");
            assert_eq!(completed.lines().last(), Some(":4"), "{completed}");
        }
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let page = text(&run(&["man"]));
    assert!(page.contains(".TH notafter 1"), "{page}");
    for command in [
        "serve",
        "scan",
        "explain",
        "doctor",
        "rights",
        "completions",
    ] {
        assert!(page.contains(command), "{command}");
        let page = text(&run(&["man", command]));
        assert!(
            page.contains(&format!(".TH notafter-{command} 1")),
            "{page}"
        );
    }
    assert_eq!(run(&["man", "bake"]).status.code(), Some(2));
}
