//! The ConfigMap in which the API server publishes the CA of the cluster's client certificates, for
//! the servers of its cluster (kubernetes/kubernetes:
//! pkg/controlplane/controller/clusterauthenticationtrust).

use super::{ObjectFacts, Resource};
use crate::facts::Fact;
use crate::object::Kind;
use crate::wire::{Item, Malformed};

/// The namespace of the ConfigMap.
pub const CLIENT_CA_NAMESPACE: &str = "kube-system";

/// The list of that one ConfigMap. It is not one of [`super::ALL`]: it is read only where client
/// certificates of the cluster's CA are accepted.
pub static CLIENT_CA: Resource = Resource::new(Kind::ConfigMap, ("", "v1"), "configmaps", read)
    // The built-in Role extension-apiserver-authentication-reader allows exactly this list.
    .with_fields("metadata.name=extension-apiserver-authentication")
    .page(1)
    .purpose("the CA of the cluster's client certificates.");

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    item.data(&mut |key, value| {
        let pem = String::from_utf8_lossy(value);
        if key == "client-ca-file" && !pem.trim().is_empty() {
            facts.push(Fact::ClientCa(pem.into()));
        }
    })
}
