//! An object in protobuf: a Secret with its values, or the metadata of anything else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use notafter::wire::Item;
use notafter_fuzz::{facts, selected};

fuzz_target!(|input: &[u8]| {
    let Some((resource, message)) = selected(input) else {
        return;
    };
    if let Ok(item) = Item::protobuf(resource.kind, message) {
        facts(resource, &item);
    }
});
