//! Objects that hold certificates, without their private keys.

use crate::certificate::{Block, Certificate, Chain};
use crate::object::{Mark, Meta, ObjectRef};

/// An object that holds certificates: so far a Secret of type `kubernetes.io/tls`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The object.
    pub object: ObjectRef,
    /// The metadata.
    pub meta: Meta,
    /// The fields that hold certificates or should, by path; never a private key.
    pub fields: Box<[Field]>,
}

/// A text of PEM blocks within a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The data key, such as `tls.crt`, `ca.crt` or `olmCAKey`; for objects that are not made of
    /// data keys, the path of the field.
    pub path: Box<str>,
    /// The use that is made of its certificates.
    pub purpose: Purpose,
    /// The certificate blocks in order; empty only in a serving field that holds something else.
    pub blocks: Box<[Block]>,
    /// The part that each certificate of a serving field plays.
    pub chain: Chain,
}

/// The use that is made of the certificates of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Presented to the other side of a connection: a leaf, and the chain that leads to its root.
    Serving,
    /// Used to verify other certificates.
    Trust,
}

/// OLM's data key for the certificate of its CA (operator-framework/operator-lifecycle-manager:
/// pkg/controller/install/certresources.go, `OLMCAPEMKey`).
pub const OLM_CA: &str = "olmCAKey";

// === impl Holder ===

impl Holder {
    /// The certificate that is presented to clients, or the newest one of a CA, if it can be read.
    pub fn leaf(&self) -> Option<&Certificate> {
        let serving = self.serving()?;
        serving.blocks.get(serving.chain.leaf())?.certificate()
    }

    /// The position of that certificate in its field.
    pub fn position_of_leaf(&self) -> usize {
        self.serving().map_or(0, |serving| serving.chain.leaf())
    }

    fn serving(&self) -> Option<&Field> {
        let mut fields = self.fields.iter();
        fields.find(|field| field.purpose == Purpose::Serving)
    }

    /// The Services of its namespace that its certificate can serve: those that it is good for, and
    /// the one that service-ca issued it for.
    pub fn services(&self) -> Vec<&str> {
        let names = self.leaf().map_or("", |leaf| &leaf.dns_names).split(',');
        let suffix = format!(".{}.svc", self.object.namespace);
        let mut services: Vec<&str> = names
            .filter_map(|name| name.strip_suffix(&suffix))
            .collect();
        services.extend(self.meta.marks.get(Mark::ServiceName));
        services
    }

    /// The first certificate of a field, if it can be read.
    pub fn first(&self, path: &str) -> Option<&Certificate> {
        let field = self.fields.iter().find(|field| &*field.path == path)?;
        field.blocks.first()?.certificate()
    }
}
