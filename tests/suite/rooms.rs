//! The table of rooms in `src/lib.rs` is what the source does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a room may use: other rooms, and crates.
#[derive(Debug, Default)]
struct Room {
    rooms: BTreeSet<String>,
    crates: BTreeSet<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The words in backticks.
fn quoted(cell: &str) -> BTreeSet<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn table() -> BTreeMap<String, Room> {
    let source = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rows = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"));
    let rooms = rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        let [name, _, rooms, crates, _] = cells[..] else {
            panic!("a row has four cells: {row}")
        };
        (
            name.trim().trim_matches('`').to_owned(),
            Room {
                rooms: quoted(rooms),
                crates: quoted(crates),
            },
        )
    });
    rooms.collect()
}

/// Every source file with its room, but for `lib.rs` and `main.rs`, and its code without comments.
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
            let inside = path
                .strip_prefix(root().join("src"))
                .unwrap()
                .with_extension("");
            let room = inside.iter().next().unwrap().to_str().unwrap().to_owned();
            if ["lib", "main"].contains(&room.as_str()) {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            sources.push((room, path, code.collect::<Vec<_>>().join("\n")));
        }
    }
    sources
}

/// The crates that the package depends on, as the source names them.
fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("\n[dependencies]\n").unwrap();
    let (dependencies, _) = rest.split_once("\n[").unwrap();
    let names = dependencies
        .lines()
        .filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name.replace('-', "_")).collect()
}

/// The first part of every path in the code: `std` of `std::fmt`.
fn paths(code: &str) -> BTreeSet<String> {
    let part_of_a_name = |char: char| char.is_alphanumeric() || char == '_';
    let mut paths = BTreeSet::new();
    for (end, _) in code.match_indices("::") {
        let head = &code[..end];
        let start = head
            .rfind(|char| !part_of_a_name(char))
            .map_or(0, |it| it + 1);
        if !head[..start].ends_with("::") {
            paths.insert(head[start..].to_owned());
        }
    }
    paths
}

#[test]
fn every_room_uses_only_what_the_table_allows() {
    let (table, dependencies) = (table(), dependencies());
    assert_eq!(
        table.keys().cloned().collect::<BTreeSet<_>>(),
        sources().into_iter().map(|it| it.0).collect()
    );
    for (room, path, code) in sources() {
        let allowed = &table[&room];
        for other in table.keys().filter(|other| **other != room) {
            let used = code.contains(&format!("crate::{other}::"))
                || code.contains(&format!("crate::{other};"));
            assert!(
                !used || allowed.rooms.contains(other),
                "{} uses room {other}",
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
fn the_table_allows_nothing_that_is_not_used() {
    for (room, allowed) in table() {
        let code: String = sources()
            .into_iter()
            .filter(|it| it.0 == room)
            .map(|it| it.2)
            .collect();
        for other in &allowed.rooms {
            assert!(
                code.contains(&format!("crate::{other}")),
                "{room} does not use room {other}"
            );
        }
        for used in &allowed.crates {
            assert!(
                paths(&code).contains(used),
                "{room} does not use crate {used}"
            );
        }
    }
}

#[test]
fn only_the_rooms_that_speak_are_asynchronous_or_look_at_a_clock() {
    for (room, path, code) in sources() {
        if !["api", "poll", "server", "command"].contains(&room.as_str()) {
            assert!(
                !code.contains("async "),
                "{} is asynchronous",
                path.display()
            );
        }
        if !["api", "server"].contains(&room.as_str()) {
            let looks = code.contains("SystemTime") || code.contains("Instant");
            assert!(!looks, "{} looks at a clock", path.display());
        }
    }
}

#[test]
fn no_dependency_is_left_over() {
    let mut used: BTreeSet<String> = sources().iter().flat_map(|it| paths(&it.2)).collect();
    used.extend(paths(
        &fs::read_to_string(root().join("src/main.rs")).unwrap(),
    ));
    let left: Vec<_> = dependencies()
        .into_iter()
        .filter(|it| !used.contains(it))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
