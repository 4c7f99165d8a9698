//! The program as a child process: its log goes to a file, and it is killed on drop.

use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use notafter_simulator::{Cluster, kubeconfig};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::served::PATIENCE;

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
        let (address, command) = (cluster.listen().await, notafter(&[]));
        Self::start(address, token, command, arguments)
    }

    /// Starts a command that runs the program, with an API server at an address.
    pub(crate) fn start(
        address: SocketAddr,
        token: Option<&str>,
        mut command: Command,
        arguments: &[&str],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig");
        std::fs::write(&path, kubeconfig(address, token)).unwrap();
        let log = folder.path().join("log");
        command.arg("serve");
        if !arguments.contains(&"--interval") {
            command.args(["--interval", "1s"]);
        }
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

    /// The address that the program serves on.
    pub(crate) async fn address(&self) -> SocketAddr {
        self.says("serving address=", 1).await;
        let log = self.log();
        let (_, address) = log.split_once("serving address=").unwrap();
        address.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Repeats a GET request until the body of the answer contains a text, and returns the body.
    pub(crate) async fn until(&self, path: &str, text: &str) -> String {
        let (address, deadline) = (self.address().await, Instant::now() + PATIENCE);
        loop {
            let mut connection = TcpStream::connect(address).await.unwrap();
            let head = format!("GET {path} HTTP/1.1\r\nhost: n\r\nconnection: close\r\n\r\n");
            connection.write_all(head.as_bytes()).await.unwrap();
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await.unwrap();
            let (_, body) = answer.split_once("\r\n\r\n").unwrap();
            if body.contains(text) {
                return body.to_owned();
            }
            assert!(Instant::now() < deadline, "{path} never has {text:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Sends a signal and returns the exit code of the program.
    pub(crate) fn ends_by(&mut self, signal: &str) -> Option<i32> {
        let code = self.dies_by(signal).code();
        assert!(!self.log().contains("panicked"), "{}", self.log());
        code
    }

    /// Sends a signal and returns how the program ended.
    pub(crate) fn dies_by(&mut self, signal: &str) -> ExitStatus {
        // The kill built into the shell: a minimal system has no kill executable.
        let kill = format!("kill {signal} {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
