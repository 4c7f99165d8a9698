//! Checks that the table of modules in `src/lib.rs` matches the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules and crates that a module may use.
#[derive(Debug, Default)]
struct Module {
    modules: BTreeSet<String>,
    crates: BTreeSet<String>,
}

/// The root of the package.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The words of a cell in backticks.
fn quoted(cell: &str) -> BTreeSet<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The table of modules, by module.
fn table() -> BTreeMap<String, Module> {
    let source = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rows = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"));
    let all = rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        let [name, _, modules, crates, _] = cells[..] else {
            panic!("a row has four cells: {row}")
        };
        (
            name.trim().trim_matches('`').to_owned(),
            Module {
                modules: quoted(modules),
                crates: quoted(crates),
            },
        )
    });
    all.collect()
}

/// Every source file except `lib.rs` and `main.rs`, as its module, its path, and its code without
/// comment lines.
fn sources() -> Vec<(String, PathBuf, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let inside = path
                .strip_prefix(root().join("src"))
                .unwrap()
                .with_extension("");
            let module = inside.iter().next().unwrap().to_str().unwrap().to_owned();
            if ["lib", "main"].contains(&module.as_str()) {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            sources.push((module, path, code.collect::<Vec<_>>().join("\n")));
        }
    }
    sources
}

/// The dependencies of the package on any operating system, under their names in source code.
fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("\n[dependencies]\n").unwrap();
    let (dependencies, _) = rest.split_once("\n[dev-dependencies]\n").unwrap();
    let lines = dependencies.lines().filter(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name.replace('-', "_")).collect()
}

/// The first segment of every path in the code, such as `std` of `std::fmt`.
fn paths(code: &str) -> BTreeSet<String> {
    let part_of_a_name = |char: char| char.is_alphanumeric() || char == '_';
    let mut paths = BTreeSet::new();
    for (end, _) in code.match_indices("::") {
        let head = &code[..end];
        let start = head
            .rfind(|char| !part_of_a_name(char))
            .map_or(0, |index| index + 1);
        if !head[..start].ends_with("::") {
            paths.insert(head[start..].to_owned());
        }
    }
    paths
}

#[test]
fn every_module_uses_only_what_the_table_allows() {
    let (table, dependencies) = (table(), dependencies());
    assert_eq!(
        table.keys().cloned().collect::<BTreeSet<_>>(),
        sources().into_iter().map(|(module, ..)| module).collect()
    );
    for (module, path, code) in sources() {
        let allowed = &table[&module];
        for other in table.keys().filter(|other| **other != module) {
            let used = code.contains(&format!("crate::{other}::"))
                || code.contains(&format!("crate::{other};"));
            assert!(
                !used || allowed.modules.contains(other),
                "{} uses module {other}",
                path.display()
            );
        }
        for used in paths(&code).intersection(&dependencies) {
            assert!(
                allowed.crates.contains(used),
                "{} uses crate {used}",
                path.display()
            );
        }
    }
}

#[test]
fn the_table_allows_nothing_unused() {
    for (module, allowed) in table() {
        let code: String = sources()
            .into_iter()
            .filter(|(name, ..)| *name == module)
            .map(|(.., code)| code)
            .collect();
        for other in &allowed.modules {
            assert!(
                code.contains(&format!("crate::{other}")),
                "{module} does not use module {other}"
            );
        }
        for used in &allowed.crates {
            assert!(
                paths(&code).contains(used),
                "{module} does not use crate {used}"
            );
        }
    }
}

#[test]
fn only_modules_that_communicate_are_asynchronous_or_read_a_clock() {
    for (module, path, code) in sources() {
        if !["api", "prometheus", "poll", "server", "command"].contains(&module.as_str()) {
            assert!(
                !code.contains("async "),
                "{} is asynchronous",
                path.display()
            );
        }
        if !["api", "command", "log", "server"].contains(&module.as_str()) {
            let reads = code.contains("SystemTime") || code.contains("Instant");
            assert!(!reads, "{} reads a clock", path.display());
        }
    }
}

#[test]
fn no_dependency_is_unused() {
    let mut used: BTreeSet<String> = sources()
        .iter()
        .flat_map(|(.., code)| paths(code))
        .collect();
    used.extend(paths(
        &fs::read_to_string(root().join("src/main.rs")).unwrap(),
    ));
    let unused: Vec<_> = dependencies()
        .into_iter()
        .filter(|name| !used.contains(name))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}
