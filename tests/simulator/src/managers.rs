//! Everybody who renews certificates in a cluster, on a clock that a test moves.
//!
//! The managers know the cluster only by its objects, as the real ones do, so that a test can break things by
//! editing objects. They act as the real ones were seen to act, and as their code says they do; each file names its
//! sources. What the real ones do in seconds or minutes is done here in the same moment.

mod broken;
mod cert_manager;
mod certrotation;
mod garbage;
mod healthy;
mod ingress;
mod olm;
mod round;
mod service_ca;
mod static_pods;

use std::collections::BTreeSet;

pub use self::broken::{BROKEN, Broken};
pub use self::cert_manager::CertManager;
pub use self::certrotation::CertRotation;
pub use self::ingress::IngressOperator;
pub use self::olm::{Olm, OlmVersion};
use self::round::{Read, Round};
pub use self::service_ca::ServiceCa;
pub use self::static_pods::StaticPods;
use crate::cluster::Cluster;

/// After so many rounds at one time something must be wrong.
const ROUNDS: usize = 30;

/// A cluster and everybody who renews certificates in it, on a clock of its own.
pub struct Managers {
    /// The cluster.
    pub cluster: Cluster,
    /// OLM.
    pub olm: Olm,
    /// The service-ca operator and its controller.
    pub service_ca: ServiceCa,
    /// The operators that rotate with library-go, and those that ask for certificates with CSRs.
    pub certrotation: CertRotation,
    /// cert-manager.
    pub cert_manager: CertManager,
    /// The ingress operator.
    pub ingress: IngressOperator,
    /// The operators of static pods, with their revisions.
    pub static_pods: StaticPods,
    /// Whether the garbage collector runs.
    pub garbage_collection: bool,
    now: i64,
    read: Read,
    rest: Option<Rest>,
}

/// Until when nobody has anything to do, if the cluster and the switches stay as they are.
struct Rest {
    until: i64,
    revision: u64,
    switches: Switches,
}

/// What a test can switch.
#[derive(PartialEq)]
struct Switches {
    running: [bool; 7],
    olm: OlmVersion,
    broken_issuers: BTreeSet<String>,
}

// === impl Managers ===

impl Managers {
    /// A healthy OpenShift cluster at that time (Unix seconds), 97 days after its installation.
    pub fn openshift(now: i64) -> Self {
        healthy::openshift(now)
    }

    /// What time it is (Unix seconds).
    pub fn now(&self) -> i64 {
        self.now
    }

    /// When somebody has something to do next (Unix seconds), if nobody touches the cluster until then.
    pub fn next(&self) -> i64 {
        self.rest.as_ref().map_or(self.now, |rest| rest.until)
    }

    /// Moves the clock to `time`, and lets every manager that is running do all it has to do at that time.
    pub fn advance(&mut self, time: i64) {
        assert!(time >= self.now, "the clock goes forward only");
        self.now = time;
        self.cluster.set_time(time);
        if self.rest.as_ref().is_some_and(|rest| self.stays(rest)) {
            return;
        }
        for _ in 0..ROUNDS {
            let revision = self.cluster.revision();
            let until = self.round();
            if self.cluster.revision() == revision {
                let switches = self.switches();
                self.rest = Some(Rest {
                    until,
                    revision,
                    switches,
                });
                return;
            }
        }
        panic!("the managers do not come to rest at {time}");
    }

    /// One pass of a CSV through `InstallReady`, as an upgrade of the cluster makes it.
    pub fn reinstall(&mut self, namespace: &str, csv: &str) {
        olm::reinstall(&self.cluster, namespace, csv);
        self.advance(self.now);
    }

    /// An upgrade of an operator: a new CSV takes the place of the old one.
    pub fn upgrade(&mut self, namespace: &str, old_csv: &str, new_csv: &str) {
        olm::upgrade(&self.cluster, namespace, old_csv, new_csv);
        self.advance(self.now);
    }

    fn new(cluster: Cluster, now: i64) -> Self {
        Self {
            cluster,
            olm: Olm::new(),
            service_ca: ServiceCa::new(),
            certrotation: CertRotation::new(),
            cert_manager: CertManager::new(now),
            ingress: IngressOperator::new(),
            static_pods: StaticPods::new(),
            garbage_collection: true,
            now,
            read: Read::default(),
            rest: None,
        }
    }

    /// Lets everybody look at the cluster once; says when they want to look again.
    fn round(&mut self) -> i64 {
        let round = Round::new(&self.cluster, self.now, &self.read);
        if self.olm.running {
            self.olm.look(&round);
        }
        if self.service_ca.running {
            self.service_ca.look(&round);
        }
        if self.certrotation.running {
            CertRotation::look(&round);
        }
        if self.cert_manager.running {
            self.cert_manager.look(&round);
        }
        if self.ingress.running {
            self.ingress.look(&round);
        }
        if self.static_pods.running {
            StaticPods::look(&round);
        }
        if self.garbage_collection {
            garbage::collect(&round);
        }
        round.next()
    }

    fn stays(&self, rest: &Rest) -> bool {
        self.now < rest.until
            && self.cluster.revision() == rest.revision
            && self.switches() == rest.switches
    }

    fn switches(&self) -> Switches {
        Switches {
            running: [
                self.olm.running,
                self.service_ca.running,
                self.certrotation.running,
                self.cert_manager.running,
                self.ingress.running,
                self.static_pods.running,
                self.garbage_collection,
            ],
            olm: self.olm.version,
            broken_issuers: self.cert_manager.broken_issuers.clone(),
        }
    }
}
