//! The certificate of one Service: a loop that creates it, and one that updates it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{ALPHA, BETA};
use crate::certificate::{Draft, Parsed};
use crate::managers::round::{
    DAY, HOUR, Round, annotation, authority, data, name, namespace, pem, reference, text, time,
};
use crate::openshift::rfc3339;

/// How long a certificate is valid, and when its own timer goes off (pkg/controller/servingcert/starter/starter.go,
/// `minTimeLeftForCert`).
const VALID: i64 = 730 * DAY;
const MINIMUM_LEFT: i64 = HOUR;

/// After so many failures it gives up (pkg/controller/servingcert/controller, `maxRetries`); that takes seconds.
const RETRIES: i64 = 10;

/// The extension that holds the Service's UID.
const SERVICE_UID: [u64; 11] = [1, 3, 6, 1, 4, 1, 2312, 17, 100, 2, 1];

/// A Service, the secret that it asks for, and the CA.
pub(super) struct Serving<'a> {
    round: &'a Round<'a>,
    signing_key: &'a Value,
    ca: &'a Parsed,
    service: &'a Value,
    name: &'a str,
    secret: Option<Arc<Value>>,
}

// === impl Serving ===

impl<'a> Serving<'a> {
    pub(super) fn new(
        round: &'a Round<'a>,
        signing_key: &'a Value,
        ca: &'a Parsed,
        service: &'a Value,
        name: &'a str,
    ) -> Self {
        Self {
            round,
            signing_key,
            ca,
            service,
            name,
            secret: round.secret(namespace(service), name),
        }
    }

    pub(super) fn sync(&self) {
        let belongs = self.secret.as_ref().is_none_or(|secret| self.owns(secret));
        if self.must_create() && self.failures() < RETRIES {
            if belongs {
                self.issue();
            } else {
                self.fail();
            }
        } else if let Some(secret) = self.secret.as_ref().filter(|_| belongs) {
            // This loop does not look at the failures.
            if self.must_update(secret) {
                self.issue();
            } else {
                self.tidy(secret);
            }
        }
    }

    /// Whether a secret was made for this very Service.
    fn owns(&self, secret: &Value) -> bool {
        let is = |key: &str, wanted: &str| {
            let values = [BETA, ALPHA]
                .map(|it| annotation(secret, &format!("{it}/originating-service-{key}")));
            values.contains(&wanted)
        };
        is("name", name(self.service)) && is("uid", self.uid())
    }

    fn uid(&self) -> &str {
        text(&self.service["metadata"]["uid"])
    }

    /// Whether the secret is missing, or its certificate not from this CA, or not for these hosts.
    fn must_create(&self) -> bool {
        let certificate = self
            .secret
            .as_ref()
            .and_then(|it| self.round.certificate(it, "tls.crt"));
        certificate.is_none_or(|it| {
            let mut hosts = it.hosts.clone();
            hosts.sort_unstable();
            let mut wanted = self.hosts();
            wanted.sort_unstable();
            it.authority_key_id != self.ca.key_id || hosts != wanted
        })
    }

    /// Whether the secret has no owner, or its annotation (not its certificate) says that it ends within the hour.
    fn must_update(&self, secret: &Value) -> bool {
        let owners = secret["metadata"]["ownerReferences"].as_array();
        let owned = owners.is_some_and(|it| it.iter().any(|owner| owner["uid"] == self.uid()));
        let beta = annotation(secret, &format!("{BETA}/expiry"));
        let alpha = annotation(secret, &format!("{ALPHA}/expiry"));
        let expiry = time(if beta.is_empty() { alpha } else { beta });
        !owned || expiry.is_none_or(|expiry| self.round.passed(expiry - MINIMUM_LEFT))
    }

    /// How often it has failed: beta first; what is no number counts as 0.
    fn failures(&self) -> i64 {
        let number = |it| {
            annotation(
                self.service,
                &format!("{it}/serving-cert-generation-error-num"),
            )
        };
        let text = if number(BETA).is_empty() {
            number(ALPHA)
        } else {
            number(BETA)
        };
        text.parse().unwrap_or_default()
    }

    fn is_headless(&self) -> bool {
        self.service["spec"]["clusterIP"] == "None"
    }

