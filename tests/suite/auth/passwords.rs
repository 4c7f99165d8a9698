//! The web configuration file at work: users, headers, limits, and how it is read again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter::denial::DenialReason;
use notafter::serving::ServingArgs;

use super::client::Client;
use super::{Files, denied, served};
use crate::served::Served;

/// Of "hunter2" and "hunter3", as cheap as bcrypt can be.
fn hash(password: &str) -> String {
    bcrypt::hash(password, 4).unwrap()
}

fn login(client: &Client, user: &str, password: &str) -> Client {
    let shown = STANDARD.encode(format!("{user}:{password}"));
    client
        .clone()
        .with(&format!("authorization: Basic {shown}"))
}

async fn with_web(files: &Files, web: &str) -> Served {
    files.put("web.yml", web);
    served(ServingArgs {
        web_config_file: Some(files.path("web.yml")),
        ..ServingArgs::default()
    })
    .await
}

const PAIR: &str = "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n";

fn users(password: &str) -> String {
    format!("basic_auth_users:\n  prometheus: {}\n", hash(password))
}

#[tokio::test]
async fn users_need_their_password_and_others_learn_what_is_required() {
    let files = Files::new();
    let served = with_web(&files, &format!("{PAIR}{}", users("hunter2"))).await;
    let client = files.client(&served);
    let prometheus = login(&client, "prometheus", "hunter2");
    for _ in 0..3 {
        assert_eq!(prometheus.status("/metrics").await, 200);
    }
    for wrong in [
        login(&client, "prometheus", "hunter3"),
        login(&client, "prometheus", ""),
        login(&client, "grafana", "hunter2"),
    ] {
        let answer = wrong.get("/metrics").await.unwrap();
        assert_eq!(answer.status, 401);
        assert_eq!(answer.text(), "wrong user or password\n");
    }
    for nothing in [client.clone(), client.clone().bearing("token")] {
        let answer = nothing.get("/").await.unwrap();
        assert_eq!(answer.status, 401);
        assert_eq!(answer.text(), "a user and a password are required\n");
        assert!(
            answer
                .head
                .contains("www-authenticate: basic realm=\"notafter\"")
        );
    }
    assert_eq!(client.status("/live").await, 200);
    assert_eq!(denied(&prometheus, DenialReason::Password).await, 3);
    assert_eq!(denied(&prometheus, DenialReason::NoCredentials).await, 2);
    served.stop().await;
}

#[tokio::test]
async fn a_certificate_and_a_password_are_both_required_where_both_are_configured() {
    let files = Files::new();
    let tls = "tls_server_config:\n  cert_file: tls.crt\n  key_file: tls.key\n  client_ca_file: ca.crt\n  \
               client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [prometheus.example.com]\n";
    let served = with_web(&files, &format!("{tls}{}", users("hunter2"))).await;
    let client = files.client(&served);
    let draft = |host: &str| {
        let draft = notafter_simulator::certificate::Draft::named("x").hosts(&[host]);
        draft.client().signed_by(&files.clients)
    };
    let known = client.clone().showing(&draft("prometheus.example.com"));
    let other = client.clone().showing(&draft("grafana.example.com"));
    assert_eq!(
        login(&known, "prometheus", "hunter2")
            .status("/metrics")
            .await,
        200
    );
    assert_eq!(known.status("/metrics").await, 401);
    assert_eq!(
        login(&client, "prometheus", "hunter2")
            .status("/metrics")
            .await,
        401
    );
    assert_eq!(
        login(&other, "prometheus", "hunter2")
            .status("/metrics")
            .await,
        403
    );
    served.stop().await;
}

#[tokio::test]
async fn a_changed_file_is_loaded_and_one_with_a_mistake_is_not() {
    let files = Files::new();
    let served = with_web(&files, &format!("{PAIR}{}", users("hunter2"))).await;
    let client = files.client(&served);
    let (old, new) = (
        login(&client, "prometheus", "hunter2"),
        login(&client, "prometheus", "hunter3"),
    );
    assert_eq!(old.status("/metrics").await, 200);
    files.put("web.yml", &format!("{PAIR}{}", users("hunter3")));
    served.server.reload();
    assert_eq!(new.status("/metrics").await, 200);
    assert_eq!(old.status("/metrics").await, 401);
    files.put("web.yml", &format!("{PAIR}basic_auth_user: {{}}\n"));
    served.server.reload();
    assert_eq!(client.status("/metrics").await, 401, "it is not open");
    assert_eq!(new.status("/metrics").await, 200);
    served.stop().await;
}

#[tokio::test]
async fn every_response_has_the_configured_headers() {
    let files = Files::new();
    let headers = "http_server_config:\n  headers:\n    X-Frame-Options: deny\n    \
                   Strict-Transport-Security: max-age=31536000\n";
    let served = with_web(&files, &format!("{headers}{}", users("hunter2"))).await;
    let client = Client::new(served.address);
    for path in [
        "/metrics",
        "/",
        "/runbooks/NotafterDown",
        "/live",
        "/nowhere",
    ] {
        let head = client.get(path).await.unwrap().head;
        assert!(head.contains("x-frame-options: deny"), "{path}: {head}");
        assert!(
            head.contains("strict-transport-security: max-age=31536000"),
            "{path}: {head}"
        );
    }
    served.stop().await;
}

#[tokio::test]
async fn requests_above_the_limit_are_denied_but_never_a_probe() {
    let files = Files::new();
    let served = with_web(&files, "rate_limit: {interval: 1h, burst: 3}\n").await;
    let client = Client::new(served.address);
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(client.status("/metrics").await);
        assert_eq!(client.status("/live").await, 200);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    let answer = client.get("/").await.unwrap();
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (429, "too many requests\n")
    );
    served.stop().await;
}
