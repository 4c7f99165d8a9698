//! Secrets that a tenant has filled as far as the API server takes them: notafter keeps a bounded
//! part of each, says what it left out, and never loses the certificate that is served.

mod streamed;

use std::sync::Arc;

use notafter::certificate::{Block, Defect, blocks};
use notafter::facts::{Fact, Facts, Holder};
use notafter::kinds;
use notafter::metrics::{Exposition, Process, Tail};
use notafter::object::{Kind, ObjectRef};
use notafter::rotation::Declarations;
use notafter::snapshot::{Inventory, Reason};
use notafter::wire::Item;
use notafter_simulator::certificate::der::{self, Fields, element};
use serde_json::{Value, json};

use crate::world::{certificate, secret};

/// The most bytes of all values of a secret (kubernetes/api: core/v1/types.go, `MaxSecretSize`).
const MIB: usize = 1 << 20;

/// The most certificate blocks that are read of one secret.
const MOST: usize = 500;

/// A certificate as short as the parser accepts.
fn short() -> String {
    der::pem(
        "CERTIFICATE",
        &der::certificate(|fields| fields.public_key = key()),
    )
}

/// A public key as short as the parser accepts.
fn key() -> Vec<u8> {
    let algorithm = der::sequence(&[&[0x06, 3, 0x2a, 3, 4]]);
    der::sequence(&[&algorithm, &element(0x03, &[0; 2])])
}

/// A certificate with every text as long as it can be and still fit in a full secret.
fn wordy() -> String {
    let name = |fields: &mut Fields| {
        let long = "x".repeat(300);
        let name = der::name(&[(der::COMMON_NAME, der::UTF8, long.as_bytes())]);
        let host = element(0x82, "y".repeat(600).as_bytes());
        fields.public_key = key();
        fields.serial = element(der::INTEGER, &[0x11; 120]);
        (fields.subject, fields.issuer) = (name.clone(), name);
        fields.extensions = vec![der::extension(
            der::ALTERNATIVE_NAME,
            false,
            &der::sequence(&[&host]),
        )];
    };
    der::pem("CERTIFICATE", &der::certificate(name))
}

/// A text that is repeated until it fills a secret.
fn filled(text: &str) -> String {
    text.repeat(MIB / text.len())
}

/// The facts about a secret, from its protobuf.
fn read(secret: &Value) -> Arc<Holder> {
    let item = notafter_simulator::protobuf(secret);
    let item = Item::protobuf(Kind::Secret, &item).unwrap();
    match &kinds::ALL[0].read(&item).unwrap()[..] {
        [Fact::Holder(holder)] => holder.clone(),
        facts => panic!("{facts:?}"),
    }
}

/// The judged cluster that has these secrets alone.
fn judged(holders: Vec<Arc<Holder>>) -> Inventory {
    let facts = Facts {
        holders,
        ..Facts::default()
    };
    Inventory::judge(Arc::new(facts), &Declarations::default())
}

/// The problems of a cluster: data key and reason.
fn problems(inventory: &Inventory) -> Vec<(&str, &str)> {
    let problems = inventory.problems.iter();
    problems
        .map(|problem| (&*problem.field, problem.reason.as_str()))
        .collect()
}

/// The length of the text of a cluster.
fn length(inventory: &Inventory) -> u64 {
    let tail = Tail {
        lists: Vec::new(),
        denied: Vec::new(),
        process: Process::default(),
    };
    Exposition::render(inventory).scrape("", "", &tail).length
}

#[test]
fn a_text_of_begin_lines_is_read_once_and_not_once_for_each() {
    // Where the end of the line was looked for from every one of them, this took minutes.
    assert_eq!(blocks(filled("-----BEGIN ").as_bytes()).count(), 0);
    let certificates = filled("-----BEGIN CERTIFICATE");
    let defects = blocks(certificates.as_bytes()).map(|block| block.defect());
    assert_eq!(
        defects
            .filter(|defect| *defect == Some(Defect::Unterminated))
            .count(),
        MIB / 22
    );
}

#[test]
fn a_bundle_of_every_root_that_windows_trusts_is_kept_whole() {
    let holder = read(&secret(
        "shop",
        "web",
        &[("ca.crt", short().repeat(282).as_bytes())],
    ));
    assert_eq!(holder.fields[0].blocks.len(), 282);
    assert_eq!(problems(&judged(vec![holder])), []);
}

#[test]
fn the_certificates_that_are_kept_of_a_full_key_have_their_metrics_and_the_rest_a_problem() {
    let holder = read(&secret(
        "shop",
        "web",
        &[
            ("a.crt", short().as_bytes()),
            ("ca.crt", filled(&short()).as_bytes()),
            ("z.crt", short().as_bytes()),
        ],
    ));
    let inventory = judged(vec![holder]);
    assert_eq!(
        inventory
            .certificates()
            .map(|entry| &*entry.field.path)
            .filter(|path| *path == "ca.crt")
            .count(),
        MOST - 1
    );
    assert_eq!(inventory.certificates().count(), MOST);
    // What comes behind it is not named: it may be thousands of keys.
    assert_eq!(problems(&inventory), [("ca.crt", "too_many_certificates")]);
}

