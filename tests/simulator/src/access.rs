//! The access to a simulated cluster: authentication and authorization.

use crate::cluster::Cluster;

impl Cluster {
    /// Forbids lists and watches of a resource in a namespace, or in all at once if that is empty.
    pub fn refuse(&self, plural: &str, namespace: &str) {
        self.state()
            .refused
            .insert((plural.into(), namespace.into()));
    }

    /// Allows such lists again.
    pub fn allow(&self, plural: &str, namespace: &str) {
        self.state()
            .refused
            .remove(&(plural.into(), namespace.into()));
    }

    /// Forbids watches of a resource in a namespace, or in all at once if that is empty.
    pub fn refuse_watch(&self, plural: &str, namespace: &str) {
        self.state()
            .refused_watches
            .insert((plural.into(), namespace.into()));
    }

    /// Allows such watches again.
    pub fn allow_watch(&self, plural: &str, namespace: &str) {
        self.state()
            .refused_watches
            .remove(&(plural.into(), namespace.into()));
    }

    /// Denies all requests that do not bear this token.
    pub fn expect_token(&self, token: &str) {
        self.state().token = Some(token.into());
    }

    /// Accepts requests without a token again.
    pub fn expect_no_token(&self) {
        self.state().token = None;
    }

    /// Makes reviews say that requests are of this user.
    pub fn name_user(&self, user: &str) {
        self.state().user = Some(user.into());
    }

    /// Makes token reviews accept a token as a user's.
    pub fn issue_token(&self, token: &str, user: &str) {
        self.state().bearers.insert(token.into(), user.into());
    }

    /// Makes token reviews deny a token.
    pub fn revoke_token(&self, token: &str) {
        self.state().bearers.remove(token);
    }

    /// Allows a user to get `/metrics`.
    pub fn allow_metrics(&self, user: &str) {
        self.state().scrapers.insert(user.into());
    }
}
