//! The commands, from their flags to their results.

pub mod rights;
pub mod serve;
