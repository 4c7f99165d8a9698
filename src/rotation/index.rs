//! The facts that rules look up, by the name they look for.

use std::collections::{HashMap, HashSet};

use super::Remedy;
use crate::certificate::Certificate;
use crate::facts::{Facts, Holder, Issuance, Operator, Phase, Service, Use, names};
use crate::object::Kind;

/// A namespace and a name within it.
type Place<'a> = (&'a str, &'a str);

/// Facts by name.
pub(super) struct Index<'a> {
    pub(super) facts: &'a Facts,
    /// By namespace and deployment.
    operators: HashMap<Place<'a>, &'a Operator>,
    services: HashMap<Place<'a>, &'a Service>,
    /// By the secret that they request.
    requests: HashMap<Place<'a>, &'a Service>,
    /// By the secret that they write to.
    issuances: HashMap<Place<'a>, Vec<&'a Issuance>>,
    /// By the Service that they call.
    uses: HashMap<Place<'a>, Vec<&'a Use>>,
    /// Secrets that an Ingress, a Route, a Gateway, or a part of OpenShift's configuration names.
    named: HashSet<Place<'a>>,
    /// The service CA, where it can be seen.
    pub(super) service_ca: Option<&'a Certificate>,
}

impl<'a> Index<'a> {
    pub(super) fn new(facts: &'a Facts) -> Self {
        let services = facts.services.iter();
        let request = |service: &'a Service| {
            let secret = service.requested_secret()?;
            Some(((&*service.object.namespace, secret), service))
        };
        let mut holders = facts.holders.iter();
        let service_ca = holders.find(|holder| holder.object.place() == names::SERVICE_CA);
        Self {
            facts,
            operators: operators(facts),
            services: services
                .map(|service| (service.object.place(), &**service))
                .collect(),
            requests: facts
                .services
                .iter()
                .filter_map(|service| request(service))
                .collect(),
            issuances: issuances(facts),
            uses: uses(facts),
            named: named(facts),
            service_ca: service_ca.and_then(|holder| holder.leaf()),
        }
    }

    /// The operator of a namespace that has a deployment.
    pub(super) fn operator(&self, namespace: &str, deployment: &str) -> Option<&'a Operator> {
        self.operators.get(&(namespace, deployment)).copied()
    }

    /// The Service of that name.
    pub(super) fn service(&self, namespace: &str, name: &str) -> Option<&'a Service> {
        self.services.get(&(namespace, name)).copied()
    }

    /// The Service that requests a secret.
    pub(super) fn request(&self, place: Place<'_>) -> Option<&'a Service> {
        self.requests.get(&place).copied()
    }

    /// The Certificates that write to a secret.
    pub(super) fn issuances<'b>(&'b self, place: Place<'b>) -> &'b [&'b Issuance] {
        self.issuances.get(&place).map_or(&[], Vec::as_slice)
    }

    /// Returns the command for a secret without a renewer: to replace the certificate, where a proxy or
    /// the API server is configured with the name of the secret. A certificate that serves a webhook
    /// or an APIService has a CA beside it, and both have to be issued again together.
    pub(super) fn replacement(&self, holder: &Holder) -> Remedy {
        let (namespace, name) = holder.object.place();
        let is_called = |service: &&str| self.uses.contains_key(&(namespace, *service));
        if self.named.contains(&(namespace, name)) && !holder.services().iter().any(is_called) {
            Remedy::ReplaceSecret
        } else {
            Remedy::DescribeSecret
        }
    }

    /// The calls of a Service.
    pub(super) fn uses<'b>(&'b self, namespace: &'b str, service: &'b str) -> &'b [&'b Use] {
        self.uses
            .get(&(namespace, service))
            .map_or(&[], Vec::as_slice)
    }
}

fn operators(facts: &Facts) -> HashMap<Place<'_>, &Operator> {
    let mut operators: HashMap<_, &Operator> = HashMap::new();
    for operator in &facts.operators {
        for deployment in &operator.deployments {
            // During an upgrade two operators have the deployment; the old one no longer decides.
            let entry = operators.entry((&*operator.object.namespace, &**deployment));
            let chosen = entry.or_insert(operator);
            if matches!(chosen.phase, Some(Phase::Replacing | Phase::Deleting)) {
                *chosen = operator;
            }
        }
    }
    operators
}

fn issuances(facts: &Facts) -> HashMap<Place<'_>, Vec<&Issuance>> {
    let mut issuances: HashMap<_, Vec<&Issuance>> = HashMap::new();
    for issuance in &facts.issuances {
        let secret = (&*issuance.object.namespace, &*issuance.secret);
        issuances.entry(secret).or_default().push(issuance);
    }
    issuances
}

fn uses(facts: &Facts) -> HashMap<Place<'_>, Vec<&Use>> {
    let mut uses: HashMap<_, Vec<&Use>> = HashMap::new();
    let all = facts.consumers.iter().flat_map(|consumer| &consumer.uses);
    for used in all.filter(|used| used.target.kind == Kind::Service) {
        uses.entry(used.target.place()).or_default().push(used);
    }
    uses
}

fn named(facts: &Facts) -> HashSet<Place<'_>> {
    let uses = facts.consumers.iter().flat_map(|consumer| &consumer.uses);
    let secrets = uses.filter(|used| used.target.kind == Kind::Secret);
    secrets.map(|used| used.target.place()).collect()
}
