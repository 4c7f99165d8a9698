//! Checks that what contributors read matches the repository.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::documents::{document, table};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The quoted texts and the targets of links in a document that are paths of this repository, and not
/// those of a Kubernetes API.
fn paths(text: &str) -> BTreeSet<String> {
    let blocks = text.split("```").step_by(2).collect::<String>();
    let quoted = blocks.split('`').skip(1).step_by(2);
    let links = blocks.split("](").skip(1);
    let links = links.filter_map(|link| link.split(')').next());
    let words = quoted
        .chain(links)
        .filter_map(|text| text.split([' ', '#']).next());
    let is_path = |word: &&str| {
        let is_file = Path::new(word).extension().is_some_and(|extension| {
            ["md", "rs", "py", "yaml", "toml", "mod"]
                .iter()
                .any(|known| extension == *known)
        });
        (word.contains('/') || is_file)
            && !word.contains(':')
            && !word.contains(".io/")
            && !word.starts_with('/')
    };
    words.filter(is_path).map(str::to_owned).collect()
}

#[test]
fn every_path_that_contributors_are_sent_to_exists() {
    for (name, least) in [
        ("CONTRIBUTING.md", 60),
        ("SECURITY.md", 2),
        ("CODE_OF_CONDUCT.md", 0),
        ("docs/stability.md", 3),
    ] {
        let folder = root().join(name);
        let folder = folder.parent().unwrap();
        let paths = paths(&document(name));
        assert!(paths.len() >= least, "{name}: {paths:?}");
        for path in paths {
            let exists = folder.join(&path).exists() || root().join(&path).exists();
            assert!(exists, "{name} names {path}");
        }
    }
}

#[test]
fn the_checks_have_the_same_names_in_ci_in_the_justfile_and_for_contributors() {
    let listed = Command::new(root().join(".ci/run"))
        .arg("--list")
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let checks: Vec<&str> = listed.lines().collect();
    assert!(checks.contains(&"unit"));

    let justfile = document("justfile");
    let mut recipes = Vec::new();
    for (recipe, command) in justfile.lines().zip(justfile.lines().skip(1)) {
        if let Some(recipe) = recipe.strip_suffix(':') {
            recipes.push((recipe, command.trim()));
        }
    }
    let commands = checks
        .iter()
        .map(|check| (*check, format!(".ci/run {check}")));
    let commands: Vec<_> = commands.collect();
    let of_checks = commands
        .iter()
        .map(|(check, command)| (*check, command.as_str()));
    let others = [("default", "@just --list"), ("ci", ".ci/run")];
    assert_eq!(
        recipes,
        others.into_iter().chain(of_checks).collect::<Vec<_>>()
    );

    let explained = table("CONTRIBUTING.md", "| step | needs | checks |");
    let explained: Vec<&str> = explained.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(explained, checks);
}

#[test]
fn an_unknown_check_is_refused_before_any_runs() {
    let refused = Command::new(root().join(".ci/run"))
        .args(["format", "lnt"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(refused.stdout, b"");
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(
        error.contains("lnt is none of: format unit lint"),
        "{error}"
    );
}
