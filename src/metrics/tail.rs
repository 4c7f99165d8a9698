//! The families that change by themselves.

use super::Process;
use super::family::Family;
use super::family::Stability::{Experimental, Stable};
use super::labels::{Denied, Listed};
use super::samples::{Samples, Value};
use crate::health::List;

/// Values that change even if nothing in the cluster does.
#[derive(Debug, Default)]
pub struct Tail {
    /// Every list, and the result of its last poll.
    pub lists: Vec<List>,
    /// The number of denied requests and connections, by reason.
    pub denied: Vec<(&'static str, u64)>,
    /// The figures of the process itself.
    pub process: Process,
}

/// The families, in the order of the exposition, behind those of the inventory.
pub(super) static FAMILIES: &[Family<Tail>] = &[
    Family::gauge::<Listed>(
        Stable,
        "notafter_list_up",
        "1 if the last poll of the list was complete, otherwise 0",
        |tail, samples| lists(tail, samples, |list| Some(i64::from(list.is_up()))),
    ),
    Family::gauge::<Listed>(
        Stable,
        "notafter_list_last_success_timestamp_seconds",
        "Time of the last complete poll of the list (Unix time)",
        |tail, samples| lists(tail, samples, |list| list.last_success),
    ),
    Family::gauge::<Listed>(
        Stable,
        "notafter_list_objects",
        "Number of objects in the list as of its last complete poll",
        |tail, samples| lists(tail, samples, |list| i64::try_from(list.objects).ok()),
    ),
    Family::gauge::<Listed>(
        Experimental,
        "notafter_list_duration_seconds",
        "Duration of the last poll of the list",
        |tail, samples| lists(tail, samples, |list| Some(list.duration.as_secs_f64())),
    ),
    Family::counter::<Listed>(
        Experimental,
        "notafter_list_reconciled",
        "Changes that a complete list showed and the watches before it had not reported; 0 in health",
        |tail, samples| lists(tail, samples, |list| Some(list.reconciled)),
    ),
    Family::counter::<Denied>(
        Stable,
        "notafter_refused_requests",
        "Requests and connections denied, by reason",
        |tail, samples| {
            for (reason, count) in &tail.denied {
                samples.put(&Denied { reason }, *count);
            }
        },
    ),
    Family::counter::<()>(
        Stable,
        "process_cpu_seconds",
        "User and system CPU time of the process",
        |tail, samples| figure(samples, tail.process.cpu_seconds),
    ),
    Family::gauge::<()>(
        Stable,
        "process_open_fds",
        "Number of open file descriptors",
        |tail, samples| figure(samples, tail.process.open_fds),
    ),
    Family::gauge::<()>(
        Stable,
        "process_max_fds",
        "Maximum number of open file descriptors",
        |tail, samples| figure(samples, tail.process.max_fds),
    ),
    Family::gauge::<()>(
        Stable,
        "process_virtual_memory_bytes",
        "Virtual memory size of the process",
        |tail, samples| figure(samples, tail.process.virtual_memory_bytes),
    ),
    Family::gauge::<()>(
        Stable,
        "process_resident_memory_bytes",
        "Resident memory size of the process",
        |tail, samples| figure(samples, tail.process.resident_memory_bytes),
    ),
    Family::gauge::<()>(
        Stable,
        "process_start_time_seconds",
        "Start time of the process (Unix time)",
        |tail, samples| figure(samples, tail.process.start_time_seconds),
    ),
];

/// A value of every list that has it.
fn lists<V: Value>(tail: &Tail, samples: &mut Samples<'_>, value: impl Fn(&List) -> Option<V>) {
    for list in &tail.lists {
        if let Some(value) = value(list) {
            samples.put(&Listed::of(list), value);
        }
    }
}

/// A figure of the process, if the operating system has it.
fn figure<V: Value>(samples: &mut Samples<'_>, figure: Option<V>) {
    if let Some(figure) = figure {
        samples.put(&(), figure);
    }
}
