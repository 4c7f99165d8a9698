//! A metric family, and its description. Their samples are written in `samples.rs`.

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

// === impl Family ===

impl<Source> Family<Source> {
    pub(super) const fn gauge<L: Labels>(
        name: &'static str,
        help: &'static str,
        samples: fn(&Source, &mut Samples<'_>),
    ) -> Self {
        let description = Description::new::<L>(name, Kind::Gauge, help);
        Self {
            description,
            samples,
        }
    }

    pub(super) const fn counter<L: Labels>(
        name: &'static str,
        help: &'static str,
        samples: fn(&Source, &mut Samples<'_>),
    ) -> Self {
        let description = Description::new::<L>(name, Kind::Counter, help);
        Self {
            description,
            samples,
        }
    }
}

// === impl Description ===

impl Description {
    const fn new<L: Labels>(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self {
            name,
            kind,
            help,
            labels: labels::names::<L>,
        }
    }

    /// The names of the labels of every sample, in their order.
    pub fn labels(&self) -> Vec<&'static str> {
        (self.labels)()
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
