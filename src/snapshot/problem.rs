//! Everything that could not be read, by object and field.

use crate::certificate::{Block, Defect};
use crate::facts::{Facts, Field, Holder};
use crate::object::ObjectRef;
use crate::rotation::Misstated;

/// Something unusable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The object.
    pub object: ObjectRef,
    /// The data key, or the path of the field.
    pub field: Box<str>,
    /// The reason why it is unusable.
    pub reason: Reason,
}

/// The reason why a field is unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A serving field that is not empty holds no certificate block.
    NoCertificate,
    /// A certificate block is damaged, or left out.
    Damaged(Defect),
    /// A field holds something unexpected.
    InvalidField,
    /// A flag selects no secret.
    MatchesNothing,
}

/// Returns every problem of the facts and of declarations about them; each once.
pub(super) fn of(facts: &Facts, misstated: Vec<Misstated>) -> Vec<Problem> {
    let holders = facts.holders.iter().flat_map(|holder| of_holder(holder));
    let invalid = facts.invalid_fields.iter().map(|invalid| Problem {
        object: invalid.object.clone(),
        field: invalid.path.into(),
        reason: Reason::InvalidField,
    });
    let misstated = misstated.into_iter().map(|misstated| Problem {
        object: misstated.object,
        field: misstated.field,
        reason: if misstated.is_unmatched {
            Reason::MatchesNothing
        } else {
            Reason::InvalidField
        },
    });
    let mut problems: Vec<Problem> = holders.chain(invalid).chain(misstated).collect();
    problems.sort_unstable();
    problems.dedup();
    problems
}

fn of_holder(holder: &Holder) -> impl Iterator<Item = Problem> {
    holder.fields.iter().flat_map(|field| {
        let reasons = reasons(field).into_iter();
        reasons.map(|reason| Problem {
            object: holder.object.clone(),
            field: field.path.clone(),
            reason,
        })
    })
}

fn reasons(field: &Field) -> Vec<Reason> {
    if field.blocks.is_empty() {
        return vec![Reason::NoCertificate];
    }
    let defects = field.blocks.iter().filter_map(Block::defect);
    defects.map(Reason::Damaged).collect()
}

impl Reason {
    /// The value of the label `reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoCertificate => "no_certificate",
            Self::Damaged(Defect::Unterminated) => "unterminated",
            Self::Damaged(Defect::BadBase64) => "bad_base64",
            Self::Damaged(Defect::Malformed) => "malformed",
            Self::Damaged(Defect::LeftOut) => "too_many_certificates",
            Self::InvalidField => "invalid_field",
            Self::MatchesNothing => "matches_nothing",
        }
    }

    /// The meaning of the reason, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NoCertificate => "The text holds no certificate in PEM.",
            Self::Damaged(Defect::Unterminated) => {
                "A certificate has a BEGIN line and no END line."
            }
            Self::Damaged(Defect::BadBase64) => "A certificate is not valid base64.",
            Self::Damaged(Defect::Malformed) => "A certificate is malformed.",
            Self::Damaged(Defect::LeftOut) => {
                "There are more certificates than are read of one object; the rest is left out."
            }
            Self::InvalidField => "The field holds something unexpected, and is treated as absent.",
            Self::MatchesNothing => "The flag selects no secret.",
        }
    }
}
