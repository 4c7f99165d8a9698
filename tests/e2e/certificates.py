"""Certificates of every usual kind, and an independent reader of them."""

import base64
import datetime
import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
PEM = serialization.Encoding.PEM
BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)

KEYS = {
    "ecdsa": ec.generate_private_key(ec.SECP256R1()),
    "rsa": rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
PRIVATE_KEY = KEYS["ecdsa"].private_bytes(
    PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


def certificate(name, days, *, hosts=(), kind="ecdsa", issuer=None, organization=None, until=None, serial=None):
    """A certificate in PEM: from an hour ago for so many days, signed by itself unless there is an issuer."""
    key = KEYS[kind]
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if organization:
        subject.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    issued_by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]) if issuer else x509.Name(subject)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(issued_by)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(NOW - datetime.timedelta(hours=1))
        .not_valid_after(until or NOW + datetime.timedelta(days=days))
    )
    if hosts:
        names = [x509.DNSName(host) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    algorithm = None if kind == "ed25519" else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(PEM)


def secret(namespace, name, data, *, type="kubernetes.io/tls", **metadata):
    """A secret with a private key beside its data."""
    data = {"tls.key": PRIVATE_KEY, **data} if type == "kubernetes.io/tls" else data
    return {
        "apiVersion": "v1", "kind": "Secret", "type": type,
        "metadata": {"namespace": namespace, "name": name, **metadata},
        "data": {key: base64.b64encode(value).decode() for key, value in data.items()},
    }


def read(secret):
    """What a reader that knows nothing of notafter finds in a secret, as Scrape.certificates says it."""
    found = {}
    for key, value in (secret.get("data") or {}).items():
        if key == "tls.key":
            continue
        for position, block in enumerate(BLOCK.findall(base64.b64decode(value))):
            it = x509.load_pem_x509_certificate(block)
            try:
                names = it.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
                names = names.get_values_for_type(x509.DNSName)
            except x509.ExtensionNotFound:
                names = []
            metadata = secret["metadata"]
            found[metadata["namespace"], metadata["name"], key, position] = {
                "not_before": int(it.not_valid_before_utc.timestamp()),
                "not_after": int(it.not_valid_after_utc.timestamp()),
                "serial": f"{it.serial_number:X}".zfill(2 * ((it.serial_number.bit_length() + 7) // 8)),
                "fingerprint": it.fingerprint(hashes.SHA256()).hex(),
                "dns_names": ",".join(names),
            }
    return found
