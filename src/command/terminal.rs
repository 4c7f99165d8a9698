//! The terminal that standard output may be.

use std::io::{self, IsTerminal};

use crate::cli::ColorWhen;
use crate::output::{Paint, Terminal};

/// The width of the terminal; no limit for output that programs read line by line.
pub fn width() -> usize {
    let of_terminal = rustix::termios::tcgetwinsize(io::stdout()).ok();
    let columns = of_terminal.map(|size| usize::from(size.ws_col));
    columns.filter(|columns| *columns > 0).unwrap_or(usize::MAX)
}

/// The use of colours (no-color.org: any text but an empty one in the variable means none).
pub fn paint(color: ColorWhen) -> Paint {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    let is_colored = match color {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb,
    };
    if is_colored {
        Paint::Colors
    } else {
        Paint::Plain
    }
}

/// The terminal that a file stands for: lines of any width, and colours only for those who ask for them.
pub fn none(color: ColorWhen) -> Terminal {
    Terminal {
        width: usize::MAX,
        paint: match color {
            ColorWhen::Always => Paint::Colors,
            ColorWhen::Auto | ColorWhen::Never => Paint::Plain,
        },
    }
}
