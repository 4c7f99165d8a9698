//! Facts from files instead of an API server: dumps, must-gathers, certificates and kubeconfigs.
//!
//! One direction: a path becomes bytes, bytes documents, documents objects, and objects the facts that
//! [`crate::kinds`] reads of those of an API server. A file shows a part of a cluster only, so what is
//! not in it is unknown unless a complete list lacks it; and whatever cannot be read is a [`Problem`]
//! and costs nothing else. No more than one object is held at a time, however large a list is.

mod bytes;
mod clean;
mod collection;
mod content;
mod documents;
mod event;
mod fault;
mod file;
mod json;
mod kubeconfig;
mod list;
mod object;
mod part;
mod problem;
mod secret;
mod walk;
mod yaml;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use self::collection::Collection;
use self::file::File;
use self::walk::Found;
use crate::facts::Facts;
use crate::health::List;
use crate::object::ObjectRef;

pub use self::problem::{Problem, Reason, Source};

/// The name of standard input among the inputs.
pub const STANDARD_INPUT: &str = "-";

/// Everything that files say.
#[derive(Debug)]
pub struct Inspected {
    /// The facts, in the order in which an API server's would be.
    pub facts: Facts,
    /// The lists of [`crate::kinds::ALL`]: complete ones, and unread ones of which the input shows no
    /// more than single objects.
    pub lists: Vec<List>,
    /// Everything that could not be read.
    pub problems: Vec<Problem>,
    /// The place of each object in the input.
    pub sources: BTreeMap<ObjectRef, Source>,
}

/// Reads files, directories, and standard input (`-`), and keeps the labels with these keys;
/// `progress` is called with the number of objects that have been seen so far.
pub fn read(inputs: &[PathBuf], labels: &[Box<str>], progress: &mut dyn FnMut(usize)) -> Inspected {
    let mut collection = Collection::keeping(labels);
    for input in inputs {
        if input.as_os_str() == STANDARD_INPUT {
            let mut file = File::of(&mut collection, input, true);
            file.read(Ok(io::stdin().lock()), progress);
            continue;
        }
        walk::visit(input, &mut |found| take(found, &mut collection, progress));
    }
    collection.finish()
}

fn take(found: Found<'_>, collection: &mut Collection, progress: &mut dyn FnMut(usize)) {
    match found {
        Found::File { path, is_named } => {
            File::of(collection, path, is_named).read(fs::File::open(path), progress);
        }
        Found::Problem {
            path,
            reason,
            message,
        } => File::of(collection, path, true).report_whole(reason, &message),
    }
}
