//! The API server: whether it answers, whose the credentials are, and which lists may be read.

use std::collections::BTreeSet;

use super::{Asked, Check, State, quoted};
use crate::api::{Answer, Examined, Permission};
use crate::rbac::ServiceAccount;

/// The service account that `notafter rights` grants to unless it is told otherwise.
const DEFAULT: &str = "notafter/notafter";

/// The user whose rights are judged, with the commands that grant and show them.
struct Subject<'a> {
    asked: &'a Asked,
    /// The name of the user; nothing if the API server does not tell.
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
        Ok(user) => Check::new("credentials", State::Ok, format!("those of {user}")),
        Err(why) => {
            let message = format!("the API server does not tell whose they are: {why}");
            let check = Check::new("credentials", State::Unknown, message);
            check.look_at(format!("{} auth whoami", asked.kubectl()))
        }
    };
    let subject = Subject::of(asked, examined.user.as_deref().ok());
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

    /// A check for each list; one for all of them if none can be told.
    fn lists(&self, permissions: &[Permission]) -> Vec<Check> {
        let mut answers = permissions.iter().map(|permission| &permission.list);
        if let Some(first @ (Answer::Failed(_) | Answer::Unknown(_))) = answers.next()
            && answers.all(|answer| answer == first)
        {
            return vec![self.list("lists".into(), &permissions[0])];
        }
        let mut checks: Vec<Check> = Vec::new();
        let mut rest = permissions;
        while let Some((first, others)) = rest.split_first() {
            // Namespaces with the same answer share a line.
            let is_same = |other: &&Permission| {
                other.resource.name() == first.resource.name() && other.list == first.list
            };
            let same = others.iter().take_while(is_same).count();
            let scopes = rest[..=same]
                .iter()
                .filter_map(|one| one.namespace.as_deref());
            let scopes: Vec<&str> = scopes.collect();
            let name = match &scopes[..] {
                [] => format!("list {}", first.resource.name()),
                scopes => format!("list {} in {}", first.resource.name(), scopes.join(", ")),
            };
            checks.push(self.list(name, first));
            rest = &rest[same + 1..];
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
            Answer::Denied => {
                let message = format!("denied{}; it shows {}", self.to_user(), resource.purpose);
                let check = Check::new(name, State::Missing, message);
                self.granted(check)
            }
            Answer::Failed(why) => {
                let check = Check::new(name, State::Failed, why);
                check.look_at(format!("{kubectl} get {plural}{scope}"))
            }
            Answer::Unknown(why) => {
                let message = format!("the rights{} are not told: {why}", self.of_user());
                let check = Check::new(name, State::Unknown, message);
                let user = self
                    .user
                    .as_deref()
                    .filter(|_| self.asked.account.is_some());
                let user = user.map(|user| format!(" --as={}", quoted(user)));
                let user = user.unwrap_or_default();
                check.look_at(format!("{kubectl} auth can-i list {plural}{scope}{user}"))
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
        let unknown = asked.iter().find_map(|(_, watch)| match watch {
            Answer::Unknown(why) => Some(why),
            _ => None,
        });
        if let Some(why) = unknown {
            let message = format!("the rights{} are not told: {why}", self.of_user());
            let check = Check::new("watch", State::Unknown, message);
            let kubectl = self.asked.kubectl();
            return Some(check.look_at(format!("{kubectl} auth can-i --list")));
        }
        let denied = asked.iter().filter(|(_, watch)| **watch != Answer::Allowed);
        let denied: BTreeSet<&str> = denied.map(|(name, _)| &**name).collect();
        if denied.is_empty() {
            let message = "allowed for every list that may be read";
            return Some(Check::new("watch", State::Ok, message));
        }
        let denied: Vec<&str> = denied.into_iter().collect();
        let message = format!(
            "denied{} for {}; without it each poll costs the API server more, and --no-watch asks for lists alone",
            self.to_user(),
            denied.join(", ")
        );
        Some(self.granted(Check::new("watch", State::Missing, message)))
    }

    fn to_user(&self) -> String {
        let user = self.user.as_ref();
        user.map(|user| format!(" to {user}")).unwrap_or_default()
    }

    fn of_user(&self) -> String {
        let user = self.user.as_ref();
        user.map(|user| format!(" of {user}")).unwrap_or_default()
    }

    /// Adds the command that grants every right: to the service account, or by a binding of the same
    /// role to another user.
    fn granted(&self, check: Check) -> Check {
        let Asked {
            program,
            namespaces,
            watch,
            ..
        } = self.asked;
        let kubectl = self.asked.kubectl();
        let mut rights = vec![program.clone(), "rights".into()];
        rights.extend(namespaces.iter().map(|name| format!("--namespace={name}")));
        rights.extend((!watch).then(|| "--no-watch".into()));
        let account = self.account.as_ref().map(ToString::to_string);
        let unusual = account.iter().filter(|account| *account != DEFAULT);
        rights.extend(unusual.map(|account| format!("--service-account={account}")));
        let apply = format!("{} | {kubectl} apply -f -", rights.join(" "));
        if account.is_some() {
            return check.fix(apply);
        }
        let Some(user) = &self.user else {
            return check.look_at(format!("{kubectl} auth can-i --list"));
        };
        let binding = format!("notafter-doctor --user={}", quoted(user));
        let mut commands = vec![apply];
        if namespaces.is_empty() {
            commands.push(format!(
                "{kubectl} create clusterrolebinding {binding} --clusterrole=notafter"
            ));
        }
        commands.extend(namespaces.iter().map(|namespace| {
            format!(
                "{kubectl} create rolebinding {binding} --role=notafter --namespace={namespace}"
            )
        }));
        check.fix(commands.join(" && "))
    }
}
