//! The body of an answer: a list or a watch, in protobuf or JSON, or a Status. What is read does not
//! depend on the pieces in which it arrives.
#![no_main]

use libfuzzer_sys::fuzz_target;
use notafter::api::fuzzing::{list, status, watch};
use notafter::wire::Form;

fuzz_target!(|input: &[u8]| {
    let Some(([first, second], body)) = input.split_first_chunk() else {
        return;
    };
    let form = if first & 1 == 0 {
        Form::Protobuf
    } else {
        Form::Json
    };
    let size = usize::from(*second).max(1);
    let whole = [body].into_iter();
    if first & 2 == 0 {
        let read = watch(form, whole);
        assert_eq!(watch(form, body.chunks(1)), read);
        assert_eq!(watch(form, body.chunks(size)), read);
        for (_, object) in read.0 {
            assert!(object.len() <= body.len());
        }
    } else {
        let read = list(form, whole);
        assert_eq!(list(form, body.chunks(1)), read);
        assert_eq!(list(form, body.chunks(size)), read);
    }
    if let Some(message) = status(body) {
        assert!(message.chars().count() <= 300 && !message.contains(char::is_control));
    }
});
