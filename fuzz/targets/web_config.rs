//! A web configuration file. An error is one line, and shows nothing that may be a secret.
#![no_main]

use std::cell::LazyCell;
use std::fs;

use libfuzzer_sys::fuzz_target;
use notafter::serving::ServingArgs;
use tempfile::TempDir;

thread_local! {
    static FOLDER: LazyCell<TempDir> = LazyCell::new(|| tempfile::tempdir().expect("a temporary folder"));
}

/// A line or a hash in the place of a key is never shown: the longest text that is.
const LONGEST_KEY: usize = 60;

/// The longest run of the file that a message has: a key, and a character on each side of it that is the
/// same in both by chance.
const LONGEST_RUN: usize = LONGEST_KEY + 2;

fuzz_target!(|text: &[u8]| {
    FOLDER.with(|folder| {
        let file = folder.path().join("web.yaml");
        fs::write(&file, text).expect("a temporary folder can be written to");
        let args = ServingArgs {
            web_config_file: Some(file.clone()),
            ..ServingArgs::default()
        };
        let Err(error) = args.read() else {
            return;
        };
        let message = error.to_string();
        let message = message.replace(&*file.to_string_lossy(), "");
        // A file that cannot be read is named, whatever its name.
        if message.contains("os error") || message.contains("nul byte") {
            return;
        }
        assert!(!message.contains(char::is_control), "{message:?}");
        // Part by part: a file may repeat the flag, the place and our own words as a whole. No hash and no
        // line of a key has a colon in it.
        let shown = text.windows(LONGEST_RUN + 1);
        for run in shown.filter_map(|run| str::from_utf8(run).ok()) {
            let is_shown = message.split(": ").any(|part| part.contains(run));
            assert!(!is_shown, "{message:?} shows {run:?}");
        }
    });
});
