//! One file: its format, its contents, and what is wrong with it.

use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path};
use std::sync::Arc;

use super::bytes::{Bomb, Text};
use super::clean::MOST;
use super::collection::Collection;
use super::content::{self, Content};
use super::documents::Documents;
use super::fault::{Fault, FaultKind};
use super::problem::{Problem, Reason, Source};
use super::{json, yaml};
use crate::certificate::{Block, Chain};
use crate::facts::{Field, Holder, MOST_BLOCKS, Purpose};
use crate::object::{Kind, Meta, ObjectRef};

/// The most problems that are listed of one file.
const MOST_PROBLEMS: usize = 1000;

/// A file that is being read.
pub(super) struct File<'a> {
    pub(super) collection: &'a mut Collection,
    path: Arc<Path>,
    /// True if it was named; false if it was found in a directory, beside others of any kind.
    pub(super) is_named: bool,
    /// The namespace whose objects it holds, by the layout of `oc adm inspect`.
    pub(super) namespace: Option<Box<str>>,
    /// True once an object of Kubernetes has been seen.
    pub(super) has_objects: bool,
    problems: usize,
}

// === impl File ===

impl<'a> File<'a> {
    pub(super) fn of(collection: &'a mut Collection, path: &Path, is_named: bool) -> Self {
        Self {
            collection,
            path: path.into(),
            is_named,
            namespace: namespace(path).map(Into::into),
            has_objects: false,
            problems: 0,
        }
    }

    /// Reads the file, and reports what cannot be read.
    pub(super) fn read(&mut self, file: io::Result<impl Read>, progress: &mut dyn FnMut(usize)) {
        let text = file.and_then(Text::open);
        let read = text.and_then(|text| self.contents(text, progress));
        if let Err(error) = read {
            self.refused(&error);
        }
    }

    fn contents(&mut self, text: Text<'_>, progress: &mut dyn FnMut(usize)) -> io::Result<()> {
        let content = content::of(&text.head, self.is_named);
        match content {
            Content::Json | Content::Yaml => {
                let mut documents = Documents::of(self);
                let mut each = |event| progress(documents.take(event));
                match content {
                    Content::Json => json::read(&mut text.all(), &mut each)?,
                    _ => yaml::read(&mut text.all(), &mut each)?,
                }
            }
            Content::Pem => self.certificates(text, |pem| {
                let field = Field::read("", Purpose::Serving, pem, MOST_BLOCKS);
                Some(field).filter(|field| !field.blocks.is_empty())
            })?,
            Content::Der => self.certificates(text, |der| {
                let block = Block::read(der);
                block.certificate().is_some().then(|| Field {
                    path: "".into(),
                    purpose: Purpose::Serving,
                    blocks: [block.clone()].into(),
                    chain: Chain::default(),
                })
            })?,
            Content::Empty if self.is_named || self.is_certainly_ours() => {
                self.report_whole(Reason::Empty, "the file is empty");
            }
            Content::OtherPem if self.is_named => {
                self.report_whole(
                    Reason::NoCertificate,
                    "none of its PEM blocks is a certificate",
                );
            }
            Content::Archive if self.is_named => {
                let message = "an archive of tar: unpack it, and name the directory";
                self.report_whole(Reason::NotRecognized, message);
            }
            Content::Unknown if self.is_named => self.not_recognized(),
            Content::Empty | Content::OtherPem | Content::Archive | Content::Unknown => {}
        }
        Ok(())
    }

    /// Returns whether a file found in a directory should hold something that is read, by its name.
    fn is_certainly_ours(&self) -> bool {
        let extension = self
            .path
            .extension()
            .and_then(|extension| extension.to_str());
        matches!(
            extension,
            Some("yaml" | "yml" | "json" | "crt" | "cer" | "pem" | "der")
        )
    }

