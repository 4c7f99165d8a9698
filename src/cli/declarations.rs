//! The flags about secrets that one may not annotate.

use crate::rotation::{Declarations, Selector, time_before_expiry};

/// The flags about secrets that one may not annotate.
#[derive(Debug, clap::Args)]
pub struct DeclarationArgs {
    /// Expect these secrets to be renewed this long before they expire: NAMESPACE/NAME[,LABEL=VALUE]=DURATION,
    /// with * for any characters of a namespace or a name; repeatable. The annotation
    /// notafter.io/renewed-before does the same
    #[arg(
        long,
        env = "NOTAFTER_RENEWED_BEFORE",
        value_name = "SELECTOR=DURATION",
        value_delimiter = '\n',
        value_parser = renewed_before
    )]
    renewed_before: Vec<(Selector, i64)>,
    /// Do not alert on these secrets: NAMESPACE/NAME[,LABEL=VALUE]=REASON, with * for any characters
    /// of a namespace or a name; repeatable. The annotation notafter.io/ignore does the same
    #[arg(
        long,
        env = "NOTAFTER_IGNORE",
        value_name = "SELECTOR=REASON",
        value_delimiter = '\n',
        value_parser = ignore
    )]
    ignore: Vec<(Selector, Box<str>)>,
}

fn renewed_before(text: &str) -> Result<(Selector, i64), &'static str> {
    let (selector, value) = split(text)?;
    Ok((selector, time_before_expiry(value)?))
}

fn ignore(text: &str) -> Result<(Selector, Box<str>), &'static str> {
    let (selector, reason) = split(text)?;
    if reason.trim().is_empty() {
        return Err("expected a reason after the equals sign");
    }
    Ok((selector, reason.into()))
}

fn split(text: &str) -> Result<(Selector, &str), &'static str> {
    let parts = text.split_once('=');
    let (place, rest) = parts.ok_or("expected an equals sign after NAMESPACE/NAME")?;
    if !place.contains(',') {
        return Ok((Selector::parse(place)?, rest));
    }
    let parts = rest.split_once('=');
    let (label, value) = parts.ok_or("expected two equals signs: LABEL=VALUE, and another one")?;
    Ok((Selector::parse(&format!("{place}={label}"))?, value))
}

impl From<DeclarationArgs> for Declarations {
    fn from(args: DeclarationArgs) -> Self {
        Self {
            renewed_before: args.renewed_before,
            ignore: args.ignore,
        }
    }
}
