//! Files and directories, as they are named and found.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::problem::Reason;

/// A file to read, or a problem with an entry.
pub(super) enum Found<'a> {
    /// A file, and whether it was named; otherwise it was found in a directory.
    File { path: &'a Path, is_named: bool },
    Problem {
        path: &'a Path,
        reason: Reason,
        message: String,
    },
}

/// A walk through one input.
struct Walk<'a> {
    each: &'a mut dyn FnMut(Found<'_>),
    /// Device and inode of everything that was seen, so that a link to it adds nothing.
    seen: HashSet<(u64, u64)>,
    /// Symbolic links, which are followed once everything else has been seen.
    links: Vec<PathBuf>,
}

/// Finds the files of an input.
pub(super) fn visit(input: &Path, each: &mut dyn FnMut(Found<'_>)) {
    let mut walk = Walk {
        each,
        seen: HashSet::new(),
        links: Vec::new(),
    };
    match fs::metadata(input) {
        Ok(metadata) => walk.entry(input, &metadata, true),
        Err(error) => walk.refused(input, &error),
    }
    while let Some(link) = walk.links.pop() {
        walk.follow(&link);
    }
}

/// The reason of the operating system, in words.
pub(super) fn refusal(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => "permission denied".into(),
        ErrorKind::NotFound => "there is no such file".into(),
        kind => kind.to_string(),
    }
}

// === impl Walk ===

impl Walk<'_> {
    fn entry(&mut self, path: &Path, metadata: &Metadata, is_named: bool) {
        let of = metadata.file_type();
        if of.is_dir() {
            if self.is_new(metadata) {
                self.directory(path);
            }
        } else if of.is_file() || (of.is_fifo() && is_named) {
            if self.is_new(metadata) && (is_named || !is_log(path)) {
                (self.each)(Found::File { path, is_named });
            }
        } else if of.is_fifo() {
            self.problem(
                path,
                Reason::Pipe,
                "a pipe, which is only read if it is named",
            );
        } else if of.is_socket() {
            self.problem(path, Reason::Socket, "a socket");
        } else {
            self.problem(path, Reason::Device, "a device");
        }
    }

    fn is_new(&mut self, metadata: &Metadata) -> bool {
        self.seen.insert((metadata.dev(), metadata.ino()))
    }

    /// Finds the entries of a directory, in the order of their names.
    fn directory(&mut self, path: &Path) {
        let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.refused(path, &error),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        let first = self.links.len();
        for entry in entries {
            let path = entry.path();
            match entry.metadata() {
                Ok(metadata) if metadata.is_symlink() => self.links.push(path),
                Ok(metadata) => self.entry(&path, &metadata, false),
                Err(error) => self.refused(&path, &error),
            }
        }
        // They are taken from the end.
        self.links[first..].reverse();
    }

    /// Follows a symbolic link to what has not been seen.
    fn follow(&mut self, link: &Path) {
        let metadata = match fs::metadata(link) {
            Ok(metadata) => metadata,
            Err(error) => return self.refused(link, &error),
        };
        let is_above = || {
            let (target, parent) = (fs::canonicalize(link).ok()?, link.parent()?);
            Some(fs::canonicalize(parent).ok()?.starts_with(target))
        };
        if metadata.is_dir() && is_above() == Some(true) {
            let message = "a symbolic link to a directory that it is in";
            self.problem(link, Reason::SymlinkLoop, message);
        } else {
            self.entry(link, &metadata, false);
        }
    }

    fn refused(&mut self, path: &Path, error: &io::Error) {
        if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
            let message = "a symbolic link that leads to itself";
            self.problem(path, Reason::SymlinkLoop, message);
        } else {
            self.problem(path, Reason::Unreadable, &refusal(error));
        }
    }

    fn problem(&mut self, path: &Path, reason: Reason, message: &str) {
        let message = message.into();
        (self.each)(Found::Problem {
            path,
            reason,
            message,
        });
    }
}

/// Returns whether a file is a log, of which a must-gather has gigabytes. Logs quote objects.
fn is_log(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".log") || name.ends_with(".log.gz")
}
