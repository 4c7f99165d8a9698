//! The rules of each manager in words: the rows of `docs/rotation.md`, the only place that has them.

use super::Manager;

const PAGE: &str = include_str!("../../docs/rotation.md");

/// The heading of the table of managers, which a test compares with the managers that exist.
const TABLE: &str = "| manager | recognised by | due |";

/// The rules of a manager, in words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The signs by which a secret is recognised as its own.
    pub recognised_by: &'static str,
    /// The time by which it has renewed a certificate.
    pub due: &'static str,
}

// === impl Rules ===

impl Rules {
    /// The rules of a manager.
    pub fn of(manager: Manager) -> Self {
        let (_, rows) = PAGE.split_once(TABLE).unwrap_or_default();
        let row = |line: &'static str| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            let name = cells.next()?.trim_matches('`');
            let [recognised_by, due] = [cells.next()?, cells.next()?];
            (name == manager.as_str()).then_some(Self { recognised_by, due })
        };
        let mut rows = rows
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'));
        rows.find_map(row).unwrap_or_default()
    }
}
