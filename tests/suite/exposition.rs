//! The text of a scrape: its families, its two formats, its encodings.

use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use notafter::api::Observed;
use notafter::metrics::{Kind, families};
use notafter::publish::Published;
use notafter::rotation::Declarations;
use notafter::snapshot::Snapshot;
use notafter_simulator::Cluster;

use crate::scrape::Scrape;
use crate::world::{World, certificate, secret, tail, text, tls};

/// The `Accept` header of Prometheus 3.
const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
    application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
    text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

/// The labels that monitoring stacks overwrite.
const OVERWRITTEN: [&str; 7] = [
    "namespace",
    "pod",
    "service",
    "job",
    "instance",
    "container",
    "endpoint",
];

fn fixtures(state: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/olm-0.28.0");
    fixtures.join(state)
}

/// A cluster with the objects of a real OLM.
fn olm(state: &str) -> Cluster {
    let cluster = Cluster::with_olm();
    for file in std::fs::read_dir(fixtures(state)).unwrap() {
        let path = file.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            cluster.apply_yaml(&std::fs::read_to_string(path).unwrap());
        }
    }
    cluster
}

async fn publish(cluster: Cluster) -> Published {
    let mut world = World::of(cluster);
    world.watch().await;
    Published::new(world.snapshot, &Published::default())
}

/// A publication with samples of every family.
async fn full() -> Published {
    let cluster = olm("expired");
    let data: [(&str, &[u8]); 1] = [("tls.crt", b"\"quoted\" and \\ and\nlines")];
    cluster.apply(secret("shop", "broken", &data));
    for (name, annotation, value) in [
        ("early", "warn-before", "60d"),
        ("gone", "ignore", "a test"),
    ] {
        let mut declared = tls("shop", name, &certificate(name, 90));
        declared["metadata"]["annotations"][format!("notafter.io/{annotation}")] = value.into();
        cluster.apply(declared);
    }
    publish(cluster).await
}

/// Scrapes with these headers, and returns the content type, the encoding and the decoded text.
fn scrape(
    published: &Published,
    accept: &str,
    encoding: &str,
) -> (&'static str, Option<&'static str>, String) {
    let tail = tail(&published.snapshot.lists);
    let scrape = published.exposition.scrape(accept, encoding, &tail);
    let body: Vec<u8> = scrape.body.flatten().collect();
    assert_eq!(body.len() as u64, scrape.length, "announced length");
    let text = match scrape.encoding {
        Some(_) => std::io::read_to_string(GzDecoder::new(&*body)).unwrap(),
        None => String::from_utf8(body).unwrap(),
    };
    (scrape.content_type, scrape.encoding, text)
}

