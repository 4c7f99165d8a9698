//! The program as a child process: its log goes to a file, and it is killed on drop.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use notafter_simulator::{Cluster, kubeconfig};
use tempfile::TempDir;

/// Command that runs the program with an environment that is independent of this machine.
pub(crate) fn notafter(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_notafter"));
    command.args(arguments).env_clear().env("HOME", "/nowhere");
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    notafter(arguments).output().unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A running `notafter serve`, killed on drop, and its log file.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) log: std::path::PathBuf,
    _folder: TempDir,
}

impl Running {
    pub(crate) async fn of(cluster: &Cluster, token: Option<&str>, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig");
        std::fs::write(&path, kubeconfig(cluster.listen().await, token)).unwrap();
        let log = folder.path().join("log");
        let mut command = notafter(&["serve", "--interval", "1s"]);
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command
            .args(["--kubeconfig", path.to_str().unwrap()])
            .args(arguments);
        let file = std::fs::File::create(&log).unwrap();
        let child = command.stdout(Stdio::null()).stderr(file).spawn().unwrap();
        Self {
            child,
            log,
            _folder: folder,
        }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// The number of times that a text occurs in the log.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.log().matches(what).count()
    }

    /// Waits until a text occurs in the log this many times.
    pub(crate) async fn says(&self, what: &str, times: usize) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.count(what) < times {
            assert!(
                Instant::now() < deadline,
                "{what:?} is not in the log {times} times:\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Sends a signal and returns the exit status of the program.
    pub(crate) fn ends_by(&mut self, signal: &str) -> Option<i32> {
        // The kill built into the shell: a minimal system has no kill executable.
        let kill = format!("kill {signal} {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        let code = self.child.wait().unwrap().code();
        assert!(!self.log().contains("panicked"), "{}", self.log());
        code
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
