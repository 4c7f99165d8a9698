//! Who breaks when a certificate does: found by who names it, never by its name.

use std::collections::{HashMap, HashSet};

use crate::facts::{Consumer, Facts, Secret, Target, Use, mark};

/// Somebody who needs the certificate of a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Impact {
    /// The namespace of the secret.
    pub namespace: Box<str>,
    /// The name of the secret.
    pub name: Box<str>,
    /// How far it reaches.
    pub reach: Reach,
    /// `Kind/name` of who needs it, `Kind/namespace/name` where that is in another namespace.
    pub consumer: Box<str>,
}

/// How far it reaches that a certificate has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The whole cluster: its API, its routes, or writing what Kubernetes has built in.
    Cluster,
    /// One operator, and what it looks after.
    Operator,
    /// One namespace.
    Namespace,
}

/// A namespace, and something in it.
type Place<'a> = (&'a str, &'a str);

/// Everybody who needs a certificate that is in a secret of the cluster.
pub fn of(facts: &Facts) -> Vec<Impact> {
    let mut impacts = Vec::new();
    let mut wanted: HashMap<Place<'_>, Vec<(&Consumer, &Use)>> = HashMap::new();
    let mut behind: HashMap<Place<'_>, Vec<(&Consumer, &Use)>> = HashMap::new();
    for consumer in &facts.consumers {
        for it in &consumer.uses {
            let (map, namespace, name) = match &it.target {
                Target::Secret(namespace, name) => (&mut wanted, namespace, name),
                Target::Service(namespace, name) => (&mut behind, namespace, name),
            };
            map.entry((namespace, name))
                .or_default()
                .push((consumer, it));
        }
    }
    let namespaces: HashSet<&str> = behind.keys().map(|place| place.0).collect();
    for secret in &facts.secrets {
        let place = (&*secret.namespace, &*secret.name);
        let named = wanted.get(&place).into_iter().flatten();
        let serving = namespaces.contains(place.0).then(|| services(secret));
        let served = serving.into_iter().flatten();
        let served = served
            .filter_map(|service| behind.get(&(place.0, service)))
            .flatten();
        impacts.extend(
            named
                .chain(served)
                .map(|(consumer, it)| Impact::of(secret, consumer, it)),
        );
    }
    operators(facts, &mut impacts);
    impacts.sort_unstable();
    impacts.dedup();
    impacts
}

/// The Services of its namespace that a secret can serve: those that its certificate is good for, and the one that
/// service-ca made it for.
fn services(secret: &Secret) -> Vec<&str> {
    let names = secret.leaf().map_or("", |leaf| &leaf.dns_names).split(',');
    let suffix = format!(".{}.svc", secret.namespace);
    let mut services: Vec<&str> = names
        .filter_map(|name| name.strip_suffix(&suffix))
        .collect();
    services.extend(secret.marks.either(mark::SERVICE_NAME));
    services
}

/// The operators that OLM made certificates for, and the platform's reports of them.
fn operators(facts: &Facts, impacts: &mut Vec<Impact>) {
    for operator in &facts.operators {
        for deployment in &operator.deployments {
            let mut impact = |reach, consumer: String| {
                impacts.push(Impact {
                    namespace: operator.namespace.clone(),
                    name: format!("{deployment}-service-cert").into(),
                    reach,
                    consumer: consumer.into(),
                });
            };
            impact(
                Reach::Operator,
                format!("ClusterServiceVersion/{}", operator.name),
            );
            if !operator.cluster_operator.is_empty() {
                impact(
                    Reach::Cluster,
                    format!("ClusterOperator/{}", operator.cluster_operator),
                );
            }
        }
    }
}

impl Impact {
    fn of(secret: &Secret, consumer: &Consumer, it: &Use) -> Self {
        let Consumer {
            kind,
            namespace,
            name,
            ..
        } = consumer;
        let consumer = if namespace.is_empty() || *namespace == secret.namespace {
            format!("{kind}/{name}")
        } else {
            format!("{kind}/{namespace}/{name}")
        };
        Self {
            namespace: secret.namespace.clone(),
            name: secret.name.clone(),
            reach: Reach::of(kind, it.is_vital),
            consumer: consumer.into(),
        }
    }
}

impl Reach {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Operator => "operator",
            Self::Namespace => "namespace",
        }
    }

    fn of(kind: &str, is_vital: bool) -> Self {
        match kind {
            "Route" => Self::Namespace,
            "IngressController" | "APIServer" | "Ingress" => Self::Cluster,
            _ if is_vital => Self::Cluster,
            _ => Self::Operator,
        }
    }
}
