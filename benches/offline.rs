//! The cost of reading files: `cargo bench --bench offline`.
//!
//! Dumps of 10,000 secrets of 20 kB, 200 MB in all, as `oc get -o yaml` and `-o json` print them, and
//! input that means no good. Each line has the time of the processor and the peak of memory; where
//! Python and its `PyYAML` are installed, the time that their fastest loader takes for the same.

#![expect(clippy::print_stdout, reason = "the results are printed")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use notafter::offline;
use notafter_simulator::certificate::Draft;

const SECRETS: usize = 10_000;
const NOW: i64 = 1_708_682_825;
const YEAR: i64 = 365 * 24 * 3600;

/// The sizes of keystores that fill a secret of cert-manager up to 20 kB, before base64.
const KEYSTORES: [(&str, usize); 2] = [("keystore.jks", 6600), ("truststore.jks", 2200)];

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let (yaml, json) = (path("dump.yaml"), path("dump.json"));
    write_dumps(&yaml, &json)?;
    measure("200 MB of YAML", &yaml, SECRETS)?;
    measure("200 MB of JSON", &json, SECRETS)?;
    if let Some(time) = pyyaml(&yaml) {
        println!(
            "{:<36}{time:>9.2?} of the processor",
            "the YAML, by PyYAML's CSafeLoader"
        );
    }
    write_bad_input(folder.path())?;
    for name in [
        "scalar.yaml",
        "scalar.json",
        "bomb.gz",
        "aliases.yaml",
        "flow.yaml",
    ] {
        measure(name, &path(name), 0)?;
    }
    Ok(())
}

/// Reads a file, and prints what that took.
fn measure(name: &str, file: &Path, secrets: usize) -> anyhow::Result<()> {
    let size = fs::metadata(file)?.len();
    fs::write("/proc/self/clear_refs", "5")?;
    let (before, base) = (processor_time()?, memory("VmRSS")?);
    let inspected = offline::read(&[file.to_owned()], &[], &mut |_| ());
    let time = processor_time()?.saturating_sub(before);
    let (peak, found) = (memory("VmHWM")?, inspected.facts.holders.len());
    anyhow::ensure!(found == secrets, "{name}: {found} secrets were read");
    let problems = inspected.problems.iter();
    let problems: Vec<_> = problems.map(|problem| problem.reason.as_str()).collect();
    println!(
        "{name:<36}{time:>9.2?} of the processor, {:>5} MiB more at the peak ({} MB, {problems:?})",
        peak.saturating_sub(base) / 1024,
        size / 1_000_000,
    );
    Ok(())
}

/// The time that this process has used, in the kernel's units of 10 ms.
fn processor_time() -> anyhow::Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat
        .rsplit_once(')')
        .context("no name in /proc/self/stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// A line of `/proc/self/status`, in KiB.
fn memory(of: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix(of)?.strip_prefix(':'));
    let line = line.context("no such line in /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn pyyaml(file: &Path) -> Option<Duration> {
    const LOAD: &str = "import sys, time, yaml
with open(sys.argv[1]) as file: yaml.load(file, Loader=yaml.CSafeLoader)
print(time.process_time())";
    let output = Command::new("python3")
        .args(["-c", LOAD])
        .arg(file)
        .output();
    let output = output.ok().filter(|output| output.status.success())?;
    let seconds = String::from_utf8(output.stdout).ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs_f64)
}

