//! The verdict on the rotation of one secret.

use notafter_simulator::Cluster;

use crate::judged::judge;
use crate::scrape::Scrape;
use crate::world::World;

/// The manager that renews the leaf of a secret, the time when renewal is due, and the reasons that
/// block it.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) manager: String,
    pub(crate) due: Option<i64>,
    /// Every obstacle as `reason: remedy`, in order.
    pub(crate) blocked: Vec<String>,
}

impl Verdict {
    /// Judges a secret (`namespace/name`) of a cluster by the rules alone, without a poll.
    pub(crate) fn of(cluster: &Cluster, place: &str) -> Self {
        let (inventory, place) = (judge(cluster), place.split_once('/').unwrap());
        let mut judged = inventory.judged().iter();
        let judged = judged.find(|judged| judged.holder.object.place() == place);
        let obstacles = inventory.obstacles.iter();
        let obstacles: Vec<_> = obstacles
            .filter(|obstacle| obstacle.object.place() == place)
            .collect();
        let manager = match judged {
            Some(judged) => judged.rotation.manager,
            None => {
                obstacles
                    .first()
                    .expect("the secret exists, or is reported as missing")
                    .manager
            }
        };
        let evidence = obstacles.iter();
        Self {
            manager: manager.as_str().into(),
            due: judged.and_then(|judged| judged.rotation.due),
            blocked: evidence
                .map(|obstacle| format!("{}: {}", obstacle.evidence.as_str(), obstacle.remedy))
                .collect(),
        }
    }

    /// Judges a secret by polling the cluster, some of whose lists may be denied.
    pub(crate) async fn polled(cluster: &Cluster, place: &str) -> Self {
        Self::read(&World::of(cluster.clone()).poll().await, place)
    }

    /// Reads the verdict on a secret from a scrape; a missing secret must be reported as blocked.
    pub(crate) fn read(scrape: &Scrape, place: &str) -> Self {
        let (namespace, name) = place.split_once('/').unwrap();
        let leaf = [
            ("kind", "Secret"),
            ("cert_namespace", namespace),
            ("name", name),
            ("key", "tls.crt"),
            ("position", "0"),
        ];
        let expiry = scrape.all("cert_not_after_seconds", &leaf);
        let due = scrape.all("cert_renewal_due_seconds", &leaf);
        let blocked = scrape.all("cert_rotation_blocked", &leaf);
        for family in ["cert_renewal_due_seconds", "cert_rotation_blocked"] {
            let all = scrape.all(family, &leaf[1..3]).len();
            let of_leaf = scrape.all(family, &leaf).len();
            assert_eq!(all, of_leaf, "{family} of {place} covers the leaf only");
        }
        let all = expiry.iter().chain(&due).chain(&blocked);
        let mut managers: Vec<&str> = all.map(|sample| sample.label("manager")).collect();
        managers.dedup();
        let [manager] = managers[..] else {
            panic!("{place} must have exactly one manager: {managers:?}")
        };
        let evidence = blocked.iter();
        Self {
            manager: manager.into(),
            due: due.first().map(|sample| sample.whole()),
            blocked: evidence
                .map(|sample| format!("{}: {}", sample.label("reason"), sample.label("remedy")))
                .collect(),
        }
    }

    /// Asserts that this manager renews the secret, that renewal is due at `due`, and that nothing
    /// blocks it.
    #[track_caller]
    pub(crate) fn is_well(&self, manager: &str, due: Option<i64>) {
        assert_eq!(self.manager, manager);
        assert_eq!(self.due, due, "{manager}");
        assert!(self.blocked.is_empty(), "{:?}", self.blocked);
    }
}
