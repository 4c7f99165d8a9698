//! An object in YAML. If it can be read, the same object in JSON gives the same facts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use notafter::wire::Item;
use notafter_fuzz::{check_documents, facts, selected};

fuzz_target!(|input: &[u8]| {
    let Some((resource, text)) = selected(input) else {
        return;
    };
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    let Ok(item) = Item::yaml(resource.kind, text) else {
        return;
    };
    facts(resource, &item);
    // Without the anchors, tags and numbers that JSON does not have.
    if let Ok(object) = serde_saphyr::from_str(text) {
        check_documents(resource, object);
    }
});
