//! OLM: when it renews the certificates of an operator's webhooks and API services, and when not.
//!
//! As OLM 0.28.0 and 0.38.0 were seen to do it, and OLM before 0.21.2 by its code
//! (operator-framework/operator-lifecycle-manager: pkg/controller/operators/olm/operator.go,
//! pkg/controller/install/certresources.go). The phases through which it sends an operator within a
//! second are left out: an operator is found in the last of them.

mod trust;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::round::{DAY, Round};
use crate::certificate::Draft;
use crate::cluster::Cluster;
use crate::object::{namespace, reference, rfc3339, text, time};

const KIND: &str = "ClusterServiceVersion";

/// How long a certificate is valid (pkg/controller/install/certresources.go,
/// `DefaultCertValidFor`).
const VALID: i64 = 730 * DAY;

/// OLM renews in a certificate's last day (pkg/controller/install/certresources.go,
/// `DefaultCertMinFresh`).
const MINIMUM_FRESH: i64 = DAY;

/// The three ways in which OLM has decided when to renew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OlmVersion {
    /// Before 0.21.2: by `certsRotateAt`, which every installation moves on, even if it reuses the
    /// certificate.
    Skewing,
    /// 0.21.2 to 0.28: by `certsRotateAt`, which is set only with a new certificate.
    Forgetting,
    /// Since 0.29: by the certificate.
    Fixed,
}

/// An operator, by its CSV.
struct Operator<'a> {
    round: &'a Round<'a>,
    version: OlmVersion,
    csv: &'a Value,
}

pub(super) fn sync(round: &Round<'_>) {
    for csv in round.cluster.objects(KIND) {
        let operator = Operator {
            round,
            version: round.switches.olm_version,
            csv: &csv,
        };
        if operator.is_due() {
            operator.install();
        }
    }
}

/// Sends a CSV through `InstallReady`.
pub(super) fn reinstall(cluster: &Cluster, namespace: &str, csv: &str) {
    cluster.edit(KIND, namespace, csv, |csv| {
        csv["status"]["phase"] = "InstallReady".into();
        csv["status"]["reason"] = "AllRequirementsMet".into();
    });
}

/// Puts a new CSV into the place of an old one.
pub(super) fn upgrade(cluster: &Cluster, namespace: &str, old_csv: &str, new_csv: &str) {
    let mut csv = cluster
        .get(KIND, namespace, old_csv)
        .unwrap_or_else(|| panic!("there is no {KIND} {namespace}/{old_csv}"));
    csv["metadata"]["name"] = new_csv.into();
    csv["status"] = json!({});
    cluster.apply(csv);
    cluster.delete(KIND, namespace, old_csv);
}

// === impl Operator ===

impl<'a> Operator<'a> {
    /// Returns whether the operator is to be installed again (`transitionCSVState`).
    fn is_due(&self) -> bool {
        let status = &self.csv["status"];
        match (text(&status["phase"]), text(&status["reason"])) {
            // OLM looks at nothing else until a person has acted.
            (_, "RequirementsNotMet" | "NoOperatorGroup") => false,
            // OLM waits for the components; only a lost secret makes it look at certificates.
            ("Installing", _) => self
                .deployments()
                .iter()
                .any(|name| self.secret(name).is_none()),
            ("Succeeded", _) => {
                self.is_inactive()
                    || self.deployments().iter().any(|name| self.must_mint(name))
                    || !self.is_trusted()
            }
            _ => true,
        }
    }

    /// Passes through `InstallReady`.
    fn install(&self) {
        let deployments = self.deployments();
        let minting: Vec<_> = deployments
            .iter()
            .filter(|name| self.must_mint(name))
            .collect();
        for deployment in &minting {
            self.mint(deployment);
        }
        self.make_trusted();
        // The aggregated API answers 503, and OLM takes that for an answer before any timeout.
        let phase = if self.is_inactive() {
            "Installing"
        } else {
            "Succeeded"
        };
        let now = rfc3339(self.round.now);
        let mut csv = self.csv.clone();
        let status = &mut csv["status"];
        status["phase"] = phase.into();
        status["reason"] = "InstallSucceeded".into();
        status["lastTransitionTime"] = now.clone();
        // Before 0.21.2 this was written even if the old certificate was reused.
        if !minting.is_empty() || self.version == OlmVersion::Skewing {
            status["certsLastUpdated"] = now;
            status["certsRotateAt"] = rfc3339(self.round.now + VALID - MINIMUM_FRESH);
        }
        self.round.cluster.apply(csv);
    }

    /// Makes the certificate of a deployment, with a CA whose key is thrown away.
    fn mint(&self, deployment: &str) {
        let now = self.round.now;
        let ca = Draft::of("Red Hat, Inc.", &format!("olm-selfsigned-{now:x}"));
        let ca = ca.valid(now, now + VALID).authority();
        // Before 0.21.2 the certificate expired when it was to be renewed.
        let until = match self.version {
            OlmVersion::Skewing => now + VALID - MINIMUM_FRESH,
            OlmVersion::Forgetting | OlmVersion::Fixed => now + VALID,
        };
        let host = format!("{deployment}-service.{}", namespace(self.csv));
        let mut hosts = vec![host.clone(), format!("{host}.svc")];
        if self.version == OlmVersion::Fixed {
            hosts.push(format!("{host}.svc.cluster.local")); // since #3217
        }
        let leaf = Draft::of("Red Hat, Inc.", &host).hosts(&hosts).serving();
        let pair = leaf.valid(now, until).signed_by(&ca);
        let secret = format!("{deployment}-service-cert");
        let metadata = json!({"ownerReferences": [reference(self.csv)]});
        let data = [
            ("olmCAKey", &*ca.pair.certificate),
            ("tls.crt", &pair.certificate),
            ("tls.key", &pair.key),
        ];
        self.round
            .write((namespace(self.csv), &secret), &metadata, &data);
    }

    /// Returns whether a deployment gets a new certificate when the operator is installed.
    fn must_mint(&self, deployment: &str) -> bool {
        let Some(secret) = self.secret(deployment) else {
            return true;
        };
        if self.version == OlmVersion::Fixed {
            let leaf = self.round.leaf(&secret);
            return leaf.is_none_or(|leaf| self.round.passed(leaf.not_after - MINIMUM_FRESH));
        }
        let due = time(text(&self.csv["status"]["certsRotateAt"]));
        due.is_some_and(|due| self.round.passed(due))
    }

    /// Returns whether the certificate of an API service has expired, which only an unfixed OLM
    /// asks.
    fn is_inactive(&self) -> bool {
        let mut secrets = self
            .apiservices()
            .filter_map(|owned| self.secret(text(&owned["deploymentName"])));
        self.version != OlmVersion::Fixed
            && secrets.any(|secret| {
                let leaf = self.round.leaf(&secret);
                leaf.is_some_and(|leaf| self.round.passed(leaf.not_after))
            })
    }

    fn secret(&self, deployment: &str) -> Option<Arc<Value>> {
        let name = format!("{deployment}-service-cert");
        self.round.secret((namespace(self.csv), &name))
    }

    /// The deployments that have a certificate.
    fn deployments(&self) -> BTreeSet<&'a str> {
        let definitions = self.apiservices().chain(self.webhooks());
        definitions
            .map(|definition| text(&definition["deploymentName"]))
            .collect()
    }

    fn apiservices(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        let owned = &self.csv["spec"]["apiservicedefinitions"]["owned"];
        owned.as_array().into_iter().flatten()
    }

    fn webhooks(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        let definitions = &self.csv["spec"]["webhookdefinitions"];
        definitions.as_array().into_iter().flatten()
    }
}
