//! The commands, from their flags to their results.

mod core_dumps;
pub mod rights;
pub mod serve;
