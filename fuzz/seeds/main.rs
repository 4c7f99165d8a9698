//! Writes the seeds of every fuzz target into `fuzz/corpus/`: `cargo run --example seeds`.
//!
//! They are the same each time, small, and hold no key: the certificates are signed by nobody.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter_simulator::certificate::der::{self, element};
use notafter_simulator::protobuf;
use serde_json::{Value, json};

/// One object for each list of `kinds::ALL`, in its order, and the ConfigMap of client CAs.
const OBJECTS: &str = include_str!("objects.yaml");

/// The user and the password that the target `http_request` accepts.
const CREDENTIALS: &str = "scraper:only-for-fuzzing";

fn main() {
    certificates();
    objects();
    answers();
    web_configs();
    requests();
}

fn write(target: &str, name: &str, bytes: impl AsRef<[u8]>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    fs::create_dir_all(&folder).expect("the corpus can be written");
    fs::write(folder.join(name), bytes).expect("the corpus can be written");
}

fn plain() -> Vec<u8> {
    der::certificate(|fields| {
        // No real key: the rest of a certificate is what is read.
        fields.public_key =
            der::sequence(&[&der::sequence(&[&[6, 3, 0x2a, 3, 4]]), &element(3, &[0; 9])]);
    })
}

fn rich() -> Vec<u8> {
    let key = |oid: u8, value: &[u8]| der::extension(&[6, 3, 0x55, 0x1d, oid], false, value);
    let names = der::sequence(&[&element(0x82, b"web.shop.svc"), &element(0x87, &[1; 4])]);
    der::certificate(|fields| {
        fields.public_key =
            der::sequence(&[&der::sequence(&[&[6, 3, 0x2a, 3, 4]]), &element(3, &[0; 9])]);
        fields.subject = der::name(&[
            (der::ORGANIZATION, der::BMP, b"\0A"),
            (der::COMMON_NAME, der::T61, b"x"),
        ]);
        fields.not_before = element(der::UTC_TIME, b"251231235960Z");
        fields.not_after = element(der::GENERALIZED_TIME, b"20510101000000.5Z");
        fields.extensions = vec![
            der::extension(der::ALTERNATIVE_NAME, false, &names),
            key(14, &element(4, &[7; 20])),
            key(35, &der::sequence(&[&element(0x80, &[7; 20])])),
        ];
    })
}

fn certificates() {
    let (plain, rich) = (plain(), rich());
    write("certificate", "plain", &plain);
    write("certificate", "rich", &rich);
    write("certificate", "cut-off", &plain[..100]);
    let block = der::pem("CERTIFICATE", &plain[..70]);
    write("pem", "one", der::pem("CERTIFICATE", &plain));
    write("pem", "trusted", der::pem("TRUSTED CERTIFICATE", &rich));
    write(
        "pem",
        "damaged",
        [&block[..60], &block, &block.replace('\n', "\r")].concat(),
    );
    write(
        "pem",
        "key",
        [&der::pem("PRIVATE KEY", b"no key"), &*block].concat(),
    );
}

fn documents() -> Vec<Value> {
    let pem = STANDARD.encode(der::pem("CERTIFICATE", &plain()[..100]));
    serde_saphyr::from_multiple(&OBJECTS.replace(": CERTIFICATE", &format!(": {pem}")))
        .expect("the objects are YAML")
}

fn objects() {
    for (index, object) in (0_u8..).zip(documents()) {
        let name = object["kind"].as_str().expect("an object has a kind");
        let seed = |text: &[u8]| [&[index], text].concat();
        write("json_item", name, seed(object.to_string().as_bytes()));
        let yaml = serde_saphyr::to_string(&object).expect("JSON can be written as YAML");
        write("yaml_document", name, seed(yaml.as_bytes()));
        write("protobuf_item", name, seed(&protobuf(&object)));
    }
}

/// A field of protobuf with a length.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = value.len();
    while length >= 0x80 {
        field.push(u8::try_from(length & 0x7f).expect("seven bits") | 0x80);
        length >>= 7;
    }
    field.push(u8::try_from(length).expect("seven bits"));
    [field, value.to_vec()].concat()
}

/// An object in the envelope of the API server.
fn enveloped(kind: &str, object: &[u8]) -> Vec<u8> {
    let kind = [field(1, b"v1"), field(2, kind.as_bytes())].concat();
    [b"k8s\0".to_vec(), field(1, &kind), field(2, object)].concat()
}

