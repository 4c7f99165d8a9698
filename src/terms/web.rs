//! The web configuration file of Prometheus exporters (prometheus/exporter-toolkit: docs/web-configuration.md).
//!
//! The same keys with the same meaning, as far as there is one here. Where the toolkit takes what cannot be meant, such
//! as names of clients without asking for a certificate, it is refused.

mod names;
mod tls;
mod value;
mod yaml;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use http::header::{self, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::{Access, Rate, Terms, TermsError};
use yaml::Part;

/// The dearest hash that is taken. Every step doubles the time of a password: 16 takes some 5 s of a core, and any
/// passer-by can ask for it.
const DEAREST: u32 = 16;

/// The headers that can be set (the toolkit's web/handler.go), and to what if not to anything.
const HEADERS: [(HeaderName, &str, &[&str]); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "Content-Security-Policy",
        &[],
    ),
    (
        header::X_FRAME_OPTIONS,
        "X-Frame-Options",
        &["deny", "sameorigin"],
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        "X-Content-Type-Options",
        &["nosniff"],
    ),
    (header::X_XSS_PROTECTION, "X-XSS-Protection", &[]),
    (
        header::STRICT_TRANSPORT_SECURITY,
        "Strict-Transport-Security",
        &[],
    ),
];

/// The units of Go's durations, in seconds; what begins like another comes first.
const UNITS: [(&str, f64); 8] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("μs", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
];

/// What a file says, and what the files say that it names.
pub(super) fn read(file: &Path) -> Result<Terms, TermsError> {
    let bytes = fs::read(file).map(Zeroizing::new);
    let bytes = bytes.map_err(|error| TermsError::Unreadable {
        from: format!("--web.config.file {}", file.display()),
        error,
    })?;
    let folder = file.parent().unwrap_or(Path::new(""));
    terms(&bytes, folder).map_err(|why| TermsError::Web {
        file: file.to_owned(),
        why,
    })
}

fn terms(bytes: &[u8], folder: &Path) -> Result<Terms, String> {
    let text = str::from_utf8(bytes).map_err(|_| "not UTF-8")?;
    let [mut tls, mut http, mut users, mut rate] = Part::parse(text)?.fields([
        "tls_server_config",
        "http_server_config",
        "basic_auth_users",
        "rate_limit",
    ])?;
    let (tls, certificate) = tls::read(&mut tls, folder)?;
    Ok(Terms {
        tls,
        access: Access {
            certificate,
            users: hashes(&mut users)?,
            tokens: false,
        },
        headers: headers(&mut http)?,
        rate: limit(&mut rate)?,
    })
}

/// The bcrypt hash of everybody's password, by user.
fn hashes(part: &mut Part) -> Result<BTreeMap<String, String>, String> {
    let mut users = BTreeMap::new();
    for (user, mut part) in part.entries()? {
        // RFC 7617, section 2.
        if user.contains(':') {
            return Err(part.wrong("a user with a colon in the name cannot log in"));
        }
        let hash = part.text()?.unwrap_or_default();
        match cost(&hash) {
            None => {
                return Err(part.wrong(
                    "must be a bcrypt hash ($2a$, $2b$ or $2y$ and 60 characters in all; htpasswd -nBC 10 makes one)",
                ));
            }
            Some(cost) if cost > DEAREST => {
                return Err(part.wrong(format!(
                    "a bcrypt hash of cost {cost}, which takes too long for a request; at most {DEAREST}"
                )));
            }
            Some(_) => users.insert(user, hash.to_string()),
        };
    }
    Ok(users)
}

/// The cost of a bcrypt hash, if it is one that can be verified.
fn cost(hash: &str) -> Option<u32> {
    let version = ["$2a$", "$2b$", "$2y$"];
    let known = version.iter().any(|version| hash.starts_with(version));
    let parts: bcrypt::HashParts = hash.parse().ok()?;
    let cost = parts.get_cost();
    (known && (4..=31).contains(&cost)).then_some(cost)
}

fn headers(part: &mut Part) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let [http2, mut part] = part.fields(["http2", "headers"])?;
    // Only HTTP/1.1 is spoken, and whoever allows HTTP/2 allows that as well.
    http2.flag()?;
    let parts = part.fields(HEADERS.map(|(_, written, _)| written))?;
    let mut headers = Vec::new();
    for ((name, _, allowed), mut part) in HEADERS.into_iter().zip(parts) {
        let Some(text) = part.text()? else { continue };
        if !allowed.is_empty() && !allowed.contains(&text.as_str()) {
            return Err(part.wrong(format!("must be {}", allowed.join(" or "))));
        }
        match HeaderValue::from_str(&text) {
            Ok(value) => headers.push((name, value)),
            Err(_) => return Err(part.wrong("must be one line of printable ASCII")),
        }
    }
    Ok(headers)
}

fn limit(part: &mut Part) -> Result<Option<Rate>, String> {
    let [mut interval, burst] = part.fields(["interval", "burst"])?;
    let count = if burst.is_blank() {
        Some(0)
    } else {
        burst.number().and_then(|number| number.try_into().ok())
    };
    let Some(count) = count else {
        return Err(burst.wrong("must be a whole number from 0 on"));
    };
    let Some(text) = interval.text()? else {
        return Ok(None);
    };
    let Some(length) = duration(&text) else {
        return Err(interval.wrong("must be 0 or a time with its unit, such as 500ms, 1s or 1m30s"));
    };
    match count {
        _ if length.is_zero() => Ok(None),
        0 => {
            Err(burst
                .wrong("must be at least 1 with an interval: of 0 requests none is ever answered"))
        }
        burst => Ok(Some(Rate {
            interval: length,
            burst,
        })),
    }
}

/// A duration as Go writes it.
fn duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut sum = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (number, tail) = rest.split_at(end);
        let (unit, seconds) = UNITS.iter().find(|(unit, _)| tail.starts_with(unit))?;
        let number: f64 = number.parse().ok()?;
        sum = sum.checked_add(Duration::try_from_secs_f64(number * seconds).ok()?)?;
        rest = &tail[unit.len()..];
    }
    Some(sum)
}
