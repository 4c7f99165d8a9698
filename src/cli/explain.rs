//! The flags of `notafter explain`.

use std::path::PathBuf;

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::{Cli, ColorWhen, SubjectArgs};

/// The flags of `notafter explain`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "notafter explain [OPTIONS] [csv] <NAMESPACE/NAME> [FILE]...",
    after_help = AFTER_HELP
)]
pub struct ExplainArgs {
    /// The secret, as NAMESPACE/NAME, or a file as its path; or the word csv and a
    /// ClusterServiceVersion as NAMESPACE/NAME. Files to look at instead of a cluster follow
    #[arg(required = true, value_name = "NAMESPACE/NAME")]
    words: Vec<PathBuf>,
    /// The subject.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// The use of colours; by default on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        env = "NOTAFTER_COLOR",
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub color: ColorWhen,
}

const AFTER_HELP: &str = "\
Exit status:
  0  it needs nobody
  1  it needs a person
  2  the command line is invalid
  3  it is not there, or could not be read
  4  the output could not be written";

/// The object to explain, and the files to find it in.
#[derive(Debug, PartialEq, Eq)]
pub struct Explained {
    /// True if the object is a ClusterServiceVersion.
    pub is_operator: bool,
    /// Namespace and name of the object, or the path of a file.
    pub place: String,
    /// The files; none for a cluster.
    pub files: Vec<PathBuf>,
}

// === impl ExplainArgs ===

impl ExplainArgs {
    /// The object that is named, and the files behind it.
    ///
    /// # Errors
    /// If the word `csv` is not followed by a name, or files are named beside a cluster.
    pub fn explained(&self) -> Result<Explained, clap::Error> {
        let error = |kind, message: &str| Err(Cli::command().error(kind, message));
        let mut words = self.words.iter();
        let mut name = words.next();
        let is_operator = name.is_some_and(|name| name.as_os_str() == "csv");
        if is_operator {
            name = words.next();
        }
        let Some(place) = name.and_then(|name| name.to_str()) else {
            return error(
                ErrorKind::MissingRequiredArgument,
                "expected NAMESPACE/NAME after csv",
            );
        };
        let files: Vec<PathBuf> = words.cloned().collect();
        let clusters = &self.subject.clusters;
        let names_cluster = clusters.kubeconfig.is_some() || !clusters.contexts.is_empty();
        if !files.is_empty() && (names_cluster || clusters.all_contexts) {
            return error(
                ErrorKind::ArgumentConflict,
                "FILE cannot be used with flags of a cluster",
            );
        }
        Ok(Explained {
            is_operator,
            place: place.to_owned(),
            files,
        })
    }
}
