//! The usual `process_*` figures, as far as the operating system has them: all on Linux, none
//! elsewhere.

/// The figures of this process; an unknown one is absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Process {
    /// User and system CPU time.
    pub cpu_seconds: Option<f64>,
    /// Open file descriptors.
    pub open_fds: Option<u64>,
    /// The limit of open file descriptors.
    pub max_fds: Option<u64>,
    /// The size of the virtual memory.
    pub virtual_memory_bytes: Option<u64>,
    /// The size of the resident memory.
    pub resident_memory_bytes: Option<u64>,
    /// The start of the process (Unix time).
    pub start_time_seconds: Option<f64>,
}

impl Process {
    /// Returns the figures as they are now.
    #[cfg(target_os = "linux")]
    pub fn now() -> Self {
        use procfs::process::LimitValue;

        let Ok(process) = procfs::process::Process::myself() else {
            return Self::default();
        };
        let (stat, status) = (process.stat().ok(), process.status().ok());
        let boot = procfs::boot_time_secs().ok();
        let max_fds = process
            .limits()
            .map(|limits| limits.max_open_files.soft_limit);
        Self {
            cpu_seconds: stat.as_ref().map(|stat| seconds(stat.utime + stat.stime)),
            open_fds: process.fd_count().ok().map(|count| count as u64),
            max_fds: match max_fds {
                Ok(LimitValue::Value(limit)) => Some(limit),
                Ok(LimitValue::Unlimited) | Err(_) => None,
            },
            virtual_memory_bytes: stat.as_ref().map(|stat| stat.vsize),
            // The count of pages in `stat` is the kernel's approximation (man 5 proc).
            resident_memory_bytes: status.and_then(|status| status.vmrss).map(|kib| kib * 1024),
            start_time_seconds: stat
                .zip(boot)
                .map(|(stat, boot)| seconds(boot * procfs::ticks_per_second() + stat.starttime)),
        }
    }

    /// Returns no figures.
    #[cfg(not(target_os = "linux"))]
    pub fn now() -> Self {
        Self::default()
    }
}

/// The seconds of a number of clock ticks.
#[cfg(target_os = "linux")]
#[expect(
    clippy::cast_precision_loss,
    reason = "2^53 ticks are three million years"
)]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / procfs::ticks_per_second() as f64
}
