//! The sign of life of a command that takes longer than a second, on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// The time after which a person begins to wonder.
const PATIENCE: Duration = Duration::from_secs(1);

/// The time between two pictures of the spinner.
const TICK: Duration = Duration::from_millis(100);

/// A spinner on standard error; nothing where that is no terminal.
pub(super) struct Progress {
    spinner: ProgressBar,
    waiting: JoinHandle<()>,
}

// === impl Progress ===

impl Progress {
    /// Starts with a message that is shown after a second.
    pub(super) fn start(message: &'static str) -> Self {
        let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let spinner = spinner.with_style(ProgressStyle::default_spinner());
        spinner.set_message(message);
        let waiting = tokio::spawn({
            let spinner = spinner.clone();
            async move {
                sleep(PATIENCE).await;
                spinner.set_draw_target(ProgressDrawTarget::stderr());
                spinner.enable_steady_tick(TICK);
            }
        });
        Self { spinner, waiting }
    }

    /// Returns the function by which a reader shows how many objects it has seen.
    pub(super) fn objects(&self) -> impl FnMut(usize) + use<> {
        let style = ProgressStyle::with_template("{spinner} {msg}: {human_pos} objects");
        let style = style.expect("a constant template with keys that exist");
        let spinner = self.spinner.clone().with_style(style);
        move |objects| spinner.set_position(objects as u64)
    }

    /// Removes it.
    pub(super) fn finish(self) {
        self.waiting.abort();
        self.spinner.finish_and_clear();
    }
}
