//! Checks that the documentation matches the code.

use std::collections::BTreeSet;
use std::path::Path;

use clap::CommandFactory;
use notafter::cli::Cli;
use notafter::denial::DenialReason;
use notafter::health::State;
use notafter::metrics::{Kind, families};
use notafter::rotation::{Evidence, Manager, Selector};
use notafter::snapshot::Role;
use notafter_simulator::Cluster;
use notafter_simulator::certificate::der;
use serde_json::Value;
use strum::VariantArray;

use crate::world::{World, operator, secret};

pub(crate) fn document(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The cells of the table with this heading in a document, row by row, without backticks.
pub(crate) fn table(path: &str, heading: &str) -> Vec<Vec<String>> {
    let text = document(path);
    let (_, table) = text
        .split_once(&format!("{heading}\n"))
        .expect("the document has a table with this heading");
    let rows = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('|'));
    let cells = |row: &str| -> Vec<String> {
        row.trim_matches('|')
            .split(" | ")
            .map(|cell| cell.trim().replace('`', ""))
            .collect()
    };
    rows.map(cells).collect()
}

#[test]
fn the_table_of_metrics_matches_the_code() {
    const IDENTITY: [&str; 5] = ["kind", "cert_namespace", "name", "key", "position"];
    let rows = families().map(|family| {
        let labels = family.labels().join(", ");
        let labels = labels.replace(&IDENTITY.join(", "), "identity");
        let (kind, total) = match family.kind {
            Kind::Counter => ("counter", "_total"),
            Kind::Gauge => ("gauge", ""),
        };
        let name = format!("{}{total}", family.name);
        let stability = family.stability.as_str().to_owned();
        vec![
            name,
            kind.to_owned(),
            stability,
            labels,
            family.help.to_owned(),
        ]
    });
    let documented = table(
        "docs/metrics.md",
        "| metric | type | stability | labels | meaning |",
    );
    assert_eq!(documented, rows.collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn every_metric_that_is_exposed_has_a_stability_that_is_explained() {
    let mut world = World::of(Cluster::with_olm());
    let exposed = world.poll().await.families;
    let documented = table(
        "docs/metrics.md",
        "| metric | type | stability | labels | meaning |",
    );
    let explained = table("docs/stability.md", "| stability | promise |");
    let explained: BTreeSet<String> = explained.into_iter().map(|row| row[0].clone()).collect();
    assert!(exposed.len() > 20);
    for family in exposed {
        let name = family.name;
        let row = documented
            .iter()
            .find(|row| row[0] == name || row[0] == format!("{name}_total"));
        let stability = &row.unwrap_or_else(|| panic!("{name} is not documented"))[2];
        assert!(explained.contains(stability), "{name} is {stability}");
    }
}

#[test]
fn the_table_of_roles_lists_every_role() {
    let documented = table("docs/alerts.md", "| role | certificate | counts |");
    let documented = documented.into_iter().map(|row| row[0].clone());
    let roles = Role::VARIANTS.iter().map(|role| role.as_str().to_owned());
    assert_eq!(documented.collect::<Vec<_>>(), roles.collect::<Vec<_>>());
    let metrics = document("docs/metrics.md");
    let missing = |role: &&Role| !metrics.contains(&format!("`{}`", role.as_str()));
    assert_eq!(Role::VARIANTS.iter().find(missing), None);
}

#[test]
fn the_table_of_flags_matches_the_help() {
    let command = Cli::command();
    let serve = command.find_subcommand("serve").unwrap();
    let flags = serve
        .get_arguments()
        .filter(|flag| flag.get_id() != "help")
        .map(|flag| {
            let default = flag
                .get_default_values()
                .first()
                .map_or("", |value| value.to_str().unwrap());
            let help = flag.get_help().unwrap().to_string().replace('`', "");
            vec![
                format!("--{}", flag.get_long().unwrap()),
                default.to_owned(),
                help,
            ]
        });
    assert_eq!(
        table("docs/flags.md", "| flag | default | meaning |"),
        flags.collect::<Vec<_>>()
    );
}

#[tokio::test(start_paused = true)]
async fn the_table_of_reasons_lists_every_reason() {
    let cluster = Cluster::with_olm();
    let malformed = der::pem("CERTIFICATE", b"no certificate");
    let many = malformed.repeat(501);
    for (name, text) in [
        ("none", "words"),
        ("unterminated", "-----BEGIN CERTIFICATE-----\n"),
        (
            "bad",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        ),
        ("malformed", malformed.as_str()),
        ("many", many.as_str()),
    ] {
        cluster.apply(secret("shop", name, &[("tls.crt", text.as_bytes())]));
    }
    cluster.apply(operator("shop", "widgets", "Levitating"));
    let mut world = World::of(cluster);
    let nothing = Selector::parse("shop/nothing").unwrap();
    world.declarations.ignore = vec![(nothing, "a test".into())];
    let scrape = world.poll().await;
    let reported = scrape.all("notafter_problem", &[]);
    let reported: BTreeSet<String> = reported
        .iter()
        .map(|sample| sample.label("reason").to_owned())
        .collect();
    let path = "docs/runbooks/CertificateUnreadable.md";
    let documented = table(path, "| reason | meaning |")
        .into_iter()
        .map(|row| row[0].clone());
    assert_eq!(documented.collect::<BTreeSet<_>>(), reported);
}

#[tokio::test(start_paused = true)]
async fn the_role_allows_exactly_what_is_requested() {
    let cluster = Cluster::with_olm();
    cluster.install_cert_manager(true);
    cluster.install_openshift(true);
    let mut world = World::of(cluster.clone());
    world.poll().await;
    for list in &world.snapshot.lists {
        let plural = list.resource.split('.').next().unwrap();
        cluster.refuse(plural, "");
        cluster.refuse(&list.resource, "");
    }
    world.poll().await;
    world.poll().await;
    let requested = world.snapshot.lists.iter().map(|list| match &list.state {
        State::Refused(rule) => serde_saphyr::from_str::<Vec<Value>>(&rule.to_string())
            .unwrap()
            .remove(0),
        state => panic!("{}: {state:?}", list.resource),
    });
    let requested = requested.collect::<Vec<_>>();
    let rights = document("manifests/base/rights.yaml");
    let role = rights.split("---\n").next().unwrap();
    let role: Value = serde_saphyr::from_str(role).unwrap();
    assert_eq!(
        allowed(role["rules"].as_array().unwrap()),
        allowed(&requested)
    );
}

/// The permissions that rules grant, one by one, independent of their grouping; duplicates fail the
/// test.
fn allowed(rules: &[Value]) -> BTreeSet<[String; 3]> {
    let mut allowed = BTreeSet::new();
    for rule in rules {
        assert_eq!(rule.as_object().unwrap().len(), 3, "{rule}");
        let each = |what: &str| rule[what].as_array().unwrap().iter().map(Value::to_string);
        for group in each("apiGroups") {
            for resource in each("resources") {
                for verb in each("verbs") {
                    assert!(
                        allowed.insert([group.clone(), resource.clone(), verb]),
                        "{rule}"
                    );
                }
            }
        }
    }
    allowed
}

#[test]
fn the_rotation_page_names_every_manager_and_all_evidence() {
    let path = "docs/rotation.md";
    let named: BTreeSet<String> = table(path, "| manager | recognised by | due |")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let managers = Manager::VARIANTS
        .iter()
        .map(|manager| manager.as_str().to_owned());
    assert_eq!(named, managers.collect());
    let evidence = Evidence::VARIANTS.iter();
    let evidence =
        evidence.map(|evidence| vec![evidence.as_str().to_owned(), evidence.meaning().to_owned()]);
    assert_eq!(
        table(path, "| reason | meaning |"),
        evidence.collect::<Vec<_>>()
    );
}

#[test]
fn the_security_page_explains_every_denial_reason() {
    let rows = table("docs/security.md", "| reason | answer | meaning |");
    let named: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(named, DenialReason::ALL.map(DenialReason::as_str));
}

#[test]
fn the_readme_stays_short() {
    let lines = document("README.md").lines().count();
    assert!(lines < 200, "README.md has {lines} lines");
}

#[test]
fn the_readme_names_only_existing_files() {
    let readme = document("README.md");
    let quoted = readme.split('`').skip(1).step_by(2).filter(|text| {
        ["src/", "tests/", "manifests/", "alerts/", ".ci/"]
            .iter()
            .any(|folder| text.starts_with(folder))
    });
    for path in quoted {
        let path = path.split(' ').next().unwrap();
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(),
            "{path}"
        );
    }
}

#[test]
fn the_figures_of_the_readme_are_those_of_their_page() {
    let all = table("docs/figures.md", "| figure | value |");
    let quoted = table("README.md", "| figure | value |");
    assert!(quoted.len() > 2);
    for row in quoted {
        assert!(all.contains(&row), "docs/figures.md does not have {row:?}");
    }
}
