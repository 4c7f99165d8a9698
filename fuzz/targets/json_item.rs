//! An object in JSON. If it can be read, the same object in YAML gives the same facts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use notafter::wire::Item;
use notafter_fuzz::{check_documents, facts, selected};

fuzz_target!(|input: &[u8]| {
    let Some((resource, text)) = selected(input) else {
        return;
    };
    let Ok(item) = Item::json(resource.kind, text) else {
        return;
    };
    facts(resource, &item);
    // Each key once: what a second one means is not the same in the two.
    if let Ok(object) = serde_json::from_slice(text) {
        check_documents(resource, object);
    }
});
