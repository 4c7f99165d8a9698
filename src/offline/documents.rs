//! Documents become facts: lists and single objects, read as those of an API server.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::clean::{Clean, MOST};
use super::event::{End, Event, Shape};
use super::fault::{Fault, FaultKind};
use super::file::File;
use super::kubeconfig;
use super::list::List;
use super::object;
use super::problem::Reason;
use crate::kinds::Resource;

/// The documents of one file.
pub(super) struct Documents<'a, 'b> {
    file: &'a mut File<'b>,
    list: List,
}

/// The parts of an object or a list that tell what it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outline<'a> {
    api_version: Option<Box<str>>,
    kind: Option<Box<str>>,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListMeta {
    #[serde(rename = "continue")]
    continue_token: String,
}

// === impl Documents ===

impl<'a, 'b> Documents<'a, 'b> {
    pub(super) fn of(file: &'a mut File<'b>) -> Self {
        let list = List::default();
        Self { file, list }
    }

    /// Takes the next part of the file, and returns the number of objects so far.
    pub(super) fn take(&mut self, event: Event) -> usize {
        match event {
            Event::Item { line, json } => match json {
                Ok(clean) => self.item(line, clean),
                Err(fault) => self.gap(fault),
            },
            Event::End(end) => {
                self.end(end);
                self.list = List::default();
            }
        }
        self.file.collection.count()
    }

    fn end(&mut self, end: End) {
        if end.is_cut {
            self.gap(Fault {
                kind: FaultKind::Cut,
                line: end.line,
            });
        }
        match (end.shape, end.json) {
            (_, Err(_)) if end.is_cut => {}
            (_, Err(fault)) => self.gap(fault),
            (Shape::Single, Ok(clean)) => self.document(end.line, &clean),
            (Shape::Sequence, Ok(clean)) => {
                // Each element stands for itself. What was read of a short one is still in it.
                let elements: Vec<&RawValue> =
                    serde_json::from_slice(&clean.json).unwrap_or_default();
                for element in elements {
                    self.document(end.line, &Clean::of(element.get()));
                }
                for (line, _) in std::mem::take(&mut self.list.untyped) {
                    self.not_an_object(line);
                }
            }
            (Shape::List, Ok(clean)) => match outline(&clean) {
                Some(outline) => self.end_list((end.line, end.is_cut), &outline),
                None => self.not_an_object(end.line),
            },
        }
    }

    /// Reads a document as a whole: an object, or a list that was not split.
    fn document(&mut self, line: usize, clean: &Clean) {
        self.repeated(line, clean);
        let Some(outline) = outline(clean) else {
            return self.not_an_object(line);
        };
        let kind = outline.kind.as_deref().unwrap_or("List");
        if let (Some(items), true) = (&outline.items, kind.ends_with("List")) {
            let outer = std::mem::take(&mut self.list);
            for item in items {
                self.item(line, Clean::of(item.get()));
            }
            self.end_list((line, false), &outline);
            self.list = outer;
        } else if let Some((version, kind)) = outline.type_of() {
            self.object(line, clean, (version, kind));
        } else {
            self.not_an_object(line);
        }
    }

    /// Reads an item of a list. It may lack its kind, which the list may name.
    fn item(&mut self, line: usize, clean: Clean) {
        let is_typed = outline(&clean).is_some_and(|outline| outline.type_of().is_some());
        if is_typed {
            return self.document(line, &clean);
        }
        self.list.untyped_length += clean.json.len();
        if self.list.untyped_length > MOST {
            return self.gap(Fault {
                kind: FaultKind::TooLarge,
                line,
            });
        }
        self.list.untyped.push((line, clean));
    }

    fn end_list(&mut self, (line, is_cut): (usize, bool), outline: &Outline<'_>) {
        let untyped = std::mem::take(&mut self.list.untyped);
        let kind = outline.kind.as_deref().unwrap_or_default();
        let Some(kind) = kind.strip_suffix("List") else {
            self.list.has_gaps = true;
            // The keys of a list come in the order of their names.
            if !is_cut {
                let message = "the list has no kind, which comes last: the rest is missing";
                self.file.report_at(line, Reason::Cut, message);
            }
            return;
        };
        self.file.has_objects = true;
        let version = outline.api_version.as_deref().unwrap_or_default();
        for (line, clean) in untyped {
            if kind.is_empty() {
                self.list.has_gaps = true;
                self.not_an_object(line);
            } else {
                self.repeated(line, &clean);
                self.object(line, &clean, (version, kind));
            }
        }
        if let Some(resource) = Resource::of(version, kind) {
            self.list.resources.insert(resource.name(), resource);
        }
        let meta = outline.metadata.map(RawValue::get);
        let meta: ListMeta = meta
            .and_then(|meta| serde_json::from_str(meta).ok())
            .unwrap_or_default();
        if meta.continue_token.is_empty() && !self.list.has_gaps {
            for known in self.list.proven(self.file.namespace.as_deref()) {
                self.file.collection.add_known(known);
            }
        }
    }

    /// Reads an object of a type, if that is one that is read.
    fn object(&mut self, line: usize, clean: &Clean, (version, kind): (&str, &str)) {
        self.file.has_objects = true;
        self.file.collection.count_one();
        if (version, kind) == ("v1", "Config") {
            return kubeconfig::read(self.file, line, clean);
        }
        let Some(resource) = Resource::of(version, kind) else {
            return;
        };
        self.list.resources.insert(resource.name(), resource);
        match object::read(self.file, line, clean, resource) {
            Some(namespace) if resource.is_namespaced => {
                self.list.namespaces.insert(namespace);
            }
            Some(_) => {}
            None => self.list.has_gaps = true,
        }
    }

    /// Reports the keys that are there twice.
    fn repeated(&mut self, line: usize, clean: &Clean) {
        for path in &clean.repeated {
            let key = path.strip_prefix("data.").unwrap_or(path);
            let message = "the key is there twice; the last one counts";
            let problem = self.file.problem(line, Reason::DuplicateKey, message);
            self.file.report(problem.of(None, key));
        }
    }

    fn gap(&mut self, fault: Fault) {
        self.list.has_gaps = true;
        self.file.fault(fault);
    }

    /// Reports a document that is no object. In a directory there are others.
    fn not_an_object(&mut self, line: usize) {
        self.list.has_gaps = true;
        if self.file.is_named || self.file.has_objects {
            let message = "no object of Kubernetes: apiVersion or kind is missing";
            self.file.report_at(line, Reason::NotAnObject, message);
        }
    }
}

fn outline(clean: &Clean) -> Option<Outline<'_>> {
    serde_json::from_slice(&clean.json).ok()
}

// === impl Outline ===

impl Outline<'_> {
    fn type_of(&self) -> Option<(&str, &str)> {
        self.api_version.as_deref().zip(self.kind.as_deref())
    }
}

// === impl Clean ===

impl Clean {
    /// A part of a text that is clean.
    fn of(json: &str) -> Self {
        Self {
            json: Zeroizing::new(json.as_bytes().to_vec()),
            repeated: Vec::new(),
        }
    }
}
