//! A message of lines and blocks that every chat takes: short enough, and of whole blocks.

use crate::output::text::harmless;

/// The length of a text that every chat takes, in bytes. A longer message may be refused as a whole, just
/// when much is wrong: Rocket.Chat takes 5,000 characters (`Message_MaxAllowedSize`), Mattermost 16,383
/// (`PostMessageMaxRunesV2`), and Slack cuts at 40,000.
const LIMIT: usize = 4_000;

const FENCE: &str = "```\n";
const REST: &str = "There is more: `notafter scan` shows it.\n";

/// A space of no width: what stands before and after it is not what a chat obeys.
const BREAK: char = '\u{200b}';

/// A message.
#[derive(Default)]
pub(super) struct Message {
    text: String,
    /// True if something did not fit; then nothing follows but that.
    is_full: bool,
}

// === impl Message ===

impl Message {
    /// Adds a line of our own words.
    pub(super) fn line(&mut self, text: &str) {
        let _ = self.add(&format!("{text}\n"));
    }

    /// Adds lines that are shown as they are, all of them or none.
    pub(super) fn block(&mut self, lines: &[String]) {
        let lines: String = lines.iter().map(|line| plain(line) + "\n").collect();
        let _ = self.add(&format!("{FENCE}{lines}{FENCE}"));
    }

    /// Adds a title, and a block of entries, a line each, as far as they fit.
    pub(super) fn list(&mut self, title: &str, entries: impl IntoIterator<Item = String>) {
        let mut entries = entries.into_iter().map(|entry| plain(&entry) + "\n");
        let Some(first) = entries.next() else {
            return;
        };
        if !self.add(&format!("{title}{FENCE}{first}{FENCE}")) {
            return;
        }
        for entry in entries {
            self.text.truncate(self.text.len() - FENCE.len());
            if !self.add(&(entry + FENCE)) {
                self.text.push_str(FENCE);
                return;
            }
        }
    }

    /// The text, with a line that says that there is more if there is.
    pub(super) fn finish(mut self) -> String {
        if self.is_full {
            self.text.push_str(REST);
        }
        self.text
    }

    /// Adds a text if there is room for it; returns whether there was.
    fn add(&mut self, text: &str) -> bool {
        self.is_full |= self.text.len() + text.len() + FENCE.len() + REST.len() > LIMIT;
        if !self.is_full {
            self.text.push_str(text);
        }
        !self.is_full
    }
}

/// A text that no chat obeys between fences: it ends no block, and mentions nobody. Slack reads `<!all>`
/// there too, and Rocket.Chat `@all`.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for char in harmless(text).chars() {
        let is_mention = char == '!' || char == '@' || char == '#';
        if (plain.ends_with('`') && char == '`') || (plain.ends_with('<') && is_mention) {
            plain.push(BREAK);
        }
        plain.push(char);
        if char == '@' {
            plain.push(BREAK);
        }
    }
    plain
}
