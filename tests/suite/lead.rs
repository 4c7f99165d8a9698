//! One test for each way to break a manager: what is seen of it, and how long before the certificate ends.
//!
//! Every case runs on until the certificate has really ended, unrenewed. The table in docs/rotation.md is the one that
//! these cases make.

use notafter_simulator::managers::{BROKEN, Broken};

use crate::documents::table;
use crate::world::{DAY, THEN};
use crate::years::Years;

const HOUR: i64 = 3600;

/// What is seen first, and how many seconds before the end; the rest of the time nobody renews it.
async fn lead(broken: &Broken) -> (&'static str, i64) {
    let mut years = Years::from(THEN).await;
    (broken.break_it)(&mut years.managers);
    let (namespace, name) = broken.secret;
    let (evidence, end) = loop {
        years.managers.advance(years.managers.now() + HOUR);
        years.look().await;
        let now = years.managers.now();
        let (end, due) = years.leaf(namespace, name).unwrap();
        assert!(now < end, "{}: it ends and nothing was said", broken.what);
        if let Some(evidence) = years.evidence(namespace, name) {
            break (evidence, end);
        }
        if due.is_some_and(|due| due <= now) {
            break ("overdue", end);
        }
    };
    let seen = years.managers.now();
    while years.managers.now() < end {
        let tomorrow = years.managers.now() + DAY;
        years.managers.advance(tomorrow.min(end));
    }
    years.look().await;
    let (still, _) = years.leaf(namespace, name).unwrap();
    assert_eq!(still, end, "{}: it was renewed after all", broken.what);
    (evidence, end - seen)
}

#[tokio::test]
async fn every_broken_manager_is_found_as_long_before_the_end_as_the_documentation_says() {
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
    let heading = "| manager | what is broken | what is seen | before the end |";
    assert_eq!(
        table("docs/rotation.md", heading),
        rows,
        "it should be\n{}",
        printed.join("\n")
    );
}
