//! One Certificate: whether it is due, its secret, and its status.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::CertManager;
use crate::certificate::{Draft, Parsed};
use crate::managers::round::{DAY, HOUR, Round, annotation, data, name, namespace, text};
use crate::openshift::rfc3339;

/// How long a certificate is valid if the Certificate does not say.
const VALID: i64 = 90 * DAY;

/// A Certificate, and the secret that it asks for.
pub(super) struct Wanted<'a> {
    round: &'a Round<'a>,
    manager: &'a CertManager,
    object: &'a Value,
    secret: Option<Arc<Value>>,
}

/// A condition: its type, status, reason and message.
type Condition<'a> = (&'static str, &'static str, &'static str, &'a str);

// === impl Wanted ===

impl<'a> Wanted<'a> {
    pub(super) fn new(round: &'a Round<'a>, manager: &'a CertManager, object: &'a Value) -> Self {
        let secret = round.secret(namespace(object), text(&object["spec"]["secretName"]));
        Self {
            round,
            manager,
            object,
            secret,
        }
    }

    pub(super) fn sync(&self, all: &[Arc<Value>]) {
        let read = self
            .secret
            .as_ref()
            .and_then(|it| self.round.certificate(it, "tls.crt"));
        if let Some(other) = self.other_owner(all) {
            let message = format!(
                "Secret was issued for {other:?}. If this message is not transient, you might have two conflicting \
                 Certificates pointing to the same secret."
            );
            let ready = ("Ready", "False", "IncorrectCertificate", &*message);
            self.write_status(read.as_deref(), &[ready]);
            return;
        }
        let renewal = read.as_ref().and_then(|it| self.renewal(it));
        let due = renewal.is_some_and(|it| self.round.reached(it));
        if (read.is_none() || due) && self.has_issuer() {
            self.issue();
        } else {
            self.tell(read.as_deref(), due.then_some(renewal).flatten());
        }
    }

    /// The Certificate that the secret was issued for, if that is another.
    fn other_owner(&self, all: &[Arc<Value>]) -> Option<String> {
        let owner =
            annotation(self.secret.as_ref()?, "cert-manager.io/certificate-name").to_owned();
        let is_owner = |it: &Arc<Value>| {
            name(it) == owner
                && namespace(it) == namespace(self.object)
                && it["spec"]["secretName"] == self.object["spec"]["secretName"]
        };
        (owner != name(self.object) && all.iter().any(is_owner)).then_some(owner)
    }

    fn has_issuer(&self) -> bool {
        let issuer = text(&self.object["spec"]["issuerRef"]["name"]);
        let issuer = format!("{}/{issuer}", namespace(self.object));
        !self.manager.broken_issuers.contains(&issuer)
    }

    /// When a certificate is to be renewed (pkg/util/pki/renewaltime.go); never, if that is what the policy says.
    fn renewal(&self, certificate: &Parsed) -> Option<i64> {
        let spec = &self.object["spec"];
        if spec["renewal"]["policy"] == "Disabled" {
            return None;
        }
        let third = (certificate.not_after - certificate.not_before) / 3;
        let before = duration(text(&spec["renewBefore"])).unwrap_or(third);
        Some(certificate.not_after - before)
    }

