//! The declarations of people about a secret: its annotations, and flags for secrets that one may
//! not annotate. They count for that secret only, and annotations before flags.
//!
//! Only those who may write a secret can annotate it, so nobody changes the alerts about others'.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use wildmatch::WildMatch;

use super::{Judged, Manager, Remedy, Rotation};
use crate::certificate::Certificate;
use crate::facts::{Facts, Holder, SECRETS};
use crate::object::{Kind, Label, Mark, ObjectRef};

/// The declarations by flags.
#[derive(Debug, Default)]
pub struct Declarations {
    /// `--renewed-before`: somebody renews these secrets so many seconds before they expire.
    pub renewed_before: Vec<(Selector, i64)>,
    /// `--ignore`: nobody is told about these secrets, for that reason.
    pub ignore: Vec<(Selector, Box<str>)>,
}

/// A selection of secrets by namespace and name, with `*` for any characters and `?` for one, and
/// perhaps by a label.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    namespace: WildMatch,
    name: WildMatch,
    label: Option<Label>,
}

/// A declaration without effect.
#[derive(Debug, PartialEq, Eq)]
pub struct Misstated {
    /// The secret; the patterns of a selector that selects none, with its label behind the name.
    pub object: ObjectRef,
    /// The annotation, or the flag.
    pub field: Box<str>,
    /// True if it selects nothing; otherwise its value cannot be used.
    pub is_unmatched: bool,
}

/// Applies all declarations, and returns those without effect.
pub(super) fn apply(
    facts: &Facts,
    declarations: &Declarations,
    judged: &mut [Judged],
) -> Vec<Misstated> {
    let mut misstated = Vec::new();
    let secrets = judged.iter_mut();
    let secrets = secrets.filter(|judged| judged.holder.object.kind == Kind::Secret);
    for Judged { holder, rotation } in secrets {
        let mut report = |field: &str| {
            misstated.push(Misstated {
                object: holder.object.clone(),
                field: field.into(),
                is_unmatched: false,
            });
        };
        rotation.apply_annotations(holder, &mut report);
        rotation.apply_flags(holder, declarations, &mut report);
    }
    misstated.extend(declarations.unmatched(facts));
    misstated
}

/// Reads a duration as Go writes it, with `d` for days as well.
pub fn duration(text: &str) -> Option<SignedDuration> {
    let days = SpanRelativeTo::days_are_24_hours();
    text.parse::<Span>().ok()?.to_duration(days).ok()
}

/// Reads the duration from a point in time to the expiry after it; in seconds.
///
/// # Errors
/// If it is no duration, or not positive.
pub fn time_before_expiry(text: &str) -> Result<i64, &'static str> {
    let seconds = duration(text).map(|duration| duration.as_secs());
    let positive = seconds.filter(|seconds| *seconds > 0);
    positive.ok_or("expected a duration with its unit, such as 12h or 30d")
}

// === impl Selector ===

impl Selector {
    /// Reads `NAMESPACE/NAME` or `NAMESPACE/NAME,LABEL=VALUE`.
    ///
    /// # Errors
    /// If it has another form, or selects everything.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (place, label) = match text.split_once(',') {
            Some((place, label)) => (place, Some(parse_label(label)?)),
            None => (text, None),
        };
        let parts = place.split_once('/');
        let parts = parts.filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty());
        let (namespace, name) =
            parts.ok_or("expected NAMESPACE/NAME, with * for any characters")?;
        let mut patterns = [namespace, name].into_iter().flat_map(str::bytes);
        if label.is_none() && patterns.all(|byte| byte == b'*') {
            return Err("it selects every secret");
        }
        Ok(Self {
            namespace: WildMatch::new(namespace),
            name: WildMatch::new(name),
            label,
        })
    }

    fn selects(&self, holder: &Holder) -> bool {
        let (namespace, name) = holder.object.place();
        let mut label = self.label.iter();
        self.namespace.matches(namespace)
            && self.name.matches(name)
            && label.all(|label| holder.meta.has_label(label))
    }

    /// The patterns as an object, whose name is followed by the label.
    fn object(&self) -> ObjectRef {
        let label = self.label.iter();
        let label = label.map(|Label { key, value }| format!(",{key}={value}"));
        let name = [self.name.to_string()].into_iter().chain(label);
        ObjectRef::new(
            Kind::Secret,
            self.namespace.to_string(),
            name.collect::<String>(),
        )
    }
}

