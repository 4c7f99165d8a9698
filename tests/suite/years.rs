//! Years of a simulated cluster, on a clock that the test moves: what healthy managers do is never told as trouble.

use notafter::object::ObjectRef;
use notafter::rotation::Manager;
use notafter::snapshot::{Entry, Obstacle, Role, Snapshot};
use notafter_simulator::Managers;

use crate::world::{DAY, THEN, World};

const HOUR: i64 = 3600;

/// A cluster with its managers, and notafter looking at it whenever something has changed.
pub(crate) struct Years {
    pub(crate) managers: Managers,
    world: World,
    looked_at: u64,
}

impl Years {
    pub(crate) async fn from(now: i64) -> Self {
        let managers = Managers::openshift(now);
        let world = World::of(managers.cluster.clone()).await;
        let mut years = Self {
            managers,
            world,
            looked_at: 0,
        };
        years.look().await;
        years
    }

    /// Polls, if there is anything new to see.
    pub(crate) async fn look(&mut self) {
        let revision = self.managers.cluster.revision();
        if revision != self.looked_at {
            self.world.watch().await;
            self.looked_at = revision;
        }
    }

    /// What is wrong by notafter's word at this time.
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
            let is_over = entry
                .certificate
                .not_after
                .is_some_and(|expiry| expiry <= now);
            // Old copies expire harmlessly, and so does the ingress operator's CA where its
            // certificates are not used.
            let harmless = [Manager::Copy, Manager::IngressOperator];
            entry.role == Role::Leaf && is_over && !harmless.contains(&entry.rotation.manager)
        });
        let ended = expired.map(|entry| format!("{:?} has expired", entry.holder.object.name));
        let problems = inventory.problems.iter().map(|it| format!("{it:?}"));
        blocked
            .chain(overdue)
            .chain(ended)
            .chain(problems)
            .collect()
    }

    /// The leaf of a secret: when it ends, and by when it is renewed.
    pub(crate) fn leaf(&self, namespace: &str, name: &str) -> Option<(i64, Option<i64>)> {
        let mut certificates = self.world.snapshot.inventory.certificates();
        let entry = certificates.find(|entry| {
            entry.role == Role::Leaf && entry.holder.object.place() == (namespace, name)
        })?;
        Some((entry.certificate.not_after?, entry.rotation.due))
    }

    /// The evidence that a secret will not be renewed.
    pub(crate) fn evidence(&self, namespace: &str, name: &str) -> Option<&'static str> {
        self.obstacle(namespace, name)
            .map(|it| it.evidence.as_str())
    }

    /// What to type against that.
    pub(crate) fn remedy(&self, namespace: &str, name: &str) -> &str {
        self.obstacle(namespace, name).map_or("", |it| &it.remedy)
    }

    /// What notafter knows.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.world.snapshot
    }

    fn obstacle(&self, namespace: &str, name: &str) -> Option<&Obstacle> {
        let mut obstacles = self.world.snapshot.inventory.obstacles.iter();
        obstacles.find(|obstacle| obstacle.object.place() == (namespace, name))
    }
}

#[tokio::test]
async fn in_three_years_of_a_healthy_cluster_nothing_is_blocked_or_overdue() {
    let mut years = Years::from(THEN).await;
    assert_eq!(years.announced(), Vec::<String>::new());
    let mut looks = 0;
    for hour in 1..3 * 365 * 24 {
        years.managers.advance(THEN + hour * HOUR);
        looks += usize::from(years.managers.cluster.revision() != years.looked_at);
        years.look().await;
        let announced = years.announced();
        assert!(announced.is_empty(), "after {hour} h: {announced:#?}");
    }
    let days = 3 * 365;
    assert!(looks > 300, "{looks} rotations in {days} days of {DAY} s");
}

#[tokio::test]
async fn the_demo_announces_its_stories_and_nothing_else() {
    let mut world = World::of(notafter_simulator::openshift(THEN)).await;
    world.watch().await;
    let inventory = &world.snapshot.inventory;
    let told = inventory.obstacles.iter();
    let told: Vec<_> = told
        .map(|it| (&*it.object.name, it.evidence.as_str()))
        .collect();
    let stories = [
        ("router-certs-default", "never_renewed"),
        ("router-ca", "never_renewed"),
        ("packageserver-service-cert", "rotate_at_too_late"),
    ];
    assert_eq!(told, stories);
    let due = |entry: &Entry<'_>| entry.rotation.due.is_some_and(|due| due <= THEN);
    let overdue = inventory.certificates().filter(due);
    assert_eq!(overdue.count(), 0);
}
