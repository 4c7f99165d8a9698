//! An operator's installation: its certificates, its API services, and its phases.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::OlmVersion;
use super::operator::{MINIMUM_FRESH, Operator, Step, apiservice_name, hash};
use crate::certificate::{Authority, Draft};
use crate::managers::round::{DAY, reference, text};
use crate::openshift::rfc3339;

/// How long a certificate is valid (pkg/controller/install/certresources.go, `DefaultCertValidFor`).
const VALID: i64 = 730 * DAY;

/// As many of its past phases does a CSV remember.
const CONDITIONS: usize = 20;

impl Operator<'_> {
    /// One pass through `InstallReady`, after other steps.
    pub(super) fn install(&self, mut steps: Vec<Step>) {
        let minting: Vec<_> = self
            .deployments()
            .into_iter()
            .filter(|it| self.must_mint(it))
            .collect();
        if !minting.is_empty() {
            let (serial, authority) = self.authority();
            for deployment in &minting {
                self.mint(deployment, serial, &authority);
            }
        }
        for deployment in self.deployments() {
            self.apply_service(deployment);
        }
        for definition in self.apiservices() {
            self.apply_apiservice(definition);
        }
        for definition in self.webhooks() {
            self.apply_webhook(definition);
        }
        let met = "all requirements found, attempting install";
        let waiting = "waiting for install components to report healthy";
        steps.push(("InstallReady", "AllRequirementsMet", met.into()));
        steps.push(("Installing", "InstallSucceeded", waiting.into()));
        // The aggregated API answers 503, and OLM takes that for an answer before any timeout.
        if self.inactive().is_none() {
            let message = "install strategy completed with no errors";
            steps.push(("Succeeded", "InstallSucceeded", message.into()));
        }
        self.write_status(steps, !minting.is_empty());
    }

    /// The CA of one installation; its key is thrown away.
    fn authority(&self) -> (u64, Authority) {
        let now = self.round.now;
        let seed = hash(&format!("{}/{} {now}", self.namespace(), self.name()));
        let serial = u64::from_str_radix(&seed[..15], 16).expect("hexadecimal digits");
        let draft = Draft::of("Red Hat, Inc.", &format!("olm-selfsigned-{serial:x}"));
        (
            serial,
            draft.serial(serial).valid(now, now + VALID).authority(),
        )
    }

    fn mint(&self, deployment: &str, serial: u64, authority: &Authority) {
        let now = self.round.now;
        // Before 0.21.2 the certificate ended when it was to be renewed.
        let until = match self.version {
            OlmVersion::Skewing => now + VALID - MINIMUM_FRESH,
            OlmVersion::Forgetting | OlmVersion::Fixed => now + VALID,
        };
        let hosts = self.hosts(deployment);
        let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let leaf = Draft::of("Red Hat, Inc.", &hosts[0])
            .hosts(&names)
            .serving();
        let leaf = leaf
            .serial(serial + 1)
            .valid(now, until)
            .signed_by(authority);
        let ca = &authority.pair.certificate;
        self.round.cluster.apply(json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {
                "namespace": self.namespace(), "name": format!("{deployment}-service-cert"),
                "labels": {"olm.managed": "true"}, "annotations": {"olmcahash": hash(ca)},
                "ownerReferences": [self.owner()],
            },
            "data": {
                "olmCAKey": STANDARD.encode(ca), "tls.crt": STANDARD.encode(&leaf.certificate),
                "tls.key": STANDARD.encode(&leaf.key),
            },
        }));
    }

    fn apply_service(&self, deployment: &str) {
        self.round.cluster.apply(json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {
                "namespace": self.namespace(), "name": format!("{deployment}-service"),
                "labels": {"olm.managed": "true"}, "ownerReferences": [self.owner()],
            },
            "spec": {"ports": [{"name": "443", "port": 443, "targetPort": 5443}]},
        }));
    }

    fn apply_apiservice(&self, definition: &Value) {
        let deployment = text(&definition["deploymentName"]);
        let service = format!("{deployment}-service");
        self.round.cluster.apply(json!({
            "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
            "metadata": {"name": apiservice_name(definition), "labels": self.labels()},
            "spec": {
                "caBundle": self.bundle(deployment), "group": definition["group"],
                "version": definition["version"], "groupPriorityMinimum": 2000, "versionPriority": 15,
                "service": {"name": service, "namespace": self.namespace(), "port": 443},
            },
            // The aggregator's probe does not verify TLS.
            "status": {"conditions": [{"type": "Available", "status": "True", "reason": "Passed"}]},
        }));
    }

    fn owner(&self) -> Value {
        let mut owner = reference(self.csv);
        owner["controller"] = false.into();
        owner["blockOwnerDeletion"] = false.into();
        owner
    }

    pub(super) fn labels(&self) -> Value {
        json!({
            "olm.managed": "true", "olm.owner": self.name(),
            "olm.owner.kind": "ClusterServiceVersion", "olm.owner.namespace": self.namespace(),
        })
    }

    /// The CA that a deployment's clients trust, in base64.
    pub(super) fn bundle(&self, deployment: &str) -> Value {
        let secret = self.secret(deployment);
        secret
            .map(|it| it["data"]["olmCAKey"].clone())
            .unwrap_or_default()
    }

    fn write_status(&self, steps: Vec<Step>, minted: bool) {
        let now = rfc3339(self.round.now);
        let mut status = self.csv["status"].clone();
        let mut conditions = status["conditions"].as_array().cloned().unwrap_or_default();
        for (phase, reason, message) in steps {
            let condition = json!({
                "phase": phase, "reason": reason, "message": message,
                "lastTransitionTime": now, "lastUpdateTime": now,
            });
            for (field, value) in condition.as_object().into_iter().flatten() {
                status[field] = value.clone();
            }
            conditions.push(condition);
        }
        let forgotten = conditions.len().saturating_sub(CONDITIONS);
        status["conditions"] = conditions.split_off(forgotten).into();
        // Before 0.21.2 this was set even if the old certificate was re-used: the whole trouble.
        let has_certificate = !self.deployments().is_empty();
        if has_certificate && (minted || self.version == OlmVersion::Skewing) {
            status["certsLastUpdated"] = now;
            status["certsRotateAt"] = rfc3339(self.round.now + VALID - MINIMUM_FRESH);
        }
        let mut csv = self.csv.clone();
        csv["status"] = status;
        self.round.cluster.apply(csv);
    }
}
