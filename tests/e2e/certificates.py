"""The certificates of all tests, built in one place, and an independent reader of certificates.

Where a certificate becomes valid and expires is given as an offset from now.
"""

import base64
import datetime
import ipaddress
import pathlib
import re
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
PEM = serialization.Encoding.PEM
PKCS8 = PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
LOOPBACK = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])

KEYS = {
    "ecdsa": ec.generate_private_key(ec.SECP256R1()),
    "rsa": rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
PRIVATE_KEY = KEYS["ecdsa"].private_bytes(*PKCS8)


def certificate(name, days, *, hosts=(), kind="ecdsa", organization=None, serial=None):
    """Returns a self-signed certificate in PEM that became valid an hour ago."""
    name, key = _name(name, organization), KEYS[kind]
    return _sign(name, key, name, key, -HOUR, days * DAY, *_alternative_names(hosts), serial=serial)


class Authority:
    """A CA that signed its own certificate, with a key of its own that its certificates name."""

    def __init__(self, name, begins=-HOUR, ends=365 * DAY, *, organization=None):
        self.name, self.organization = _name(name, organization), organization
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.identifier = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        is_ca = x509.BasicConstraints(ca=True, path_length=None)
        self.pem = self._sign(self.name, self.key, begins, ends, is_ca, self.identifier)

    def leaf(self, name, begins, ends, hosts=()):
        """Returns a certificate in PEM that this CA signed, for the key of all secrets."""
        name = _name(name, self.organization)
        return self._sign(name, KEYS["ecdsa"], begins, ends, *_alternative_names(hosts))

    def certify(self, other, begins, ends):
        """Returns a certificate in PEM that this CA signed for the name and key of another one."""
        is_ca = x509.BasicConstraints(ca=True, path_length=None)
        return self._sign(other.name, other.key, begins, ends, is_ca, other.identifier)

    def _sign(self, name, key, begins, ends, *extensions):
        signer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self.identifier)
        return _sign(name, key, self.name, self.key, begins, ends, signer, *extensions)


def request(name):
    """Returns a request for a certificate in PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(_name(name, None))
    return builder.sign(KEYS["ecdsa"], hashes.SHA256()).public_bytes(PEM)


class StoredAuthority(Authority):
    """A CA of servers and clients, whose certificates and keys are files in a folder."""

    def __init__(self, folder, name):
        super().__init__(name)
        self.folder = pathlib.Path(folder)
        self.file = self._write(f"{name}.crt", self.pem)

    def pair(self, name, *, organization=None):
        """Writes a new certificate and its key for a client or a server on loopback."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self._sign(_name(name, organization), key, -HOUR, 365 * DAY, LOOPBACK)
        return self._write(f"{name}.crt", leaf), self._write(f"{name}.key", key.private_bytes(*PKCS8))

    def _write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return str(path)


def _name(name, organization):
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)] if organization else []
    with warnings.catch_warnings():
        # Signers of platform operators have longer names than the 64 characters of RFC 5280.
        warnings.simplefilter("ignore")
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, name, _validate=False))
    return x509.Name(attributes)


def _alternative_names(hosts):
    return [x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])] if hosts else []


def _sign(name, key, issuer, issuer_key, begins, ends, *extensions, serial=None):
    builder = x509.CertificateBuilder().subject_name(name).public_key(key.public_key())
    builder = builder.issuer_name(issuer).serial_number(serial or x509.random_serial_number())
    builder = builder.not_valid_before(NOW + begins).not_valid_after(NOW + ends)
    for extension in extensions:
        is_critical = isinstance(extension, x509.BasicConstraints)
        builder = builder.add_extension(extension, critical=is_critical)
    is_ed25519 = isinstance(issuer_key, ed25519.Ed25519PrivateKey)
    return builder.sign(issuer_key, None if is_ed25519 else hashes.SHA256()).public_bytes(PEM)


def secret(namespace, name, data, *, type="kubernetes.io/tls", **metadata):
    """Returns a secret; a TLS secret has a private key beside its data."""
    data = {"tls.key": PRIVATE_KEY, **data} if type == "kubernetes.io/tls" else data
    return {
        "apiVersion": "v1", "kind": "Secret", "type": type,
        "metadata": {"namespace": namespace, "name": name, **metadata},
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }


def read(secret):
    """Returns what Scrape.certificates should report of a secret, without any code of notafter."""
    metadata, found = secret["metadata"], {}
    for key, value in (secret.get("data") or {}).items():
        if key == "tls.key":
            continue
        for position, block in enumerate(BLOCK.findall(base64.b64decode(value))):
            parsed = x509.load_pem_x509_certificate(block)
            try:
                names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
                names = names.get_values_for_type(x509.DNSName)
            except x509.ExtensionNotFound:
                names = []
            octets = (parsed.serial_number.bit_length() + 7) // 8
            found[metadata["namespace"], metadata["name"], key, position] = {
                "not_before": unix(parsed.not_valid_before_utc - NOW),
                "not_after": unix(parsed.not_valid_after_utc - NOW),
                "serial": f"{parsed.serial_number:X}".zfill(2 * octets),
                "fingerprint": parsed.fingerprint(hashes.SHA256()).hex(),
                "dns_names": ",".join(names),
            }
    return found


def rfc3339(offset):
    """Returns a time as Kubernetes writes it."""
    return (NOW + offset).strftime("%Y-%m-%dT%H:%M:%SZ")


def unix(offset):
    """Returns a time in Unix seconds."""
    return int((NOW + offset).timestamp())
