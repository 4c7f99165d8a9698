//! Every metric family in one place: its name, labels and meaning, and how its samples are made.
//!
//! There are two tables. The samples of `OF_INVENTORY` follow from the inventory alone, and all
//! their values are absolute, so they are rendered once and served until the cluster changes. The
//! samples of `OF_TAIL` change by themselves and are rendered for every scrape. Documentation,
//! rules and dashboards are tested against both.

mod exposition;
mod family;
mod gzip;
mod labels;
mod process;
mod samples;

use strum::VariantArray;

use self::family::Family;
use self::labels::{
    Advised, Blocked, Build, Dated, Denied, Described, Ignored, Listed, Needed, Object, Operator,
    OperatorInfo, OperatorPhase, Renewer, Unreadable,
};
use self::samples::{Samples, Value};
use crate::facts::Phase;
use crate::health::List;
use crate::rotation::Judged;
use crate::snapshot::{Entry, Inventory, Role};

pub use self::exposition::{Exposition, Scrape, accepts};
pub use self::family::{Description, Kind};
pub use self::process::Process;

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

/// The families that follow from the inventory, in the order of the exposition.
static OF_INVENTORY: &[Family<Inventory>] = &[
    Family::gauge::<Advised>(
        "cert_expiry_seconds",
        "Time at which the object expires (Unix time; NaN if not known), and what an alert says",
        |inventory, samples| {
            for advice in inventory.advice() {
                let labels = Advised::of(&advice);
                match advice.dates {
                    Some(dates) => samples.put(&labels, dates.not_after),
                    None => samples.put(&labels, f64::NAN),
                }
            }
        },
    ),
    Family::gauge::<Object>(
        "cert_life_seconds",
        "Shortest lifetime among the leaf and the intermediates of the object",
        |inventory, samples| {
            for judged in inventory.judged() {
                if let Some(dates) = inventory.dates_of(judged) {
                    samples.put(&Object::of(&judged.holder.object), dates.life);
                }
            }
        },
    ),
    Family::gauge::<Object>(
        "cert_warn_before_seconds",
        "Time before expiry from which to warn, where the annotation notafter.io/warn-before says one",
        |inventory, samples| {
            for Judged { holder, rotation } in inventory.judged() {
                if let Some(seconds) = rotation.warn_before {
                    samples.put(&Object::of(&holder.object), seconds);
                }
            }
        },
    ),
    Family::gauge::<Dated>(
        "cert_not_after_seconds",
        "Time after which the certificate is expired (Unix time)",
        |inventory, samples| dates(inventory, samples, |entry| entry.certificate.not_after),
    ),
    Family::gauge::<Dated>(
        "cert_not_before_seconds",
        "Time from which the certificate is valid (Unix time)",
        |inventory, samples| dates(inventory, samples, |entry| entry.certificate.not_before),
    ),
    Family::gauge::<Dated>(
        "cert_renewal_due_seconds",
        "Latest time at which a healthy manager renews the certificate (Unix time)",
        |inventory, samples| {
            dates(inventory, samples, |entry| {
                entry.rotation.due.filter(|_| entry.role == Role::Leaf)
            });
        },
    ),
    Family::gauge::<Blocked>(
        "cert_rotation_blocked",
        "Evidence that the manager will not renew the certificate, and the command that fixes it",
        |inventory, samples| {
            for obstacle in &inventory.obstacles {
                samples.mark(&Blocked::of(obstacle, inventory));
            }
        },
    ),
    Family::gauge::<Needed>(
        "cert_impact",
        "Consumers that fail when the certificate expires, and how far that reaches",
        |inventory, samples| {
            for impact in &inventory.impacts {
                samples.mark(&Needed::of(impact, inventory));
            }
        },
    ),
    Family::gauge::<Described>(
        "cert_info",
        "Contents of the certificate, and the owner of its object",
        |inventory, samples| {
            for entry in inventory.certificates() {
                samples.mark(&Described::of(&entry));
            }
        },
    ),
    Family::gauge::<OperatorPhase>(
        "olm_csv_phase",
        "Phase of the ClusterServiceVersion: 1 for the current phase, 0 for every other",
        |inventory, samples| {
            for operator in inventory.operators() {
                for phase in Phase::VARIANTS {
                    let is_current = operator.phase == Some(*phase);
                    let labels = OperatorPhase::of(operator, *phase);
                    samples.put(&labels, i64::from(is_current));
                }
            }
        },
    ),
    Family::gauge::<OperatorInfo>(
        "olm_csv_info",
        "Version of the ClusterServiceVersion, and the reason for its phase",
        |inventory, samples| {
            for operator in inventory.operators() {
                samples.mark(&OperatorInfo::of(operator));
            }
        },
    ),
    Family::gauge::<Operator>(
        "olm_csv_last_transition_seconds",
        "Time of the last phase change of the ClusterServiceVersion (Unix time)",
        |inventory, samples| times(inventory, samples, |operator| operator.last_transition),
    ),
    Family::gauge::<Operator>(
        "olm_csv_certs_last_updated_seconds",
        "Time at which OLM last issued the operator's certificates, according to OLM (Unix time)",
        |inventory, samples| times(inventory, samples, |operator| operator.certs_last_updated),
    ),
    Family::gauge::<Operator>(
        "olm_csv_certs_rotate_at_seconds",
        "Time at which OLM plans to renew the operator's certificates (Unix time)",
        |inventory, samples| times(inventory, samples, |operator| operator.certs_rotate_at),
    ),
    Family::gauge::<Unreadable>(
        "notafter_problem",
        "Object or field that could not be read completely, and the reason",
        |inventory, samples| {
            for problem in &inventory.problems {
                samples.mark(&Unreadable::of(problem));
            }
        },
    ),
    Family::gauge::<Ignored>(
        "notafter_ignored",
        "Objects about which nobody is told, and the reason; cert_expiry_seconds leaves them out",
        |inventory, samples| {
            for ignored in inventory.ignored() {
                samples.mark(&Ignored::of(ignored));
            }
        },
    ),
    Family::gauge::<Renewer>(
        "notafter_manager_info",
        "Managers that renew by a known date, and the command that shows whether they run",
        |inventory, samples| {
            for (manager, remedy) in inventory.overviews() {
                let manager = manager.as_str();
                samples.mark(&Renewer { manager, remedy });
            }
        },
    ),
    Family::gauge::<Build>(
        "notafter_build_info",
        "Version and revision of the running notafter",
        |_, samples| samples.mark(&Build::THIS),
    ),
];

