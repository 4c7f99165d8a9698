//! The effect of a poll on what is known.

use std::ops::BitOrAssign;

use crate::facts::Fact;

/// The effect of a poll on what is known.
#[derive(Clone, Copy, Default)]
pub(super) struct Changed {
    /// True if the facts about certificates changed.
    pub(super) facts: bool,
    /// True if the facts about serving changed.
    pub(super) serving: bool,
}

impl Changed {
    /// The effect of one object's facts on those that were known of it.
    pub(super) fn between(before: &[Fact], now: &[Fact]) -> Self {
        let differ = |is_about_serving: bool| {
            let concerned = |fact: &&Fact| fact.is_about_serving() == is_about_serving;
            !before
                .iter()
                .filter(concerned)
                .eq(now.iter().filter(concerned))
        };
        Self {
            facts: differ(false),
            serving: differ(true),
        }
    }
}

impl BitOrAssign for Changed {
    fn bitor_assign(&mut self, other: Self) {
        self.facts |= other.facts;
        self.serving |= other.serving;
    }
}
