//! The address of a Prometheus.

use std::fmt;
use std::str::FromStr;

use http::Uri;

/// The address of a Prometheus: a URL without credentials, that `/api/v1` is below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Uri);

// === impl Address ===

impl Address {
    pub(super) fn url(&self) -> &Uri {
        &self.0
    }

    /// The host and the port.
    pub fn host_and_port(&self) -> (&str, u16) {
        let default = if self.0.scheme_str() == Some("https") {
            443
        } else {
            80
        };
        let host = self.0.host().unwrap_or_default();
        (host, self.0.port_u16().unwrap_or(default))
    }
}

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected =
            "expected a URL such as https://prometheus.example.com or http://localhost:9090";
        let url: Uri = text.parse().map_err(|_| expected)?;
        let is_http = matches!(url.scheme_str(), Some("http" | "https"));
        let authority = url.authority().filter(|_| is_http).ok_or(expected)?;
        if authority.as_str().contains('@') {
            return Err("expected a URL without a user: --prometheus-token-file takes credentials");
        }
        if url.query().is_some() {
            return Err("expected a URL without a query");
        }
        let path = url.path().trim_end_matches('/');
        if path.ends_with("/graph") || path.ends_with("/api/v1") {
            return Err("expected the URL without /graph or /api/v1: the API is not below it");
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_string().trim_end_matches('/'))
    }
}
