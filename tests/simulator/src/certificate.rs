//! Certificates for simulated secrets, made to measure.

mod parsed;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
};
use time::OffsetDateTime;

pub use self::parsed::Parsed;

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
    params: CertificateParams,
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

    /// Gives it that serial number.
    #[must_use]
    pub fn serial(mut self, number: u64) -> Self {
        self.0.serial_number = Some(SerialNumber::from(number));
        self
    }

    /// Makes it a server's, and says that it is no authority's.
    #[must_use]
    pub fn serving(self) -> Self {
        self.usage(ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// Makes it a client's, and says that it is no authority's.
    #[must_use]
    pub fn client(self) -> Self {
        self.usage(ExtendedKeyUsagePurpose::ClientAuth)
    }

    /// Gives it an extension of that identifier and content (DER).
    #[must_use]
    pub fn extension(mut self, identifier: &[u64], content: Vec<u8>) -> Self {
        let extension = CustomExtension::from_oid_content(identifier, content);
        self.0.custom_extensions.push(extension);
        self
    }

    fn usage(mut self, usage: ExtendedKeyUsagePurpose) -> Self {
        self.0.extended_key_usages.push(usage);
        self.0.is_ca = IsCa::ExplicitNoCa;
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
    pub fn authority(self) -> Authority {
        let (params, key) = (self.signing(), key());
        let certificate = params.self_signed(&key).expect("the draft is sound").pem();
        Authority::new(params, key, certificate)
    }

    /// Makes it an authority, signed by another.
    pub fn authority_under(self, authority: &Authority) -> Authority {
        let (params, key) = (self.signing(), key());
        let certificate = params.signed_by(&key, &authority.issuer);
        Authority::new(params, key, certificate.expect("the draft is sound").pem())
    }

    fn signing(mut self) -> CertificateParams {
        self.0.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.0.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        self.0
    }
}

// === impl Authority ===

impl Authority {
    /// One whose certificate and key (PEM) were kept somewhere; nothing if they are no such thing.
    pub fn read(certificate: &str, key: &str) -> Option<Self> {
        let parsed = Parsed::first(certificate)?;
        let key = KeyPair::from_pem(key).ok()?;
        let draft = Draft::of(&parsed.organization, &parsed.common_name);
        let draft = draft.valid(parsed.not_before, parsed.not_after);
        Some(Self::new(draft.signing(), key, certificate.into()))
    }

    /// A certificate for its name and key, valid from then until then (Unix seconds), signed by another.
    pub fn cross_signed(&self, by: &Self, from: i64, until: i64) -> String {
        let Draft(params) = Draft(self.params.clone()).valid(from, until);
        let certificate = params.signed_by(self.issuer.key(), &by.issuer);
        certificate.expect("it was signed before").pem()
    }

    fn new(params: CertificateParams, key: KeyPair, certificate: String) -> Self {
        let pair = Pair {
            certificate,
            key: key.serialize_pem(),
        };
        let issuer = Issuer::new(params.clone(), key);
        Self {
            params,
            issuer,
            pair,
        }
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("P-256 needs nothing but randomness")
}
