//! The text that is scraped: its families, its two formats, its encodings.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::GzDecoder;
use notafter::metrics::{Exposition, FAMILIES};
use notafter_simulator::Cluster;

use crate::scrape::Scrape;
use crate::world::{World, certificate, operator, secret, text, tls};

/// What Prometheus 3 sends.
const PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
    application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
    text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

fn fixtures(state: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/olm-0.28.0")
        .join(state)
}

/// A few of everything, ready to be scraped.
async fn exposition() -> Exposition {
    let cluster = Cluster::with_olm();
    for index in 0..300 {
        cluster.apply(tls(
            "shop",
            &format!("web-{index}"),
            &certificate("web", 90),
        ));
    }
    cluster.apply(secret(
        "shop",
        "broken",
        &[("tls.crt", b"\"quoted\" and \\ and\nlines")],
    ));
    cluster.apply(operator("operators", "widgets.v1.4.2", "Succeeded"));
    let mut world = World::of(cluster).await;
    world.poll().await;
    Exposition::render(world.snapshot, &Exposition::default())
}

/// A scrape with these headers: content type, encoding and decoded text.
fn scrape(
    exposition: &Exposition,
    accept: &str,
    encoding: &str,
) -> (&'static str, Option<&'static str>, String) {
    let scrape = exposition.scrape(accept, encoding, &crate::world::no_denials());
    let body: Vec<u8> = scrape.body.flatten().collect();
    assert_eq!(
        body.len() as u64,
        scrape.length,
        "the length that is announced"
    );
    let text = match scrape.encoding {
        Some("gzip") => std::io::read_to_string(GzDecoder::new(&*body)).unwrap(),
        _ => String::from_utf8(body).unwrap(),
    };
    (scrape.content_type, scrape.encoding, text)
}

/// Their samples have `_total` behind the name.
pub(crate) const COUNTERS: [&str; 2] = ["notafter_refused_requests", "process_cpu_seconds"];

#[tokio::test]
async fn what_a_real_olm_left_is_told_as_the_golden_files_say() {
    for state in ["skewed", "expired"] {
        let cluster = Cluster::with_olm();
        for file in std::fs::read_dir(fixtures(state))
            .unwrap()
            .map(|it| it.unwrap().path())
        {
            if file.extension().is_some_and(|it| it == "yaml") {
                cluster.apply_yaml(&std::fs::read_to_string(file).unwrap());
            }
        }
        let mut world = World::of(cluster).await;
        world.poll().await;
        let whole = text(&Exposition::render(world.snapshot, &Exposition::default()));
        let (lasting, _) = whole.split_once("# HELP notafter_build_info").unwrap();
        let golden = fixtures(state).join("metrics.txt");
        if std::env::var_os("NOTAFTER_UPDATE_GOLDEN").is_some() {
            std::fs::write(&golden, lasting).unwrap();
        }
        assert_eq!(lasting, std::fs::read_to_string(golden).unwrap(), "{state}");
    }
}

#[tokio::test]
async fn every_family_is_there_once_with_its_help_its_type_and_its_unit() {
    let exposition = exposition().await;
    let (_, _, text) = scrape(&exposition, PROMETHEUS, "");
    let scraped = Scrape::read(&text).families;
    assert_eq!(scraped.len(), FAMILIES.len());
    for (scraped, family) in scraped.iter().zip(FAMILIES) {
        assert_eq!((&*scraped.name, &*scraped.help), (family.name, family.help));
        let unit = ["seconds", "bytes"]
            .into_iter()
            .find(|unit| family.name.ends_with(&format!("_{unit}")));
        assert_eq!(scraped.unit, unit.unwrap_or_default(), "{}", family.name);
        let is_counter = COUNTERS.contains(&family.name);
        let kind = if is_counter { "counter" } else { "gauge" };
        assert_eq!(scraped.kind, kind, "{}", family.name);
    }
}

#[tokio::test]
async fn every_sample_has_the_labels_of_its_family_and_none_that_monitoring_overwrites() {
    let exposition = exposition().await;
    let scraped = Scrape::read(&text(&exposition));
    for family in FAMILIES {
        let mut labels = family.labels.to_vec();
        labels.sort_unstable();
        for sample in scraped.all(family.name, &[]) {
            assert_eq!(
                sample.labels.keys().collect::<Vec<_>>(),
                labels,
                "{}",
                family.name
            );
        }
        let overwritten = [
            "namespace",
            "pod",
            "service",
            "job",
            "instance",
            "container",
            "endpoint",
        ];
        assert!(
            !labels.iter().any(|label| overwritten.contains(label)),
            "{}",
            family.name
        );
    }
}

