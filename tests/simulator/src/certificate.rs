//! Certificates made to measure: a [`Draft`] is signed by itself or by an [`Authority`], and
//! [`der`] makes odd ones of a well-formed one.

pub mod der;
mod parsed;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
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

/// A CA.
pub struct Authority {
    params: CertificateParams,
    issuer: Issuer<'static, KeyPair>,
    /// The CA's own certificate and key.
    pub pair: Pair,
}

// === impl Draft ===

impl Draft {
    /// Returns a draft with a common name, or without any subject if the name is empty.
    pub fn named(common_name: &str) -> Self {
        Self::new(&[(DnType::CommonName, common_name)])
    }

    /// Returns a draft with an organization and a common name.
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

    /// Sets the host names.
    #[must_use]
    pub fn hosts(mut self, names: &[impl ToString]) -> Self {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let params = CertificateParams::new(names).expect("host names");
        self.0.subject_alt_names = params.subject_alt_names;
        self
    }

    /// Sets the validity (Unix seconds).
    #[must_use]
    pub fn valid(mut self, from: i64, until: i64) -> Self {
        let time =
            |seconds| OffsetDateTime::from_unix_timestamp(seconds).expect("a year before 10000");
        (self.0.not_before, self.0.not_after) = (time(from), time(until));
        self
    }

    /// Sets the serial number.
    #[must_use]
    pub fn serial(mut self, number: u64) -> Self {
        self.0.serial_number = Some(SerialNumber::from(number));
        self
    }

    /// Allows server authentication, and forbids signing certificates.
    #[must_use]
    pub fn serving(self) -> Self {
        self.usage(ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// Allows client authentication, and forbids signing certificates.
    #[must_use]
    pub fn client(self) -> Self {
        self.usage(ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn usage(mut self, usage: ExtendedKeyUsagePurpose) -> Self {
        self.0.extended_key_usages.push(usage);
        self.0.is_ca = IsCa::ExplicitNoCa;
        self
    }

    /// Signs with an authority's key.
    pub fn signed_by(self, authority: &Authority) -> Pair {
        self.sign(Some(authority)).1
    }

    /// Signs with the certificate's own key.
    pub fn self_signed(self) -> Pair {
        self.sign(None).1
    }

    /// Makes an authority of the draft, signed by itself.
    pub fn authority(self) -> Authority {
        self.signing().into_authority(None)
    }

    /// Makes an authority of the draft, signed by another one.
    pub fn authority_under(self, authority: &Authority) -> Authority {
        self.signing().into_authority(Some(authority))
    }

    fn signing(mut self) -> Self {
        self.0.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.0.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        self
    }

    fn into_authority(self, by: Option<&Authority>) -> Authority {
        let params = self.0.clone();
        let (key, pair) = self.sign(by);
        Authority::new(params, key, pair)
    }

    fn sign(self, by: Option<&Authority>) -> (KeyPair, Pair) {
        let key = KeyPair::generate().expect("P-256 needs nothing but randomness");
        let signed = match by {
            Some(authority) => self.0.signed_by(&key, &authority.issuer),
            None => self.0.self_signed(&key),
        };
        let pair = Pair {
            certificate: signed.expect("the draft is sound").pem(),
            key: key.serialize_pem(),
        };
        (key, pair)
    }
}

// === impl Authority ===

impl Authority {
    /// Reads an authority's certificate and key (PEM); `None` if they are not one.
    pub fn read(certificate: &str, key: &str) -> Option<Self> {
        let parsed = Parsed::first(certificate)?;
        let issuer = KeyPair::from_pem(key).ok()?;
        let draft = Draft::of(&parsed.organization, &parsed.common_name);
        let draft = draft.valid(parsed.not_before, parsed.not_after).signing();
        let pair = Pair {
            certificate: certificate.into(),
            key: key.into(),
        };
        Some(Self::new(draft.0, issuer, pair))
    }

    /// Returns a certificate for this authority's name and key with another validity (Unix
    /// seconds), signed by another authority.
    pub fn cross_signed(&self, by: &Self, from: i64, until: i64) -> String {
        let Draft(params) = Draft(self.params.clone()).valid(from, until);
        let certificate = params.signed_by(self.issuer.key(), &by.issuer);
        certificate.expect("it was signed before").pem()
    }

    fn new(params: CertificateParams, key: KeyPair, pair: Pair) -> Self {
        let issuer = Issuer::new(params.clone(), key);
        Self {
            params,
            issuer,
            pair,
        }
    }
}
