//! What could not be read, named.

use crate::certificate::{Block, Defect};
use crate::facts::{Consumer, Facts, Issued, Key, Operator, Secret};

/// Something unusable, named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The kind of the object it is in.
    pub kind: &'static str,
    /// The object's namespace; empty for one of the whole cluster.
    pub namespace: Box<str>,
    /// The object's name.
    pub name: Box<str>,
    /// The data key or the path of the field.
    pub key: Box<str>,
    /// What is wrong.
    pub reason: Reason,
}

/// What can be wrong with a key or a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A `tls.crt` that is not empty and holds no certificate block.
    NoCertificate,
    /// A certificate block is damaged.
    Damaged(Defect),
    /// A field has an unexpected value or type.
    InvalidField,
}

/// Every problem of all facts; each once.
pub(super) fn of(facts: &Facts) -> Vec<Problem> {
    let secrets = facts.secrets.iter().flat_map(|it| of_secret(it));
    let operators = facts.operators.iter().flat_map(|it| of_operator(it));
    let issued = facts.issued.iter().flat_map(|it| of_issued(it));
    let consumers = facts.consumers.iter().filter_map(|it| of_consumer(it));
    let all = secrets.chain(operators).chain(issued).chain(consumers);
    let mut problems: Vec<Problem> = all.collect();
    problems.sort_unstable();
    problems.dedup();
    problems
}

fn of_secret(secret: &Secret) -> impl Iterator<Item = Problem> {
    let reasons = |key: &Key| -> Vec<Reason> {
        if key.blocks.is_empty() {
            return vec![Reason::NoCertificate];
        }
        key.blocks
            .iter()
            .filter_map(|block: &Block| block.defect.map(Reason::Damaged))
            .collect()
    };
    secret.keys.iter().flat_map(move |key| {
        reasons(key).into_iter().map(move |reason| Problem {
            kind: "Secret",
            namespace: secret.namespace.clone(),
            name: secret.name.clone(),
            key: key.name.clone(),
            reason,
        })
    })
}

fn of_operator(operator: &Operator) -> impl Iterator<Item = Problem> {
    let place = (&*operator.namespace, &*operator.name);
    let fields = operator.strange.iter();
    fields.map(move |field| strange("ClusterServiceVersion", place, field))
}

fn of_issued(issued: &Issued) -> impl Iterator<Item = Problem> {
    let place = (&*issued.namespace, &*issued.name);
    let fields = issued.strange.iter();
    fields.map(move |field| strange("Certificate", place, field))
}

fn of_consumer(consumer: &Consumer) -> Option<Problem> {
    let place = (&*consumer.namespace, &*consumer.name);
    let is_strange = consumer.is_strange;
    is_strange.then(|| strange(consumer.kind, place, "spec"))
}

fn strange(kind: &'static str, (namespace, name): (&str, &str), field: &str) -> Problem {
    Problem {
        kind,
        namespace: namespace.into(),
        name: name.into(),
        key: field.into(),
        reason: Reason::InvalidField,
    }
}