    /// Adds the certificates that a file of nothing else holds.
    fn certificates(
        &mut self,
        text: Text<'_>,
        read: impl FnOnce(&[u8]) -> Option<Field>,
    ) -> io::Result<()> {
        let mut bytes = zeroize::Zeroizing::new(Vec::new());
        text.all().take(MOST as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > MOST {
            self.fault(Fault {
                kind: FaultKind::TooLarge,
                line: 1,
            });
        } else if let Some(field) = read(&bytes) {
            let holder = Holder {
                object: self.object(Kind::File),
                meta: Meta::default(),
                fields: [field].into(),
            };
            let source = self.whole();
            self.collection.add_file(Arc::new(holder), source);
        } else if self.is_named {
            self.not_recognized();
        }
        Ok(())
    }

    /// The file as an object.
    pub(super) fn object(&self, kind: Kind) -> ObjectRef {
        ObjectRef::new(kind, "", self.path.display().to_string())
    }

    /// A line of the file.
    pub(super) fn source(&self, line: usize) -> Source {
        Source {
            file: self.path.clone(),
            line: Some(line),
        }
    }

    fn whole(&self) -> Source {
        Source {
            file: self.path.clone(),
            line: None,
        }
    }

    // === problems ===

    /// A problem at a line.
    pub(super) fn problem(&self, line: usize, reason: Reason, message: &str) -> Problem {
        Problem {
            object: None,
            key: "".into(),
            reason,
            message: message.into(),
            source: self.source(line),
        }
    }

    pub(super) fn report(&mut self, problem: Problem) {
        self.problems += 1;
        if self.problems < MOST_PROBLEMS {
            self.collection.report(problem);
        } else if self.problems == MOST_PROBLEMS {
            let message = "there are more problems from here on";
            self.collection.report(Problem {
                message: message.into(),
                reason: Reason::TooManyProblems,
                ..problem
            });
        }
    }

    pub(super) fn report_at(&mut self, line: usize, reason: Reason, message: &str) {
        self.report(self.problem(line, reason, message));
    }

    /// Reports a problem of the file as a whole.
    pub(super) fn report_whole(&mut self, reason: Reason, message: &str) {
        let source = self.whole();
        let problem = self.problem(1, reason, message);
        self.report(Problem { source, ..problem });
    }

    fn not_recognized(&mut self) {
        let message = "neither a certificate nor a kubeconfig nor an object of Kubernetes";
        self.report_whole(Reason::NotRecognized, message);
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        let (reason, message) = fault.kind.explain();
        self.report_at(fault.line, reason, message);
    }

    /// Reports a file that could not be read, or not to its end.
    fn refused(&mut self, error: &io::Error) {
        let is_bomb = matches!(error.get_ref(), Some(inner) if inner.is::<Bomb>());
        let (reason, message) = match error.kind() {
            _ if is_bomb => (
                Reason::CompressionBomb,
                "the compressed data expands without end; what stands before is shown".into(),
            ),
            ErrorKind::UnexpectedEof => (
                Reason::Cut,
                "the compressed data stops in the middle; what stands before is shown".into(),
            ),
            ErrorKind::InvalidInput | ErrorKind::InvalidData => (
                Reason::BadCompression,
                "the compressed data is damaged; what stands before is shown".into(),
            ),
            _ => (Reason::Unreadable, super::walk::refusal(error)),
        };
        self.report_whole(reason, &message);
    }
}

/// Returns the namespace of a file in the layout of `oc adm inspect`: `namespaces/NAMESPACE/GROUP/
/// RESOURCE.yaml` (openshift/oc: pkg/cli/admin/inspect/util.go, `dirPathForInfo`, `filenameForInfo`).
fn namespace(path: &Path) -> Option<&str> {
    let mut components = path.components().rev().map(Component::as_os_str);
    let (_resource, _group) = (components.next()?, components.next()?);
    let namespace = components.next()?.to_str()?;
    (components.next()? == "namespaces").then_some(namespace)
}