/// The families that change by themselves, in the order of the exposition, behind those of the
/// inventory.
static OF_TAIL: &[Family<Tail>] = &[
    Family::gauge::<Listed>(
        "notafter_list_up",
        "1 if the last poll of the list was complete, otherwise 0",
        |tail, samples| lists(tail, samples, |list| Some(i64::from(list.is_up()))),
    ),
    Family::gauge::<Listed>(
        "notafter_list_last_success_timestamp_seconds",
        "Time of the last complete poll of the list (Unix time)",
        |tail, samples| lists(tail, samples, |list| list.last_success),
    ),
    Family::gauge::<Listed>(
        "notafter_list_objects",
        "Number of objects in the list as of its last complete poll",
        |tail, samples| lists(tail, samples, |list| i64::try_from(list.objects).ok()),
    ),
    Family::gauge::<Listed>(
        "notafter_list_duration_seconds",
        "Duration of the last poll of the list",
        |tail, samples| lists(tail, samples, |list| Some(list.duration.as_secs_f64())),
    ),
    Family::counter::<Listed>(
        "notafter_list_reconciled",
        "Changes that a complete list showed and the watches before it had not reported; 0 in health",
        |tail, samples| lists(tail, samples, |list| Some(list.reconciled)),
    ),
    Family::counter::<Denied>(
        "notafter_refused_requests",
        "Requests and connections denied, by reason",
        |tail, samples| {
            for (reason, count) in &tail.denied {
                samples.put(&Denied { reason }, *count);
            }
        },
    ),
    Family::counter::<()>(
        "process_cpu_seconds",
        "User and system CPU time of the process",
        |tail, samples| figure(samples, tail.process.cpu_seconds),
    ),
    Family::gauge::<()>(
        "process_open_fds",
        "Number of open file descriptors",
        |tail, samples| figure(samples, tail.process.open_fds),
    ),
    Family::gauge::<()>(
        "process_max_fds",
        "Maximum number of open file descriptors",
        |tail, samples| figure(samples, tail.process.max_fds),
    ),
    Family::gauge::<()>(
        "process_virtual_memory_bytes",
        "Virtual memory size of the process",
        |tail, samples| figure(samples, tail.process.virtual_memory_bytes),
    ),
    Family::gauge::<()>(
        "process_resident_memory_bytes",
        "Resident memory size of the process",
        |tail, samples| figure(samples, tail.process.resident_memory_bytes),
    ),
    Family::gauge::<()>(
        "process_start_time_seconds",
        "Start time of the process (Unix time)",
        |tail, samples| figure(samples, tail.process.start_time_seconds),
    ),
];

/// Every family, in the order of the exposition.
pub fn families() -> impl Iterator<Item = &'static Description> {
    let of_inventory = OF_INVENTORY.iter().map(|family| &family.description);
    of_inventory.chain(OF_TAIL.iter().map(|family| &family.description))
}

// === samples of several families ===

/// A date of every certificate that has it.
fn dates(
    inventory: &Inventory,
    samples: &mut Samples<'_>,
    date: impl Fn(&Entry<'_>) -> Option<i64>,
) {
    for entry in inventory.certificates() {
        if let Some(date) = date(&entry) {
            samples.put(&Dated::of(&entry), date);
        }
    }
}

/// A time of every operator that has it.
fn times(
    inventory: &Inventory,
    samples: &mut Samples<'_>,
    time: impl Fn(&crate::facts::Operator) -> Option<i64>,
) {
    for operator in inventory.operators() {
        if let Some(time) = time(operator) {
            samples.put(&Operator::of(operator), time);
        }
    }
}

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
