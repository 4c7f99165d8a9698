//! The file that output goes to: whole, or not at all.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};

/// The most symbolic links that lead to one file, as Linux follows them.
const LINKS: usize = 40;

/// A place that output can be written to.
#[derive(Debug)]
pub(super) enum OutputFile {
    /// A file, which another one takes the place of: no reader sees a part of it.
    Replaced(PathBuf),
    /// A pipe or a device, such as /dev/stdout, which is written to as it is.
    Stream(File),
}

// === impl OutputFile ===

impl OutputFile {
    /// The place of a path, before there is anything to write: a long look at a cluster is not in vain.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let there = match fs::metadata(path) {
            Ok(there) if !there.is_file() => {
                return Ok(Self::Stream(OpenOptions::new().write(true).open(path)?));
            }
            Ok(_) => fs::canonicalize(path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => target(path)?,
            Err(error) => return Err(error),
        };
        // It is gone again until the output is there: a look that is interrupted leaves nothing.
        let (_, new) = beside(&there)?;
        fs::remove_file(new)?;
        Ok(Self::Replaced(there))
    }

    /// Writes the output.
    ///
    /// # Errors
    /// If it cannot be written; a file that was there before is unchanged.
    pub(super) fn write(
        self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let path = match self {
            Self::Stream(stream) => return fill(&stream, write),
            Self::Replaced(path) => path,
        };
        let (file, new) = beside(&path)?;
        let written = keep_permissions(&path, &file)
            .and_then(|()| fill(&file, write))
            .and_then(|()| fs::rename(&new, &path));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written
    }
}

/// The path that symbolic links lead to, where nothing is yet.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let Ok(next) = fs::read_link(&path) else {
            return Ok(path);
        };
        path = path.with_file_name("").join(next);
    }
    Err(io::ErrorKind::InvalidInput.into())
}

/// Makes an empty file in the folder of another one. Its name is random: in containers that share a
/// folder, every process has the same id.
fn beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let random = RandomState::new().hash_one(path);
    let new = path.with_file_name(format!(".notafter-{random:016x}"));
    let file = OpenOptions::new().write(true).create_new(true).open(&new)?;
    Ok((file, new))
}

/// Gives a new file the permissions of the one that it will replace, and its owner as far as that is
/// allowed.
fn keep_permissions(path: &Path, new: &File) -> io::Result<()> {
    let there = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        there => there?,
    };
    let _ = fchown(new, None, Some(there.gid()));
    let _ = fchown(new, Some(there.uid()), None);
    new.set_permissions(there.permissions())
}

fn fill(file: &File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut output = BufWriter::new(file);
    write(&mut output)?;
    output.flush()
}
