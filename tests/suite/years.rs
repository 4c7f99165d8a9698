//! Years of a simulated cluster, on a clock that the test advances: what healthy managers do is
//! never reported as a failure.

use notafter::object::ObjectRef;
use notafter::rotation::Manager;
use notafter::snapshot::{Entry, Obstacle, Role, Snapshot};
use notafter_simulator::Managers;

use crate::world::{DAY, THEN, World};

const HOUR: i64 = 3600;

/// A cluster with its certificate managers, polled by notafter after every change.
pub(crate) struct Years {
    pub(crate) managers: Managers,
    world: World,
    seen_revision: u64,
}

impl Years {
    pub(crate) async fn from(now: i64) -> Self {
        let managers = Managers::openshift(now);
        let world = World::of(managers.cluster.clone());
        let mut years = Self {
            managers,
            world,
            seen_revision: 0,
        };
        years.look().await;
        years
    }

    /// Polls if the cluster has changed.
    pub(crate) async fn look(&mut self) {
        let revision = self.managers.cluster.revision();
        if revision != self.seen_revision {
            self.world.watch().await;
            self.seen_revision = revision;
        }
    }

    /// Everything that notafter reports as wrong at this time.
    pub(crate) fn announced(&self) -> Vec<String> {
        let now = self.managers.now();
        let inventory = &self.world.snapshot.inventory;
        let blocked = inventory.obstacles.iter().map(|obstacle| {
            let ObjectRef {
                namespace, name, ..
            } = &obstacle.object;
            let reason = obstacle.evidence.as_str();
            format!("{namespace}/{name}: {reason}")
        });
        let overdue = inventory.certificates().filter_map(|entry| {
            let due = entry.rotation.due.filter(|due| *due <= now)?;
            let (object, manager) = (&entry.holder.object, entry.rotation.manager.as_str());
            let late = (now - due) / HOUR;
            let ObjectRef {
                namespace, name, ..
            } = object;
            Some(format!("{namespace}/{name}: {manager} is {late} h late"))
        });
        let expired = inventory.certificates().filter(|entry| {
            let is_expired = entry
                .certificate
                .not_after
                .is_some_and(|expiry| expiry <= now);
            // It is harmless when an old copy expires, or the CA of an ingress operator whose
            // certificates are not in use.
            let harmless = [Manager::Copy, Manager::IngressOperator];
            entry.role == Role::Leaf && is_expired && !harmless.contains(&entry.rotation.manager)
        });
        let expired = expired.map(|entry| format!("{:?} has expired", entry.holder.object.name));
        let problems = inventory
            .problems
            .iter()
            .map(|problem| format!("{problem:?}"));
        blocked
            .chain(overdue)
            .chain(expired)
            .chain(problems)
            .collect()
    }

    /// The expiry date of the leaf certificate in a secret, and the date by which it should be
    /// renewed.
    pub(crate) fn leaf(&self, namespace: &str, name: &str) -> Option<(i64, Option<i64>)> {
        let mut certificates = self.world.snapshot.inventory.certificates();
        let entry = certificates.find(|entry| {
            entry.role == Role::Leaf && entry.holder.object.place() == (namespace, name)
        })?;
        Some((entry.certificate.not_after?, entry.rotation.due))
    }

    /// The evidence that the certificate in a secret will not be renewed.
    pub(crate) fn evidence(&self, namespace: &str, name: &str) -> Option<&'static str> {
        self.obstacle(namespace, name)
            .map(|obstacle| obstacle.evidence.as_str())
    }

    /// The command that remedies this.
    pub(crate) fn remedy(&self, namespace: &str, name: &str) -> &str {
        self.obstacle(namespace, name)
            .map_or("", |obstacle| &obstacle.remedy)
    }

    /// The latest snapshot.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.world.snapshot
    }

    fn obstacle(&self, namespace: &str, name: &str) -> Option<&Obstacle> {
        let mut obstacles = self.world.snapshot.inventory.obstacles.iter();
        obstacles.find(|obstacle| obstacle.object.place() == (namespace, name))
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_blocked_or_overdue_in_three_years_of_a_healthy_cluster() {
    let mut years = Years::from(THEN).await;
    assert_eq!(years.announced(), Vec::<String>::new());
    let mut rotations = 0;
    for hour in 1..3 * 365 * 24 {
        years.managers.advance(THEN + hour * HOUR);
        rotations += usize::from(years.managers.cluster.revision() != years.seen_revision);
        years.look().await;
        let announced = years.announced();
        assert!(announced.is_empty(), "after {hour} h: {announced:#?}");
    }
    let days = 3 * 365;
    assert!(
        rotations > 300,
        "{rotations} rotations in {days} days of {DAY} s"
    );
}

#[tokio::test(start_paused = true)]
async fn the_demo_reports_its_planned_failures_and_nothing_else() {
    let mut world = World::of(notafter_simulator::openshift(THEN));
    world.watch().await;
    let inventory = &world.snapshot.inventory;
    let obstacles = inventory.obstacles.iter();
    let reported: Vec<_> = obstacles
        .map(|obstacle| (&*obstacle.object.name, obstacle.evidence.as_str()))
        .collect();
    let planned = [
        ("router-certs-default", "never_renewed"),
        ("router-ca", "never_renewed"),
        ("packageserver-service-cert", "rotate_at_too_late"),
    ];
    assert_eq!(reported, planned);
    let due = |entry: &Entry<'_>| entry.rotation.due.is_some_and(|due| due <= THEN);
    let overdue = inventory.certificates().filter(due);
    assert_eq!(overdue.count(), 0);
}
