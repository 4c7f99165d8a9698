//! The one home of every metric: its name, its labels, what it means, and how it follows from a snapshot.
//!
//! [`FAMILIES`] is the whole table; documentation, rules and dashboards are tested against it. Every
//! value is absolute, so a certificate's series change only when the cluster does. What changes by itself
//! (the health of lists, and of the process) stands at the end, and is rendered for every scrape.

mod deflate;
mod exposition;
mod inventory;
mod process;
mod samples;

use std::fmt;

use self::inventory::{date, impact, info, obstacle, phases, problem, time};
use self::process::Process;
use self::samples::{Samples, Value};
use crate::facts::{List, Operator};
use crate::impact::Impact;
use crate::snapshot::{Entry, Obstacle, Problem, Role};

pub use self::exposition::{Exposition, Scrape};

/// A family of metrics.
pub struct Family {
    /// Its name; a counter's samples add `_total`.
    pub name: &'static str,
    /// The labels of its samples, in their order.
    pub labels: &'static [&'static str],
    /// What it means, in one line.
    pub help: &'static str,
    source: Source,
}

/// What a family's samples are made of, one by one.
enum Source {
    Certificate(fn(&Entry, &mut Samples<'_>) -> fmt::Result),
    Operator(fn(&Operator, &mut Samples<'_>) -> fmt::Result),
    Obstacle(fn(&Obstacle, &mut Samples<'_>) -> fmt::Result),
    Impact(fn(&Impact, &mut Samples<'_>) -> fmt::Result),
    Problem(fn(&Problem, &mut Samples<'_>) -> fmt::Result),
    Program(fn(&mut Samples<'_>) -> fmt::Result),
    /// How a list fares.
    List(fn(&List) -> Option<Value>),
    /// How often a request was refused, by reason.
    Refusals,
    /// The process itself.
    Process(fn(&Process) -> Option<Value>),
    /// The same, for what never falls.
    ProcessCounter(fn(&Process) -> Option<f64>),
}

// A certificate's labels begin with its place. There is no bare `namespace`, `service` or `pod` in any
// family: monitoring stacks overwrite those.
const DATES: &[&str] = &[
    "kind",
    "cert_namespace",
    "name",
    "key",
    "position",
    "role",
    "manager",
];
const INFO: &[&str] = &[
    "kind",
    "cert_namespace",
    "name",
    "key",
    "position",
    "subject",
    "issuer",
    "serial",
    "fingerprint",
    "dns_names",
    "owner",
    "remedy",
];
const BLOCKED: &[&str] = &[
    "kind",
    "cert_namespace",
    "name",
    "key",
    "position",
    "manager",
    "reason",
    "remedy",
];
const IMPACT: &[&str] = &[
    "kind",
    "cert_namespace",
    "name",
    "key",
    "position",
    "impact",
    "consumer",
];
const PROBLEM: &[&str] = &["kind", "cert_namespace", "name", "key", "reason"];
const CSV: &[&str] = &["csv_namespace", "csv"];
const LIST: &[&str] = &["resource", "scope"];

/// Every family, in the order of the exposition.
pub static FAMILIES: &[Family] = &[
    Family::new(
        "cert_not_after_seconds",
        DATES,
        "When the certificate ends (Unix time)",
        Source::Certificate(|it, samples| date(it, it.certificate().not_after, samples)),
    ),
    Family::new(
        "cert_not_before_seconds",
        DATES,
        "When the certificate begins (Unix time)",
        Source::Certificate(|it, samples| date(it, it.certificate().not_before, samples)),
    ),
    Family::new(
        "cert_renewal_due_seconds",
        DATES,
        "When a healthy manager has renewed the certificate at the latest (Unix time)",
        Source::Certificate(|it, samples| {
            let due = it.rotation().due.filter(|_| it.role == Role::Leaf);
            date(it, due, samples)
        }),
    ),
    Family::new(
        "cert_rotation_blocked",
        BLOCKED,
        "Evidence that its manager will not renew the certificate, and what to type",
        Source::Obstacle(obstacle),
    ),
    Family::new(
        "cert_impact",
        IMPACT,
        "Who breaks when the certificate ends, and how far that reaches",
        Source::Impact(impact),
    ),
    Family::new(
        "cert_info",
        INFO,
        "What the certificate says of itself, who owns the object it is in, and what to type when a leaf has to be renewed",
        Source::Certificate(info),
    ),
    Family::new(
        "olm_csv_phase",
        &["csv_namespace", "csv", "phase"],
        "1 for the phase the ClusterServiceVersion is in, 0 for the others",
        Source::Operator(phases),
    ),
    Family::new(
        "olm_csv_info",
        &["csv_namespace", "csv", "version", "reason"],
        "Version of the ClusterServiceVersion, and the reason of its phase",
        Source::Operator(|it, samples| {
            samples.put(&[&it.namespace, &it.name, &it.version, &it.reason], 1)
        }),
    ),
    Family::new(
        "olm_csv_last_transition_seconds",
        CSV,
        "When the ClusterServiceVersion last changed its phase (Unix time)",
        Source::Operator(|it, samples| time(it, it.last_transition, samples)),
    ),
    Family::new(
        "olm_csv_certs_last_updated_seconds",
        CSV,
        "When OLM believes that it made the operator's certificates (Unix time)",
        Source::Operator(|it, samples| time(it, it.certs_last_updated, samples)),
    ),
    Family::new(
        "olm_csv_certs_rotate_at_seconds",
        CSV,
        "When OLM believes that it must renew the operator's certificates (Unix time)",
        Source::Operator(|it, samples| time(it, it.certs_rotate_at, samples)),
    ),
    Family::new(
        "notafter_problem",
        PROBLEM,
        "Something that could not be read, wholly or in part",
        Source::Problem(problem),
    ),
    Family::new(
        "notafter_build_info",
        &["version", "revision"],
        "The notafter that is running",
        Source::Program(|samples| samples.put(&[crate::VERSION, crate::REVISION], 1)),
    ),
    Family::new(
        "notafter_list_up",
        LIST,
        "1 if the last list of the resource was complete, else 0",
        Source::List(|list| Some(i64::from(list.is_up()).into())),
    ),
    Family::new(
        "notafter_list_last_success_timestamp_seconds",
        LIST,
        "When the resource was last listed completely (Unix time)",
        Source::List(|list| list.last_success.map(Value::from)),
    ),
    Family::new(
        "notafter_list_objects",
        LIST,
        "Objects in the last complete list of the resource",
        Source::List(|list| i64::try_from(list.objects).ok().map(Value::from)),
    ),
    Family::new(
        "notafter_list_duration_seconds",
        LIST,
        "How long the last poll of the resource took",
        Source::List(|list| Some(list.duration.as_secs_f64().into())),
    ),
    Family::new(
        "notafter_refused_requests",
        &["reason"],
        "Requests, and connections without one, that were refused",
        Source::Refusals,
    ),
    Family::new(
        "process_cpu_seconds",
        &[],
        "User and system CPU time",
        Source::ProcessCounter(|process| process.cpu_seconds),
    ),
    Family::new(
        "process_open_fds",
        &[],
        "Open file descriptors",
        Source::Process(|it| it.open_fds.map(Value::from)),
    ),
    Family::new(
        "process_max_fds",
        &[],
        "Limit of open file descriptors",
        Source::Process(|it| it.max_fds.map(Value::from)),
    ),
    Family::new(
        "process_virtual_memory_bytes",
        &[],
        "Size of the virtual memory",
        Source::Process(|it| it.virtual_memory_bytes.map(Value::from)),
    ),
    Family::new(
        "process_resident_memory_bytes",
        &[],
        "Size of the resident memory",
        Source::Process(|it| it.resident_memory_bytes.map(Value::from)),
    ),
    Family::new(
        "process_start_time_seconds",
        &[],
        "When the process started (Unix time)",
        Source::Process(|it| it.start_time_seconds.map(Value::from)),
    ),
];

impl Family {
    const fn new(
        name: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
        source: Source,
    ) -> Self {
        Self {
            name,
            labels,
            help,
            source,
        }
    }
}

impl Source {
    /// Whether its samples stay the same until the cluster changes.
    fn is_lasting(&self) -> bool {
        !matches!(
            self,
            Self::List(_) | Self::Refusals | Self::Process(_) | Self::ProcessCounter(_)
        )
    }
}