/// Writes the same secrets in YAML and in JSON.
fn write_dumps(yaml: &Path, json: &Path) -> anyhow::Result<()> {
    let root = Draft::named("root").valid(NOW, NOW + 10 * YEAR).authority();
    let issuing = Draft::named("issuing").valid(NOW, NOW + 5 * YEAR);
    let issuing = issuing.authority_under(&root);
    let mut yaml = BufWriter::new(File::create(yaml)?);
    let mut json = BufWriter::new(File::create(json)?);
    writeln!(yaml, "apiVersion: v1\nitems:")?;
    write!(json, "{{\n    \"apiVersion\": \"v1\",\n    \"items\": [")?;
    for index in 0..SECRETS {
        let (namespace, name) = (format!("shop-{}", index / 100), format!("web-{index}"));
        let host = format!("{name}.{namespace}.svc");
        let draft = Draft::named(&host).hosts(&[&host]).valid(NOW, NOW + YEAR);
        let pair = draft.signed_by(&issuing);
        let chain = [&*pair.certificate, &issuing.pair.certificate].concat();
        let mut data = vec![
            ("ca.crt", STANDARD.encode(&root.pair.certificate)),
            ("tls.crt", STANDARD.encode(chain)),
            ("tls.key", STANDARD.encode(&pair.key)),
        ];
        data.extend(KEYSTORES.map(|(key, size)| (key, STANDARD.encode(noise(index, size)))));
        data.sort_unstable();
        let mut values = String::new();
        for (key, value) in &data {
            writeln!(values, "    {key}: {value}")?;
        }
        write!(
            yaml,
            "- apiVersion: v1\n  data:\n{values}  kind: Secret\n  metadata:\n    annotations:\n      \
             cert-manager.io/alt-names: {host}\n      cert-manager.io/certificate-name: {name}\n      \
             cert-manager.io/common-name: \"\"\n      cert-manager.io/issuer-kind: ClusterIssuer\n    \
             creationTimestamp: \"2024-02-23T10:07:05Z\"\n    name: {name}\n    namespace: {namespace}\n    \
             resourceVersion: \"{index}\"\n    uid: 7b730372-bfd8-4182-b87b-{index:012}\n  \
             type: kubernetes.io/tls\n"
        )?;
        let item = serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "data": data.iter().map(|(key, value)| (*key, value.as_str())).collect::<std::collections::BTreeMap<_, _>>(),
            "metadata": {"name": name, "namespace": namespace, "resourceVersion": index.to_string()},
        });
        let comma = if index > 0 { "," } else { "" };
        write!(json, "{comma}\n{}", serde_json::to_string_pretty(&item)?)?;
    }
    writeln!(yaml, "kind: List\nmetadata:\n  resourceVersion: \"\"")?;
    write!(json, "],\n    \"kind\": \"List\", \"metadata\": {{}}\n}}\n")?;
    yaml.flush()?;
    json.flush()?;
    Ok(())
}

/// Bytes that no compression makes smaller, as a keystore's.
fn noise(seed: usize, size: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    std::iter::repeat_with(|| random.u8(..))
        .take(size)
        .collect()
}

/// Writes a scalar of a gigabyte, and little that becomes much.
fn write_bad_input(folder: &Path) -> anyhow::Result<()> {
    let line = "A".repeat(1 << 20);
    for (name, start, end) in [
        (
            "scalar.yaml",
            "apiVersion: v1\nkind: Secret\ndata:\n  tls.crt: ",
            "\n",
        ),
        (
            "scalar.json",
            "{\"apiVersion\": \"v1\", \"kind\": \"",
            "\"}\n",
        ),
        ("flow.yaml", "{\"apiVersion\": v1, x: [", "]}\n"),
    ] {
        let mut file = BufWriter::new(File::create(folder.join(name))?);
        write!(file, "{start}")?;
        for _ in 0..1000 {
            write!(file, "{line}")?;
        }
        write!(file, "{end}")?;
        file.flush()?;
    }
    let mut bomb = GzEncoder::new(File::create(folder.join("bomb.gz"))?, Compression::best());
    writeln!(bomb, "apiVersion: v1\nkind: List\nitems:")?;
    let blank = vec![b'\n'; 1 << 20];
    for _ in 0..10_000 {
        bomb.write_all(&blank)?;
    }
    bomb.finish()?;
    let mut aliases = String::from("apiVersion: v1\nkind: Secret\na: &a [x,x,x,x,x,x,x,x,x]\n");
    for (from, to) in ('a'..='y').zip('b'..='z') {
        writeln!(
            aliases,
            "{to}: &{to} [{}]",
            vec![format!("*{from}"); 9].join(",")
        )?;
    }
    fs::write(folder.join("aliases.yaml"), aliases)?;
    Ok(())
}
