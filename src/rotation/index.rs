//! What the rules look up.

use std::collections::HashMap;

use super::ingress;
use crate::certificate::Certificate;
use crate::facts::{Facts, Issued, Operator, Phase, Service, Target, Use, mark};

/// Facts by what they are asked for; two names are a namespace and what is in it.
pub(super) struct Index<'a> {
    pub(super) facts: &'a Facts,
    operators: HashMap<(&'a str, &'a str), &'a Operator>,
    services: HashMap<(&'a str, &'a str), &'a Service>,
    /// By the secret that they ask for.
    asking: HashMap<(&'a str, &'a str), &'a Service>,
    /// By the secret that they want.
    issued: HashMap<(&'a str, &'a str), Vec<&'a Issued>>,
    /// By the Service that they call.
    uses: HashMap<(&'a str, &'a str), Vec<&'a Use>>,
    /// The ingress controllers that show a certificate of the ingress operator's.
    pub(super) default_certificates: Vec<&'a str>,
    /// The CA of all Services, where it can be seen.
    pub(super) service_ca: Option<&'a Certificate>,
}

/// Where the service CA keeps its key (openshift/service-ca-operator: pkg/operator/starter.go).
pub(super) const SIGNING_KEY: (&str, &str) = ("openshift-service-ca", "signing-key");

impl<'a> Index<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let mut operators: HashMap<_, &Operator> = HashMap::new();
        for operator in &facts.operators {
            for deployment in &operator.deployments {
                // During an upgrade two operators have the deployment; the one that goes decides nothing any more.
                let here = operators.entry((&*operator.namespace, &**deployment));
                let chosen = here.or_insert(operator);
                if matches!(chosen.phase, Some(Phase::Replacing | Phase::Deleting)) {
                    *chosen = operator;
                }
            }
        }
        let mut issued: HashMap<_, Vec<&Issued>> = HashMap::new();
        for it in &facts.issued {
            let here = issued.entry((&*it.namespace, &*it.secret));
            here.or_default().push(it);
        }
        let mut uses: HashMap<_, Vec<&Use>> = HashMap::new();
        for it in facts.consumers.iter().flat_map(|it| &it.uses) {
            if let Target::Service(namespace, name) = &it.target {
                uses.entry((&**namespace, &**name)).or_default().push(it);
            }
        }
        let services = facts.services.iter();
        let asking = facts
            .services
            .iter()
            .filter_map(|it| Some(((&*it.namespace, it.wants()?), &**it)));
        let signing_key = facts
            .secrets
            .iter()
            .find(|it| (&*it.namespace, &*it.name) == SIGNING_KEY);
        Self {
            facts,
            operators,
            services: services
                .map(|it| ((&*it.namespace, &*it.name), &**it))
                .collect(),
            asking: asking.collect(),
            issued,
            uses,
            default_certificates: ingress::controllers(facts).collect(),
            service_ca: signing_key.and_then(|it| it.leaf()),
        }
    }

    /// The operator of a namespace that has a deployment.
    pub(super) fn operator(&self, namespace: &str, deployment: &str) -> Option<&'a Operator> {
        self.operators.get(&(namespace, deployment)).copied()
    }

    pub(super) fn service(&self, namespace: &str, name: &str) -> Option<&'a Service> {
        self.services.get(&(namespace, name)).copied()
    }

    /// The Service that asks for a secret.
    pub(super) fn asking(&self, namespace: &str, secret: &str) -> Option<&'a Service> {
        self.asking.get(&(namespace, secret)).copied()
    }

    /// The Certificates that want a secret.
    pub(super) fn issued<'b>(&'b self, namespace: &'b str, secret: &'b str) -> &'b [&'b Issued] {
        let found = self.issued.get(&(namespace, secret));
        found.map_or(&[], Vec::as_slice)
    }

    /// Who calls a Service.
    pub(super) fn uses<'b>(&'b self, namespace: &'b str, service: &'b str) -> &'b [&'b Use] {
        let found = self.uses.get(&(namespace, service));
        found.map_or(&[], Vec::as_slice)
    }
}

impl Service {
    /// The secret that it asks service-ca for.
    pub(super) fn wants(&self) -> Option<&str> {
        self.marks.either(mark::SERVING_SECRET)
    }
}
