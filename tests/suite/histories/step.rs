//! The steps of a history: what people, controllers, administrators and failures do to a cluster.

use notafter_simulator::{Cluster, Fault};
use proptest::prelude::*;
use serde_json::json;

use crate::world::{certificate, operator, secret};

/// The namespace of every object.
pub(super) const NAMESPACE: &str = "shop";

/// The secrets and Services that steps are about: names of which some are prefixes of others.
const NAMES: [&str; 6] = ["web", "web-tls", "web2", "a", "a-b", "a.b"];

/// The resources that steps are about, one in each form: protobuf, JSON and metadata.
pub(super) const RESOURCES: [&str; 3] = ["secrets", "clusterserviceversions", "services"];

/// The number of operators: two pages of them.
pub(super) const OPERATORS: usize = 23;

/// A step of a history.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Change(Change),
    /// Rights that are lost: to watch a resource, or to list it, too.
    Deny(usize, bool),
    Allow(usize),
    /// A poll, in which so many requests that contain a text meet a fault.
    Poll(Option<(Failure, &'static str, usize)>),
    /// A restart of the API server with a state from some revisions ago.
    Restore(u64),
}

/// A change of the cluster.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// A secret is created or replaced: its `tls.crt`, and its `ca.crt` if it has one.
    Put(usize, usize, Option<usize>),
    Delete(usize),
    Recreate(usize, usize),
    Operator(usize, &'static str),
    DeleteOperator(usize),
    Service(usize),
    DeleteService(usize),
    Olm(bool),
    /// Continue tokens expire.
    Compact,
    /// The watch cache begins anew.
    Forget,
}

/// A fault of requests.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    Status(u16),
    CutOff(usize),
    Shortened(usize),
    Silence,
    Page,
    EndEarly,
    Disordered(u64),
    Overlapping,
    Meanwhile(Change),
}

