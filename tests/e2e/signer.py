"""Authorities as managers of certificates keep them: each with a key of its own that its certificates name."""

import datetime
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from certificates import KEYS, NOW, PEM

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


class Signer:
    """An authority that has signed itself, and is valid from then (from now) until then."""

    def __init__(self, name, begins, ends, *, organization=None):
        self.begins, self.ends, self.organization = NOW + begins, NOW + ends, organization
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = self._name(name)
        self.identifier = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        builder = self._builder(self.name, self.key.public_key(), self.begins, self.ends)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.pem = self._sign(builder.add_extension(self.identifier, critical=False))

    def leaf(self, name, begins, ends, hosts=()):
        """A certificate of its own in PEM, valid from then (from now) until then."""
        subject = self._name(name)
        builder = self._builder(subject, KEYS["ecdsa"].public_key(), NOW + begins, NOW + ends)
        if hosts:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return self._sign(builder)

    def _name(self, name):
        with warnings.catch_warnings():
            # Signers of platform operators have longer names than the 64 characters that RFC 5280 allows.
            warnings.simplefilter("ignore")
            attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name, _validate=False)]
        if self.organization:
            attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organization))
        return x509.Name(attributes)

    def _builder(self, subject, key, begins, ends):
        named = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self.identifier)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
        return builder.add_extension(named, critical=False)

    def _sign(self, builder):
        return builder.sign(self.key, hashes.SHA256()).public_bytes(PEM)


def rfc3339(offset):
    """A time so far from now, as Kubernetes writes it."""
    return (NOW + offset).strftime("%Y-%m-%dT%H:%M:%SZ")


def unix(offset):
    """The same in Unix seconds."""
    return int((NOW + offset).timestamp())
