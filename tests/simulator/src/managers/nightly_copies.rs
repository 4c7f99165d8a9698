//! A job that copies a certificate into another namespace every night, as administrators write it: its
//! copies have no label and no annotation.

use serde_json::{Value, json};

use super::round::{DAY, HOUR, Round};
use crate::object::Place;

const ORIGINAL: Place<'_> = ("openshift-ingress", "apps-tls");
const COPY: Place<'_> = ("shop", "apps-tls");

/// The time of the day at which it runs.
const TURN: i64 = 3 * HOUR;

/// Copies the certificate if it was renewed before the last night.
pub(super) fn sync(round: &Round<'_>) {
    let Some(original) = round.secret(ORIGINAL) else {
        return;
    };
    let copy = round.secret(COPY);
    let is_same = |copy: &Value| copy["data"] == original["data"];
    if copy.as_deref().is_some_and(is_same) {
        return;
    }
    // After a leap of the clock.
    let leaf = copy.and_then(|copy| round.leaf(&copy));
    let is_old = leaf.is_none_or(|leaf| leaf.not_after <= round.now);
    let renewed = round.leaf(&original).map_or(0, |leaf| leaf.not_before);
    let days = (renewed - TURN).div_euclid(DAY) + 1;
    if is_old || round.reached(days * DAY + TURN) {
        let (namespace, name) = COPY;
        let mut copy = (*original).clone();
        copy["metadata"] = json!({"namespace": namespace, "name": name});
        round.cluster.apply(copy);
    }
}
