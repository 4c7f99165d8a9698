//! A strict parser of scrapes: anything that OpenMetrics 1.0 forbids fails the test.

use std::collections::{BTreeMap, BTreeSet};

/// The metric families of a scrape in order, and all samples.
pub(crate) struct Scrape {
    pub(crate) families: Vec<Family>,
    samples: Vec<Sample>,
}

/// The description of a metric family.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) unit: String,
    pub(crate) help: String,
}

/// One sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    /// The value as text.
    pub(crate) value: String,
}

impl Scrape {
    /// Parses either format; they differ in the family name of a counter.
    pub(crate) fn read(text: &str) -> Self {
        let text = text
            .strip_suffix("# EOF\n")
            .expect("a scrape ends with # EOF");
        let mut scrape = Self {
            families: Vec::new(),
            samples: Vec::new(),
        };
        let mut seen = BTreeSet::new();
        for line in text.lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                scrape.describe(comment);
                continue;
            }
            let sample = Sample::read(line);
            let family = scrape
                .families
                .last()
                .expect("a family is described before its samples");
            let is_counter = family.kind == "counter" && !family.name.ends_with("_total");
            let name = format!("{}{}", family.name, if is_counter { "_total" } else { "" });
            assert_eq!(sample.name, name, "a sample in the wrong family: {line}");
            let identity = (sample.name.clone(), sample.labels.clone());
            assert!(seen.insert(identity), "a sample appears twice: {line}");
            scrape.samples.push(sample);
        }
        scrape
    }

    fn describe(&mut self, comment: &str) {
        let mut words = comment.splitn(3, ' ');
        let mut word = || {
            words
                .next()
                .expect("a comment consists of HELP, TYPE or UNIT, a name and a text")
        };
        let (field, name, text) = (word(), word(), word());
        if self
            .families
            .last()
            .is_none_or(|family| family.name != name)
        {
            let is_new = self.families.iter().all(|family| family.name != name);
            assert!(is_new, "the lines of {name} are not contiguous");
            self.families.push(Family {
                name: name.into(),
                ..Family::default()
            });
        }
        let family = self.families.last_mut().expect("the family was just added");
        let field = match field {
            "HELP" => &mut family.help,
            "TYPE" => &mut family.kind,
            "UNIT" => &mut family.unit,
            _ => panic!("the comment is not HELP, TYPE or UNIT: {comment}"),
        };
        assert!(field.is_empty(), "the description appears twice: {comment}");
        text.clone_into(field);
    }

    /// The samples with this name whose labels include the given ones.
    pub(crate) fn all(&self, name: &str, labels: &[(&str, &str)]) -> Vec<&Sample> {
        let samples = self.samples.iter().filter(|sample| {
            let mut labels = labels.iter();
            sample.name == name && labels.all(|(label, value)| sample.label(label) == *value)
        });
        samples.collect()
    }

    /// The value of the only sample with this name whose labels include the given ones.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> i64 {
        match self.all(name, labels)[..] {
            [sample] => sample.whole(),
            ref samples => panic!("not exactly one sample of {name}{labels:?}: {samples:?}"),
        }
    }

    /// Returns whether the last list of a resource was complete.
    pub(crate) fn is_up(&self, resource: &str) -> bool {
        self.value("notafter_list_up", &[("resource", resource)]) == 1
    }

    /// Every certificate as `namespace/name/key/position`, in order.
    pub(crate) fn certificates(&self) -> Vec<String> {
        let samples = self.all("cert_not_after_seconds", &[]).into_iter();
        let identity = ["cert_namespace", "name", "key", "position"];
        samples
            .map(|sample| identity.map(|label| sample.label(label)).join("/"))
            .collect()
    }

    /// Every problem as `name/key: reason`, in order.
    pub(crate) fn problems(&self) -> Vec<String> {
        let samples = self.all("notafter_problem", &[]).into_iter();
        let problem = |sample: &Sample| {
            let [name, key, reason] = ["name", "key", "reason"].map(|label| sample.label(label));
            format!("{name}/{key}: {reason}")
        };
        samples.map(problem).collect()
    }
}

impl Sample {
    /// Parses `name{label="value",…} value`, with `\\`, `\"` and `\n` in label values.
    fn read(line: &str) -> Self {
        let end = line
            .find(['{', ' '])
            .expect("a brace or a space follows the name");
        let (name, rest) = line.split_at(end);
        let (labels, value) = match rest.strip_prefix('{') {
            Some(rest) => labels(rest),
            None => (BTreeMap::new(), rest),
        };
        let value = value.strip_prefix(' ').expect("a space precedes the value");
        assert!(
            value.parse::<f64>().is_ok(),
            "the value is not a number: {line}"
        );
        Self {
            name: name.into(),
            labels,
            value: value.into(),
        }
    }

    /// The value as an integer.
    pub(crate) fn whole(&self) -> i64 {
        self.value.parse().expect("the value is an integer")
    }

    /// The value of a label; empty if there is no such label.
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

/// Parses labels up to the closing brace, and returns them with the rest of the line.
fn labels(mut text: &str) -> (BTreeMap<String, String>, &str) {
    let mut labels = BTreeMap::new();
    loop {
        let (name, rest) = text.split_once("=\"").expect("a label has a value");
        let is_name = |char: char| char.is_ascii_lowercase() || char == '_';
        assert!(
            name.chars().all(is_name),
            "not a valid label name: {name:?}"
        );
        let mut value = String::new();
        let mut chars = rest.chars();
        loop {
            match chars.next().expect("a value ends with a quote") {
                '"' => break,
                '\\' => value.push(match chars.next() {
                    Some('n') => '\n',
                    Some(escaped @ ('\\' | '"')) => escaped,
                    other => panic!("not a valid escape: \\{other:?}"),
                }),
                char => value.push(char),
            }
        }
        let previous = labels.insert(name.to_owned(), value);
        assert!(previous.is_none(), "label {name} appears twice");
        match chars.next() {
            Some(',') => text = chars.as_str(),
            Some('}') => return (labels, chars.as_str()),
            other => panic!("neither a comma nor a brace follows a label: {other:?}"),
        }
    }
}
