//! The query of a URL that chooses certificates, with the names of the flags of `notafter scan`.

use std::borrow::Cow;

use strum::VariantArray;

use super::Filter;
use crate::rbac;
use crate::rotation::{self, Manager};
use crate::urgency::Urgency;

/// A choice of certificates by the query of a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The choice by `namespace=`, `manager=`, `urgency=` (each repeatable) and `within=`.
    pub filter: Filter,
    /// A text to search for: `q=`.
    pub text: String,
    /// The text of `within=`, as it was written.
    pub within: String,
    /// The page of a long list, from 1: `page=`.
    pub page: usize,
    /// The parameters that cannot be used, in their order.
    pub invalid: Vec<Invalid>,
}

/// A parameter that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The parameter has no meaning here.
    #[error("{0:?}: unknown parameter; expected one of {known}", known = .1.join(", "))]
    Unknown(String, &'static [&'static str]),
    /// The value has another form than the parameter needs.
    #[error("{0}={1:?}: {2}")]
    Value(&'static str, String, Cow<'static, str>),
}

/// The parameters of the page.
pub const OF_PAGE: &[&str] = &["q", "namespace", "manager", "urgency", "within", "page"];
/// The parameters that choose certificates.
pub const OF_CERTIFICATES: &[&str] = &["namespace", "manager", "urgency", "within"];
/// The parameters of a report, which are those of `notafter scan`.
pub const OF_REPORT: &[&str] = &["namespace", "manager", "within"];

/// The most characters of a value that a message repeats.
const REPEATED: usize = 80;

// === impl Query ===

impl Query {
    /// Reads the query of a URL, with these parameters and no others. An empty value, as forms send it,
    /// chooses nothing.
    pub fn read(query: &str, known: &'static [&'static str]) -> Self {
        let mut read = Self {
            page: 1,
            ..Self::default()
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if !known.contains(&&*name) {
                let unknown = Invalid::Unknown(bounded(&name), known);
                read.invalid.push(unknown);
            } else if !value.is_empty()
                && let Err(invalid) = read.take(&name, value)
            {
                read.invalid.push(invalid);
            }
        }
        read
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Invalid> {
        let error = |name, expected| Invalid::Value(name, bounded(value), expected);
        match name {
            "namespace" if rbac::is_label(value) => self.filter.namespaces.push(value.to_owned()),
            "namespace" => return Err(error("namespace", "expected a namespace".into())),
            "manager" => {
                let manager = Manager::of_name(value);
                let manager = manager.ok_or_else(|| error("manager", one_of(Manager::names())))?;
                self.filter.managers.push(manager);
            }
            "urgency" => {
                let mut all = Urgency::VARIANTS.iter();
                let urgency = all.find(|urgency| urgency.as_str() == value);
                let names = || Urgency::VARIANTS.iter().map(|urgency| urgency.as_str());
                let urgency = urgency.ok_or_else(|| error("urgency", one_of(names())))?;
                self.filter.urgencies.push(*urgency);
            }
            "within" => {
                value.clone_into(&mut self.within);
                let within = rotation::time_before_expiry(value);
                let within = within.map_err(|expected| error("within", expected.into()))?;
                self.filter.within = Some(within);
            }
            "page" => {
                let page = value.parse().ok().filter(|page| *page > 0);
                let expected = "expected the number of a page, from 1";
                self.page = page.ok_or_else(|| error("page", expected.into()))?;
            }
            _ => value.clone_into(&mut self.text),
        }
        Ok(())
    }

    /// Forgets the parameters that have no meaning.
    pub fn forget_unknown(&mut self) {
        let is_known = |invalid: &Invalid| matches!(invalid, Invalid::Value(..));
        self.invalid.retain(is_known);
    }

    /// Returns whether it chooses some certificates and leaves others out.
    pub fn is_choice(&self) -> bool {
        !self.text.is_empty() || self.filter != Filter::default()
    }

    /// Writes the query of another page of the same choice.
    pub fn of_page(&self, page: usize) -> String {
        let Filter {
            namespaces,
            managers,
            urgencies,
            within: _,
        } = &self.filter;
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut append = |name: &str, value: &str| {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        };
        append("q", &self.text);
        for namespace in namespaces {
            append("namespace", namespace);
        }
        for manager in managers {
            append("manager", manager.as_str());
        }
        for urgency in urgencies {
            append("urgency", urgency.as_str());
        }
        append("within", &self.within);
        if page > 1 {
            append("page", &page.to_string());
        }
        query.finish()
    }
}

fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> Cow<'static, str> {
    let names: Vec<&str> = names.collect();
    format!("expected one of {}", names.join(", ")).into()
}

fn bounded(text: &str) -> String {
    text.chars().take(REPEATED).collect()
}
