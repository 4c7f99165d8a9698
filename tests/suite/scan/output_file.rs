//! `--output-file`: the file has all of the output or is as it was, and what stands in its place stays.

use std::fs::{self, File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use notafter_simulator::kubeconfig;

use super::{NOW, Scanned, with_days_left};
use crate::running::{notafter, stderr};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[tokio::test]
async fn the_file_has_what_would_be_printed_and_replaces_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.md");
    let path = file.to_str().unwrap();
    let scanned = Scanned::of(&[Some(&with_days_left(20))]).await;
    for format in ["table", "markdown", "openmetrics"] {
        fs::write(&file, "an older and much longer text\n".repeat(1000)).unwrap();
        let (printed, _) = scanned.print(&["-o", format]).await;
        let (nothing, status) = scanned.print(&["-o", format, "--output-file", path]).await;
        assert_eq!((&*nothing, status), ("", 1));
        let without_times = |text: &str| -> Vec<String> {
            let lines = text
                .lines()
                .filter(|line| !line.contains("_timestamp_seconds{"));
            let lines = lines.filter(|line| !line.contains("_duration_seconds{"));
            lines.map(str::to_owned).collect()
        };
        let written = fs::read_to_string(&file).unwrap();
        assert_eq!(without_times(&written), without_times(&printed), "{format}");
    }
    assert_eq!(names(folder.path()), ["report.md"]);
    // The container that posts it has another user.
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o444, 0o444, "{mode:o}");
}

#[tokio::test]
async fn a_link_stays_a_link_and_a_device_a_device() {
    let folder = tempfile::tempdir().unwrap();
    let (link, file) = (folder.path().join("latest"), folder.path().join("report"));
    fs::write(&file, "").unwrap();
    symlink(&file, &link).unwrap();
    let scanned = Scanned::of(&[Some(&with_days_left(300))]).await;
    let into = async |path: &str| scanned.print(&["-o", "csv", "--output-file", path]).await.0;
    assert_eq!(into(link.to_str().unwrap()).await, "");
    assert!(fs::read_to_string(&file).unwrap().contains("shop"));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(into("/dev/stdout").await.contains("shop"));
    assert_eq!(into("/dev/null").await, "");
}

#[tokio::test]
async fn a_link_to_nothing_stays_a_link_and_what_it_names_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("reports")).unwrap();
    symlink("reports/today", path("latest")).unwrap();
    symlink("latest", path("link")).unwrap();
    let scanned = Scanned::of(&[Some(&with_days_left(300))]).await;
    let link = path("link");
    let arguments = ["-o", "csv", "--output-file", link.to_str().unwrap()];
    assert_eq!(scanned.print(&arguments).await, (String::new(), 0));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let written = fs::read_to_string(path("reports/today")).unwrap();
    assert!(written.contains("shop"), "{written}");
    assert_eq!(names(&path("reports")), ["today"]);
}

#[tokio::test]
async fn the_permissions_of_the_file_that_is_replaced_stay() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report");
    let scanned = Scanned::of(&[Some(&with_days_left(300))]).await;
    for mode in [0o660, 0o600, 0o444] {
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let arguments = ["--output-file", file.to_str().unwrap()];
        assert_eq!(scanned.print(&arguments).await, (String::new(), 0));
        let there = fs::metadata(&file).unwrap();
        assert!(there.len() > 0);
        assert_eq!(there.permissions().mode() & 0o777, mode, "{mode:o}");
        fs::remove_file(&file).unwrap();
    }
}

#[tokio::test]
async fn where_nothing_can_be_written_no_cluster_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = with_days_left(300);
    let scanned = Scanned::of(&[Some(&cluster)]).await;
    cluster.requests();
    for path in [folder.path(), &folder.path().join("missing/report")] {
        let arguments = ["scan", "--output-file", path.to_str().unwrap()];
        assert_eq!(scanned.fail(&arguments).await.1, 4);
    }
    assert_eq!(cluster.requests().len(), 0);
    let file = folder.path().join("report");
    scanned
        .print(&["--output-file", file.to_str().unwrap()])
        .await;
    assert!(cluster.requests().len() > 5);
}

#[test]
fn a_look_that_is_interrupted_leaves_nothing_beside_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("reports");
    fs::create_dir(&reports).unwrap();
    fs::write(reports.join("report"), "before").unwrap();
    // A server that accepts connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = folder.path().join("kubeconfig");
    fs::write(&config, kubeconfig(silent.local_addr().unwrap(), None)).unwrap();
    let mut command = notafter(&["scan", "--output-file"]);
    command.arg(reports.join("report"));
    let mut looking = command.arg("--kubeconfig").arg(config).spawn().unwrap();
    let connection = silent.accept().unwrap();
    looking.kill().unwrap();
    looking.wait().unwrap();
    drop(connection);
    assert_eq!(names(&reports), ["report"]);
    let kept = fs::read_to_string(reports.join("report")).unwrap();
    assert_eq!(kept, "before");
}

#[tokio::test]
async fn an_output_that_is_full_is_no_certificate_that_needs_a_person() {
    let scanned = Scanned::of(&[Some(&with_days_left(20))]).await;
    for arguments in [
        &["scan"][..],
        &["scan", "--exit-zero"],
        &["explain", "shop/web"],
    ] {
        let mut command = notafter(arguments);
        command.args(["--at", NOW, "--kubeconfig"]);
        command.arg(scanned.kubeconfig());
        command.stdout(File::options().write(true).open("/dev/full").unwrap());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = output.await.unwrap();
        assert_eq!(output.status.code(), Some(4), "{arguments:?}");
        let error = stderr(&output);
        assert!(
            error.starts_with("cannot print to standard output: "),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let scanned = Scanned::of(&[Some(&with_days_left(300))]).await;
    let missing = folder.path().join("missing/report");
    for path in [missing.as_path(), folder.path(), Path::new("/dev/full")] {
        let path = path.to_str().unwrap();
        let arguments = ["scan", "--exit-zero", "--output-file", path];
        let (error, status) = scanned.fail(&arguments).await;
        assert_eq!(status, 4, "{path}");
        assert!(
            error.starts_with(&format!("cannot write --output-file {path}: ")),
            "{error}"
        );
    }
    assert!(names(folder.path()).is_empty());
}
