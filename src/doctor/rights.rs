//! The API server: whether it answers, whose the credentials are, and which lists may be read.

use std::collections::BTreeMap;

use super::asked::{Asked, quoted};
use super::{Check, State, some};
use crate::api::{Answer, Examined, Permission, User};
use crate::rbac::ServiceAccount;

/// The user whose rights are judged, with the commands that grant and show them.
struct Subject<'a> {
    asked: &'a Asked,
    /// The name of the user; nothing if it is not known.
    user: Option<String>,
    account: Option<ServiceAccount>,
}

/// Judges the answers of an API server.
pub(super) fn checks(asked: &Asked, examined: Result<&Examined, &str>) -> Vec<Check> {
    let examined = match examined {
        Ok(examined) => examined,
        Err(why) => {
            let kubectl = asked.kubectl();
            let check = Check::new("API server", State::Failed, why);
            return vec![check.look_at(format!("{kubectl} version"))];
        }
    };
    let version = examined.version.as_deref().unwrap_or("of unknown version");
    let address = examined.server.trim_end_matches('/');
    let answers = format!("{address} answers: Kubernetes {version}");
    let server = Check::new("API server", State::Ok, answers);
    let credentials = match &examined.user {
        User::Named(user) => {
            let message = format!("authenticated as {user}");
            Check::new("credentials", State::Ok, message)
        }
        User::Unsupported => {
            let message =
                "this API server cannot be asked for the user: Kubernetes 1.28 and later can";
            Check::new("credentials", State::NotChecked, message)
        }
        User::Unknown(why) => {
            let message = format!("cannot review the user: {why}");
            let check = Check::new("credentials", State::Unknown, message);
            check.look_at(format!("{} auth whoami", asked.kubectl()))
        }
    };
    let user = match &examined.user {
        User::Named(user) => Some(&**user),
        User::Unsupported | User::Unknown(_) => None,
    };
    let subject = Subject::of(asked, user);
    let mut checks = vec![server, credentials];
    checks.extend(subject.lists(&examined.permissions));
    checks.extend(subject.watches(&examined.permissions));
    checks
}

// === impl Subject ===

impl<'a> Subject<'a> {
    fn of(asked: &'a Asked, user: Option<&str>) -> Self {
        let own = || ServiceAccount::of_user(user?);
        let account = asked.account.clone().or_else(own);
        let user = match &asked.account {
            Some(account) => Some(account.user()),
            None => user.map(str::to_owned),
        };
        Self {
            asked,
            user,
            account,
        }
    }

    /// A check for each list; one for all of them if each fails in the same way.
    fn lists(&self, permissions: &[Permission]) -> Vec<Check> {
        let mut answers = permissions.iter().map(|permission| &permission.list);
        if let Some(first @ (Answer::Failed(_) | Answer::Unknown(_))) = answers.next()
            && answers.all(|answer| answer == first)
        {
            return vec![self.list("lists".into(), &permissions[0])];
        }
        let mut checks = Vec::new();
        for same in alike(permissions) {
            let resource = same[0].resource.name();
            let namespaces = same.iter().filter_map(|one| one.namespace.as_deref());
            let namespaces: Vec<&str> = namespaces.collect();
            let name = match &namespaces[..] {
                [] => format!("list {resource}"),
                namespaces => format!("list {resource} in {}", some(namespaces)),
            };
            checks.push(self.list(name, same[0]));
        }
        checks
    }

    /// The check of a list.
    fn list(&self, name: String, permission: &Permission) -> Check {
        let resource = permission.resource;
        let (kubectl, plural) = (self.asked.kubectl(), resource.name());
        let scope = match &permission.namespace {
            Some(namespace) => format!(" --namespace={namespace}"),
            None if resource.is_namespaced => " --all-namespaces".to_owned(),
            None => String::new(),
        };
        match &permission.list {
            Answer::Allowed => Check::new(name, State::Ok, "allowed"),
            Answer::Absent => Check::new(name, State::Ok, "the cluster has no such resource"),
            Answer::Denied(reason) => {
                let denied = self.denied(reason);
                let message = format!("{denied}; it shows {}", resource.purpose);
                self.granted(Check::new(name, State::Missing, message))
            }
            Answer::Failed(why) => {
                let check = Check::new(name, State::Failed, why);
                check.look_at(format!("{kubectl} get {plural}{scope}"))
            }
            Answer::Unknown(why) => {
                let check = Check::new(name, State::Unknown, self.not_reviewed(why));
                check.look_at(self.can_i(&format!("list {plural}{scope}")))
            }
        }
    }

