//! Connections without a socket, for fuzzing (`fuzz/`). In no other build does this module exist.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::auth::Client;
use super::{Server, listener, routes};

impl Server {
    /// Serves the requests of one connection in plain HTTP until it ends.
    pub async fn serve_stream(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let client = Client {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 1)),
            name: None,
        };
        let (routes, stop) = (routes(self.clone()), CancellationToken::new());
        listener::serve_http(stream, client, routes, self.clone(), stop).await;
    }
}
