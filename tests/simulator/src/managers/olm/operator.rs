//! An operator as OLM sees it: its certificates, and whether something is wrong with them.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::OlmVersion;
use crate::managers::round::{DAY, Round, name, namespace, text, time};

/// OLM renews in a certificate's last day (pkg/controller/install/certresources.go, `DefaultCertMinFresh`).
pub(super) const MINIMUM_FRESH: i64 = DAY;

/// A phase that a CSV passes through, with its reason and message.
pub(super) type Step = (&'static str, &'static str, String);

/// An operator, by its CSV.
pub(super) struct Operator<'a> {
    pub(super) round: &'a Round<'a>,
    pub(super) version: OlmVersion,
    pub(super) csv: &'a Value,
}

// === impl Operator ===

impl<'a> Operator<'a> {
    pub(super) fn new(round: &'a Round<'a>, version: OlmVersion, csv: &'a Value) -> Self {
        Self {
            round,
            version,
            csv,
        }
    }

    pub(super) fn namespace(&self) -> &'a str {
        namespace(self.csv)
    }

    pub(super) fn name(&self) -> &'a str {
        name(self.csv)
    }

    pub(super) fn apiservices(&self) -> impl Iterator<Item = &'a Value> {
        let owned = &self.csv["spec"]["apiservicedefinitions"]["owned"];
        owned.as_array().into_iter().flatten()
    }

    pub(super) fn webhooks(&self) -> impl Iterator<Item = &'a Value> {
        let definitions = &self.csv["spec"]["webhookdefinitions"];
        definitions.as_array().into_iter().flatten()
    }

    /// The deployments that have a certificate.
    pub(super) fn deployments(&self) -> BTreeSet<&'a str> {
        let definitions = self.apiservices().chain(self.webhooks());
        definitions.map(|it| text(&it["deploymentName"])).collect()
    }

    /// A deployment's secret. One without the label does not exist for OLM: its informer asks for it.
    pub(super) fn secret(&self, deployment: &str) -> Option<Arc<Value>> {
        let name = format!("{deployment}-service-cert");
        let secret = self.round.secret(self.namespace(), &name)?;
        (secret["metadata"]["labels"]["olm.managed"] == "true").then_some(secret)
    }

    /// The name of a secret that is not there.
    pub(super) fn lost_secret(&self) -> Option<String> {
        let deployments = self.deployments();
        let lost = deployments.iter().find(|it| self.secret(it).is_none())?;
        Some(format!("{lost}-service-cert"))
    }

    /// What a Succeeded or Failed operator goes through before it is installed again; nothing if all is well.
    pub(super) fn trouble(&self) -> Option<Vec<Step>> {
        let has_apiservice = self.apiservices().next().is_some();
        let lost = self.lost_secret();
        if let Some(message) = has_apiservice.then(|| self.apiservice_issue()).flatten() {
            return Some(vec![
                ("Failed", "APIServiceResourceIssue", message.clone()),
                ("Pending", "APIServiceResourcesNeedReinstall", message),
            ]);
        }
        if lost.is_some() && self.version != OlmVersion::Fixed {
            let message = "calculated deployment install is bad";
            return Some(vec![("Pending", "NeedsReinstall", message.into())]);
        }
        if self.deployments().iter().any(|it| self.must_mint(it)) {
            let message = "CSV owns resources that require a cert refresh";
            return Some(vec![("Pending", "NeedsCertRotation", message.into())]);
        }
        let bad = self.webhooks().any(|it| !self.webhook_fits(it));
        bad.then(|| {
            let message = "calculated deployment install is bad";
            vec![("Pending", "NeedsReinstall", message.into())]
        })
    }

    /// Whether a deployment's certificate is to be made anew when the operator is installed.
    pub(super) fn must_mint(&self, deployment: &str) -> bool {
        let Some(secret) = self.secret(deployment) else {
            return true;
        };
        let ca = self.round.certificate(&secret, "olmCAKey");
        if self.version != OlmVersion::Fixed {
            let due = time(text(&self.csv["status"]["certsRotateAt"]));
            return ca.is_none() || due.is_some_and(|due| self.round.passed(due));
        }
        let (Some(ca), Some(leaf)) = (ca, self.round.certificate(&secret, "tls.crt")) else {
            return true;
        };
        let line = ca.not_after.min(leaf.not_after) - MINIMUM_FRESH;
        let fits = leaf.is_signed_by(&ca)
            && self
                .hosts(deployment)
                .iter()
                .all(|host| leaf.hosts.contains(host));
        !fits
            || self.round.passed(line)
            || !self.round.is_active(&ca)
            || !self.round.is_active(&leaf)
    }

    /// The host names of a deployment's certificate; the fix brought the third (#3217).
    pub(super) fn hosts(&self, deployment: &str) -> Vec<String> {
        let host = format!("{deployment}-service.{}", self.namespace());
        let mut hosts = vec![host.clone(), format!("{host}.svc")];
        if self.version == OlmVersion::Fixed {
            hosts.push(format!("{host}.svc.cluster.local"));
        }
        hosts
    }

    /// What is wrong with a certificate by the checks of API services alone, before the fix; the CA's comes first.
    pub(super) fn inactive(&self) -> Option<&'static str> {
        if self.version == OlmVersion::Fixed {
            return None;
        }
        let deployment = |it: &Value| self.secret(text(&it["deploymentName"]));
        let secrets: Vec<_> = self.apiservices().filter_map(deployment).collect();
        let inactive = |key| {
            let mut certificates = secrets
                .iter()
                .filter_map(|it| self.round.certificate(it, key));
            certificates.any(|it| !self.round.is_active(&it))
        };
        if inactive("olmCAKey") {
            Some("found the CA cert is not active")
        } else {
            inactive("tls.crt").then_some("found the serving cert not active")
        }
    }

    fn apiservice_issue(&self) -> Option<String> {
        if let Some(lost) = self.lost_secret() {
            return Some(format!("secret {lost:?} not found"));
        }
        if let Some(message) = self.inactive() {
            return Some(message.into());
        }
        let bad = self.apiservices().find(|it| {
            let apiservice = self
                .round
                .cluster
                .find("APIService", "", &apiservice_name(it));
            !apiservice.is_some_and(|found| self.bundle_fits(it, &found["spec"]["caBundle"]))
        })?;
        let deployment = text(&bad["deploymentName"]);
        Some(format!(
            "secret {deployment}-service-cert CA cert hash does not match expected"
        ))
    }

    fn webhook_fits(&self, definition: &Value) -> bool {
        !self.lacks_webhook(definition)
            && self
                .webhook_objects(definition)
                .iter()
                .all(|(object, path)| {
                    let client_config = object.pointer(path);
                    client_config.is_none_or(|it| self.bundle_fits(definition, &it["caBundle"]))
                })
    }

    /// Whether a caBundle is the CA of a definition's deployment.
    fn bundle_fits(&self, definition: &Value, bundle: &Value) -> bool {
        let secret = self.secret(text(&definition["deploymentName"]));
        secret.is_some_and(|secret| *bundle == secret["data"]["olmCAKey"])
    }
}

pub(super) fn apiservice_name(definition: &Value) -> String {
    format!(
        "{}.{}",
        text(&definition["version"]),
        text(&definition["group"])
    )
}

/// SHA-256, in hexadecimal.
pub(super) fn hash(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .fold(String::new(), |mut hash, byte| {
            let _ = write!(hash, "{byte:02x}"); // a String takes everything
            hash
        })
}
