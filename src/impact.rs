//! The consumers that fail when a certificate expires: found by the objects that name it, and by its
//! own name only for what the platform itself depends on.

mod platform;

use std::collections::{HashMap, HashSet};

use strum::{IntoStaticStr, VariantArray};

use crate::facts::{Consumer, Facts, Use, names};
use crate::object::{Kind, ObjectRef};

/// A consumer of a holder's certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Impact {
    /// The holder, which may be missing.
    pub object: ObjectRef,
    /// The reach of a failure of the consumer.
    pub reach: Reach,
    /// The consumer.
    pub consumer: Affected,
}

/// An object or a part of the platform that fails with a certificate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Affected {
    /// An object that names its secret, or calls a Service that it serves.
    Object(ObjectRef),
    /// A part of the platform, in words.
    Platform(&'static str),
}

/// The reach of a failure. The name is a value of the label `impact`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Reach {
    /// The whole cluster: its API, its routes, or writing objects that are built into Kubernetes.
    Cluster,
    /// An operator, and the objects it manages.
    Operator,
    /// A namespace.
    Namespace,
}

/// The uses of certificates, by the namespace and name of their target.
type Uses<'a> = HashMap<(&'a str, &'a str), Vec<(&'a Consumer, &'a Use)>>;

/// Returns every consumer of a certificate in a holder of the cluster; each once.
pub fn of(facts: &Facts) -> Vec<Impact> {
    let (of_secrets, of_services) = (uses(facts, Kind::Secret), uses(facts, Kind::Service));
    let namespaces: HashSet<&str> = of_services.keys().map(|place| place.0).collect();
    let mut impacts = Vec::new();
    let secrets = facts.holders.iter();
    for holder in secrets.filter(|holder| holder.object.kind == Kind::Secret) {
        let (namespace, name) = holder.object.place();
        let named = of_secrets.get(&(namespace, name)).into_iter().flatten();
        let served = namespaces.contains(namespace).then(|| holder.services());
        let served = served.into_iter().flatten();
        let served = served.filter_map(|service| of_services.get(&(namespace, service)));
        let uses = named.chain(served.flatten());
        impacts.extend(uses.map(|(consumer, used)| Impact {
            object: holder.object.clone(),
            reach: Reach::of(consumer.object.kind, used.is_vital),
            consumer: Affected::Object(consumer.object.clone()),
        }));
        let stops = platform::stops(namespace, name);
        let stops = stops.filter(|_| !facts.is_of_gone_etcd_node((namespace, name)));
        impacts.extend(stops.map(|stops| Impact {
            object: holder.object.clone(),
            reach: Reach::Cluster,
            consumer: Affected::Platform(stops),
        }));
    }
    add_operators(facts, &mut impacts);
    impacts.sort_unstable();
    impacts.dedup();
    impacts
}

fn uses(facts: &Facts, kind: Kind) -> Uses<'_> {
    let mut uses = Uses::new();
    for consumer in &facts.consumers {
        for used in consumer.uses.iter().filter(|used| used.target.kind == kind) {
            uses.entry(used.target.place())
                .or_default()
                .push((consumer, used));
        }
    }
    uses
}

/// Adds the operators that OLM issued certificates for, and the ClusterOperators that report them.
fn add_operators(facts: &Facts, impacts: &mut Vec<Impact>) {
    for operator in &facts.operators {
        for deployment in &operator.deployments {
            let secret = names::olm_secret(deployment);
            let object = ObjectRef::new(Kind::Secret, operator.object.namespace.clone(), secret);
            if !operator.cluster_operator.is_empty() {
                let name = operator.cluster_operator.clone();
                impacts.push(Impact {
                    object: object.clone(),
                    reach: Reach::Cluster,
                    consumer: Affected::Object(ObjectRef::new(Kind::ClusterOperator, "", name)),
                });
            }
            impacts.push(Impact {
                object,
                reach: Reach::Operator,
                consumer: Affected::Object(operator.object.clone()),
            });
        }
    }
}

// === impl Affected ===

impl Affected {
    /// The name for a reader in a namespace: `Kind/name`, `Kind/namespace/name`, or words.
    pub fn seen_from(&self, namespace: &str) -> String {
        match self {
            Self::Object(object) => object.seen_from(namespace),
            Self::Platform(words) => (*words).to_owned(),
        }
    }
}

// === impl Reach ===

impl Reach {
    /// The name of the reach.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    fn of(consumer: Kind, is_vital: bool) -> Self {
        match consumer {
            Kind::Route | Kind::Ingress | Kind::Gateway => Self::Namespace,
            Kind::IngressController | Kind::ApiServer | Kind::IngressConfig => Self::Cluster,
            _ if is_vital => Self::Cluster,
            _ => Self::Operator,
        }
    }
}
