//! Signers, what they sign, and copies of it.

use serde_json::{Value, json};

use super::platform::{Place, Purpose, Rotated, Target};
use crate::certificate::{Authority, Draft, Pair};
use crate::managers::round::{DAY, Round, annotation, authority, data, time};
use crate::openshift::rfc3339;

const NOT_BEFORE: &str = "auth.openshift.io/certificate-not-before";
const NOT_AFTER: &str = "auth.openshift.io/certificate-not-after";
const ISSUER: &str = "auth.openshift.io/certificate-issuer";
const HOSTS: &str = "auth.openshift.io/certificate-hostnames";

/// What is written beside a certificate.
struct Written<'a> {
    secret: &'a Rotated,
    managed: &'static str,
    issuer: &'a str,
    hosts: &'a [&'a str],
    from: i64,
    until: i64,
}

/// Makes a signer, or makes it anew when its annotations say so (signer.go, `needNewSigningCertKeyPair`).
pub(super) fn keep_signer(round: &Round<'_>, signer: &Rotated) {
    let (namespace, name) = signer.place;
    let secret = round.secret(namespace, name);
    if secret.is_some_and(|it| !is_due(round, &it, || round.passed(refresh_at(&it, signer)))) {
        return;
    }
    let (from, until) = (round.now, round.now + signer.valid * DAY);
    let common_name = format!("{namespace}_{name}@{from}");
    let pair = Draft::named(&common_name)
        .valid(from, until)
        .authority()
        .pair;
    let written = Written {
        secret: signer,
        managed: "signer",
        issuer: &common_name,
        hosts: &[],
        from,
        until,
    };
    apply(round, &written, &data(&pair, &[]));
}

/// The same for what a signer signs (target.go, `needNewTargetCertKeyPair`). An issuer that is no longer in the CA
/// bundle needs no looking at: the bundle keeps a signer until its end, and no target lives longer.
pub(super) fn keep_target(round: &Round<'_>, target: &Target) {
    let (namespace, name) = target.secret.place;
    let signer = round.secret(target.signer.0, target.signer.1);
    let read = signer.and_then(|it| Some((authority(&it)?, round.certificate(&it, "tls.crt")?)));
    let Some((signer, signing)) = read else {
        return;
    };
    let hosts = match target.purpose {
        Purpose::Server(hosts) => hosts,
        Purpose::Client(_) | Purpose::Signer(_) => &[],
    };
    let fits = |secret: &Value| {
        let wait = target.secret.refresh * DAY / 10;
        // A signer that is too young may not be trusted everywhere.
        let refreshed = || {
            round.passed(refresh_at(secret, &target.secret))
                && round.passed(signing.not_before + wait)
        };
        annotation(secret, HOSTS) == hosts.join(",") && !is_due(round, secret, refreshed)
    };
    if round.secret(namespace, name).is_some_and(|it| fits(&it)) || !round.is_active(&signing) {
        return;
    }
    let from = round.now;
    let until = signing.not_after.min(from + target.secret.valid * DAY);
    let pair = pair(target.purpose, &signer, from, until);
    let written = Written {
        secret: &target.secret,
        managed: "target",
        issuer: &signing.common_name,
        hosts,
        from,
        until,
    };
    apply(round, &written, &data(&pair, &[&signer.pair.certificate]));
}

/// Copies a secret with its labels and annotations (library-go: pkg/operator/resource/resourceapply/core.go,
/// `syncPartialSecret`).
pub(super) fn copy(round: &Round<'_>, from: Place, to: Place) {
    let Some(origin) = round.secret(from.0, from.1) else {
        return;
    };
    let metadata = &origin["metadata"];
    round.cluster.apply(json!({
        "apiVersion": "v1", "kind": "Secret", "type": origin["type"], "data": origin["data"],
        "metadata": {
            "namespace": to.0, "name": to.1,
            "labels": metadata["labels"], "annotations": metadata["annotations"],
        },
    }));
}

/// Whether annotations say that a certificate is over, or four fifths of it, or what they say is no time; or
/// whether it is to be refreshed.
fn is_due(round: &Round<'_>, secret: &Value, refresh: impl Fn() -> bool) -> bool {
    let Some((from, until)) = dates(secret) else {
        return true;
    };
    round.passed(until) || round.passed(until - (until - from) / 5) || refresh()
}

fn dates(secret: &Value) -> Option<(i64, i64)> {
    Some((
        time(annotation(secret, NOT_BEFORE))?,
        time(annotation(secret, NOT_AFTER))?,
    ))
}

fn refresh_at(secret: &Value, rotated: &Rotated) -> i64 {
    dates(secret).map_or(i64::MIN, |(from, _)| from + rotated.refresh * DAY)
}

fn pair(purpose: Purpose, signer: &Authority, from: i64, until: i64) -> Pair {
    match purpose {
        Purpose::Client(name) => Draft::named(name)
            .client()
            .valid(from, until)
            .signed_by(signer),
        Purpose::Server(hosts) => {
            let leaf = Draft::named(hosts[0]).hosts(hosts).serving();
            leaf.valid(from, until).signed_by(signer)
        }
        Purpose::Signer(name) => {
            let draft = Draft::named(&format!("{name}_@{from}"));
            draft.valid(from, until).authority_under(signer).pair
        }
    }
}

fn apply(round: &Round<'_>, written: &Written<'_>, data: &Value) {
    let rotated = written.secret;
    let mut annotations = json!({
        NOT_BEFORE: rfc3339(written.from), NOT_AFTER: rfc3339(written.until), ISSUER: written.issuer,
        "openshift.io/owning-component": rotated.owner,
    });
    if !written.hosts.is_empty() {
        annotations[HOSTS] = written.hosts.join(",").into();
    }
    if rotated.announced {
        let period = format!("{}h0m0s", rotated.refresh * 24);
        annotations["certificates.openshift.io/refresh-period"] = period.into();
    }
    let (namespace, name) = rotated.place;
    round.cluster.apply(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "data": data,
        "metadata": {
            "namespace": namespace, "name": name, "annotations": annotations,
            "labels": {"auth.openshift.io/managed-certificate-type": written.managed},
        },
    }));
}
