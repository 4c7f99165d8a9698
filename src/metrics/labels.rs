//! The labels of every family, as structs whose fields are named like the labels.
//!
//! No family has a bare `namespace`, `service` or `pod`: monitoring stacks overwrite those labels.

/// A set of labels. Its default has the same names as every other value, so the names need no list
/// of their own.
pub(super) trait Labels: Default {
    /// Calls `label` with the name and the value of each label, in their order.
    fn each(&self, label: &mut impl FnMut(&'static str, &str));
}

/// Derives `Labels`: the name of a field is the name of its label, and a flattened field is a set
/// of labels itself.
macro_rules! labels {
    ($($(#[$doc:meta])* struct $Set:ident<'a> {
        $(#[flatten] $set:ident: $Part:ty,)?
        $($label:ident: $Value:ty,)*
    })*) => { $(
        $(#[$doc])*
        #[derive(Default)]
        pub(in crate::metrics) struct $Set<'a> { $($set: $Part,)? $(pub(in crate::metrics) $label: $Value,)* }

        impl Labels for $Set<'_> {
            fn each(&self, label: &mut impl FnMut(&'static str, &str)) {
                $(self.$set.each(label);)?
                $(label(stringify!($label), &self.$label);)*
            }
        }
    )* };
}

mod certificates;
mod cluster;

pub(super) use self::certificates::{
    Advised, Blocked, Dated, Described, Ignored, Needed, Object, Unreadable,
};
pub(super) use self::cluster::{
    Build, Denied, Listed, Operator, OperatorInfo, OperatorPhase, Renewer,
};

/// No labels.
impl Labels for () {
    fn each(&self, _: &mut impl FnMut(&'static str, &str)) {}
}

/// The names of the labels of a set.
pub(super) fn names<L: Labels>() -> Vec<&'static str> {
    let mut names = Vec::new();
    L::default().each(&mut |name, _| names.push(name));
    names
}
