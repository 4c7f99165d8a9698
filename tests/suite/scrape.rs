//! A scrape as a strict reader sees it: whatever OpenMetrics 1.0 forbids fails the test that scraped it.

use std::collections::{BTreeMap, BTreeSet};

/// The samples of a scrape, and its families in their order.
pub(crate) struct Scrape {
    pub(crate) families: Vec<Family>,
    samples: Vec<Sample>,
}

/// What a scrape says of a family.
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
    /// As it stands there.
    pub(crate) value: String,
}

impl Scrape {
    /// Reads either format; they differ in what a counter's family is called.
    pub(crate) fn read(text: &str) -> Self {
        let text = text
            .strip_suffix("# EOF\n")
            .expect("a scrape ends in # EOF");
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
                .expect("a sample comes behind its family");
            let mut names = vec![family.name.clone()];
            if family.kind == "counter" {
                names = vec![format!("{}_total", family.name.trim_end_matches("_total"))];
            }
            assert!(
                names.contains(&sample.name),
                "{line} stands in family {family:?}"
            );
            assert!(
                seen.insert((sample.name.clone(), sample.labels.clone())),
                "twice: {line}"
            );
            scrape.samples.push(sample);
        }
        scrape
    }

    fn describe(&mut self, comment: &str) {
        let mut words = comment.splitn(3, ' ');
        let (what, name) = (
            words.next().unwrap(),
            words.next().expect("a family's name"),
        );
        let text = words.next().unwrap_or_default().to_owned();
        if self
            .families
            .last()
            .is_none_or(|family| family.name != name)
        {
            assert!(
                self.families.iter().all(|family| family.name != name),
                "{name} is torn apart"
            );
            self.families.push(Family {
                name: name.into(),
                ..Family::default()
            });
        }
        let family = self.families.last_mut().expect("it was just made");
        let field = match what {
            "HELP" => &mut family.help,
            "TYPE" => &mut family.kind,
            "UNIT" => &mut family.unit,
            _ => panic!("no comment is allowed but HELP, TYPE and UNIT: {comment}"),
        };
        assert!(field.is_empty(), "{what} of {name} stands there twice");
        *field = text;
    }

    /// The samples of that name whose labels include these.
    pub(crate) fn all(&self, name: &str, labels: &[(&str, &str)]) -> Vec<&Sample> {
        let has = |sample: &Sample| {
            labels
                .iter()
                .all(|(label, value)| sample.label(label) == *value)
        };
        self.samples
            .iter()
            .filter(|sample| sample.name == name && has(sample))
            .collect()
    }

    /// The value of the only sample of that name whose labels include these.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> i64 {
        match self.all(name, labels)[..] {
            [sample] => sample.whole(),
            ref samples => panic!("{name}{labels:?} is not one sample: {samples:?}"),
        }
    }

    /// Whether the last list of a resource was complete.
    pub(crate) fn is_up(&self, resource: &str) -> bool {
        self.value("notafter_list_up", &[("resource", resource)]) == 1
    }

    /// What `namespace/name/key/position` of certificates there are, in order.
    pub(crate) fn certificates(&self) -> Vec<String> {
        let place = |sample: &&Sample| {
            ["cert_namespace", "name", "key", "position"]
                .map(|label| sample.label(label))
                .join("/")
        };
        self.all("cert_not_after_seconds", &[])
            .iter()
            .map(place)
            .collect()
    }

    /// What `name/key: reason` of problems there are, in order.
    pub(crate) fn problems(&self) -> Vec<String> {
        let problem = |sample: &&Sample| {
            format!(
                "{}/{}: {}",
                sample.label("name"),
                sample.label("key"),
                sample.label("reason")
            )
        };
        self.all("notafter_problem", &[])
            .iter()
            .map(problem)
            .collect()
    }
}

impl Sample {
    /// `name{label="value",…} value`, with `\\`, `\"` and `\n` in a label's value.
    fn read(line: &str) -> Self {
        let end = line.find(['{', ' ']).expect("a name ends");
        let (name, rest) = line.split_at(end);
        let (labels, value) = match rest.strip_prefix('{') {
            Some(rest) => labels(rest),
            None => (BTreeMap::new(), rest),
        };
        let value = value
            .strip_prefix(' ')
            .expect("a blank stands before the value");
        assert!(value.parse::<f64>().is_ok(), "{line} has no number");
        Self {
            name: name.into(),
            labels,
            value: value.into(),
        }
    }

    /// Its value, which has no fraction.
    pub(crate) fn whole(&self) -> i64 {
        self.value.parse().expect("the value is a whole number")
    }

    /// A label's value; empty if there is none.
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

fn labels(mut text: &str) -> (BTreeMap<String, String>, &str) {
    let mut labels = BTreeMap::new();
    loop {
        let (name, rest) = text.split_once("=\"").expect("a label has a value");
        assert!(
            name.chars().all(|it| it.is_ascii_lowercase() || it == '_'),
            "label {name:?}"
        );
        let mut value = String::new();
        let mut chars = rest.char_indices();
        let end = loop {
            match chars.next().expect("a label's value ends") {
                (end, '"') => break end,
                (_, '\\') => value.push(match chars.next().expect("something is escaped").1 {
                    'n' => '\n',
                    escaped @ ('\\' | '"') => escaped,
                    other => panic!("\\{other} is no escape"),
                }),
                (_, char) => value.push(char),
            }
        };
        assert!(
            labels.insert(name.to_owned(), value).is_none(),
            "label {name} stands there twice"
        );
        match (
            rest[end + 1..].strip_prefix(','),
            rest[end + 1..].strip_prefix('}'),
        ) {
            (Some(rest), _) => text = rest,
            (None, Some(rest)) => return (labels, rest),
            (None, None) => panic!("what comes behind a label: {rest}"),
        }
    }
}