    fn hosts(&self) -> Vec<String> {
        let host = format!("{}.{}.svc", name(self.service), namespace(self.service));
        let wildcard = self.is_headless().then(|| format!("*.{host}"));
        let hosts = wildcard.into_iter().chain([host]);
        hosts
            .flat_map(|host| [host.clone(), format!("{host}.cluster.local")])
            .collect()
    }

    fn issue(&self) {
        let Some(authority) = authority(self.signing_key) else {
            return;
        };
        let from = self.round.now - 1;
        let until = from + VALID;
        let hosts = self.hosts();
        let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
        let leaf = Draft::named(names[0])
            .hosts(&names)
            .serving()
            .valid(from, until);
        let leaf = leaf
            .extension(&SERVICE_UID, printable(self.uid()))
            .signed_by(&authority);
        let intermediate = pem(self.signing_key, "intermediate-ca.crt").unwrap_or_default();
        let data = data(&leaf, &[&authority.pair.certificate, &intermediate]);
        self.apply_secret(until, data);
        self.succeed();
    }

    fn apply_secret(&self, until: i64, data: Value) {
        let service = name(self.service);
        let mut secret = self
            .secret
            .as_ref()
            .map_or_else(|| json!({}), |it| (**it).clone());
        secret["apiVersion"] = "v1".into();
        secret["kind"] = "Secret".into();
        secret["type"] = "kubernetes.io/tls".into();
        secret["data"] = data;
        let metadata = &mut secret["metadata"];
        metadata["namespace"] = namespace(self.service).into();
        metadata["name"] = self.name.into();
        metadata["ownerReferences"] = json!([reference(self.service)]);
        let annotations = &mut metadata["annotations"];
        let description = format!(
            "Secret contains a pair signed serving certificate/key that is generated by Service CA operator for \
             service/{service} with hostname {service}.{}.svc and is annotated to the service with annotating a \
             service resource",
            namespace(self.service)
        );
        annotations["openshift.io/description"] = description.into();
        annotations["openshift.io/owning-component"] = "service-ca".into();
        for flavour in [BETA, ALPHA] {
            annotations[format!("{flavour}/expiry")] = rfc3339(until);
        }
        annotations[format!("{BETA}/originating-service-name")] = service.into();
        annotations[format!("{BETA}/originating-service-uid")] = self.uid().into();
        self.round.cluster.apply(secret);
    }

    /// Says on the Service that all went well.
    fn succeed(&self) {
        self.edit_annotations(|annotations| {
            for flavour in [BETA, ALPHA] {
                annotations[format!("{flavour}/serving-cert-signed-by")] =
                    self.ca.common_name.as_str().into();
                if let Some(annotations) = annotations.as_object_mut() {
                    annotations.remove(&format!("{flavour}/serving-cert-generation-error"));
                    annotations.remove(&format!("{flavour}/serving-cert-generation-error-num"));
                }
            }
        });
    }

    /// Says on the Service, and nowhere else, that it has given up.
    fn fail(&self) {
        let secret = format!("{}/{}", namespace(self.service), self.name);
        let message = format!(
            "secret {secret} does not have corresponding service UID {}",
            self.uid()
        );
        self.edit_annotations(|annotations| {
            for flavour in [BETA, ALPHA] {
                annotations[format!("{flavour}/serving-cert-generation-error")] =
                    message.as_str().into();
                annotations[format!("{flavour}/serving-cert-generation-error-num")] =
                    RETRIES.to_string().into();
            }
        });
    }

    fn edit_annotations(&self, change: impl FnOnce(&mut Value)) {
        let mut service = self.service.clone();
        change(&mut service["metadata"]["annotations"]);
        self.round.cluster.apply(service);
    }

    /// Takes away keys that are not its own, and puts its name back.
    fn tidy(&self, secret: &Value) {
        let mut secret = secret.clone();
        if let Some(data) = secret["data"].as_object_mut() {
            data.retain(|key, _| key == "tls.crt" || key == "tls.key");
        }
        secret["metadata"]["annotations"]["openshift.io/owning-component"] = "service-ca".into();
        self.round.cluster.apply(secret);
    }
}

/// A text as ASN.1's `PrintableString`, as Go's `asn1.Marshal` has it.
fn printable(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("a UID is shorter than 128 characters");
    [&[0x13, length], text.as_bytes()].concat()
}
