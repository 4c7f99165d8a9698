//! The flags of `notafter explain`.

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::{Cli, ColorWhen, SubjectArgs};

/// The flags of `notafter explain`.
#[derive(Debug, clap::Args)]
#[command(override_usage = "notafter explain [OPTIONS] [csv] <NAMESPACE/NAME>")]
pub struct ExplainArgs {
    /// The secret, as NAMESPACE/NAME; or the word csv and a ClusterServiceVersion as NAMESPACE/NAME
    #[arg(required = true, value_name = "NAMESPACE/NAME")]
    words: Vec<String>,
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

/// The object to explain.
#[derive(Debug, PartialEq, Eq)]
pub struct Explained {
    /// True if the object is a ClusterServiceVersion.
    pub is_operator: bool,
    /// Namespace and name of the object.
    pub place: String,
}

// === impl ExplainArgs ===

impl ExplainArgs {
    /// The object that is named.
    ///
    /// # Errors
    /// If the word `csv` is not followed by a name, or there are more words.
    pub fn explained(&self) -> Result<Explained, clap::Error> {
        let (is_operator, place) = match &self.words[..] {
            [csv, place] if csv == "csv" => (true, place),
            [place] if place != "csv" => (false, place),
            words => {
                let message = format!("expected [csv] NAMESPACE/NAME, and not {}", words.join(" "));
                return Err(Cli::command().error(ErrorKind::WrongNumberOfValues, message));
            }
        };
        Ok(Explained {
            is_operator,
            place: place.clone(),
        })
    }
}
