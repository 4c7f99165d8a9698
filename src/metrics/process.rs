//! The usual `process_*` metrics, as far as the system tells them: all on Linux, none elsewhere.
//!
//! The one crate for it is made for an older prometheus-client, and `procfs` does not build off Linux.

use std::fs;
use std::str::FromStr;

/// Clock ticks a second in `/proc`: the kernel's `USER_HZ`, fixed for programs (Linux: man 7 time).
const TICKS: f64 = 100.0;

/// What the system says of this process; what it does not say is absent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Process {
    pub(super) cpu_seconds: Option<f64>,
    pub(super) open_fds: Option<i64>,
    pub(super) max_fds: Option<i64>,
    pub(super) virtual_memory_bytes: Option<i64>,
    pub(super) resident_memory_bytes: Option<i64>,
    pub(super) start_time_seconds: Option<f64>,
}

impl Process {
    /// As it is now.
    pub(super) fn read() -> Self {
        let file = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let stat = file("/proc/self/stat");
        // The fields are counted from behind the name, which may hold blanks and parentheses (man 5 proc).
        let fields: Vec<f64> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .map(|it| it.parse().unwrap_or(0.0))
            .collect();
        let ticks = |number: usize| fields.get(number - 3).map(|ticks| ticks / TICKS);
        let status = file("/proc/self/status");
        let boot: Option<u32> = number(&file("/proc/stat"), "btime");
        Self {
            cpu_seconds: ticks(14).zip(ticks(15)).map(|(user, system)| user + system),
            open_fds: fs::read_dir("/proc/self/fd")
                .ok()
                .and_then(|fds| i64::try_from(fds.count()).ok()),
            max_fds: number(&file("/proc/self/limits"), "Max open files"),
            virtual_memory_bytes: number(&status, "VmSize:").map(|kib: i64| kib * 1024),
            resident_memory_bytes: number(&status, "VmRSS:").map(|kib: i64| kib * 1024),
            start_time_seconds: boot
                .zip(ticks(22))
                .map(|(boot, since)| f64::from(boot) + since),
        }
    }
}

/// The first number of the line that begins so.
fn number<N: FromStr>(text: &str, line: &str) -> Option<N> {
    text.lines()
        .find_map(|it| it.strip_prefix(line))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}