#[tokio::test]
async fn one_body_serves_both_formats_and_only_a_counters_description_differs() {
    let exposition = exposition().await;
    let (open_metrics, _, open_metrics_text) = scrape(&exposition, PROMETHEUS, "");
    let (plain, _, plain_text) = scrape(&exposition, "text/html,*/*;q=0.8", "");
    assert_eq!(
        open_metrics,
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    assert_eq!(plain, "text/plain; version=0.0.4; charset=utf-8");
    let differing = |text: &str, other: &str| {
        let other: Vec<String> = other.lines().map(str::to_owned).collect();
        let lines = text
            .lines()
            .filter(|line| !other.contains(&(*line).to_owned()));
        lines
            .filter(|line| line.starts_with('#'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let described = [
        "# HELP notafter_refused_requests Requests, and connections without one, that were refused",
        "# TYPE notafter_refused_requests counter",
        "# HELP process_cpu_seconds User and system CPU time",
        "# TYPE process_cpu_seconds counter",
        "# UNIT process_cpu_seconds seconds",
    ];
    assert_eq!(differing(&open_metrics_text, &plain_text), described);
    let total = |line: &str| {
        let line = line.replace("requests ", "requests_total ");
        line.replace("cpu_seconds ", "cpu_seconds_total ")
    };
    assert_eq!(
        differing(&plain_text, &open_metrics_text),
        described[..4]
            .iter()
            .map(|it| total(it))
            .collect::<Vec<_>>()
    );
    Scrape::read(&plain_text);
}

#[tokio::test]
async fn gzip_is_sent_to_who_takes_it_and_holds_the_same_text() {
    let exposition = exposition().await;
    let lasting = |text: &str| {
        text.split_once("# HELP notafter_list_up")
            .unwrap()
            .0
            .to_owned()
    };
    let (_, none, plain) = scrape(&exposition, "", "");
    assert_eq!(none, None);
    for header in ["gzip", "deflate, GZIP;q=0.5", "br,gzip , zstd"] {
        let (_, encoding, text) = scrape(&exposition, "", header);
        assert_eq!(encoding, Some("gzip"), "{header}");
        assert_eq!(lasting(&text), lasting(&plain));
        Scrape::read(&text);
    }
    for header in ["gzip;q=0", "gzip;q=0.000, deflate", "deflate", "gzipped"] {
        assert_eq!(scrape(&exposition, "", header).1, None, "{header}");
    }
}

#[tokio::test]
async fn a_larger_text_than_any_buffer_comes_out_whole() {
    let cluster = Cluster::new();
    let bundle = certificate("an authority of some length", 90)
        .certificate
        .repeat(900);
    for index in 0..3 {
        cluster.apply(secret(
            "shop",
            &format!("bundle-{index}"),
            &[("ca.crt", bundle.as_bytes())],
        ));
    }
    let mut world = World::of(cluster).await;
    let scraped = world.poll().await;
    assert_eq!(scraped.certificates().len(), 2700);
    let exposition = Exposition::render(world.snapshot, &Exposition::default());
    let (_, _, text) = scrape(&exposition, "", "gzip");
    assert!(text.len() > 1_000_000, "{}", text.len());
    assert_eq!(Scrape::read(&text).certificates().len(), 2700);
}

#[tokio::test]
async fn before_the_first_poll_every_list_is_down_and_nothing_is_invented() {
    let world = World::of(Cluster::new()).await;
    let snapshot = notafter::snapshot::Snapshot::judge(world.watched.seen(), &world.snapshot);
    let scraped = Scrape::read(&text(&Exposition::render(snapshot, &Exposition::default())));
    assert_eq!(scraped.all("notafter_list_up", &[]).len(), 13);
    assert!(
        scraped
            .all("notafter_list_up", &[])
            .iter()
            .all(|it| it.whole() == 0)
    );
    assert!(
        scraped
            .all("notafter_list_last_success_timestamp_seconds", &[])
            .is_empty()
    );
}

#[tokio::test]
async fn the_same_inventory_is_not_rendered_again() {
    let mut world = World::of(Cluster::new()).await;
    world.poll().await;
    let first = Exposition::render(world.snapshot.clone(), &Exposition::default());
    let second = Exposition::render(world.snapshot.clone(), &first);
    assert!(Arc::ptr_eq(
        &first.snapshot().inventory,
        &second.snapshot().inventory
    ));
    let pieces = |exposition: &Exposition| {
        exposition
            .scrape("", "gzip", &crate::world::no_denials())
            .body
            .map(|it| it.as_ptr())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        pieces(&first)[1],
        pieces(&second)[1],
        "the compressed beginning is the very same"
    );
}
