//! An operator's webhooks: the objects that are to trust its certificates.

use std::sync::Arc;

use serde_json::{Value, json};

use super::operator::{Operator, hash};
use crate::managers::round::text;

/// An object that trusts a CA, and where its `clientConfig` is.
type Trusting = (Arc<Value>, &'static str);

impl Operator<'_> {
    pub(super) fn apply_webhook(&self, definition: &Value) {
        let bundle = self.bundle(text(&definition["deploymentName"]));
        if self.lacks_webhook(definition) {
            self.create_webhook(admission_kind(definition), definition);
        }
        for (object, path) in self.webhook_objects(definition) {
            let mut object = (*object).clone();
            if let Some(client_config) = object.pointer_mut(path) {
                client_config["caBundle"] = bundle.clone();
            }
            self.round.cluster.apply(object);
        }
    }

    fn create_webhook(&self, kind: &str, definition: &Value) {
        let generate_name = text(&definition["generateName"]);
        let seed = hash(&format!(
            "{}/{} {generate_name}",
            self.namespace(),
            self.name()
        ));
        let mut labels = self.labels();
        labels["olm.webhook-description-generate-name"] = generate_name.into();
        labels["olm.webhook-description-hash"] = hash(&definition.to_string())[..37].into();
        let deployment = text(&definition["deploymentName"]);
        let service = json!({
            "name": format!("{deployment}-service"), "namespace": self.namespace(),
            "path": definition["webhookPath"], "port": 443,
        });
        self.round.cluster.apply(json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
            "metadata": {
                "name": format!("{generate_name}-{}", &seed[..5]),
                "generateName": format!("{generate_name}-"), "labels": labels,
            },
            "webhooks": [{
                "name": generate_name, "admissionReviewVersions": ["v1"], "failurePolicy": "Fail",
                "sideEffects": "None", "clientConfig": {"caBundle": "", "service": service},
            }],
        }));
    }

    /// Whether the object of an admission webhook is not there. (CRDs are there before their operator.)
    pub(super) fn lacks_webhook(&self, definition: &Value) -> bool {
        !is_conversion(definition) && self.webhook_objects(definition).is_empty()
    }

    /// The objects that are to trust the CA of a webhook's deployment.
    pub(super) fn webhook_objects(&self, definition: &Value) -> Vec<Trusting> {
        let cluster = self.round.cluster;
        if is_conversion(definition) {
            let crds = definition["conversionCRDs"].as_array();
            let find = |crd: &Value| cluster.find("CustomResourceDefinition", "", text(crd));
            let found = crds.into_iter().flatten().filter_map(find);
            return found
                .map(|it| (it, "/spec/conversion/webhook/clientConfig"))
                .collect();
        }
        let belongs = |it: &Arc<Value>| {
            let labels = &it["metadata"]["labels"];
            labels["olm.owner"] == self.name()
                && labels["olm.owner.namespace"] == self.namespace()
                && labels["olm.webhook-description-generate-name"] == definition["generateName"]
        };
        let found = cluster
            .objects(admission_kind(definition))
            .into_iter()
            .filter(belongs);
        found.map(|it| (it, "/webhooks/0/clientConfig")).collect()
    }
}

fn is_conversion(definition: &Value) -> bool {
    definition["type"] == "ConversionWebhook"
}

/// The kind of an admission webhook's object.
fn admission_kind(definition: &Value) -> &'static str {
    if definition["type"] == "MutatingAdmissionWebhook" {
        "MutatingWebhookConfiguration"
    } else {
        "ValidatingWebhookConfiguration"
    }
}
