//! Files instead of an API server: what is read of them, and what they prove.

mod bad;
mod certificates;
mod directories;
mod dumps;
mod hostile;
mod must_gather;
mod random;
mod values;

use std::fs;
use std::path::{Path, PathBuf};

use notafter::facts::Facts;
use notafter::object::{Kind, ObjectRef};
use notafter::offline::{self, Inspected, Reason};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{certificate, secret, tls};

/// A folder of files.
pub(crate) struct Files(TempDir);

// === impl Files ===

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The path of a file or folder within.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders that it is in.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap();
        path
    }

    /// Reads one file or folder.
    pub(crate) fn read(&self, name: &str) -> Inspected {
        read(&self.path(name))
    }

    /// Reads the whole folder.
    pub(crate) fn read_all(&self) -> Inspected {
        read(self.0.path())
    }
}

fn read(path: &Path) -> Inspected {
    offline::read(&[path.to_owned()], &[], &mut |_| ())
}

/// Reads a text as the one file of that name.
fn text(name: &str, contents: impl AsRef<[u8]>) -> Inspected {
    let files = Files::new();
    files.write(name, contents);
    files.read(name)
}

/// The objects in one list.
pub(crate) fn list(items: &[Value]) -> Value {
    json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items})
}

/// The text of an object as `kubectl` prints it.
pub(crate) fn yaml(object: &Value) -> String {
    let options = serde_saphyr::ser_options! {
        indent_step: 2, compact_list_indent: true, folded_wrap_chars: 1 << 20,
    };
    serde_saphyr::to_string_with_options(object, options).unwrap()
}

/// A TLS secret, which expires 30 days later.
fn web() -> Value {
    tls("shop", "web", &certificate("web", 30))
}

/// Another secret, in front of which something is wrong.
fn api() -> Value {
    tls("api", "web", &certificate("web", 60))
}

/// The names of the holders.
fn names(inspected: &Inspected) -> Vec<String> {
    let holders = inspected.facts.holders.iter();
    let name = |object: &ObjectRef| format!("{}/{}", object.namespace, object.name);
    holders.map(|holder| name(&holder.object)).collect()
}

/// The reasons and lines of the problems.
fn problems(inspected: &Inspected) -> Vec<(Reason, Option<usize>)> {
    let problems = inspected.problems.iter();
    problems
        .map(|problem| (problem.reason, problem.source.line))
        .collect()
}

fn reasons(inspected: &Inspected) -> Vec<Reason> {
    let problems = inspected.problems.iter();
    problems.map(|problem| problem.reason).collect()
}

/// The facts in a form that can be compared, without what is known of lists.
fn all(facts: &Facts) -> String {
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        facts.holders,
        facts.operators,
        facts.services,
        facts.issuances,
        facts.consumers,
        facts.invalid_fields,
        facts.is_openshift,
        facts.etcd_nodes,
    )
}

fn object(kind: Kind, namespace: &str, name: &str) -> ObjectRef {
    ObjectRef::new(kind, namespace, name)
}

/// A Secret of another type.
fn opaque(namespace: &str, name: &str) -> Value {
    let mut opaque = secret(namespace, name, &[("password", b"hunter2")]);
    opaque["type"] = "Opaque".into();
    opaque
}
