//! The best of all paths from a certificate to a root.

use std::cmp::Reverse;

use super::link::Link;

/// Certificates by position, and their issuers among them.
pub(super) struct Graph<'a> {
    /// The certificates; nothing where one cannot be read.
    pub(super) links: &'a [Option<Link>],
    /// The positions of the issuers of each; nothing where it is not known which key has signed it.
    issuers: Vec<Option<Vec<usize>>>,
}

/// A path from a certificate to a root, or to a certificate whose issuer is not there.
pub(super) struct Path {
    /// The positions of its certificates.
    pub(super) positions: Vec<usize>,
    /// The time at which the first of them expires, apart from the one that it begins with.
    pub(super) expiry: i64,
}

/// The best way on from a certificate.
#[derive(Clone, Copy)]
struct Step {
    worth: Worth,
    next: Option<usize>,
}

/// The worth of the rest of a path: the higher one is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    /// The time at which the first of its certificates expires, the root included.
    expiry: i64,
    /// The time at which the first of its intermediates expires.
    counted: i64,
    /// The number of intermediates: what a shorter path leaves out is not needed.
    count: Reverse<usize>,
}

// === impl Graph ===

impl<'a> Graph<'a> {
    pub(super) fn of(links: &'a [Option<Link>]) -> Self {
        let issuers = links.iter().map(|link| match link {
            Some(link) if !link.is_root() => issuers(link, links),
            _ => Some(Vec::new()),
        });
        Self {
            links,
            issuers: issuers.collect(),
        }
    }

    /// Finds the best path from a certificate. There is none if it is not known which certificate comes
    /// next on one, or if certificates certify only each other.
    pub(super) fn best_path(&self, leaf: usize) -> Option<Path> {
        let steps = self.steps(leaf)?;
        let mut step = steps[leaf]?;
        let expiry = step.worth.expiry;
        let mut positions = vec![leaf];
        // It ends: the next certificate is always worth more, since one fewer is needed.
        while let Some(next) = step.next {
            positions.push(next);
            step = steps[next]?;
        }
        Some(Path { positions, expiry })
    }

    /// The best way on from each certificate above a leaf; nothing if the issuer of one is not known.
    fn steps(&self, leaf: usize) -> Option<Vec<Option<Step>>> {
        let mut above = vec![leaf];
        let mut visited = 0;
        while let Some(&at) = above.get(visited) {
            let issuers = self.issuers[at].as_ref()?;
            let new: Vec<usize> = issuers
                .iter()
                .copied()
                .filter(|at| !above.contains(at))
                .collect();
            above.extend(new);
            visited += 1;
        }
        // This ends: a step only ever gets better, and there are finitely many.
        let mut steps: Vec<Option<Step>> = vec![None; self.links.len()];
        let mut is_settled = false;
        while !is_settled {
            is_settled = true;
            for &at in &above {
                let step = self.step(at, at == leaf, &steps);
                if step.map(|step| step.worth) > steps[at].map(|step| step.worth) {
                    (steps[at], is_settled) = (step, false);
                }
            }
        }
        Some(steps)
    }

    fn step(&self, at: usize, is_leaf: bool, steps: &[Option<Step>]) -> Option<Step> {
        let (link, issuers) = (self.links[at].as_ref()?, self.issuers[at].as_ref()?);
        // The leaf is on every path.
        let worth = if is_leaf {
            Worth::UNLIMITED
        } else {
            Worth::of(link)
        };
        if issuers.is_empty() {
            return Some(Step { worth, next: None });
        }
        // Of two that are equally good, the first one is used.
        let ways = issuers.iter().rev().filter_map(|&next| {
            let (worth, next) = (worth.and(steps[next]?.worth), Some(next));
            Some(Step { worth, next })
        });
        ways.max_by_key(|step| step.worth)
    }
}

// === impl Worth ===

impl Worth {
    const UNLIMITED: Self = Self {
        expiry: i64::MAX,
        counted: i64::MAX,
        count: Reverse(0),
    };

    fn of(link: &Link) -> Self {
        let expiry = link.not_after;
        if link.is_public_root {
            // The current one is in the verifiers' stores.
            Self::UNLIMITED
        } else if link.is_self_signed {
            // A root does not count. But an expired one does not show that verifiers trust its key, so
            // its signature by another root is better if that expires later.
            Self {
                expiry,
                ..Self::UNLIMITED
            }
        } else {
            Self {
                expiry,
                counted: expiry,
                count: Reverse(1),
            }
        }
    }

    fn and(self, rest: Self) -> Self {
        Self {
            expiry: self.expiry.min(rest.expiry),
            counted: self.counted.min(rest.counted),
            count: Reverse(self.count.0 + rest.count.0),
        }
    }
}

/// Finds the certificates that may have issued another one: those of the issuer's name with the key that
/// has signed it. Nothing if it is not known which key that is. A name and a key appear only once on a
/// path (RFC 4158 section 2.4.1).
fn issuers(of: &Link, links: &[Option<Link>]) -> Option<Vec<usize>> {
    let is_named = |link: &Link| link.is_named_as_issuer_of(of) && !link.is_same_authority_as(of);
    let known = links.iter().enumerate();
    let known = known.filter_map(|(at, link)| Some((at, link.as_ref()?)));
    let all: Vec<(usize, &Link)> = known.filter(|(_, link)| is_named(link)).collect();
    let with = |answer| {
        all.iter()
            .filter(move |(_, link)| link.has_signed(of) == answer)
    };
    // Without key identifiers every certificate of that name may be the one.
    let answer = with(Some(true)).next().and(Some(true));
    let Some((_, issuer)) = with(answer).next() else {
        return all.is_empty().then(Vec::new);
    };
    let is_certain = with(answer).all(|(_, link)| link.has_same_key_as(issuer));
    let issuers = all.iter().filter(|(_, link)| link.has_same_key_as(issuer));
    is_certain.then(|| issuers.map(|(at, _)| *at).collect())
}