#[test]
fn exactly_as_many_certificates_as_are_read_are_no_problem() {
    let (some, rest) = (short().repeat(MOST - 1), short());
    let data = [("ca.crt", some.as_bytes()), ("tls.crt", rest.as_bytes())];
    assert_eq!(
        problems(&judged(vec![read(&secret("shop", "web", &data))])),
        []
    );
    let more = [&data[..], &[("z.crt", rest.as_bytes())]].concat();
    assert_eq!(
        problems(&judged(vec![read(&secret("shop", "web", &more))])),
        [("z.crt", "too_many_certificates")]
    );
}

#[test]
fn the_certificate_that_is_served_cannot_be_hidden_behind_others() {
    let leaf = certificate("web", 90).certificate;
    let full = filled("-----BEGIN CERTIFICATE");
    for other in ["a.crt", "z.crt"] {
        let data = [("tls.crt", leaf.as_bytes()), (other, full.as_bytes())];
        let holder = read(&secret("shop", "web", &data));
        assert!(holder.leaf().is_some(), "{other}");
        let inventory = judged(vec![holder]);
        assert_eq!(inventory.certificates().count(), 1, "{other}");
    }
    let chain = [&*leaf, &full].concat();
    let holder = read(&secret("shop", "web", &[("tls.crt", chain.as_bytes())]));
    assert!(holder.leaf().is_some());
}

#[test]
fn thousands_of_keys_are_one_problem() {
    let keys: Vec<String> = (0..20_000).map(|index| format!("key-{index:05}")).collect();
    let damaged = b"-----BEGIN CERTIFICATE".as_slice();
    let data: Vec<(&str, &[u8])> = keys.iter().map(|key| (&**key, damaged)).collect();
    let inventory = judged(vec![read(&secret("shop", "web", &data))]);
    let left_out = inventory
        .problems
        .iter()
        .filter(|problem| problem.reason == Reason::Damaged(Defect::LeftOut));
    assert_eq!(
        left_out.map(|problem| &*problem.field).collect::<Vec<_>>(),
        ["key-00500"]
    );
    assert_eq!(inventory.problems.len(), MOST + 1);
}

#[test]
fn thousands_of_owners_and_annotations_and_the_longest_labels_are_kept_in_a_few_kilobytes() {
    let mut secret = secret("shop", "web", &[("tls.crt", short().as_bytes())]);
    let long = "l".repeat(250_000);
    let annotations = (0..4_000).map(|index| (format!("example.com/{index}"), json!(long[..60])));
    let mut annotations: serde_json::Map<String, Value> = annotations.collect();
    annotations.insert("openshift.io/owning-component".into(), long.as_str().into());
    let owner =
        json!({"apiVersion": "v1", "kind": long[..2_000], "name": long[..2_000], "uid": "1"});
    secret["metadata"]["annotations"] = annotations.into();
    secret["metadata"]["labels"] = json!({"olmcahash": long[..63]});
    secret["metadata"]["ownerReferences"] = vec![owner; 400].into();
    let holder = read(&secret);
    let owners: usize = holder.meta.owners.iter().map(|owner| owner.len()).sum();
    assert!(owners <= 8 * 256, "{owners} bytes of owners");
    let inventory = judged(vec![holder]);
    assert!(length(&inventory) < 8_000, "{} bytes", length(&inventory));
}

#[test]
fn a_serial_number_of_any_length_is_bounded() {
    let long = der::certificate(|fields| {
        fields.serial = element(der::INTEGER, &vec![0x11; 20_000]);
    });
    let read: Vec<Block> = blocks(der::pem("CERTIFICATE", &long).as_bytes()).collect();
    let serial = &read[0].certificate().unwrap().serial;
    assert!(serial.len() <= 256 && serial.ends_with('…'), "{serial}");
}

#[test]
fn the_text_of_a_full_secret_is_bounded() {
    // The longest namespace, name and data key that the API server takes.
    let (namespace, name, key) = ("n".repeat(63), "s".repeat(253), "k".repeat(253));
    for (what, text) in [("short", short()), ("wordy", wordy())] {
        let full = filled(&text);
        let holder = read(&secret(&namespace, &name, &[(&key, full.as_bytes())]));
        let inventory = judged(vec![holder.clone()]);
        let text = length(&inventory);
        assert!(text < 2_300_000, "{what}: {text} bytes of text");
        // Ten of them are ten times as much, and no more.
        let ten = (0..10).map(|index| {
            let object = ObjectRef::new(Kind::Secret, &*namespace, format!("{name}{index}"));
            Arc::new(Holder {
                object,
                ..Holder::clone(&holder)
            })
        });
        let all = length(&judged(ten.collect()));
        assert!(
            all < 10 * text + 10 * 500 * 4,
            "{what}: {all} bytes of text"
        );
    }
}
