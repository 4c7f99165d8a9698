//! The families that follow from the inventory alone.

use strum::VariantArray;

use super::family::Family;
use super::family::Stability::{Experimental, Stable};
use super::labels::{
    Advised, Blocked, Build, Dated, Described, Ignored, Needed, Object, Operator, OperatorInfo,
    OperatorPhase, Renewer, Unreadable,
};
use super::samples::Samples;
use crate::facts::{self, Phase};
use crate::rotation::Judged;
use crate::snapshot::{Entry, Inventory, Role};

/// The families, in the order of the exposition.
pub(super) static FAMILIES: &[Family<Inventory>] = &[
    Family::gauge::<Advised>(
        Experimental,
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
        Experimental,
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
        Experimental,
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
        Stable,
        "cert_not_after_seconds",
        "Time after which the certificate is expired (Unix time)",
        |inventory, samples| dates(inventory, samples, |entry| entry.certificate.not_after),
    ),
    Family::gauge::<Dated>(
        Stable,
        "cert_not_before_seconds",
        "Time from which the certificate is valid (Unix time)",
        |inventory, samples| dates(inventory, samples, |entry| entry.certificate.not_before),
    ),
    Family::gauge::<Dated>(
        Stable,
        "cert_renewal_due_seconds",
        "Latest time at which a healthy manager renews the certificate (Unix time)",
        |inventory, samples| {
            dates(inventory, samples, |entry| {
                entry.rotation.due.filter(|_| entry.role == Role::Leaf)
            });
        },
    ),
    Family::gauge::<Blocked>(
        Experimental,
        "cert_rotation_blocked",
        "Evidence that the manager will not renew the certificate, and the command that fixes it",
        |inventory, samples| {
            for obstacle in &inventory.obstacles {
                samples.mark(&Blocked::of(obstacle, inventory));
            }
        },
    ),
    Family::gauge::<Needed>(
        Experimental,
        "cert_impact",
        "Consumers that fail when the certificate expires, and how far that reaches",
        |inventory, samples| {
            for impact in &inventory.impacts {
                samples.mark(&Needed::of(impact, inventory));
            }
        },
    ),
    Family::gauge::<Described>(
        Experimental,
        "cert_info",
        "Contents of the certificate, and the owner of its object",
        |inventory, samples| {
            for entry in inventory.certificates() {
                samples.mark(&Described::of(&entry));
            }
        },
    ),
    Family::gauge::<OperatorPhase>(
        Stable,
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
        Experimental,
        "olm_csv_info",
        "Version of the ClusterServiceVersion, and the reason for its phase",
        |inventory, samples| {
            for operator in inventory.operators() {
                samples.mark(&OperatorInfo::of(operator));
            }
        },
    ),
    Family::gauge::<Operator>(
        Stable,
        "olm_csv_last_transition_seconds",
        "Time of the last phase change of the ClusterServiceVersion (Unix time)",
        |inventory, samples| times(inventory, samples, |operator| operator.last_transition),
    ),
    Family::gauge::<Operator>(
        Experimental,
        "olm_csv_certs_last_updated_seconds",
        "Time at which OLM last issued the operator's certificates, according to OLM (Unix time)",
        |inventory, samples| times(inventory, samples, |operator| operator.certs_last_updated),
    ),
    Family::gauge::<Operator>(
        Experimental,
        "olm_csv_certs_rotate_at_seconds",
        "Time at which OLM plans to renew the operator's certificates (Unix time)",
        |inventory, samples| times(inventory, samples, |operator| operator.certs_rotate_at),
    ),
    Family::gauge::<Unreadable>(
        Stable,
        "notafter_problem",
        "Object or field that could not be read completely, and the reason",
        |inventory, samples| {
            for problem in &inventory.problems {
                samples.mark(&Unreadable::of(problem));
            }
        },
    ),
    Family::gauge::<Ignored>(
        Experimental,
        "notafter_ignored",
        "Objects excluded from alerts, and the reason; cert_expiry_seconds leaves them out",
        |inventory, samples| {
            for ignored in inventory.ignored() {
                samples.mark(&Ignored::of(ignored));
            }
        },
    ),
    Family::gauge::<Renewer>(
        Experimental,
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
        Stable,
        "notafter_build_info",
        "Version and revision of the running notafter",
        |_, samples| samples.mark(&Build::THIS),
    ),
];

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
    time: impl Fn(&facts::Operator) -> Option<i64>,
) {
    for operator in inventory.operators() {
        if let Some(time) = time(operator) {
            samples.put(&Operator::of(operator), time);
        }
    }
}
