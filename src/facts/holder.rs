//! Objects that hold certificates, without their private keys.

use crate::certificate::{self, Block, Certificate, Chain, Defect};
use crate::object::{Mark, Meta, ObjectRef};

/// An object that holds certificates: a Secret of type `kubernetes.io/tls`, or a file.
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

/// The most certificate blocks that are read of one holder. Every one of them becomes up to 4 kB of
/// text, and the author of a secret may fill its 1 MiB with 7,000 blocks that have a date.
///
/// No bundle of use is larger: Mozilla trusts 144 roots (Debian's ca-certificates), Windows 282
/// (nabla-c0d3/trust_stores_observatory: `trust_stores/microsoft_windows.yaml`). The bound is that of
/// the holder and not of a field, since a secret has as many keys as its author likes.
pub const MOST_BLOCKS: usize = 500;

// === impl Field ===

impl Field {
    /// Reads the certificate blocks of a text: if there are more than `most`, so many and one that
    /// says that the rest is left out.
    pub fn read(path: &str, purpose: Purpose, text: &[u8], most: usize) -> Self {
        let (mut blocks, chain) = match purpose {
            Purpose::Serving => certificate::presented(text, most + 1),
            Purpose::Trust => (
                certificate::blocks(text).take(most + 1).collect(),
                Chain::default(),
            ),
        };
        if let Some(block) = blocks.get_mut(most) {
            *block = Block::Unreadable(Defect::LeftOut);
        }
        Self {
            path: path.into(),
            purpose,
            blocks: blocks.into(),
            chain,
        }
    }
}

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