    /// The check of the watches of all lists that are allowed; none if they were not asked for.
    fn watches(&self, permissions: &[Permission]) -> Option<Check> {
        let asked = permissions.iter().filter_map(|permission| {
            let watch = permission.watch.as_ref()?;
            Some((permission.resource.name(), watch))
        });
        let asked: Vec<_> = asked.collect();
        if asked.is_empty() {
            return None;
        }
        let denied = asked.iter().filter_map(|(name, watch)| match watch {
            Answer::Denied(reason) => Some((&**name, &**reason)),
            _ => None,
        });
        let denied: BTreeMap<&str, &str> = denied.collect();
        if let Some(reason) = denied.values().next() {
            let names: Vec<&str> = denied.keys().copied().collect();
            let message = format!(
                "{} for {}; notafter works without it at a higher cost; to accept that, pass --no-watch",
                self.denied(reason),
                some(&names)
            );
            return Some(self.granted(Check::new("watch", State::Missing, message)));
        }
        let unknown = asked.iter().find_map(|(_, watch)| match watch {
            Answer::Unknown(why) => Some(why),
            _ => None,
        });
        if let Some(why) = unknown {
            let check = Check::new("watch", State::Unknown, self.not_reviewed(why));
            return Some(check.look_at(self.can_i("--list")));
        }
        let message = "allowed for every list that may be read";
        Some(Check::new("watch", State::Ok, message))
    }

    fn denied(&self, reason: &str) -> String {
        let user = self.user.as_ref();
        let user = user.map(|user| format!(" to {user}"));
        let reason = Some(reason).filter(|reason| !reason.is_empty());
        let reason = reason.map(|reason| format!(" ({reason})"));
        let details = user.into_iter().chain(reason);
        format!("denied{}", details.collect::<String>())
    }

    fn not_reviewed(&self, why: &str) -> String {
        let user = self.user.as_ref();
        let user = user.map(|user| format!(" of {user}")).unwrap_or_default();
        format!("cannot review the rights{user}: {why}")
    }

    /// The command that asks about a right of the same user.
    fn can_i(&self, right: &str) -> String {
        let account = self.asked.account.as_ref();
        let user = account.map(|account| format!(" --as={}", quoted(&account.user())));
        let user = user.unwrap_or_default();
        format!("{} auth can-i {right}{user}", self.asked.kubectl())
    }

    /// Adds the command that grants every right to the service account, or to a user of another kind.
    fn granted(&self, check: Check) -> Check {
        let subject = match (&self.account, &self.user) {
            (Some(account), _) if account.to_string() == ServiceAccount::DEFAULT => String::new(),
            (Some(account), _) => format!(" --service-account={account}"),
            (None, Some(user)) => format!(" --user={}", quoted(user)),
            (None, None) => return check.look_at(self.can_i("--list")),
        };
        let (rights, kubectl) = (self.asked.rights(), self.asked.kubectl());
        check.fix(format!("{rights}{subject} | {kubectl} apply -f -"))
    }
}

/// The permissions in groups with the same list and the same answer, in the order of their first.
fn alike(permissions: &[Permission]) -> Vec<Vec<&Permission>> {
    let mut groups: Vec<Vec<&Permission>> = Vec::new();
    for permission in permissions {
        let is_same = |group: &&mut Vec<&Permission>| {
            let (resource, list) = (group[0].resource, &group[0].list);
            resource.name() == permission.resource.name() && *list == permission.list
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => group.push(permission),
            None => groups.push(vec![permission]),
        }
    }
    groups
}
