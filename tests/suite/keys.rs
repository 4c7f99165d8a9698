//! No run of bytes of a private key leaves the program: not in a log of any level, the exposition or
//! the page, whatever the API server answers.

use std::collections::HashSet;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter_simulator::certificate::der;
use notafter_simulator::{Cluster, Fault};
use serde_json::json;

use crate::running::{Running, notafter};
use crate::world::{certificate, secret};

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The length of a run: base64 of 12 bytes, too few of a key to be of use.
const RUN: usize = 16;

/// A key that is none: bytes that occur nowhere else.
fn key(seed: u64) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(seed);
    (0..600).map(|_| rng.u8(..)).collect()
}

/// The private key's text in a secret, in PEM.
fn pem(key: &[u8]) -> String {
    der::pem("PRIVATE KEY", key)
}

/// Every run of a key as it is, in PEM, in base64 as in JSON, and in base64 of that.
fn runs(keys: &[Vec<u8>]) -> HashSet<Vec<u8>> {
    let mut runs = HashSet::new();
    for key in keys {
        let mut add = |text: &[u8]| runs.extend(text.windows(RUN).map(<[u8]>::to_vec));
        add(key);
        let pem = pem(key).replace('\r', "");
        let body: Vec<&str> = pem.lines().filter(|line| !line.starts_with('-')).collect();
        add(body.concat().as_bytes());
        // A text may begin anywhere within three bytes of what base64 encodes.
        for start in 0..3 {
            let once = STANDARD.encode(&pem[28 + start..]);
            add(once.as_bytes());
            add(STANDARD.encode(&once[start..]).as_bytes());
            add(STANDARD.encode(&key[start..]).as_bytes());
        }
    }
    runs
}

/// Asserts that a text has no run of a key in it.
fn check(what: &str, text: &[u8], runs: &HashSet<Vec<u8>>) {
    let leaked = text.windows(RUN).find(|run| runs.contains(*run));
    let leaked = leaked.map(String::from_utf8_lossy);
    assert!(leaked.is_none(), "{what} has {leaked:?} of a key");
}

/// Every fault of the simulator, with keys wherever it takes bytes, and whether it is one of a watch.
fn faults(key: &str) -> Vec<(Fault, bool)> {
    const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
    let json =
        json!({"kind": "SecretList", "items": [{"data": {"tls.key": STANDARD.encode(key)}}, 1]});
    let object = json!({
        "kind": "Secret", "metadata": {"namespace": "shop", "name": "web-0", "resourceVersion": "no number"},
        "data": {"tls.key": STANDARD.encode(key), "tls.crt": STANDARD.encode(key)},
    });
    let head = [
        b"k8s\0\x0a\x10\x0a\x02v1\x12\x0aSecretList\x12\xff\xff\xff\x7f",
        key.as_bytes(),
    ]
    .concat();
    let events = vec![
        ("ADDED", object.clone()),
        ("ADDED", json!({"kind": key})),
        ("BOOKMARK", object),
    ];
    let of_watches = [
        Fault::Mute,
        Fault::EndEarly,
        Fault::Frames([&[0, 0, 0, 200], key.as_bytes()].concat()),
        Fault::Events(events),
        Fault::Trailing(b"\xff\xff"),
    ];
    let of_lists = [
        Fault::CutOff(900),
        Fault::Shortened(900),
        Fault::Stalled(900),
        Fault::Drip,
        Fault::Silence,
        Fault::Status(500, None),
        Fault::Status(410, None),
        Fault::Status(429, Some(3_600)),
        Fault::Redirect("http://127.0.0.1:1/api/v1/secrets".into()),
        Fault::Body("application/json", json.to_string()),
        Fault::Body(PROTOBUF, format!("k8s\0\x12\x7f{key}")),
        Fault::Body("text/plain", key.into()),
        Fault::Endless(PROTOBUF, head.clone(), key.into()),
        Fault::GzipBomb(PROTOBUF, head, key.into()),
    ];
    let of_watches = of_watches.into_iter().map(|fault| (fault, true));
    let of_lists = of_lists.into_iter().map(|fault| (fault, false));
    of_watches.chain(of_lists).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_run_of_a_key_leaves_at_any_log_level_after_any_fault() {
    let keys: Vec<Vec<u8>> = (0..6).map(key).collect();
    let cluster = Cluster::with_olm();
    let pair = certificate("web", 90);
    let apply = |index: usize| {
        let key = pem(&keys[index % keys.len()]);
        // A tenant may put a key anywhere.
        let data = [
            ("tls.crt", [&*pair.certificate, &key].concat()),
            ("tls.key", key.clone()),
            ("key.pem", key.replace("PRIVATE KEY", "CERTIFICATE")),
            ("key.txt", key),
        ];
        let data = data.each_ref().map(|(name, text)| (*name, text.as_bytes()));
        cluster.apply(secret("shop", &format!("web-{}", index % 20), &data));
    };
    (0..20).for_each(apply);
    let address = cluster.listen().await;
    let started = LEVELS.map(|level| {
        let format = if level == "debug" { "json" } else { "text" };
        let flags = [
            "--log",
            level,
            "--log-format",
            format,
            "--timeout",
            "4s",
            "--listen",
            "127.0.0.1:0",
        ];
        Running::start(address, None, notafter(&[]), &flags)
    });
    let [.., info, _, trace] = &started;
    let complete = "list complete list=\"secrets\"";
    trace.says(complete, 1).await;
    info.says(complete, 1).await;
    for (index, (fault, is_of_a_watch)) in faults(&pem(&keys[0])).into_iter().enumerate() {
        apply(index);
        cluster.requests();
        cluster.inject(fault, "/secrets", usize::MAX);
        let mut asked = 0;
        // Each process asks again within a second.
        while asked < LEVELS.len() + 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let requests = cluster.requests().into_iter();
            asked += requests
                .filter(|request| request.target.contains("/secrets"))
                .count();
        }
        cluster.heal();
        // A list that failed is not watched until it is complete again.
        if is_of_a_watch {
            let up = "notafter_list_up{resource=\"secrets\",scope=\"\"} 1";
            trace.until("/metrics", up).await;
        }
    }
    let runs = runs(&keys);
    for running in [info, trace] {
        for (path, text) in [("/metrics", "cert_info"), ("/", "secrets")] {
            check(path, running.until(path, text).await.as_bytes(), &runs);
        }
    }
    for (level, mut running) in LEVELS.into_iter().zip(started) {
        assert_eq!(running.ends_by("-TERM"), Some(0), "{level}");
        check(level, &std::fs::read(&running.log).unwrap(), &runs);
    }
}
