//! A healthy OpenShift cluster: what its managers find in it, and what they have made of it in 97
//! days.

use super::Managers;
use super::round::DAY;
use crate::cluster::Cluster;

/// The age of the cluster, and how often its managers have looked at it until now, in days; not a
/// multiple, so that nothing becomes due in this very second.
const AGE: i64 = 97;
const STEP: usize = 5;

/// The objects that came, and after how many days.
const OBJECTS: [(i64, &str); 4] = [
    (0, include_str!("healthy/platform.yaml")),
    (15, include_str!("healthy/own_certificates.yaml")),
    (40, include_str!("healthy/operator.yaml")),
    (85, include_str!("healthy/tenant.yaml")),
];

/// Returns the cluster at a time (Unix seconds).
pub(super) fn openshift(now: i64) -> Managers {
    let cluster = Cluster::with_olm();
    cluster.install_openshift(true);
    cluster.install_cert_manager(true);
    let installed = now - AGE * DAY;
    let mut managers = Managers::new(cluster, installed);
    for day in (0..AGE).step_by(STEP).chain([AGE]) {
        managers.cluster.set_time(installed + day * DAY);
        for (_, objects) in OBJECTS.iter().filter(|(came, _)| *came == day) {
            managers.cluster.apply_yaml(objects);
        }
        managers.advance(installed + day * DAY);
    }
    managers
}