/// Any step, of the kind and as often as makes histories interesting.
pub(super) fn step() -> impl Strategy<Value = Step> {
    let resource = 0..RESOURCES.len();
    let wanted = prop::sample::select(vec![
        "/secrets?",
        "/clusterserviceversions?",
        "/services?",
        "watch=true",
        "limit=",
        "NotOlderThan",
        "metadata.name",
        "continue=",
    ]);
    let fault = (failure(), wanted, 1..4_usize);
    prop_oneof![
        10 => change().prop_map(Step::Change),
        1 => (resource.clone(), any::<bool>()).prop_map(|(resource, lists)| Step::Deny(resource, lists)),
        2 => resource.prop_map(Step::Allow),
        6 => Just(Step::Poll(None)),
        6 => fault.prop_map(|fault| Step::Poll(Some(fault))),
        1 => (1..20_u64).prop_map(Step::Restore),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let (secret, operator) = (0..NAMES.len(), 0..OPERATORS + 5);
    let pem = 0..PEMS;
    let phase = prop::sample::select(vec!["Succeeded", "Failed", ""]);
    prop_oneof![
        6 => (secret.clone(), pem.clone(), prop::option::of(pem.clone()))
            .prop_map(|(secret, leaf, ca)| Change::Put(secret, leaf, ca)),
        3 => secret.clone().prop_map(Change::Delete),
        2 => (secret.clone(), pem).prop_map(|(secret, leaf)| Change::Recreate(secret, leaf)),
        3 => (operator.clone(), phase).prop_map(|(operator, phase)| Change::Operator(operator, phase)),
        2 => operator.prop_map(Change::DeleteOperator),
        1 => secret.clone().prop_map(Change::Service),
        1 => secret.prop_map(Change::DeleteService),
        1 => any::<bool>().prop_map(Change::Olm),
        1 => Just(Change::Compact),
        1 => Just(Change::Forget),
    ]
}

fn failure() -> impl Strategy<Value = Failure> {
    let code = prop::sample::select(vec![403, 410, 429, 500, 503, 504]);
    prop_oneof![
        2 => code.prop_map(Failure::Status),
        1 => (0..600_usize).prop_map(Failure::CutOff),
        1 => (0..600_usize).prop_map(Failure::Shortened),
        1 => Just(Failure::Silence),
        1 => Just(Failure::Page),
        1 => Just(Failure::EndEarly),
        2 => any::<u64>().prop_map(Failure::Disordered),
        1 => Just(Failure::Overlapping),
        3 => change().prop_map(Failure::Meanwhile),
    ]
}

/// The number of texts of [`pems`].
const PEMS: usize = 7;

/// The texts of data keys: certificates, two in one, and none.
pub(super) fn pems() -> [String; PEMS] {
    let pem = |days: i64| certificate("web", days * 30).certificate;
    let [first, second] = [pem(1), pem(2)];
    let both = [&*first, &*second].concat();
    let broken = first.replace("-----END", "----END");
    [
        first,
        second,
        pem(3),
        both,
        broken,
        "no certificate".into(),
        String::new(),
    ]
}

// === impl Change ===

impl Change {
    /// Changes the cluster.
    pub(super) fn apply(&self, cluster: &Cluster, pems: &[String; PEMS]) {
        match *self {
            Self::Put(index, leaf, ca) => {
                let name = NAMES[index];
                let mut data = vec![("tls.crt", pems[leaf].as_bytes())];
                data.extend(ca.map(|ca| ("ca.crt", pems[ca].as_bytes())));
                cluster.apply(secret(NAMESPACE, name, &data));
            }
            Self::Delete(index) => {
                let name = NAMES[index];
                cluster.try_delete("Secret", NAMESPACE, name);
            }
            Self::Recreate(index, leaf) => {
                Self::Delete(index).apply(cluster, pems);
                Self::Put(index, leaf, None).apply(cluster, pems);
            }
            Self::Operator(index, phase) if cluster.has("ClusterServiceVersion") => {
                cluster.apply(operator(NAMESPACE, &format!("widgets.v{index}"), phase));
            }
            Self::DeleteOperator(index) if cluster.has("ClusterServiceVersion") => {
                let name = format!("widgets.v{index}");
                cluster.try_delete("ClusterServiceVersion", NAMESPACE, &name);
            }
            Self::Operator(..) | Self::DeleteOperator(_) => {}
            Self::Service(index) => {
                let name = NAMES[index];
                cluster.apply(json!({
                    "apiVersion": "v1", "kind": "Service",
                    "metadata": {"namespace": NAMESPACE, "name": name, "annotations": {
                        "service.beta.openshift.io/serving-cert-secret-name": name,
                    }},
                }));
            }
            Self::DeleteService(index) => {
                let name = NAMES[index];
                cluster.try_delete("Service", NAMESPACE, name);
            }
            Self::Olm(installed) => cluster.install_olm(installed),
            Self::Compact => cluster.compact(),
            Self::Forget => cluster.forget_history(),
        }
    }
}

// === impl Failure ===

impl Failure {
    /// The fault, for the simulated API server.
    pub(super) fn fault(&self, pems: &[String; PEMS]) -> Fault {
        match self {
            Self::Status(code) => Fault::Status(*code, None),
            Self::CutOff(length) => Fault::CutOff(*length),
            Self::Shortened(length) => Fault::Shortened(*length),
            Self::Silence => Fault::Silence,
            Self::Page => Fault::Body("text/html", "<html>".into()),
            Self::EndEarly => Fault::EndEarly,
            Self::Disordered(seed) => Fault::Disordered(*seed),
            Self::Overlapping => Fault::Overlapping,
            Self::Meanwhile(change) => {
                let (change, pems) = (change.clone(), pems.clone());
                Fault::Meanwhile(std::sync::Arc::new(move |cluster: &Cluster| {
                    change.apply(cluster, &pems);
                }))
            }
        }
    }

    /// Whether the cluster changes, so that a complete poll may be older than a later one.
    pub(super) fn changes_the_cluster(&self) -> bool {
        matches!(self, Self::Meanwhile(_))
    }
}
