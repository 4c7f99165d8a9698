//! The end of a process that cannot go on: it leaves no memory behind, and does not hide.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::Duration;

use axum::http::StatusCode;
use notafter::api::Cluster as Watched;
use notafter::poll;
use notafter::rotation::Declarations;
use notafter_simulator::Cluster;
use tokio::task::JoinError;

use crate::running::{Running, notafter};
use crate::world::polling;

/// The message of a task that ended by a panic.
fn message(error: &JoinError) -> String {
    assert!(error.is_panic());
    error.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_no_core_dump_even_where_every_limit_allows_one() {
    let cluster = Cluster::new();
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    let raised = "ulimit -S -c \"$(ulimit -H -c)\" && exec \"$0\" \"$@\"";
    shell
        .args(["-c", raised])
        .arg(notafter(&[]).get_program())
        .env_clear()
        .current_dir(folder.path());
    let mut running = Running::start(cluster.listen().await, None, shell, &[]);
    running.says("list complete", 1).await;
    let limits = format!("/proc/{}/limits", running.child.id());
    if let Ok(limits) = std::fs::read_to_string(limits) {
        let mut lines = limits.lines();
        let line = lines.find(|line| line.starts_with("Max core file size"));
        let words: Vec<&str> = line.unwrap().split_whitespace().collect();
        assert_eq!(words[4..6], ["0", "0"], "{limits}");
    }
    let status = running.dies_by("-ABRT");
    assert_eq!(status.signal(), Some(6));
    assert!(!status.core_dumped());
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_a_poll_is_published_ends_polling_with_its_message() {
    let cluster = Watched::over(Cluster::new().client(), &polling());
    let publish = |_| panic!("on purpose");
    let polls = poll::run(
        cluster,
        Duration::from_mins(1),
        Declarations::default(),
        publish,
    );
    let error = tokio::spawn(polls).await.unwrap_err();
    assert!(message(&error).contains("on purpose"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_poll_of_one_list_ends_polling_with_its_message() {
    async fn fails() -> StatusCode {
        panic!("on purpose")
    }
    let router = axum::Router::new().fallback(fails);
    let cluster = Watched::over(notafter_simulator::client(router), &polling());
    let polls = poll::run(
        cluster,
        Duration::from_mins(1),
        Declarations::default(),
        |_| (),
    );
    let error = tokio::spawn(polls).await.unwrap_err();
    assert!(message(&error).contains("on purpose"), "{error}");
}
