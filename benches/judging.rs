//! The cost of judging: `cargo bench --bench judging`.
//!
//! 100,000 secrets of service-ca, each requested by a Service, are polled from the simulated API
//! server. The results are medians of eleven runs, for a poll without changes and for one with a
//! change, after which everything is judged.

#![expect(clippy::print_stdout, reason = "the results are printed")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use notafter::api::{Access, Cluster, Observed, Polling};
use notafter::rotation::Declarations;
use notafter::snapshot::Snapshot;
use notafter_simulator::certificate::Draft;
use notafter_simulator::{Cluster as Simulated, kubeconfig};
use serde_json::{Value, json};

const SECRETS: usize = 100_000;
const SERVICE_CA: &str = "service.beta.openshift.io";
const YEAR: i64 = 365 * 24 * 3600;
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
    let snapshot = judge(&cluster.poll().await, &Snapshot::default());
    let judged = snapshot.inventory.certificates().count();
    anyhow::ensure!(judged == SECRETS, "only {judged} certificates were read");

    let observed = cluster.observed();
    let unchanged = median(|| judge(&observed, &snapshot));
    let changed = median(|| judge(&observed, &Snapshot::default()));
    println!("{SECRETS} secrets, as many Services");
    println!("judged, nothing changed          {unchanged:>10.2?}");
    println!("judged, something changed        {changed:>10.2?}");
    Ok(())
}

/// Judges a poll, based on the snapshot of the one before.
fn judge(observed: &Observed, before: &Snapshot) -> Snapshot {
    Snapshot::judge(
        observed.facts.clone(),
        observed.lists.clone(),
        &Declarations::default(),
        before,
    )
}

/// Fills the cluster with the Services and their secrets.
fn fill(simulated: &Simulated) {
    let authority = Draft::named("openshift-service-serving-signer@1708682825");
    let authority = authority.valid(NOW, NOW + 2 * YEAR).authority();
    for index in 0..SECRETS {
        let (namespace, name) = (format!("shop-{}", index / 100), format!("web-{index}"));
        let host = format!("{name}.{namespace}.svc");
        let draft = Draft::named(&host)
            .hosts(&[&host])
            .valid(NOW, NOW + 2 * YEAR);
        let pair = draft.signed_by(&authority);
        simulated.apply(service(&namespace, &name));
        let service = simulated.get("Service", &namespace, &name);
        let uid = service.map_or(Value::Null, |service| service["metadata"]["uid"].clone());
        simulated.apply(json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {"namespace": namespace, "name": name, "annotations": {
                format!("{SERVICE_CA}/originating-service-name"): name,
                format!("{SERVICE_CA}/originating-service-uid"): uid,
            }},
            "data": {"tls.crt": base64(&pair.certificate), "tls.key": base64(&pair.key)},
        }));
    }
}

/// A Service that requests a secret of the same name.
fn service(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": namespace, "name": name, "annotations": {
            format!("{SERVICE_CA}/serving-cert-secret-name"): name,
            format!("{SERVICE_CA}/serving-cert-signed-by"): "openshift-service-serving-signer@1708682825",
        }},
    })
}

fn base64(text: &str) -> Value {
    serde_json::to_value(k8s_openapi::ByteString(text.into())).unwrap_or_default()
}

/// The median duration of eleven runs.
fn median<T>(run: impl Fn() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..11)
        .map(|_| {
            let start = Instant::now();
            let result = black_box(run());
            let time = start.elapsed();
            drop(result);
            time
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
