//! The controllers that renew certificates in a cluster, on a clock that a test moves.
//!
//! They know the cluster by its objects alone, as the real ones do, so that a test can break them
//! by editing objects. They do what the years of a cluster and the [ways to break them](BROKEN)
//! show of the real ones, which were watched and read; each file names its sources. What takes the
//! real ones seconds or minutes happens here at once.

mod broken;
mod cert_manager;
mod certrotation;
mod garbage;
mod healthy;
mod ingress;
mod nightly_copies;
mod olm;
mod round;
mod service_ca;
mod static_pods;

use std::cell::Cell;

pub use self::broken::{BROKEN, Broken};
pub use self::olm::OlmVersion;
use self::round::{Read, Round};
use crate::certificate::Authority;
use crate::cluster::Cluster;

/// The number of rounds at one time after which something must be wrong.
const ROUNDS: usize = 30;

/// A cluster and the managers of its certificates.
pub struct Managers {
    /// The cluster.
    pub cluster: Cluster,
    /// Which managers run, and how.
    pub switches: Switches,
    /// The CA behind every Issuer of cert-manager.
    issuer: Authority,
    now: i64,
    read: Read,
    rest: Option<Rest>,
}

/// Which managers run, and how.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Switches {
    /// True if OLM runs.
    pub olm: bool,
    /// How OLM decides when to renew.
    pub olm_version: OlmVersion,
    /// True if the service-ca operator and its controller run.
    pub service_ca: bool,
    /// The number of Services that service-ca issues for at one time. The real one issues for 1.3
    /// in a second, so that the last of a thousand waits for 13 minutes.
    pub services_at_once: usize,
    /// True if the operators run that rotate the platform's certificates or request them with CSRs.
    pub certrotation: bool,
    /// True if cert-manager runs.
    pub cert_manager: bool,
    /// The namespace whose Issuers do not answer.
    pub broken_issuers: Option<&'static str>,
    /// True if the operators of static pods run.
    pub static_pods: bool,
    /// True if the garbage collector runs.
    pub garbage_collection: bool,
}

/// The time until which no manager has work to do, while cluster and switches stay as they are.
struct Rest {
    until: i64,
    revision: u64,
    switches: Switches,
}

// === impl Managers ===

impl Managers {
    /// Returns a healthy OpenShift cluster at a time (Unix seconds), 97 days after its
    /// installation.
    pub fn openshift(now: i64) -> Self {
        healthy::openshift(now)
    }

    fn new(cluster: Cluster, now: i64) -> Self {
        Self {
            cluster,
            switches: Switches {
                olm: true,
                olm_version: OlmVersion::Fixed,
                service_ca: true,
                services_at_once: usize::MAX,
                certrotation: true,
                cert_manager: true,
                broken_issuers: None,
                static_pods: true,
                garbage_collection: true,
            },
            issuer: cert_manager::authority(now),
            now,
            read: Read::default(),
            rest: None,
        }
    }

    /// The time on the clock (Unix seconds).
    pub fn now(&self) -> i64 {
        self.now
    }

    /// The next time at which a manager has work to do (Unix seconds), if nothing changes until
    /// then.
    pub fn next(&self) -> i64 {
        self.rest.as_ref().map_or(self.now, |rest| rest.until)
    }

    /// Moves the clock to `time`, and lets the managers do all that they have to do at that time.
    pub fn advance(&mut self, time: i64) {
        assert!(time >= self.now, "the clock goes forward only");
        self.now = time;
        self.cluster.set_time(time);
        if self.rest.as_ref().is_some_and(|rest| self.is_at_rest(rest)) {
            return;
        }
        let round = Round {
            cluster: &self.cluster,
            switches: &self.switches,
            now: time,
            next: Cell::default(),
            served: Cell::default(),
            read: &self.read,
        };
        for _ in 0..ROUNDS {
            let revision = self.cluster.revision();
            round.next.set(i64::MAX);
            self.sync(&round);
            if self.cluster.revision() == revision {
                let until = round.next.get();
                let switches = self.switches.clone();
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

    /// Sends an operator through `InstallReady`, as an upgrade of the cluster does.
    pub fn reinstall(&mut self, namespace: &str, csv: &str) {
        olm::reinstall(&self.cluster, namespace, csv);
        self.advance(self.now);
    }

    /// Upgrades an operator: a new CSV takes the place of the old one.
    pub fn upgrade(&mut self, namespace: &str, old_csv: &str, new_csv: &str) {
        olm::upgrade(&self.cluster, namespace, old_csv, new_csv);
        self.advance(self.now);
    }

    /// Lets every manager that runs look at the cluster once.
    fn sync(&self, round: &Round<'_>) {
        let switches = &self.switches;
        ingress::sync(round);
        if switches.olm {
            olm::sync(round);
        }
        if switches.service_ca {
            service_ca::sync(round);
        }
        if switches.certrotation {
            certrotation::sync(round);
        }
        if switches.cert_manager {
            cert_manager::sync(round, &self.issuer);
        }
        nightly_copies::sync(round);
        if switches.static_pods {
            static_pods::sync(round);
        }
        if switches.garbage_collection {
            garbage::sync(round);
        }
    }

    fn is_at_rest(&self, rest: &Rest) -> bool {
        self.now < rest.until
            && self.cluster.revision() == rest.revision
            && self.switches == rest.switches
    }
}
