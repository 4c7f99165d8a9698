//! The bytes of a connection to the real server, without a socket. No answer without the password
//! has metrics in it, and no answer repeats credentials.
#![no_main]

use std::io::Read;
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use libfuzzer_sys::fuzz_target;
use notafter::server::Server;
use notafter::serving::ServingArgs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;

/// The user and the password of the server that requires one.
const CREDENTIALS: &str = "scraper:only-for-fuzzing";

/// The cost of its bcrypt hash: the lowest.
const COST: u32 = 4;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    // Nobody waits for the timeout of a connection that is kept open.
    runtime.enable_time().start_paused(true);
    runtime.build().expect("a runtime")
});
static OPEN: LazyLock<Server> =
    LazyLock::new(|| Server::new(ServingArgs::default(), None).expect("the default is valid"));
static CLOSED: LazyLock<Server> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("web.yaml");
    let (user, password) = CREDENTIALS.split_once(':').expect("a user and a password");
    let hash = bcrypt::hash(password, COST).expect("the cost is valid");
    let users = format!("basic_auth_users: {{{user}: {hash}}}\n");
    std::fs::write(&file, users).expect("a temporary folder can be written to");
    let args = ServingArgs {
        web_config_file: Some(file),
        ..ServingArgs::default()
    };
    Server::new(args, None).expect("the file is valid")
});

fuzz_target!(|input: &[u8]| {
    let Some((first, request)) = input.split_first() else {
        return;
    };
    let is_open = first & 1 == 0;
    let server: &Server = if is_open { &OPEN } else { &CLOSED };
    let answer = RUNTIME.block_on(answer(server, request));
    let text = String::from_utf8_lossy(&answer);
    if answer.is_empty() {
        return;
    }
    assert!(text.starts_with("HTTP/1."), "{text}");
    let has_password = contains(request, STANDARD.encode(CREDENTIALS).as_bytes());
    let has_metrics = text.contains("# EOF") || text.contains("content-encoding: gzip");
    assert!(is_open || has_password || !has_metrics, "{text}");
    assert!(!text.contains("only-for-fuzzing"), "{text}");
    if !request
        .to_ascii_lowercase()
        .windows(4)
        .any(|run| run == b"gzip")
    {
        assert!(!text.contains("content-encoding"), "{text}");
    }
    if !contains(request, b"HEAD") {
        check_first(&answer, &text);
    }
});

/// Checks the body of the first answer, if it is a complete exposition.
fn check_first(answer: &[u8], text: &str) {
    let Some(end) = answer.windows(4).position(|run| run == b"\r\n\r\n") else {
        return;
    };
    let head = text[..text.find("\r\n\r\n").unwrap_or(0)].to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let Some(length) = length.and_then(|length| length.parse::<usize>().ok()) else {
        return;
    };
    let Some(body) = answer.get(end + 4..end + 4 + length) else {
        return; // the time was over
    };
    if head.contains("content-encoding: gzip") {
        let mut text = String::new();
        GzDecoder::new(body)
            .read_to_string(&mut text)
            .expect("the body is gzip");
        assert!(text.ends_with("# EOF\n"));
    }
}

async fn answer(server: &Server, request: &[u8]) -> Vec<u8> {
    let (mut client, stream) = tokio::io::duplex(1 << 20);
    let mut answer = Vec::new();
    let talk = async {
        let _ = client.write_all(request).await;
        let _ = client.read_to_end(&mut answer).await;
    };
    let both = async { tokio::join!(server.serve_stream(stream), talk) };
    // The longest life of a connection (`listener::MAX_LIFETIME`).
    let _ = tokio::time::timeout(Duration::from_mins(1), both).await;
    answer
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|run| run == wanted)
}
