//! Prometheus: whether it scrapes notafter, evaluates the rules, and sends alerts to anybody.

use std::path::Path;

use super::asked::{Asked, quoted};
use super::{Check, State, number, rules, some};
use crate::prometheus::{Access, Error, Fault, Monitoring, Target, UnreadList};
use crate::rbac;

/// The namespace of every installation that the manifests make.
const NAMESPACE: &str = "notafter";

/// Judges the answers of a Prometheus; nothing stands for one that was not asked.
pub(super) fn checks(asked: &Asked, monitoring: Option<Result<&Monitoring, &Error>>) -> Vec<Check> {
    let Some((access, monitoring)) = asked.prometheus.as_ref().zip(monitoring) else {
        let message = "give its URL with --prometheus";
        let check = Check::new("Prometheus", State::NotChecked, message);
        return vec![check.fix(format!("{} --prometheus URL", asked.doctor()))];
    };
    let monitoring = match monitoring {
        Ok(monitoring) => monitoring,
        Err(error) => return vec![unanswered(asked, access, error)],
    };
    let answers = format!("{} answers", access.address);
    let mut checks = vec![
        Check::new("Prometheus", State::Ok, answers),
        targets(asked, monitoring),
    ];
    if monitoring.targets.iter().any(|target| target.is_up) {
        checks.push(unread(asked, monitoring));
    }
    checks.push(rules_of(asked, monitoring));
    checks.push(alertmanagers(access, monitoring));
    checks
}

/// The check of a Prometheus that cannot be asked.
fn unanswered(asked: &Asked, access: &Access, error: &Error) -> Check {
    let check = Check::new("Prometheus", State::Failed, error.to_string());
    let (host, port) = access.address.host_and_port();
    match error {
        Error::Token(file, _) | Error::Authority(file, _) => {
            check.look_at(format!("ls -l {}", quoted(&file.display().to_string())))
        }
        Error::Request(_, Fault::Untrusted(_)) => {
            let address = format!("{host}:{port}");
            check.look_at(format!(
                "openssl s_client -showcerts -connect {address} </dev/null"
            ))
        }
        Error::Request(address, Fault::Anonymous(_)) => check.fix(format!(
            "{} --prometheus {} --prometheus-token-file FILE",
            asked.doctor(),
            quoted(&address.to_string())
        )),
        Error::Request(..) => check.look_at(curl(access, "query?query=up")),
    }
}

/// The check of the targets.
fn targets(asked: &Asked, monitoring: &Monitoring) -> Check {
    let Monitoring {
        targets, versions, ..
    } = monitoring;
    let name = "targets";
    let kubectl = asked.kubectl();
    if targets.is_empty() {
        let message = "Prometheus scrapes no notafter: no target has notafter in the name of its job, nor had \
                       notafter_build_info within a day";
        let selector = "--selector=app.kubernetes.io/name=notafter --show-labels";
        let check = Check::new(name, State::Missing, message);
        return check.look_at(format!(
            "{kubectl} get services,pods --all-namespaces {selector}"
        ));
    }
    let down: Vec<&Target> = targets.iter().filter(|target| !target.is_up).collect();
    if let Some(first) = down.first() {
        let namespace = Some(&*first.namespace).filter(|namespace| rbac::is_label(namespace));
        let namespace = namespace.unwrap_or(NAMESPACE);
        let down: Vec<String> = down.into_iter().map(described).collect();
        let message = format!(
            "{} of {} are down: {}",
            down.len(),
            targets.len(),
            some(&down)
        );
        let check = Check::new(name, State::Failed, message);
        return check.look_at(format!(
            "{kubectl} -n {namespace} get deployments,pods,services"
        ));
    }
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let version = match &versions[..] {
        [] => String::new(),
        versions => format!(", version {}", versions.join(" and ")),
    };
    let up = number(targets.len(), "is up", "are up");
    Check::new(name, State::Ok, format!("{up}{version}"))
}

fn described(target: &Target) -> String {
    let Target {
        job,
        instance,
        error,
        ..
    } = target;
    let colon = if error.is_empty() { "" } else { ": " };
    format!("{job} {instance}{colon}{error}")
}

/// The check of what the notafter that is scraped cannot read.
fn unread(asked: &Asked, monitoring: &Monitoring) -> Check {
    let name = "lists of the targets";
    let lists = match &monitoring.unread {
        Ok(lists) => lists,
        Err(fault) => return Check::new(name, State::Unknown, fault.to_string()),
    };
    if lists.is_empty() {
        return Check::new(name, State::Ok, "every list is read");
    }
    let described = |list: &UnreadList| {
        let scope = match &*list.scope {
            "" => String::new(),
            scope => format!(" in {scope}"),
        };
        format!("{}{scope} by {}", list.resource, list.instance)
    };
    let described: Vec<String> = lists.iter().map(described).collect();
    let message = format!(
        "{} not read: {}",
        number(lists.len(), "list is", "lists are"),
        some(&described)
    );
    let check = Check::new(name, State::Failed, message);
    check.look_at(format!(
        "{} -n {NAMESPACE} logs --selector=app.kubernetes.io/name=notafter --prefix --tail=50",
        asked.kubectl()
    ))
}

/// The check of the rules.
fn rules_of(asked: &Asked, monitoring: &Monitoring) -> Check {
    let rules = match &monitoring.rules {
        Ok(rules) => rules,
        Err(fault) => return Check::new("rules", State::Unknown, fault.to_string()),
    };
    let scraped = monitoring.versions.first().map(String::as_str);
    let check = rules::check(rules, scraped.unwrap_or(crate::VERSION));
    let kubectl = asked.kubectl();
    match check.state {
        State::Missing | State::Failed => check.look_at(format!(
            "{kubectl} get prometheusrules --all-namespaces --selector=app.kubernetes.io/name=notafter --show-labels"
        )),
        _ => check,
    }
}

/// The check of the Alertmanagers.
fn alertmanagers(access: &Access, monitoring: &Monitoring) -> Check {
    let name = "Alertmanager";
    match &monitoring.alertmanagers {
        Ok(0) => {
            let message = "none is known to Prometheus: alerts reach nobody";
            let check = Check::new(name, State::Missing, message);
            check.look_at(curl(access, "status/config"))
        }
        Ok(known) => Check::new(name, State::Ok, format!("alerts are sent to {known}")),
        Err(Fault::NotServed(_)) => Check::new(
            name,
            State::Unknown,
            "this API does not tell, as that of Thanos: give the address of the Prometheus that evaluates the rules",
        ),
        Err(fault) => Check::new(name, State::Unknown, fault.to_string()),
    }
}

/// The command that asks the same Prometheus, with the files of the flags.
fn curl(access: &Access, path: &str) -> String {
    let file = |file: &Path| quoted(&file.display().to_string());
    let ca = access.ca.as_deref();
    let ca = ca.map(|ca| format!(" --cacert {}", file(ca)));
    let token = access.token_file.as_deref();
    let token = token.map(|token| {
        let token = file(token);
        format!(" --header \"Authorization: Bearer $(cat {token})\"")
    });
    let flags: String = ca.into_iter().chain(token).collect();
    let url = quoted(&format!("{}/api/v1/{path}", access.address));
    format!("curl --silent --show-error{flags} {url}")
}
