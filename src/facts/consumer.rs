//! Whatever names a certificate that it needs: who breaks with it.

/// An object that cannot do its work without a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consumer {
    /// Its kind, such as `APIService`.
    pub kind: &'static str,
    /// Its namespace; empty for one of the whole cluster.
    pub namespace: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// What it needs.
    pub uses: Vec<Use>,
    /// Whether it could not be understood.
    pub is_strange: bool,
}

/// A certificate that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Where it is.
    pub target: Target,
    /// Whether requests for what Kubernetes has built in, such as pods, fail without it.
    pub is_vital: bool,
    /// The fingerprints of the CAs that it is verified by; nothing where none is named.
    pub trusts: Option<Box<[[u8; 32]]>>,
}

/// Where a certificate is that somebody needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Behind a Service: its namespace and name.
    Service(Box<str>, Box<str>),
    /// In a secret: its namespace and name.
    Secret(Box<str>, Box<str>),
}

impl Use {
    /// A certificate in a secret.
    pub fn of_secret(namespace: &str, name: &str) -> Self {
        Self {
            target: Target::Secret(namespace.into(), name.into()),
            is_vital: false,
            trusts: None,
        }
    }
}
