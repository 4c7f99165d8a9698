//! Time and size of the exposition and of the pages: `cargo bench --bench rendering`.
//!
//! 10,000 secrets with a serving certificate and its CA each, polled from the simulated API server.
//! Medians of eleven runs, in processor time.

#![expect(clippy::print_stdout, reason = "the figures are printed")]

use std::hint::black_box;
use std::time::Duration;

use notafter::api::{Access, Cluster, Observed, Polling};
use notafter::metrics::{Exposition, Process, Tail};
use notafter::page::{self, View};
use notafter::report::{Filter, Query, Report, Source, query};
use notafter::rotation::Declarations;
use notafter::snapshot::Snapshot;
use notafter::urgency::Thresholds;
use notafter_simulator::certificate::Draft;
use notafter_simulator::{Cluster as Simulated, kubeconfig};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

const SECRETS: usize = 10_000;
const CERTIFICATES: u64 = 2 * SECRETS as u64;
const DAY: i64 = 24 * 3600;
const YEAR: i64 = 365 * DAY;
const NOW: i64 = 1_708_682_825;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let simulated = Simulated::new();
    fill(&simulated);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, kubeconfig(simulated.listen().await, None))?;
    let access = Access {
        kubeconfig: Some(path),
        context: None,
    };
    let mut cluster = Cluster::connect(access, &Polling::listing(Duration::from_mins(5))).await?;
    let Observed { facts, lists } = cluster.poll().await;
    let snapshot = Snapshot::judge(facts, lists, &Declarations::default(), &Snapshot::default());

    let rendered = median(|| Exposition::render(&snapshot.inventory));
    let exposition = Exposition::render(&snapshot.inventory);
    let scrape = |encoding| {
        let tail = Tail {
            lists: snapshot.lists.clone(),
            denied: Vec::new(),
            process: Process::now(),
        };
        exposition.scrape("", encoding, &tail).length
    };
    let scraped = median(|| scrape("gzip"));
    let (text, gzip) = (scrape(""), scrape("gzip"));
    println!("{SECRETS} secrets with two certificates each");
    println!("rendered and compressed          {rendered:>10.2?}");
    println!("scraped with gzip                {scraped:>10.2?}");
    println!(
        "text, per certificate            {:>8} B",
        text / CERTIFICATES
    );
    println!(
        "gzip, per certificate            {:>8} B",
        gzip / CERTIFICATES
    );
    print_pages(&snapshot);
    Ok(())
}

fn print_pages(snapshot: &Snapshot) {
    // Half a year before the expiry, and on the day before, when every certificate needs a person.
    for (when, at) in [
        ("in health", NOW + 3 * YEAR / 2),
        ("with all expiring", NOW + 2 * YEAR - DAY),
    ] {
        let view = View {
            snapshot,
            at,
            thresholds: &Thresholds::DEFAULT,
        };
        println!("\npages {when}");
        for text in ["", "page=300", "q=web-9999", "namespace=shop-7&within=90d"] {
            let query = Query::read(text, query::OF_PAGE);
            let render = || page::render(view, &query);
            let (time, size) = (median(render), render().len());
            println!("/?{text:<30} {time:>10.2?} {size:>9} B");
        }
        let render = || page::secret(view, "shop-7", "web-777").unwrap_or_default();
        let (time, size) = (median(render), render().len());
        println!(
            "{:<32} {time:>10.2?} {size:>9} B",
            "/secrets/shop-7/web-777"
        );
        let source = Source {
            cluster: None,
            snapshot,
            files: None,
            problems: &[],
        };
        let report = || {
            let report = Report::of(&[source], at, view.thresholds, &Filter::default());
            serde_json::to_vec_pretty(&report).unwrap_or_default()
        };
        let (time, size) = (median(report), report().len());
        println!("{:<32} {time:>10.2?} {size:>9} B", "/api/v1/report");
    }
}

fn fill(simulated: &Simulated) {
    let draft = |name: &str| Draft::named(name).valid(NOW, NOW + 2 * YEAR);
    let authority = draft("shop-ca").authority();
    for index in 0..SECRETS {
        let (namespace, name) = (format!("shop-{}", index / 100), format!("web-{index}"));
        let host = format!("{name}.{namespace}.svc");
        let pair = draft(&host).hosts(&[&host]).signed_by(&authority);
        let chain = format!("{}{}", pair.certificate, authority.pair.certificate);
        simulated.apply(json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {"namespace": namespace, "name": name},
            "data": {"tls.crt": base64(&chain), "tls.key": base64(&pair.key)},
        }));
    }
}

fn base64(text: &str) -> Value {
    serde_json::to_value(k8s_openapi::ByteString(text.into())).unwrap_or_default()
}

fn median<T>(run: impl Fn() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..11)
        .map(|_| {
            let start = processor_time();
            let made = black_box(run());
            let time = processor_time().saturating_sub(start);
            drop(made);
            time
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// The processor time of this thread since it began.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
