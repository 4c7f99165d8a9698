//! A client of an API server that needs no connection.

use std::io;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use tower::{ServiceExt, service_fn};

/// Returns a client whose requests are answered by a router in the same process. It sends neither
/// credentials nor a user agent.
pub fn client(router: Router) -> kube::Client {
    reachable_client(router, || true)
}

/// Returns such a client, whose connections are refused while the server is not reachable.
pub(crate) fn reachable_client(
    router: Router,
    is_reachable: impl Fn() -> bool + Send + 'static,
) -> kube::Client {
    let answer = move |request: Request<kube::client::Body>| {
        let (router, is_reachable) = (router.clone(), is_reachable());
        async move {
            if !is_reachable {
                return Err(io::Error::from(io::ErrorKind::ConnectionRefused));
            }
            let Ok(answer) = router.oneshot(request.map(Body::new)).await;
            Ok(answer)
        }
    };
    kube::Client::new(service_fn(answer), "default")
}
