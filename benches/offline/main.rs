//! The cost of `notafter scan FILE`: `cargo bench --bench offline`.
//!
//! Dumps of 10,000 secrets of 20 kB, 200 MB in all, as `oc get -o yaml` and `-o json` print them, and
//! input that means no good. Each line has the time of the processor and the peak of resident memory of
//! the program as people run it; for the dump in YAML also the time that Python's fastest loader takes
//! to parse it (`python3` with `PyYAML` and libyaml, if there is one in `PATH`). Ends with an error if a
//! budget is missed.

#![expect(clippy::print_stdout, reason = "the results are printed")]

mod inputs;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, ensure};

use self::inputs::{SECRETS, write_bad_input, write_dumps};

/// The time at which the certificates have become valid.
const AT: &str = "2024-02-23T10:07:05Z";

/// Each dump is read so often, and the median counts.
const RUNS: usize = 3;

/// The budgets: the part of `PyYAML`'s time, the time for JSON, and MiB of memory.
const YAML: f64 = 0.5;
const JSON: Duration = Duration::from_secs(5);
const MEMORY: u64 = 150;
const MEMORY_OF_BAD_INPUT: u64 = 256;

/// The cost of a run.
struct Cost {
    time: Duration,
    /// MiB of resident memory at the peak.
    memory: u64,
}

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let (yaml, json) = (path("dump.yaml"), path("dump.json"));
    write_dumps(&yaml, &json)?;
    let mut kept = vec![dump("the table of 200 MB of JSON", &json)?.time <= JSON];
    let of_yaml = dump("the table of 200 MB of YAML", &yaml)?;
    kept.push(of_yaml.memory <= MEMORY);
    if let Some(time) = pyyaml(&yaml) {
        let part = of_yaml.time.as_secs_f64() / time.as_secs_f64();
        let name = "the YAML, by PyYAML's CSafeLoader";
        println!("{name:<36}{time:>9.2?} of the processor, of which the table takes {part:.2}");
        kept.push(part <= YAML);
    }
    write_bad_input(folder.path())?;
    for name in [
        "scalar.yaml",
        "scalar.json",
        "bomb.gz",
        "aliases.yaml",
        "flow.yaml",
    ] {
        kept.push(bad_input(name, &path(name))?.memory <= MEMORY_OF_BAD_INPUT);
    }
    ensure!(kept.iter().all(|kept| *kept), "a budget is missed");
    Ok(())
}

/// Prints the median cost of the table of a dump.
fn dump(name: &str, file: &Path) -> anyhow::Result<Cost> {
    let (mut times, mut memory) = (Vec::new(), 0);
    for _ in 0..RUNS {
        let (cost, table) = scan("table", file)?;
        // A leaf, an intermediate and a root each.
        ensure!(
            table.contains(&format!("{} certificates (", 3 * SECRETS)),
            "{table}"
        );
        times.push(cost.time);
        memory = memory.max(cost.memory);
    }
    times.sort_unstable();
    let time = times[RUNS / 2];
    println!("{name:<36}{time:>9.2?} of the processor, {memory:>5} MiB at the peak");
    Ok(Cost { time, memory })
}

/// Prints the cost of bad input, and the reasons of its problems.
fn bad_input(name: &str, file: &Path) -> anyhow::Result<Cost> {
    let size = fs::metadata(file)?.len() / 1_000_000;
    let (cost, report) = scan("json", file)?;
    let report: serde_json::Value = serde_json::from_str(&report)?;
    let problems = report["problems"].as_array().context("no problems")?;
    let reasons: Vec<_> = problems.iter().map(|problem| &problem["reason"]).collect();
    let Cost { time, memory } = &cost;
    println!(
        "{name:<36}{time:>9.2?} of the processor, {memory:>5} MiB at the peak ({size} MB, {reasons:?})"
    );
    Ok(cost)
}

/// Runs the program on a file, and returns what that costs and what it prints.
fn scan(format: &str, file: &Path) -> anyhow::Result<(Cost, String)> {
    let before = time_of_children()?;
    let mut child = Command::new(env!("CARGO_BIN_EXE_notafter"))
        .args(["scan", "--at", AT, "--output", format])
        .arg(file)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = child.stdout.take().context("its output is piped")?;
    let printed = std::thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).map(|_| text)
    });
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        // A program that has ended has no memory left.
        peak = fs::read_to_string(&status).map_or(peak, |status| peak.max(high_water(&status)));
        sleep(Duration::from_millis(2));
    }
    let time = time_of_children()?.saturating_sub(before);
    let memory = peak.div_ceil(1024);
    let printed = printed.join().ok().context("the reader panicked")??;
    Ok((Cost { time, memory }, printed))
}

/// The most resident memory that a process has had, in KiB, by its `/proc/PID/status`.
fn high_water(status: &str) -> u64 {
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default()
}

/// The time that the children of this process have used, in the kernel's units of 10 ms (proc(5):
/// `cutime` and `cstime` of `/proc/self/stat`).
fn time_of_children() -> anyhow::Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat
        .rsplit_once(')')
        .context("no name in /proc/self/stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks: u64 = fields[13].parse::<u64>()? + fields[14].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// The median time that `PyYAML` takes to parse a file; nothing without it.
fn pyyaml(file: &Path) -> Option<Duration> {
    const LOAD: &str = "import sys, time, yaml
start = time.process_time()
with open(sys.argv[1], 'rb') as file: yaml.load(file, Loader=yaml.CSafeLoader)
print(time.process_time() - start)";
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let mut python = Command::new("python3");
        let output = python.args(["-c", LOAD]).arg(file).output();
        let output = output.ok().filter(|output| output.status.success())?;
        let seconds = String::from_utf8(output.stdout).ok()?;
        times.push(seconds.trim().parse().map(Duration::from_secs_f64).ok()?);
    }
    times.sort_unstable();
    Some(times[RUNS / 2])
}
