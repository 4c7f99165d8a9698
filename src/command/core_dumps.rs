//! Core dumps, which would hold the memory of the process, and private keys of the cluster with it.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids core dumps of this process, for ever. On Linux nothing else that runs as the same user can
/// then read the memory of the process either (`man 2 ptrace`, ptrace access mode checking).
pub(super) fn forbid() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "the limit of core dumps cannot be set");
    }
    // The limit alone is not enough: it does not count where a program takes the dumps, as
    // systemd-coredump does (`man 5 core`, "Piping core dumps to a program").
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};

        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(%error, "core dumps cannot be forbidden");
        }
    }
}