fn answers() {
    let documents = documents();
    let (secret, route) = (&documents[0], &documents[12]);
    let item = protobuf(secret);
    let event = |kind: &str, object: &[u8]| {
        let event = [field(1, kind.as_bytes()), field(2, &field(1, object))].concat();
        let length = u32::try_from(event.len()).expect("a seed is short");
        [&length.to_be_bytes(), &*event].concat()
    };
    let gone = [field(3, b"too old"), field(4, b"Expired")].concat();
    let bookmark = field(1, &field(6, b"4711"));
    let frames = [
        event("ADDED", &enveloped("Secret", &item)),
        event("DELETED", &enveloped("Secret", &item)),
        event("BOOKMARK", &enveloped("Secret", &bookmark)),
        event("ERROR", &enveloped("Status", &gone)),
    ];
    write(
        "answer",
        "watch-protobuf",
        [&b"\0\x07"[..], &frames.concat()].concat(),
    );
    let line =
        |kind: &str, object: &Value| format!("{}\n", json!({"type": kind, "object": object}));
    let status = json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"});
    let lines = [
        line("ADDED", route),
        line("DELETED", route),
        line("ERROR", &status),
    ];
    write(
        "answer",
        "watch-json",
        [&b"\x01\x07"[..], lines.concat().as_bytes()].concat(),
    );
    let meta = [field(2, b"4711"), field(3, b"next")].concat();
    let list = [field(1, &meta), field(2, &item), field(2, &item)].concat();
    write(
        "answer",
        "list-protobuf",
        [&b"\x02\x07"[..], &enveloped("SecretList", &list)].concat(),
    );
    let list = json!({
        "kind": "RouteList", "metadata": {"resourceVersion": "4711", "continue": "next"},
        "items": [route, route],
    });
    write(
        "answer",
        "list-json",
        [&b"\x03\x07"[..], list.to_string().as_bytes()].concat(),
    );
    write(
        "answer",
        "status-protobuf",
        [&b"\x02\x07"[..], &enveloped("Status", &gone)].concat(),
    );
    write(
        "answer",
        "status-json",
        [&b"\x03\x07"[..], status.to_string().as_bytes()].concat(),
    );
}

fn web_configs() {
    let hash = format!("$2y$10${}", "a".repeat(53));
    write(
        "web_config",
        "users",
        format!("basic_auth_users: {{prometheus: {hash}}}\n"),
    );
    write(
        "web_config",
        "headers",
        "http_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: deny\n    Strict-Transport-Security: max-age=1\n    Content-Security-Policy: \"\"\n",
    );
    write(
        "web_config",
        "rate-limit",
        "rate_limit: {interval: 1m30s, burst: 20}\n",
    );
    write(
        "web_config",
        "tls",
        "tls_server_config:\n  cert_file: /nowhere/tls.crt\n  key_file: /nowhere/tls.key\n  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: /nowhere/ca.crt\n  client_allowed_sans: [web]\n  min_version: TLS12\n  max_version: TLS13\n  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n  curve_preferences: [X25519]\n",
    );
}

fn requests() {
    let password = STANDARD.encode(CREDENTIALS);
    let get = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: notafter\r\n{headers}\r\n")
    };
    let accept = "accept: application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5\r\n";
    let basic = format!("authorization: Basic {password}\r\n");
    for (name, first, request) in [
        ("metrics", 0, get("/metrics", accept)),
        (
            "gzip",
            0,
            get("/metrics", "accept-encoding: gzip;q=1.0, identity;q=0\r\n"),
        ),
        (
            "pages",
            0,
            [
                get("/", ""),
                get("/live", ""),
                get("/ready", ""),
                get("/runbooks/NotafterDown", "accept: text/html\r\n"),
                get("/runbooks/%2e%2e/%ff", ""),
                get("/other?a=%00", ""),
            ]
            .concat(),
        ),
        ("head", 0, get("/metrics", "").replace("GET", "HEAD")),
        (
            "body",
            0,
            format!(
                "{}3\r\nabc\r\n0\r\n\r\n",
                get("/", "transfer-encoding: chunked\r\n").replace("GET", "POST")
            ),
        ),
        ("nobody", 1, get("/metrics", "")),
        ("password", 1, get("/metrics", &basic)),
        (
            "wrong",
            1,
            get("/metrics", &basic.replace(&password, "c2NyYXBlcjp4")),
        ),
        ("bearer", 1, get("/metrics", "authorization: Bearer x\r\n")),
    ] {
        write(
            "http_request",
            name,
            [&[first], request.as_bytes()].concat(),
        );
    }
}
