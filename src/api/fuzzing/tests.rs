//! Watches in protobuf and JSON: in pieces of any size, changed at random, and without an end.

use std::cell::Cell;

use fastrand::Rng;
use notafter_simulator::rng;
use serde_json::json;

use super::{list, watch};
use crate::wire::Form;

const FORMS: [Form; 2] = [Form::Protobuf, Form::Json];

const MIB: usize = 1 << 20;

/// The most bytes that a reader holds, in MiB.
const MOST: usize = super::super::buffer::MOST / MIB;

/// A length-delimited field.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = value.len();
    while length >= 0x80 {
        field.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    field.push(u8::try_from(length).unwrap());
    [field, value.to_vec()].concat()
}

/// Some events of a watch, the last of which is an error if there is to be one.
fn body(form: Form, count: usize, fails: bool) -> Vec<u8> {
    let kinds = ["ADDED", "MODIFIED", "DELETED", "BOOKMARK"];
    let kinds = (0..count).map(|index| kinds[index % kinds.len()]);
    let secret = json!({
        "kind": "Secret", "metadata": {"namespace": "shop", "name": "web"},
        "data": {"tls.crt": "bm90IG9uZQ=="},
    });
    let status = json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"});
    if form == Form::Json {
        let last = fails.then_some(("ERROR", &status));
        let events = kinds.map(|kind| (kind, &secret)).chain(last);
        let lines = events.map(|(kind, object)| json!({"type": kind, "object": object}));
        let mut text = Vec::new();
        for line in lines {
            text.extend(format!("{line}\n").into_bytes());
        }
        return text;
    }
    let enveloped = |kind: &str, object: &[u8]| {
        let kind = [field(1, b"v1"), field(2, kind.as_bytes())].concat();
        [b"k8s\0".to_vec(), field(1, &kind), field(2, object)].concat()
    };
    let secret = enveloped("Secret", &notafter_simulator::protobuf(&secret));
    let status = enveloped(
        "Status",
        &[field(3, b"too old"), field(4, b"Expired")].concat(),
    );
    let last = fails.then_some(("ERROR", &status));
    let frame = |(kind, object): (&str, &Vec<u8>)| {
        let event = [field(1, kind.as_bytes()), field(2, &field(1, object))].concat();
        [&u32::try_from(event.len()).unwrap().to_be_bytes(), &*event].concat()
    };
    kinds
        .map(|kind| (kind, &secret))
        .chain(last)
        .flat_map(frame)
        .collect()
}

/// Cuts a body into random pieces.
fn pieces<'a>(rng: &mut Rng, mut body: &'a [u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    while !body.is_empty() {
        let (piece, rest) = body.split_at(rng.usize(1..=body.len().min(200)));
        pieces.push(piece);
        body = rest;
    }
    pieces
}

#[test]
fn a_watch_is_the_same_in_pieces_of_any_size() {
    let mut rng = rng();
    for form in FORMS {
        let body = body(form, 8, false);
        let (events, end) = watch(form, [&*body].into_iter());
        assert_eq!((events.len(), &end), (8, &Ok(())));
        let presence: Vec<Option<bool>> = events[..4].iter().map(|event| event.0).collect();
        assert_eq!(presence, [Some(true), Some(true), Some(false), None]);
        assert_eq!(watch(form, body.chunks(1)), (events.clone(), end.clone()));
        for _ in 0..100 {
            let pieces = pieces(&mut rng, &body);
            assert_eq!(
                watch(form, pieces.into_iter()),
                (events.clone(), end.clone())
            );
        }
    }
}

#[test]
fn a_watch_that_is_cut_off_within_an_event_is_an_error_behind_the_events_before_it() {
    for form in FORMS {
        let (body, first) = (body(form, 2, false), body(form, 1, false).len());
        for length in 1..body.len() {
            let (events, end) = watch(form, [&body[..length]].into_iter());
            // A line is complete with its end alone.
            assert_eq!(
                events.len(),
                usize::from(length >= first),
                "{form:?} {length}"
            );
            assert_eq!(end.is_ok(), length == first, "{form:?} {length}");
        }
    }
}

#[test]
fn a_changed_watch_is_read_alike_whole_and_in_pieces() {
    let mut rng = rng();
    for form in FORMS {
        for _ in 0..1_500 {
            let fails = rng.bool();
            let mut body = body(form, rng.usize(..4), fails);
            for _ in 0..rng.usize(1..4) {
                let at = rng.usize(..=body.len());
                match rng.u8(..3) {
                    0 if at < body.len() => body[at] = rng.u8(..),
                    1 if at < body.len() => drop(body.remove(at)),
                    _ => body.insert(at, rng.u8(..)),
                }
            }
            let whole = watch(form, [&*body].into_iter());
            let split = watch(form, pieces(&mut rng, &body).into_iter());
            assert_eq!(whole, split, "{form:?} {}", String::from_utf8_lossy(&body));
            let whole = list(form, [&*body].into_iter());
            assert_eq!(whole, list(form, pieces(&mut rng, &body).into_iter()));
        }
    }
}

#[test]
fn an_event_or_an_item_without_an_end_is_refused_at_the_bound() {
    let length = u32::try_from(MOST * MIB).unwrap();
    let kind = field(1, &[field(1, b"v1"), field(2, b"SecretList")].concat());
    let raw = [2 << 3 | 2, 0xff, 0xff, 0xff, 0xff, 0x7f];
    let item = [2 << 3 | 2, 0xff, 0xff, 0xff, 0x1f];
    let heads: [(Form, bool, Vec<u8>); 4] = [
        (Form::Protobuf, true, length.to_be_bytes().to_vec()),
        (
            Form::Json,
            true,
            b"{\"type\": \"ADDED\", \"object\": \"".to_vec(),
        ),
        (
            Form::Protobuf,
            false,
            [&b"k8s\0"[..], &kind, &raw, &item].concat(),
        ),
        (
            Form::Json,
            false,
            b"{\"kind\": \"RouteList\", \"items\": [\"".to_vec(),
        ),
    ];
    for (form, is_watch, head) in heads {
        let (piece, taken) = (vec![b'a'; MIB], Cell::new(0));
        let pieces = std::iter::repeat_n(&*piece, 4 * MOST);
        let pieces = pieces.inspect(|_| taken.set(taken.get() + 1));
        let pieces = [&*head].into_iter().chain(pieces);
        let end = if is_watch {
            watch(form, pieces).1
        } else {
            list(form, pieces).map(drop)
        };
        let reason = end.unwrap_err();
        assert!(reason.contains("larger than 8 MiB"), "{form:?} {reason}");
        assert!(taken.get() <= MOST, "{form:?} {} MiB", taken.get());
    }
}

#[test]
fn a_length_beyond_the_bound_is_refused_at_once() {
    let (events, end) = watch(Form::Protobuf, [&[0xff; 4][..]].into_iter());
    assert!(events.is_empty());
    assert!(end.unwrap_err().contains("larger than 8 MiB"));
}
