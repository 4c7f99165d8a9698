//! Every metric family: its name, labels and meaning, and how its samples are made.
//!
//! There are two tables. The samples of `inventory` follow from the inventory alone, and all their
//! values are absolute, so they are rendered once and served until the cluster changes. The samples of
//! `tail` change by themselves and are rendered for every scrape. Documentation, rules and dashboards
//! are tested against both.

mod exposition;
mod family;
mod gzip;
mod inventory;
mod labels;
mod process;
mod samples;
mod tail;

pub use self::exposition::{Exposition, Scrape, accepts};
pub use self::family::{Description, Kind, Stability};
pub use self::process::Process;
pub use self::tail::Tail;

/// Every family, in the order of the exposition.
pub fn families() -> impl Iterator<Item = &'static Description> {
    let of_inventory = inventory::FAMILIES.iter().map(|family| &family.description);
    of_inventory.chain(tail::FAMILIES.iter().map(|family| &family.description))
}
