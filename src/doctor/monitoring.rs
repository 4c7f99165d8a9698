//! Prometheus: whether it scrapes notafter, evaluates the rules, and sends alerts to anybody.

use std::collections::BTreeSet;
use std::path::Path;

use super::asked::{Asked, quoted};
use super::{Check, State, number, rules, some, targets};
use crate::prometheus::{Access, Error, Fault, Monitoring, UnreadList};

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
        targets::check(asked, monitoring),
    ];
    if monitoring
        .exporting
        .as_ref()
        .is_ok_and(|places| !places.is_empty())
    {
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

/// The check of what the notafter that is scraped cannot read.
fn unread(asked: &Asked, monitoring: &Monitoring) -> Check {
    let name = "lists read by notafter";
    let lists = match &monitoring.unread {
        Ok(lists) => lists,
        Err(fault) => return Check::new(name, State::Unknown, fault.to_string()),
    };
    let Some(first) = lists.first() else {
        return Check::new(name, State::Ok, "all complete");
    };
    let described = |list: &UnreadList| {
        let scope = match &*list.scope {
            "" => String::new(),
            scope => format!(" in {scope}"),
        };
        format!(
            "{}{scope} by {}",
            list.resource,
            targets::place(&list.place)
        )
    };
    let described: Vec<String> = lists.iter().map(described).collect();
    let message = format!("{} not complete: {}", lists.len(), some(&described));
    let check = Check::new(name, State::Failed, message);
    check.look_at(format!(
        "{} -n {} logs --selector=app.kubernetes.io/name=notafter --prefix --tail=50",
        asked.kubectl(),
        targets::namespace(&first.namespace)
    ))
}

/// The check of the rules.
fn rules_of(asked: &Asked, monitoring: &Monitoring) -> Check {
    let rules = match &monitoring.rules {
        Ok(rules) => rules,
        Err(fault) => return Check::new("rules", State::Unknown, fault.to_string()),
    };
    let scraped = monitoring.versions.as_ref();
    let scraped = scraped.ok().filter(|versions| !versions.is_empty());
    let own = || BTreeSet::from([crate::VERSION.to_owned()]);
    let check = rules::check(rules, &scraped.cloned().unwrap_or_else(own));
    let kubectl = asked.kubectl();
    match check.state {
        State::Missing | State::Failed => check.look_at(format!(
            "{kubectl} get prometheusrules --all-namespaces --selector=app.kubernetes.io/name=notafter --show-labels"
        )),
        _ => check,
    }
}

/// The check of the Alertmanagers. Those that are configured may not be there, which only the failures
/// to send alerts show.
fn alertmanagers(access: &Access, monitoring: &Monitoring) -> Check {
    let name = "Alertmanager";
    let check = |state, message: &str| Check::new(name, state, message);
    if let Ok(unsent) = &monitoring.unsent
        && !unsent.is_empty()
    {
        let unsent: Vec<&String> = unsent.iter().collect();
        let message = format!(
            "sending alerts failed in the last 15 min: {}",
            some(&unsent)
        );
        return check(State::Failed, &message).look_at(curl(access, "alertmanagers"));
    }
    match (&monitoring.alertmanagers, &monitoring.unsent) {
        (Ok(0), _) => check(
            State::Missing,
            "none is known to Prometheus: alerts reach nobody",
        )
        .look_at(curl(access, "status/config")),
        (Ok(known), unsent) => {
            let known = number(*known, "Alertmanager is", "Alertmanagers are");
            match unsent {
                Ok(_) => check(State::Ok, &format!("{known} configured")),
                Err(fault) => check(
                    State::Unknown,
                    &format!("{known} configured; failures to send alerts are unknown: {fault}"),
                ),
            }
        }
        (Err(Fault::NotServed(_)), _) => check(
            State::NotChecked,
            "this API has no /alertmanagers (Thanos): use the Prometheus that evaluates the rules",
        ),
        (Err(fault), _) => check(State::Unknown, &fault.to_string()),
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
