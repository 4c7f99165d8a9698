//! Certificates for simulated secrets, made to measure.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use time::OffsetDateTime;

/// A certificate that is still to be signed.
pub struct Draft(CertificateParams);

/// A certificate and its key, both in PEM.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// The private key.
    pub key: String,
}

/// Who signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate and key.
    pub pair: Pair,
}

// === impl Draft ===

impl Draft {
    /// A certificate of that common name, or without any subject if it is empty.
    pub fn named(common_name: &str) -> Self {
        Self::new(&[(DnType::CommonName, common_name)])
    }

    /// One of that organization and common name.
    pub fn of(organization: &str, common_name: &str) -> Self {
        Self::new(&[
            (DnType::OrganizationName, organization),
            (DnType::CommonName, common_name),
        ])
    }

    fn new(subject: &[(DnType, &str)]) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        for (attribute, value) in subject.iter().filter(|(_, value)| !value.is_empty()) {
            params.distinguished_name.push(attribute.clone(), *value);
        }
        params.use_authority_key_identifier_extension = true;
        Self(params)
    }

    /// Makes it good for these host names.
    #[must_use]
    pub fn hosts(mut self, names: &[&str]) -> Self {
        let names = names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>();
        self.0.subject_alt_names = CertificateParams::new(names)
            .expect("host names")
            .subject_alt_names;
        self
    }

    /// Makes it valid from then until then (Unix seconds).
    #[must_use]
    pub fn valid(mut self, from: i64, until: i64) -> Self {
        let time =
            |seconds| OffsetDateTime::from_unix_timestamp(seconds).expect("a year before 10000");
        (self.0.not_before, self.0.not_after) = (time(from), time(until));
        self
    }

    /// Signs it.
    pub fn signed_by(self, authority: &Authority) -> Pair {
        let key = key();
        let certificate = self
            .0
            .signed_by(&key, &authority.issuer)
            .expect("the draft is sound");
        Pair {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }

    /// Lets it sign itself.
    pub fn self_signed(self) -> Pair {
        let key = key();
        let certificate = self.0.self_signed(&key).expect("the draft is sound");
        Pair {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }

    /// Makes it an authority, signed by itself.
    pub fn authority(mut self) -> Authority {
        self.0.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.0.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = key();
        let certificate = self.0.self_signed(&key).expect("the draft is sound").pem();
        let pair = Pair {
            certificate,
            key: key.serialize_pem(),
        };
        Authority {
            issuer: Issuer::new(self.0, key),
            pair,
        }
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("P-256 needs nothing but randomness")
}
