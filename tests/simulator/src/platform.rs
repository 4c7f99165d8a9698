//! The TLS secrets of the demo's platform: those of a real cluster.
//!
//! `openshift-secrets.csv` is every in-cluster certificate and key of one OpenShift cluster,
//! hand-transcribed from `openshift/origin:
//! tls/raw-data/raw-tls-artifacts-ha-amd64-aws-ovn-default.json` (commit
//! `13c6a021080f36e22cb405c088bf5842dd901f8e`, Apache-2.0). Keys and dates are made anew.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::certificate::{Authority, Draft, Pair};
use crate::cluster::Cluster;
use crate::object::{rfc3339, secret};

const INVENTORY: &str = include_str!("../openshift-secrets.csv");

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// A row of the inventory.
struct Row {
    namespace: &'static str,
    name: String,
    owner: &'static str,
    common_name: &'static str,
    issuer: &'static str,
    kind: &'static str,
    /// Seconds.
    life: i64,
    /// Every secret with the same certificate, this one included, in order.
    copies: Vec<String>,
}

/// The platform's own secrets, each somewhere in the first third of its life, where none is due.
pub(crate) fn install(cluster: &Cluster, now: i64) {
    let rows: Vec<Row> = INVENTORY.lines().skip(1).filter_map(Row::read).collect();
    let mut authorities: BTreeMap<&str, Authority> = BTreeMap::new();
    for row in &rows {
        let in_no_secret = !rows.iter().any(|other| other.common_name == row.issuer);
        if row.common_name == row.issuer || in_no_secret {
            let (age, life) = if in_no_secret {
                (3 * YEAR, 10 * YEAR)
            } else {
                (row.age(), row.life)
            };
            let draft = || Draft::named(row.issuer).valid(now - age, now - age + life);
            authorities
                .entry(row.issuer)
                .or_insert_with(|| draft().authority());
        }
    }
    let mut made: BTreeMap<&[String], Pair> = BTreeMap::new();
    for row in &rows {
        let authority = &authorities[row.issuer];
        let pair = made
            .entry(&row.copies)
            .or_insert_with(|| row.pair(authority, now));
        let mut chain = pair.certificate.clone();
        if ["serving", "multiple"].contains(&row.kind) {
            chain.push_str(&authority.pair.certificate);
        }
        let data = [("tls.crt", chain.as_str()), ("tls.key", &pair.key)];
        let metadata = row.metadata(cluster, now);
        cluster.apply(secret((row.namespace, &row.name), &metadata, &data));
    }
}

// === impl Row ===

impl Row {
    /// Reads a row; `None` if it is left out.
    fn read(row: &'static str) -> Option<Self> {
        let fields: Vec<&str> = row.split(',').collect();
        let [
            namespace,
            name,
            owner,
            common_name,
            issuer,
            kind,
            validity,
            ..,
            copies,
        ] = fields[..]
        else {
            panic!("a row of the inventory has eleven fields: {row}");
        };
        // The first is one of the demo's stories, the second belongs to CI tooling.
        if name == "packageserver-service-cert" || namespace == "openshift-e2e-loki" {
            return None;
        }
        // It was a development build, whose days last 24 minutes where certificates are rotated;
        // only this one lives for a day in production too.
        let pace = if validity.ends_with('h') && name != "pprof-cert" {
            60
        } else {
            1
        };
        let others = copies
            .strip_prefix("same certificate in ")
            .map(|others| others.split("; "));
        let mut copies: Vec<String> = others.into_iter().flatten().map(str::to_owned).collect();
        copies.push(format!("{namespace}/{name}"));
        copies.sort_unstable();
        let (name, life) = (name.replace(['<', '>'], ""), pace * seconds(validity));
        Some(Self {
            namespace,
            name,
            owner,
            common_name,
            issuer,
            kind,
            life,
            copies,
        })
    }

    /// The age of the certificate, from a tenth to a third of its life; the same at every start.
    fn age(&self) -> i64 {
        let chance: i64 = self.copies[0].bytes().map(i64::from).sum();
        self.life / 10 + self.life * (chance % 23) / 100
    }

    fn pair(&self, authority: &Authority, now: i64) -> Pair {
        if self.common_name == self.issuer {
            return authority.pair.clone();
        }
        let from = now - self.age();
        let leaf = Draft::named(self.common_name).valid(from, from + self.life);
        if self.kind == "serving" {
            leaf.hosts(&[self.common_name])
        } else {
            leaf
        }
        .signed_by(authority)
    }

    /// The labels and annotations of the certificate's manager.
    fn metadata(&self, cluster: &Cluster, now: i64) -> Value {
        let mut metadata = json!({});
        if !self.owner.is_empty() {
            metadata["annotations"]["openshift.io/owning-component"] = self.owner.into();
        }
        match self.owner {
            "service-ca" if self.kind == "serving" => self.serve(cluster, &mut metadata),
            "service-ca" | "Operator Framework / operator-lifecycle-manager" | "" => {}
            // These two ask for theirs with signing requests, the others sign for themselves.
            "apiserver-auth" | "Monitoring" => self.rotate(now, &mut metadata),
            _ => {
                self.rotate(now, &mut metadata);
                let kind = if self.kind == "signer" {
                    "signer"
                } else {
                    "target"
                };
                metadata["labels"]["auth.openshift.io/managed-certificate-type"] = kind.into();
                metadata["annotations"]["auth.openshift.io/certificate-issuer"] =
                    self.issuer.into();
            }
        }
        metadata
    }

    fn rotate(&self, now: i64, metadata: &mut Value) {
        let from = now - self.age();
        for (what, time) in [("before", from), ("after", from + self.life)] {
            metadata["annotations"][format!("auth.openshift.io/certificate-not-{what}")] =
                rfc3339(time);
        }
    }

    /// Adds the Service that asked for the certificate, and service-ca's marks on both.
    fn serve(&self, cluster: &Cluster, metadata: &mut Value) {
        const BETA: &str = "service.beta.openshift.io";
        let host = self.common_name.trim_start_matches("*.");
        let name = host.split('.').next().unwrap_or_default();
        if cluster.get("Service", self.namespace, name).is_none() {
            cluster.apply(json!({
                "apiVersion": "v1", "kind": "Service",
                "metadata": {"namespace": self.namespace, "name": name, "annotations": {
                    format!("{BETA}/serving-cert-secret-name"): self.name,
                    format!("{BETA}/serving-cert-signed-by"): self.issuer,
                }},
            }));
        }
        let service = cluster
            .get("Service", self.namespace, name)
            .unwrap_or_default();
        let uid = &service["metadata"]["uid"];
        metadata["annotations"][format!("{BETA}/originating-service-name")] = name.into();
        metadata["annotations"][format!("{BETA}/originating-service-uid")] = uid.clone();
        metadata["ownerReferences"] =
            json!([{"apiVersion": "v1", "kind": "Service", "name": name, "uid": uid}]);
    }
}

/// Seconds of a duration such as `12h`, `365d` or `2y60d`.
fn seconds(text: &str) -> i64 {
    let mut number = 0;
    let mut seconds = 0;
    for char in text.chars() {
        match char {
            'h' => seconds += std::mem::take(&mut number) * HOUR,
            'd' => seconds += std::mem::take(&mut number) * DAY,
            'y' => seconds += std::mem::take(&mut number) * YEAR,
            digit => {
                number = 10 * number + i64::from(digit.to_digit(10).expect("a digit or a unit"));
            }
        }
    }
    seconds
}