    fn issue(&self) {
        let spec = &self.object["spec"];
        let from = self.round.now;
        let until = from + duration(text(&spec["duration"])).unwrap_or(VALID);
        let hosts: Vec<&str> = spec["dnsNames"]
            .as_array()
            .into_iter()
            .flatten()
            .map(text)
            .collect();
        let leaf = Draft::named(text(&spec["commonName"]))
            .hosts(&hosts)
            .serving();
        let authority = &self.manager.authority;
        let mut data = data(&leaf.valid(from, until).signed_by(authority), &[]);
        data["ca.crt"] = STANDARD.encode(&authority.pair.certificate).into();
        let issuer = &spec["issuerRef"];
        let kind = issuer["kind"].as_str().unwrap_or("Issuer");
        self.round.cluster.apply(json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "data": data,
            "metadata": {
                "namespace": namespace(self.object), "name": spec["secretName"],
                "labels": {"controller.cert-manager.io/fao": "true"},
                "annotations": {
                    "cert-manager.io/alt-names": hosts.join(","),
                    "cert-manager.io/certificate-name": name(self.object),
                    "cert-manager.io/common-name": text(&spec["commonName"]),
                    "cert-manager.io/ip-sans": "",
                    "cert-manager.io/issuer-group": text(&issuer["group"]),
                    "cert-manager.io/issuer-kind": kind,
                    "cert-manager.io/issuer-name": text(&issuer["name"]),
                    "cert-manager.io/uri-sans": "",
                },
            },
        }));
        let mut object = self.object.clone();
        let revision = object["status"]["revision"].as_i64().unwrap_or_default();
        object["status"]["revision"] = (revision + 1).into();
        self.round.cluster.apply(object);
    }

    /// Says how it is; `waiting` is the time of a renewal that is waiting for its Issuer.
    fn tell(&self, certificate: Option<&Parsed>, waiting: Option<i64>) {
        let message = waiting.map(|time| {
            let time = text(&rfc3339(time))
                .replace('T', " ")
                .replace('Z', " +0000 UTC");
            format!("Renewing certificate as renewal was scheduled at {time}")
        });
        let missing = "Issuing certificate as Secret does not exist";
        let mut conditions: Vec<Condition<'_>> = Vec::new();
        conditions.push(match certificate {
            None => ("Ready", "False", "DoesNotExist", missing),
            Some(it) if self.round.passed(it.not_after) => {
                ("Ready", "False", "Expired", "Certificate expired")
            }
            Some(_) => {
                let message = "Certificate is up to date and has not expired";
                ("Ready", "True", "Ready", message)
            }
        });
        if let Some(message) = &message {
            conditions.push(("Issuing", "True", "Renewing", message));
        } else if certificate.is_none() {
            conditions.push(("Issuing", "True", "DoesNotExist", missing));
        }
        self.write_status(certificate, &conditions);
    }

    /// The status: the times of the certificate in the secret, whoever put it there, and the conditions.
    fn write_status(&self, certificate: Option<&Parsed>, conditions: &[Condition<'_>]) {
        let mut object = self.object.clone();
        let status = &mut object["status"];
        let renewal = certificate.and_then(|it| self.renewal(it));
        let times = [
            ("notBefore", certificate.map(|it| it.not_before)),
            ("notAfter", certificate.map(|it| it.not_after)),
            ("renewalTime", renewal),
        ];
        let issuing = conditions.iter().any(|(kind, ..)| *kind == "Issuing");
        let mut fields = serde_json::Map::new();
        fields.extend(status.as_object().cloned().unwrap_or_default());
        for (field, time) in times {
            fields.remove(field);
            fields.extend(time.map(|time| (field.into(), rfc3339(time))));
        }
        fields.remove("nextPrivateKeySecretName");
        if issuing {
            let key = format!("{}-next", name(self.object));
            fields.insert("nextPrivateKeySecretName".into(), key.into());
        }
        let old = fields.remove("conditions").unwrap_or_default();
        let new = conditions.iter().map(|it| self.condition(it, &old));
        fields.insert("conditions".into(), new.collect());
        *status = fields.into();
        self.round.cluster.apply(object);
    }

    fn condition(&self, (kind, status, reason, message): &Condition<'_>, old: &Value) -> Value {
        let mut before = old.as_array().into_iter().flatten();
        let before = before.find(|it| it["type"] == *kind && it["status"] == *status);
        let since = before.map(|it| it["lastTransitionTime"].clone());
        json!({
            "type": kind, "status": status, "reason": reason, "message": message,
            "lastTransitionTime": since.unwrap_or_else(|| rfc3339(self.round.now)),
            "observedGeneration": 1,
        })
    }
}

/// Seconds of a duration as Go writes it, such as `2160h` or `1h30m0s`.
fn duration(text: &str) -> Option<i64> {
    let mut seconds = 0;
    for part in text.split_inclusive(['h', 'm', 's']) {
        let number: i64 = part[..part.len() - 1].parse().ok()?;
        seconds += match part.chars().last()? {
            'h' => number * HOUR,
            'm' => number * 60,
            _ => number,
        };
    }
    (seconds > 0).then_some(seconds)
}
