//! The questions that were asked, and the commands that follow from them.

use std::path::PathBuf;

use crate::prometheus;
use crate::rbac::ServiceAccount;

/// The questions that were asked, as far as an advice repeats them.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The command line of this program, up to its command: `notafter`, or `kubectl notafter`.
    pub program: String,
    /// The kubeconfig; nothing if none was chosen.
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig; nothing if none was chosen.
    pub context: Option<String>,
    /// The namespaces; none for the whole cluster.
    pub namespaces: Vec<String>,
    /// True if the right to watch was asked about.
    pub watch: bool,
    /// The service account that was asked about; nothing for the user of the credentials.
    pub account: Option<ServiceAccount>,
    /// The Prometheus; nothing if none was asked.
    pub prometheus: Option<prometheus::Access>,
}

// === impl Asked ===

impl Asked {
    /// The client of the same cluster in commands: that of which this program is a plugin.
    pub(super) fn kubectl(&self) -> String {
        let client = if self.program.starts_with("oc ") {
            "oc"
        } else {
            "kubectl"
        };
        format!("{client}{}", self.cluster())
    }

    /// The command line that asks the same of the cluster.
    pub(super) fn doctor(&self) -> String {
        let account = self.account.as_ref();
        let account = account.map(|account| format!(" --service-account={account}"));
        let (cluster, scope) = (self.cluster(), self.scope());
        let account = account.unwrap_or_default();
        format!("{} doctor{cluster}{scope}{account}", self.program)
    }

    /// The command line that prints the rights that were asked about, up to their subject.
    pub(super) fn rights(&self) -> String {
        format!("{} rights{}", self.program, self.scope())
    }

    /// The flags that lead kubectl or this program to the same cluster.
    fn cluster(&self) -> String {
        let kubeconfig = self.kubeconfig.as_ref();
        let kubeconfig = kubeconfig.map(|file| flag("kubeconfig", &file.display().to_string()));
        let context = self.context.as_deref();
        let context = context.map(|context| flag("context", context));
        kubeconfig.into_iter().chain(context).collect()
    }

    /// The flags of the lists.
    fn scope(&self) -> String {
        let namespaces = self.namespaces.join(",");
        let namespaces = (!namespaces.is_empty()).then(|| flag("namespace", &namespaces));
        let no_watch = (!self.watch).then(|| " --no-watch".to_owned());
        namespaces.into_iter().chain(no_watch).collect()
    }
}

/// A flag with its value, behind a space.
fn flag(name: &str, value: &str) -> String {
    format!(" --{name}={}", quoted(value))
}

/// A word of a command line, quoted for a shell where that is needed.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./:@%+,=".contains(char);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
