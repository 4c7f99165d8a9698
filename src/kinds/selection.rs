//! The selectors of the lists, for objects that no API server has selected.

use crate::wire::{Item, Malformed};

/// A condition of a selector. Only the forms are known that a list uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `metadata.name=NAME`.
    Name(&'static str),
    /// `type=TYPE`, of Secrets.
    Type(&'static str),
    /// `!KEY`: there is no such label.
    NoLabel(&'static str),
}

// === impl Condition ===

impl Condition {
    /// The conditions of a field selector and a label selector; nothing if one is not understood.
    pub(super) fn all(
        fields: Option<&'static str>,
        labels: Option<&'static str>,
    ) -> Option<Vec<Self>> {
        let fields = fields.into_iter().flat_map(|terms| terms.split(','));
        let labels = labels.into_iter().flat_map(|terms| terms.split(','));
        let fields = fields.map(|term| match term.split_once('=')? {
            ("metadata.name", name) => Some(Self::Name(name)),
            ("type", of) => Some(Self::Type(of)),
            _ => None,
        });
        let is_key = |key: &&str| !key.contains(['=', ' ', '(']);
        let labels = labels.map(|term| term.strip_prefix('!').filter(is_key).map(Self::NoLabel));
        fields.chain(labels).collect()
    }

    pub(super) fn is_met_by(self, item: &Item<'_>) -> Result<bool, Malformed> {
        Ok(match self {
            Self::Name(name) => item.identity.name == name,
            Self::Type(of) => item.type_of()? == of,
            Self::NoLabel(key) => !item.has_label(key)?,
        })
    }
}
