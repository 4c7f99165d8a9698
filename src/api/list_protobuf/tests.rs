//! The reader against bodies in pieces of any size, cut off anywhere, and changed at random.

use notafter_simulator::rng;

use super::ListReader;
use crate::api::error::Error;
use crate::api::list::ListMeta;
use crate::object::Kind;
use crate::wire::Item;
use crate::wire::protobuf::{Fields, unwrap};

/// A length-delimited field.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = value.len();
    while length >= 0x80 {
        field.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    field.push(u8::try_from(length).unwrap());
    field.extend(value);
    field
}

/// A list with that number of items and scalars between them, and its length up to the end of its
/// last item.
fn body(items: usize) -> (Vec<u8>, usize) {
    let meta = [field(2, b"4711"), field(3, b"next"), vec![4 << 3, 0xff, 1]].concat();
    let item = |index: usize| {
        let meta = [
            field(1, format!("web-{index}").as_bytes()),
            field(3, b"shop"),
        ]
        .concat();
        let fixed = [vec![9 << 3 | 5], vec![1; 4], vec![10 << 3 | 1], vec![1; 8]].concat();
        field(
            2,
            &[field(1, &meta), fixed, field(2, &vec![b'x'; index * 50])].concat(),
        )
    };
    let list = [field(1, &meta), (0..items).flat_map(item).collect()].concat();
    let kind = [field(1, b"v1"), field(2, b"SecretList")].concat();
    let mut body = [b"k8s\0".to_vec(), field(1, &kind), field(2, &list)].concat();
    let length = body.len();
    body.extend([field(3, b""), field(4, b"")].concat());
    (body, length)
}

/// Reads a body in these pieces: the names of its items, and its own metadata.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<(Vec<String>, ListMeta), Error> {
    let (mut reader, mut names) = (ListReader::new("SecretList".into()), Vec::new());
    for piece in pieces {
        reader.feed(piece, &mut |item| {
            names.push(
                Item::protobuf(Kind::Secret, item)?
                    .identity
                    .name
                    .into_owned(),
            );
            Ok(())
        })?;
    }
    Ok((names, reader.finish()?))
}

#[test]
fn a_list_is_the_same_in_pieces_of_any_size() {
    let (body, _) = body(9);
    let (names, meta) = read([&*body]).unwrap();
    assert_eq!(names.len(), 9);
    assert_eq!(
        (&*meta.resource_version, meta.continue_token.as_deref()),
        ("4711", Some("next"))
    );
    assert_eq!(read(body.chunks(1)).unwrap().0, names);
    let mut rng = rng();
    for _ in 0..200 {
        let (mut pieces, mut rest) = (Vec::new(), &*body);
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rng.usize(1..=rest.len()));
            pieces.push(piece);
            rest = after;
        }
        assert_eq!(read(pieces).unwrap().0, names);
    }
}

#[test]
fn a_list_that_is_cut_off_anywhere_is_an_error() {
    let (body, end) = body(5);
    for length in 0..end {
        assert!(
            read([&body[..length]]).is_err(),
            "{length} of {end} bytes are taken for all"
        );
    }
    assert!(read([&body[..end]]).is_ok());
}

#[test]
fn an_item_cannot_extend_beyond_its_list() {
    let kind = [field(1, b"v1"), field(2, b"SecretList")].concat();
    let mut list = field(2, b"0123456789");
    list[1] = 100;
    let body = [
        b"k8s\0".to_vec(),
        field(1, &kind),
        field(2, &list),
        vec![0; 200],
    ]
    .concat();
    assert!(matches!(read([&*body]), Err(Error::NotAList(_))));
}

#[test]
fn random_changes_never_make_the_reader_panic() {
    let mut rng = rng();
    for _ in 0..20_000 {
        let (mut body, _) = body(rng.usize(..4));
        for _ in 0..rng.usize(1..5) {
            let at = rng.usize(..body.len());
            match rng.u8(..3) {
                0 => body[at] = rng.u8(..),
                1 => drop(body.remove(at)),
                _ => body.insert(at, rng.u8(..)),
            }
        }
        let _ = read(body.chunks(rng.usize(1..64)));
        let _ = Fields(&body).count();
        let _ = unwrap(&body);
    }
}
