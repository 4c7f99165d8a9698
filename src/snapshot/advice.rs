//! The contents of an alert about an object: when it expires, what fails, why, and what to do.

use super::Dates;
use crate::certificate::hexadecimal;
use crate::impact::{Impact, Reach};
use crate::object::ObjectRef;
use crate::rotation::{Action, Evidence, Manager, Rotation, Tool};

/// The consumers that are named; the others are counted.
const NAMED: usize = 9;

/// The contents of an alert about an object, which may be missing.
#[derive(Debug)]
pub struct Advice<'a> {
    /// The object.
    pub object: &'a ObjectRef,
    /// The dates; nothing if no expiry can be read, or the object is missing.
    pub dates: Option<Dates>,
    /// The manager of its certificate.
    pub manager: Manager,
    /// The widest reach of a failure; nothing without a known consumer.
    pub reach: Option<Reach>,
    /// The known consumers, in the order of their names.
    pub consumers: Vec<String>,
    /// The first of them, separated by commas, and the number of the others; empty without any.
    pub affected: String,
    /// The command; empty if none can be advised.
    pub remedy: String,
    /// The owner, for the routing of alerts; empty unless one is declared.
    pub owner: &'a str,
    /// The first digits of the fingerprint of a certificate that was put into several secrets by hand;
    /// empty for every other one.
    pub shared: String,
    /// The effect of the command; nothing without a command.
    pub action: Option<Action>,
    evidence: Option<Evidence>,
}

// === impl Advice ===

impl<'a> Advice<'a> {
    /// The advice about an object, and all impacts of it.
    pub(super) fn of(
        object: &'a ObjectRef,
        rotation: &'a Rotation,
        dates: Option<Dates>,
        impacts: &[Impact],
        tool: Tool,
    ) -> Self {
        let consumers = consumers(object, impacts);
        Self {
            object,
            dates,
            manager: rotation.manager,
            reach: impacts.iter().map(|impact| impact.reach).min(),
            affected: affected(&consumers),
            consumers,
            remedy: rotation.remedy.command(tool, object),
            owner: rotation.owner.as_deref().unwrap_or_default(),
            shared: rotation
                .shared
                .map_or_else(String::new, |bytes| hexadecimal(&bytes)),
            evidence: rotation.evidence,
            action: rotation.remedy.action(),
        }
    }

    /// The name of the evidence that the certificate will not be renewed; empty without any.
    pub fn reason(&self) -> &'static str {
        self.evidence.map_or("", Evidence::as_str)
    }

    /// The meaning of that evidence, in a sentence.
    pub fn explanation(&self) -> &'static str {
        self.evidence.map_or("", Evidence::meaning)
    }

    /// The word before the command: `Fix` or `Look at`; empty without a command.
    pub fn action(&self) -> &'static str {
        self.action.map_or("", Action::as_str)
    }
}

fn consumers(object: &ObjectRef, impacts: &[Impact]) -> Vec<String> {
    let seen = |impact: &Impact| impact.consumer.seen_from(&object.namespace);
    let mut consumers: Vec<String> = impacts.iter().map(seen).collect();
    consumers.sort_unstable();
    consumers.dedup();
    consumers
}

fn affected(consumers: &[String]) -> String {
    let (named, others) = consumers.split_at(consumers.len().min(NAMED));
    let (named, others) = (named.join(", "), others.len());
    if others > 0 {
        format!("{named} and {others} more")
    } else {
        named
    }
}
