//! The query of a list or a watch.

use std::time::Duration;

use serde::Deserialize;

use crate::resource::Resource;
use crate::selector::{self, Requirement};
use crate::status::Status;

/// The duration of a watch that names none. The real server draws 30 to 60 minutes
/// (kubernetes/apiserver: pkg/endpoints/handlers/get.go, `handleWatch`).
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(30);

/// The longest duration of a watch: time is not counted any further.
const LONGEST_TIMEOUT: u64 = 1 << 31;

/// The query of a list or a watch.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Query {
    field_selector: String,
    label_selector: String,
    limit: String,
    #[serde(rename = "continue")]
    pub(crate) continue_token: String,
    pub(crate) resource_version: String,
    pub(crate) resource_version_match: String,
    watch: Option<String>,
    timeout_seconds: String,
    allow_watch_bookmarks: Option<String>,
    /// True if a page begins with the object that the page before ended with: a fault.
    #[serde(skip)]
    pub(crate) overlaps: bool,
}

impl Query {
    pub(crate) fn selector(&self, resource: &Resource) -> Result<Vec<Requirement>, Status> {
        selector::parse(&self.field_selector, &self.label_selector, resource)
    }

    /// Returns the number of objects that a list has at most.
    pub(crate) fn limit(&self) -> Result<Option<usize>, Status> {
        if self.limit.is_empty() || self.resource_version == "0" {
            return Ok(None); // the watch cache ignores it
        }
        let limit = number(&self.limit)?;
        Ok(usize::try_from(limit).ok().filter(|limit| *limit > 0))
    }

    /// Returns whether a watch is asked for instead of a list.
    pub(crate) fn is_watch(&self) -> bool {
        self.watch.as_deref().is_some_and(is_true)
    }

    /// Returns whether a watch may contain bookmarks.
    pub(crate) fn allows_bookmarks(&self) -> bool {
        self.allow_watch_bookmarks.as_deref().is_some_and(is_true)
    }

    /// Returns the duration of a watch; a negative one is none.
    pub(crate) fn timeout(&self) -> Result<Duration, Status> {
        if self.timeout_seconds.is_empty() {
            return Ok(DEFAULT_TIMEOUT);
        }
        Ok(match number(&self.timeout_seconds)? {
            0 => DEFAULT_TIMEOUT,
            seconds => {
                Duration::from_secs(u64::try_from(seconds).map_or(0, |s| s.min(LONGEST_TIMEOUT)))
            }
        })
    }

    /// Returns the version from which a watch starts; 0 is the present state, as objects that are
    /// added.
    pub(crate) fn watched_version(&self) -> Result<u64, Status> {
        if !self.resource_version_match.is_empty() {
            let message = "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: \
                           resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
            return Err(Status::new(422, "Invalid", message));
        }
        if self.resource_version.is_empty() {
            return Ok(0);
        }
        // Unlike a list, the real server answers 500, without a reason.
        let version = &self.resource_version;
        let message = format!(
            "resourceVersion: Invalid value: {version:?}: strconv.ParseUint: parsing {version:?}: invalid syntax"
        );
        let invalid = || Status::new(500, "", message);
        version.parse().map_err(|_| invalid())
    }
}

/// Parses a boolean parameter as the real server does: whatever is present and not false is true
/// (kubernetes/apimachinery: pkg/runtime/conversion.go, `Convert_Slice_string_To_bool`).
fn is_true(value: &str) -> bool {
    value != "0" && !value.eq_ignore_ascii_case("false")
}

fn number(text: &str) -> Result<i64, Status> {
    let invalid = |_| {
        Status::bad_request(format!(
            "strconv.ParseInt: parsing {text:?}: invalid syntax"
        ))
    };
    text.parse().map_err(invalid)
}
