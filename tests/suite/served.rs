//! notafter polling the simulated cluster and serving clients over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use notafter::command::serve;
use notafter::rotation::Declarations;
use notafter::server::Server;
use notafter::serving::ServingArgs;
use notafter_simulator::Cluster;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::world::World;

/// A timeout that is long enough for anything that is expected to happen.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A running notafter, as started by `notafter serve`, on a free loopback port.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) server: Server,
    pub(crate) stop: CancellationToken,
    pub(crate) done: JoinHandle<()>,
}

/// The response to one request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Served {
    /// Serves a cluster with the default configuration.
    pub(crate) async fn of(cluster: Cluster) -> Self {
        Self::run(World::listed(cluster)).await
    }

    /// Serves an existing world with the default configuration.
    pub(crate) async fn run(world: World) -> Self {
        let server = Server::new(ServingArgs::default(), None).unwrap();
        Self::by(world, server).await
    }

    /// Serves an existing world with a given server.
    pub(crate) async fn by(world: World, server: Server) -> Self {
        let running = server.clone();
        let listener = notafter::server::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let done = tokio::spawn(async move {
            let World {
                watched, folder, ..
            } = world;
            serve::run(
                watched,
                Duration::from_secs(1),
                Declarations::default(),
                listener,
                running,
                stopped,
            )
            .await
            .unwrap();
            drop(folder);
        });
        Self {
            address,
            server,
            stop,
            done,
        }
    }

    /// Sends one request on a new connection.
    pub(crate) async fn request(&self, method: &str, path: &str, headers: &str) -> Answer {
        let mut connection = self.connect().await;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: notafter\r\nconnection: close\r\n{headers}\r\n"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        tokio::time::timeout(PATIENCE, connection.read_to_end(&mut answer))
            .await
            .unwrap()
            .unwrap();
        let end = answer
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .expect("an empty line ends the head")
            + 4;
        let head = String::from_utf8(answer[..end].to_vec())
            .unwrap()
            .to_lowercase();
        Answer {
            status: head[9..12].parse().unwrap(),
            head,
            body: answer.split_off(end),
        }
    }

    /// Sends a GET request and returns the status and the body.
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.request("GET", path, "").await;
        (answer.status, String::from_utf8(answer.body).unwrap())
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Repeats a GET request until the response has this status, and returns its body.
    pub(crate) async fn until(&self, path: &str, status: u16) -> String {
        self.until_response(path, |now, _| now == status).await
    }

    /// Repeats a GET request until status and body of the response are as wanted, and returns the body.
    pub(crate) async fn until_response(
        &self,
        path: &str,
        is_wanted: impl Fn(u16, &str) -> bool,
    ) -> String {
        let polling = async {
            loop {
                let (status, body) = self.get(path).await;
                if is_wanted(status, &body) {
                    return body;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, polling)
            .await
            .expect("the response is as wanted in time")
    }

    /// Stops notafter and waits until it has shut down.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.done)
            .await
            .expect("notafter stops in time")
            .unwrap();
    }
}

/// Returns whether the peer closes a connection in time.
pub(crate) async fn is_closed(connection: &mut TcpStream) -> bool {
    let read = tokio::time::timeout(PATIENCE, connection.read(&mut [0; 64])).await;
    matches!(read, Ok(Ok(0) | Err(_)))
}