#[tokio::test(start_paused = true)]
async fn the_exposition_of_a_real_olm_equals_the_golden_files() {
    for state in ["skewed", "expired"] {
        let text = text(&publish(olm(state)).await);
        let (of_inventory, _) = text.split_once("# HELP notafter_build_info").unwrap();
        let golden = fixtures(state).join("metrics.txt");
        if std::env::var_os("NOTAFTER_UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, of_inventory).unwrap();
        }
        assert_eq!(
            of_inventory,
            std::fs::read_to_string(golden).unwrap(),
            "{state}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_family_appears_once_with_its_help_type_and_unit() {
    let (_, _, text) = scrape(&full().await, PROMETHEUS, "");
    let scraped = Scrape::read(&text).families;
    assert_eq!(scraped.len(), families().count());
    for (scraped, family) in scraped.iter().zip(families()) {
        let unit = family.name.rsplit('_').next();
        let unit = unit.filter(|unit| ["seconds", "bytes"].contains(unit));
        let kind = match family.kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        assert_eq!((&*scraped.name, &*scraped.help), (family.name, family.help));
        assert_eq!(
            (&*scraped.kind, &*scraped.unit),
            (kind, unit.unwrap_or_default())
        );
        assert!(
            !family.help.contains(['\\', '"', '\n']),
            "{} needs escapes",
            family.help
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_family_has_the_documented_labels_and_none_that_monitoring_overwrites() {
    let scraped = Scrape::read(&text(&full().await));
    for family in families() {
        let total = if family.kind == Kind::Counter {
            "_total"
        } else {
            ""
        };
        let samples = scraped.all(&format!("{}{total}", family.name), &[]);
        assert!(!samples.is_empty(), "{} has no sample", family.name);
        let mut labels = family.labels();
        assert!(
            !labels.iter().any(|label| OVERWRITTEN.contains(label)),
            "{}",
            family.name
        );
        labels.sort_unstable();
        for sample in samples {
            assert_eq!(
                sample.labels.keys().collect::<Vec<_>>(),
                labels,
                "{}",
                family.name
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn both_formats_have_the_same_body_except_for_the_descriptions_of_counters() {
    let published = full().await;
    let (open_metrics, _, open_metrics_text) = scrape(&published, PROMETHEUS, "");
    let (plain, _, plain_text) = scrape(&published, "text/html,*/*;q=0.8", "");
    assert_eq!(
        open_metrics,
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    assert_eq!(plain, "text/plain; version=0.0.4; charset=utf-8");
    Scrape::read(&plain_text);
    let comments = |text: &str, other: &str| -> Vec<String> {
        let comments = text.lines().filter(|line| line.starts_with('#'));
        let own = comments.filter(|line| !other.lines().any(|one| one == *line));
        own.map(str::to_owned).collect()
    };
    let reconciled = "notafter_list_reconciled";
    let objects = "Changes that a complete list showed and the watches before it had not reported; 0 in health";
    let requests = "notafter_refused_requests";
    let help = "Requests and connections denied, by reason";
    let cpu = "process_cpu_seconds";
    assert_eq!(
        comments(&open_metrics_text, &plain_text),
        [
            format!("# HELP {reconciled} {objects}"),
            format!("# TYPE {reconciled} counter"),
            format!("# HELP {requests} {help}"),
            format!("# TYPE {requests} counter"),
            format!("# HELP {cpu} User and system CPU time of the process"),
            format!("# TYPE {cpu} counter"),
            format!("# UNIT {cpu} seconds"),
        ]
    );
    assert_eq!(
        comments(&plain_text, &open_metrics_text),
        [
            format!("# HELP {reconciled}_total {objects}"),
            format!("# TYPE {reconciled}_total counter"),
            format!("# HELP {requests}_total {help}"),
            format!("# TYPE {requests}_total counter"),
            format!("# HELP {cpu}_total User and system CPU time of the process"),
            format!("# TYPE {cpu}_total counter"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_accepts_gzip_receives_the_same_text_compressed() {
    let published = full().await;
    let of_inventory = |text: &str| {
        text.split("# HELP notafter_list_up")
            .next()
            .map(str::to_owned)
    };
    let (_, none, plain) = scrape(&published, "", "");
    assert_eq!(none, None);
    for header in ["gzip", "deflate, GZIP;q=0.5", "br,gzip , zstd"] {
        let (_, encoding, text) = scrape(&published, "", header);
        assert_eq!(encoding, Some("gzip"), "{header}");
        assert_eq!(of_inventory(&text), of_inventory(&plain));
        Scrape::read(&text);
    }
    for header in ["gzip;q=0", "gzip;q=0.000, deflate", "deflate", "gzipped"] {
        assert_eq!(scrape(&published, "", header).1, None, "{header}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_larger_than_every_buffer_is_complete() {
    let cluster = Cluster::new();
    let bundle = certificate("an authority with a long name", 90)
        .certificate
        .repeat(450);
    for name in ["one", "two", "three", "four", "five", "six"] {
        cluster.apply(secret("shop", name, &[("ca.crt", bundle.as_bytes())]));
    }
    let published = publish(cluster).await;
    for encoding in ["", "gzip"] {
        let (_, _, text) = scrape(&published, "", encoding);
        assert!(text.len() > 1_000_000, "{}", text.len());
        assert_eq!(Scrape::read(&text).certificates().len(), 2700);
    }
}

#[tokio::test(start_paused = true)]
async fn before_the_first_poll_every_list_is_down_and_no_time_is_invented() {
    let mut world = World::of(Cluster::new());
    let Observed { facts, lists } = world.watched.observed();
    let snapshot = Snapshot::judge(facts, lists, &Declarations::default(), &world.snapshot);
    let published = Published::new(snapshot, &Published::default());
    let scraped = Scrape::read(&text(&published));
    let up = scraped.all("notafter_list_up", &[]);
    assert_eq!(up.len(), 16);
    assert!(up.iter().all(|sample| sample.whole() == 0));
    assert!(
        scraped
            .all("notafter_list_last_success_timestamp_seconds", &[])
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_inventory_is_not_rendered_again() {
    let mut world = World::of(Cluster::new());
    world.watch().await;
    let first = Published::new(world.snapshot.clone(), &Published::default());
    world.watch().await;
    let second = Published::new(world.snapshot.clone(), &first);
    let compressed = |published: &Published| {
        let mut body = published.exposition.scrape("", "gzip", &tail(&[])).body;
        body.nth(1).map(|piece| piece.as_ptr())
    };
    assert_eq!(compressed(&first), compressed(&second));
}