/// Reads `LABEL=VALUE`, with the characters that Kubernetes allows there (kubernetes/apimachinery:
/// pkg/util/validation/validation.go, `IsQualifiedName` and `IsValidLabelValue`).
fn parse_label(text: &str) -> Result<Label, &'static str> {
    const LONGEST: usize = 63;
    let is_allowed = |text: &str| {
        let mut bytes = text.bytes();
        bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            && !text.starts_with(['-', '_', '.'])
            && !text.ends_with(['-', '_', '.'])
    };
    let (key, value) = text
        .split_once('=')
        .ok_or("expected LABEL=VALUE after the comma")?;
    let (prefix, name) = key.rsplit_once('/').unwrap_or(("prefix", key));
    let is_key = [prefix, name]
        .iter()
        .all(|part| !part.is_empty() && is_allowed(part));
    if !is_key || name.len() > LONGEST || prefix.len() > 253 {
        return Err("the comma is not followed by the key of a label");
    }
    if !is_allowed(value) || value.len() > LONGEST {
        return Err("the value of the label has a character that no label has, or is too long");
    }
    Ok(Label::new(key, value.to_owned()))
}

// === impl Declarations ===

impl Declarations {
    /// Returns the keys of the labels that secrets are selected by.
    pub fn labels(&self) -> Vec<Box<str>> {
        let labels = self
            .selectors()
            .filter_map(|(_, selector)| selector.label.as_ref());
        let keys: BTreeSet<&Box<str>> = labels.map(|label| &label.key).collect();
        keys.into_iter().cloned().collect()
    }

    /// Returns every selector with its flag.
    fn selectors(&self) -> impl Iterator<Item = (&'static str, &Selector)> {
        let renewed = self.renewed_before.iter();
        let renewed = renewed.map(|(selector, _)| ("--renewed-before", selector));
        let ignored = self.ignore.iter();
        renewed.chain(ignored.map(|(selector, _)| ("--ignore", selector)))
    }

    /// Returns the selectors that select no secret. That is known once all secrets are.
    fn unmatched(&self, facts: &Facts) -> impl Iterator<Item = Misstated> {
        let is_known = facts.knows_all(SECRETS);
        let unmatched = move |(_, selector): &(&str, &Selector)| {
            let holders = facts.holders.iter();
            let mut secrets = holders.filter(|holder| holder.object.kind == Kind::Secret);
            is_known && !secrets.any(|holder| selector.selects(holder))
        };
        let all = self.selectors().filter(unmatched);
        all.map(|(flag, selector)| Misstated {
            object: selector.object(),
            field: flag.into(),
            is_unmatched: true,
        })
    }
}

// === impl Rotation ===

impl Rotation {
    fn apply_annotations(&mut self, holder: &Holder, report: &mut dyn FnMut(&str)) {
        let marks = &holder.meta.marks;
        let mut duration_of = |mark| {
            let text = marks
                .has(mark)
                .then(|| marks.get(mark).unwrap_or_default())?;
            let seconds = time_before_expiry(text).ok();
            let seconds = seconds.filter(|seconds| fits(holder, *seconds));
            if seconds.is_none() {
                report(mark.key());
            }
            seconds
        };
        if let Some(seconds) = duration_of(Mark::RenewedBefore) {
            self.declare(holder, seconds);
        }
        self.warn_before = duration_of(Mark::WarnBefore);
        for (mark, word) in [
            (Mark::Owner, &mut self.owner),
            (Mark::Ignore, &mut self.ignored),
        ] {
            match marks.get(mark).filter(|text| !text.trim().is_empty()) {
                Some(text) => *word = Some(text.into()),
                None if marks.has(mark) => report(mark.key()),
                None => {}
            }
        }
    }

    fn apply_flags(
        &mut self,
        holder: &Holder,
        declarations: &Declarations,
        report: &mut dyn FnMut(&str),
    ) {
        let marks = &holder.meta.marks;
        let mut all = declarations.renewed_before.iter();
        let renewed = all.find(|(selector, _)| selector.selects(holder));
        match renewed.filter(|_| !marks.has(Mark::RenewedBefore)) {
            Some((_, seconds)) if fits(holder, *seconds) => self.declare(holder, *seconds),
            Some(_) => report("--renewed-before"),
            None => {}
        }
        let mut all = declarations.ignore.iter();
        if let Some((_, reason)) = all.find(|(selector, _)| selector.selects(holder)) {
            self.ignored.get_or_insert_with(|| reason.clone());
        }
    }

    /// Somebody renews it so many seconds before it expires. A copy is renewed with its original.
    fn declare(&mut self, holder: &Holder, seconds: i64) {
        let expiry = holder.leaf().and_then(|leaf| leaf.not_after);
        if self.manager != Manager::Copy
            && let Some(expiry) = expiry
        {
            self.manager = Manager::Owner;
            self.due = Some(expiry.saturating_sub(seconds));
            self.evidence = None;
            self.remedy = Remedy::DescribeSecret;
            self.shared = None;
        }
    }
}

/// Returns whether a time before expiry is shorter than the validity of the leaf.
fn fits(holder: &Holder, seconds: i64) -> bool {
    let validity = holder.leaf().and_then(Certificate::validity);
    validity.is_none_or(|validity| seconds < validity.length())
}
