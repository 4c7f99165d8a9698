//! Every way to break a certificate manager: what notafter sees of it, and how long before the
//! certificate expires.
//!
//! Every case runs until the certificate has really expired without being renewed. The table in
//! docs/rotation.md has to match the results.

use notafter_simulator::managers::{BROKEN, Broken};

use crate::documents::table;
use crate::world::{DAY, THEN};
use crate::years::Years;

const HOUR: i64 = 3600;

/// The first evidence of the failure, and how many seconds before expiry it appears.
///
/// Checks that the certificate is not renewed in the meantime.
async fn lead(broken: &Broken) -> (&'static str, i64) {
    let mut years = Years::from(THEN).await;
    (broken.break_it)(&mut years.managers);
    let (namespace, name) = broken.secret;
    let (evidence, expiry) = loop {
        years.managers.advance(years.managers.now() + HOUR);
        years.look().await;
        let now = years.managers.now();
        let leaf = years.leaf(namespace, name);
        let (expiry, due) = leaf.unwrap_or_else(|| panic!("{}: no certificate", broken.what));
        assert!(now < expiry, "{}: expired without any report", broken.what);
        if let Some(evidence) = years.evidence(namespace, name) {
            break (evidence, expiry);
        }
        if due.is_some_and(|due| due <= now) {
            break ("overdue", expiry);
        }
    };
    let seen = years.managers.now();
    while years.managers.now() < expiry {
        let tomorrow = years.managers.now() + DAY;
        years.managers.advance(tomorrow.min(expiry));
    }
    years.look().await;
    let (current, _) = years.leaf(namespace, name).unwrap();
    assert_eq!(
        current, expiry,
        "{}: the certificate was renewed",
        broken.what
    );
    (evidence, expiry - seen)
}

#[tokio::test(start_paused = true)]
async fn every_broken_manager_is_detected_as_long_before_expiry_as_documented() {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for broken in &BROKEN {
        let (evidence, lead) = lead(broken).await;
        let lead = if lead < 2 * DAY {
            format!("{} h", lead / HOUR)
        } else {
            format!("{} d", lead / DAY)
        };
        rows.push(vec![
            broken.manager.into(),
            broken.what.into(),
            evidence.into(),
            lead,
        ]);
    }
    let printed: Vec<String> = rows
        .iter()
        .map(|row| format!("| {} |", row.join(" | ")))
        .collect();
    let heading = "| manager | what is broken | what is seen | time left |";
    assert_eq!(
        table("docs/rotation.md", heading),
        rows,
        "the table should be\n{}",
        printed.join("\n")
    );
}
