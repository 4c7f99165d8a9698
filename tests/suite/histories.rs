//! Random histories of changes and faults: what is known afterwards is what a fresh start would
//! read.

use std::sync::Arc;

use fastrand::Rng;
use notafter_simulator::{Cluster, Fault, rng};

use crate::world::{World, certificate, operator, secret};

/// Applies a random change of the kind that people and controllers make.
fn apply_random_change(cluster: &Cluster, rng: &mut Rng, pems: &[String]) {
    let namespace = ["shop", "shop2", "blog"][rng.usize(..3)];
    let name = ["web", "web-tls", "web2", "a", "a-b", "a.b"][rng.usize(..6)];
    let pem = &pems[rng.usize(..pems.len())];
    match rng.u8(..10) {
        0 => cluster.compact(),
        1 => cluster.apply(operator(
            namespace,
            name,
            ["Succeeded", "Failed", ""][rng.usize(..3)],
        )),
        2..4 => drop(cluster.try_delete("Secret", namespace, name)),
        4 => drop(cluster.try_delete("ClusterServiceVersion", namespace, name)),
        _ => {
            let mut data = vec![("tls.crt", pem.as_bytes())];
            if rng.bool() {
                data.push(("ca.crt", pems[rng.usize(..pems.len())].as_bytes()));
            }
            cluster.apply(secret(namespace, name, &data));
        }
    }
}

/// Injects a random fault into the next matching requests.
fn inject_random_fault(cluster: &Cluster, rng: &mut Rng, pems: &Arc<Vec<String>>) {
    let pattern = [
        "/secrets",
        "/clusterserviceversions",
        "metadata.name",
        "limit=",
    ][rng.usize(..4)];
    let (pems, seed) = (pems.clone(), rng.u64(..));
    let meanwhile = move |cluster: &Cluster| {
        apply_random_change(cluster, &mut Rng::with_seed(seed), &pems);
    };
    let fault = match rng.u8(..5) {
        0 => Fault::Status(500, None),
        1 => Fault::Shortened(rng.usize(..300)),
        2 => Fault::Body("text/html", "<html>".into()),
        _ => Fault::Meanwhile(Arc::new(meanwhile)),
    };
    cluster.inject(fault, pattern, rng.usize(1..3));
}

#[tokio::test]
async fn any_history_of_changes_and_faults_leads_to_the_same_result_as_a_fresh_start() {
    let mut rng = rng();
    let mut pems: Vec<String> = (1..6)
        .map(|days| certificate("web", days * 30).certificate)
        .collect();
    pems.push(format!("{}{}", pems[0], pems[1]));
    pems.push("nothing of use".into());
    let pems = Arc::new(pems);
    for _ in 0..10 {
        let cluster = Cluster::with_olm();
        let mut world = World::of(cluster.clone()).await;
        for _ in 0..30 {
            for _ in 0..rng.usize(..6) {
                apply_random_change(&cluster, &mut rng, &pems);
            }
            if rng.u8(..3) == 0 {
                inject_random_fault(&cluster, &mut rng, &pems);
            }
            world.poll().await;
            cluster.heal();
        }
        world.poll().await;
        let mut fresh = World::of(cluster).await;
        fresh.poll().await;
        let known = format!(
            "{:?}",
            world.snapshot.inventory.certificates().collect::<Vec<_>>()
        );
        assert_eq!(
            known,
            format!(
                "{:?}",
                fresh.snapshot.inventory.certificates().collect::<Vec<_>>()
            )
        );
        assert_eq!(
            world.snapshot.inventory.operators(),
            fresh.snapshot.inventory.operators()
        );
        assert_eq!(
            world.snapshot.inventory.problems,
            fresh.snapshot.inventory.problems
        );
        assert!(
            world
                .snapshot
                .lists
                .iter()
                .all(notafter::health::List::is_up)
        );
    }
}
