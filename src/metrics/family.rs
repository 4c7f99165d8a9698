//! A metric family, and its description. Their samples are written in `samples.rs`.

use strum::IntoStaticStr;

use super::labels::{self, Labels};
use super::samples::Samples;

/// A metric family: its description, and the function that makes its samples from a source.
pub(super) struct Family<Source> {
    pub(super) description: Description,
    pub(super) samples: fn(&Source, &mut Samples<'_>),
}

/// The part of a family that does not depend on any value.
pub struct Description {
    /// The name of the family; the samples of a counter add `_total`.
    pub name: &'static str,
    /// The type of the family.
    pub kind: Kind,
    /// The promise about its name, type and labels.
    pub stability: Stability,
    /// The meaning, in one line.
    pub help: &'static str,
    labels: fn() -> Vec<&'static str>,
}

/// The type of a family. There is no type that only one of the two text formats has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A value that rises and falls.
    Gauge,
    /// A value that only rises.
    Counter,
}

/// The promise about a family, in the terms of kubernetes/kube-state-metrics (docs/README.md).
/// docs/stability.md is the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Stability {
    /// May change in every minor release.
    Experimental,
    /// Keeps its name, type, labels and meaning until it has been deprecated for two minor releases.
    Stable,
    /// Will be removed, two minor releases after the one that deprecated it.
    Deprecated,
}

// === impl Family ===

impl<Source> Family<Source> {
    pub(super) const fn gauge<L: Labels>(
        stability: Stability,
        name: &'static str,
        help: &'static str,
        samples: fn(&Source, &mut Samples<'_>),
    ) -> Self {
        let description = Description::new::<L>(name, Kind::Gauge, stability, help);
        Self {
            description,
            samples,
        }
    }

    pub(super) const fn counter<L: Labels>(
        stability: Stability,
        name: &'static str,
        help: &'static str,
        samples: fn(&Source, &mut Samples<'_>),
    ) -> Self {
        let description = Description::new::<L>(name, Kind::Counter, stability, help);
        Self {
            description,
            samples,
        }
    }
}

// === impl Description ===

impl Description {
    const fn new<L: Labels>(
        name: &'static str,
        kind: Kind,
        stability: Stability,
        help: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            stability,
            help,
            labels: labels::names::<L>,
        }
    }

    /// The names of the labels of every sample, in their order.
    pub fn labels(&self) -> Vec<&'static str> {
        (self.labels)()
    }
}

// === impl Stability ===

impl Stability {
    /// The name of the promise, as in the table of metrics.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

// === impl Kind ===

impl Kind {
    /// The name of the type in both formats.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
        }
    }
}
