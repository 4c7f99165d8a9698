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
        let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let spinner = spinner.with_style(ProgressStyle::default_spinner());
        let waiting = tokio::spawn({
            let spinner = spinner.clone();
            async move {
                sleep(PATIENCE).await;
                spinner.set_message(message);
                spinner.enable_steady_tick(TICK);
            }
        });
        Self { spinner, waiting }
    }

    /// Removes it.
    pub(super) fn finish(self) {
        self.waiting.abort();
        self.spinner.finish_and_clear();
    }
}
