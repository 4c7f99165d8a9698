//! The web configuration file of Prometheus exporters (prometheus/exporter-toolkit:
//! docs/web-configuration.md).
//!
//! The keys and their meaning are the toolkit's, as far as they apply here. Some combinations that
//! the toolkit accepts cannot be meant, such as names of clients without a request for
//! certificates; they are refused. An empty text is an absent one, as for the toolkit.

mod error;
mod tls;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use http::header::{self, HeaderName, HeaderValue};
use jiff::fmt::friendly::SpanParser;
use serde::Deserialize;
use serde_saphyr::{Location, Spanned};
use zeroize::Zeroizing;

use self::error::{Problem, is_presentable};
use self::tls::TlsServerConfig;
use super::{AuthConfig, RateLimit, ServingConfig};

pub use self::error::WebConfigError;

/// The highest accepted cost of a hash. Every step doubles the time of a password: 16 takes some 5
/// s of a core, which anyone who can connect may demand.
const MAX_COST: u32 = 16;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WebConfig {
    tls_server_config: Option<Spanned<TlsServerConfig>>,
    http_server_config: Option<HttpServerConfig>,
    basic_auth_users: Option<BTreeMap<String, Spanned<Option<String>>>>,
    rate_limit: Option<Spanned<RateLimitConfig>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct HttpServerConfig {
    /// Without effect: only HTTP/1.1 is served, which a file that allows HTTP/2 allows as well.
    #[serde(rename = "http2")]
    _http2: Option<bool>,
    headers: Option<Headers>,
}

/// The headers that can be set (the toolkit's web/handler.go).
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Headers {
    #[serde(rename = "Content-Security-Policy")]
    content_security_policy: Option<Spanned<String>>,
    #[serde(rename = "X-Frame-Options")]
    x_frame_options: Option<FrameOptions>,
    #[serde(rename = "X-Content-Type-Options")]
    x_content_type_options: Option<ContentTypeOptions>,
    #[serde(rename = "X-XSS-Protection")]
    x_xss_protection: Option<Spanned<String>>,
    #[serde(rename = "Strict-Transport-Security")]
    strict_transport_security: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum FrameOptions {
    #[serde(rename = "")]
    Unset,
    Deny,
    SameOrigin,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ContentTypeOptions {
    #[serde(rename = "")]
    Unset,
    NoSniff,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RateLimitConfig {
    interval: Option<Spanned<String>>,
    burst: Option<Spanned<u32>>,
}

/// Reads a file, and the files that it names.
pub(super) fn read(file: &Path) -> Result<ServingConfig, WebConfigError> {
    let failed = |problem| WebConfigError {
        file: file.to_owned(),
        problem,
    };
    let bytes = fs::read(file).map(Zeroizing::new);
    let bytes = bytes.map_err(|error| failed(Problem::Unreadable(error)))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let config = parse(&bytes).and_then(|config| config.serving_config(folder));
    config.map_err(failed)
}

fn parse(bytes: &[u8]) -> Result<WebConfig, Problem> {
    let text = str::from_utf8(bytes).map_err(|_| Problem::NotUtf8)?;
    // Like yaml.v2, which the toolkit uses: texts that look like such numbers stay as they were
    // written.
    let options = serde_saphyr::options! {
        with_snippet: false,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
    };
    let mut path = None;
    let parsed = serde_saphyr::with_deserializer_from_str_with_options(text, options, |yaml| {
        serde_path_to_error::deserialize::<_, Option<WebConfig>>(yaml).map_err(|error| {
            path = Some(error.path().clone());
            error.into_inner()
        })
    });
    let parsed = parsed.map_err(|error| Problem::from_yaml(&error, path.as_ref()))?;
    Ok(parsed.unwrap_or_default())
}

// === impl WebConfig ===

impl WebConfig {
    fn serving_config(self, folder: &Path) -> Result<ServingConfig, Problem> {
        let tls = match self.tls_server_config {
            Some(tls) => tls.value.tls_config(tls.referenced, folder)?,
            None => None,
        };
        let mut users = BTreeMap::new();
        for (user, hash) in self.basic_auth_users.unwrap_or_default() {
            let hash = password_hash(&user, hash)?;
            users.insert(user, hash);
        }
        let headers = self.http_server_config.and_then(|http| http.headers);
        let rate_limit = match self.rate_limit {
            Some(limit) => limit.value.rate_limit(limit.referenced)?,
            None => None,
        };
        Ok(ServingConfig {
            tls,
            auth: AuthConfig {
                users,
                token_review: false,
            },
            headers: headers.unwrap_or_default().values()?,
            rate_limit,
        })
    }
}

/// The bcrypt hash of a user's password.
fn password_hash(user: &str, hash: Spanned<Option<String>>) -> Result<String, Problem> {
    let wrong = |what: &'static str| {
        let field = if is_presentable(user) {
            format!("basic_auth_users.{user}")
        } else {
            "basic_auth_users".to_owned()
        };
        Err(Problem::invalid(field, hash.referenced, what))
    };
    // RFC 7617, section 2.
    if user.contains(':') {
        return wrong("a user with a colon in the name cannot log in");
    }
    let hash = hash.value.unwrap_or_default();
    match cost(&hash) {
        Some(0..=MAX_COST) => Ok(hash),
        Some(_) => wrong("a bcrypt hash of a cost above 16 takes too long for a request"),
        None => wrong(
            "must be a bcrypt hash ($2a$, $2b$ or $2y$, 60 characters in all; htpasswd -nBC 10 makes one)",
        ),
    }
}

/// The cost of a bcrypt hash, if it is one that can be verified.
fn cost(hash: &str) -> Option<u32> {
    let versions = ["$2a$", "$2b$", "$2y$"];
    let is_known = versions.iter().any(|version| hash.starts_with(version));
    let parts: bcrypt::HashParts = hash.parse().ok()?;
    let cost = parts.get_cost();
    (is_known && (4..=31).contains(&cost)).then_some(cost)
}

// === impl Headers ===

impl Headers {
    fn values(self) -> Result<Vec<(HeaderName, HeaderValue)>, Problem> {
        let frame_options = self.x_frame_options.and_then(|options| match options {
            FrameOptions::Unset => None,
            FrameOptions::Deny => Some(HeaderValue::from_static("deny")),
            FrameOptions::SameOrigin => Some(HeaderValue::from_static("sameorigin")),
        });
        let content_type_options = match self.x_content_type_options {
            Some(ContentTypeOptions::NoSniff) => Some(HeaderValue::from_static("nosniff")),
            Some(ContentTypeOptions::Unset) | None => None,
        };
        let policy = header_value("Content-Security-Policy", self.content_security_policy)?;
        let protection = header_value("X-XSS-Protection", self.x_xss_protection)?;
        let security = header_value("Strict-Transport-Security", self.strict_transport_security)?;
        let values = [
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::X_FRAME_OPTIONS, frame_options),
            (header::X_CONTENT_TYPE_OPTIONS, content_type_options),
            (header::X_XSS_PROTECTION, protection),
            (header::STRICT_TRANSPORT_SECURITY, security),
        ];
        let values = values.into_iter();
        Ok(values
            .filter_map(|(name, value)| Some((name, value?)))
            .collect())
    }
}

fn header_value(name: &str, text: Option<Spanned<String>>) -> Result<Option<HeaderValue>, Problem> {
    let Some(text) = text.filter(|text| !text.value.is_empty()) else {
        return Ok(None);
    };
    HeaderValue::from_str(&text.value).map(Some).map_err(|_| {
        let field = format!("http_server_config.headers.{name}");
        Problem::invalid(
            field,
            text.referenced,
            "must be one line of printable ASCII",
        )
    })
}

// === impl RateLimitConfig ===

impl RateLimitConfig {
    fn rate_limit(self, at: Location) -> Result<Option<RateLimit>, Problem> {
        let interval = match self.interval {
            None => Duration::ZERO,
            Some(text) => go_duration(&text.value).ok_or_else(|| {
                let what = "must be 0 or a time with its unit, such as 500ms, 1s or 1m30s";
                Problem::invalid("rate_limit.interval", text.referenced, what)
            })?,
        };
        let (burst, at) = self
            .burst
            .map_or((0, at), |burst| (burst.value, burst.referenced));
        match burst {
            _ if interval.is_zero() => Ok(None),
            0 => {
                let what =
                    "must be at least 1 with an interval: with 0 no request is ever answered";
                Err(Problem::invalid("rate_limit.burst", at, what))
            }
            burst => Ok(Some(RateLimit { interval, burst })),
        }
    }
}

/// A duration as Go's `time.ParseDuration` reads it, or zero for an empty text. jiff's format has
/// more (`1 s`) and lacks a fraction without a digit before it (`.5s`); fractions before the last
/// unit (`1.5h30m`), which Go reads but does not write, are refused.
fn go_duration(text: &str) -> Option<Duration> {
    let is_go = |char: char| char.is_alphanumeric() || char == '.';
    match text {
        "" | "0" => Some(Duration::ZERO),
        text if !text.chars().all(is_go) => None,
        text => {
            let zero = if text.starts_with('.') { "0" } else { "" };
            let text = format!("{zero}{text}");
            SpanParser::new().parse_unsigned_duration(text).ok()
        }
    }
}
