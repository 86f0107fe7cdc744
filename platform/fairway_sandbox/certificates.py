"""A certificate authority of the data directory's own, the server's certificate, and the one token."""

import ipaddress
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

YEARS = timedelta(days=3650)
PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


@dataclass(frozen=True)
class Keys:
    authority: Path
    certificate: Path
    key: Path
    token: str


def keep(data: Path) -> Keys:
    """Those of an earlier start, or new ones. The authority's own key is used once and never written."""
    keys = Keys(data / "ca.crt", data / "server.crt", data / "server.key", _token(data / "token"))
    if not (keys.authority.exists() and keys.certificate.exists() and keys.key.exists()):
        _make(keys)
    return keys


def write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        file.write(text)


def _token(path: Path) -> str:
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text().strip()


def _make(keys: Keys) -> None:
    signer, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _begin("Fairway sandbox CA", "Fairway sandbox CA", signer).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    authority = authority.add_extension(_usage(signing=True), critical=True).add_extension(
        x509.SubjectKeyIdentifier.from_public_key(signer.public_key()), critical=False
    )
    names = [x509.DNSName("localhost"), x509.DNSName("kubernetes"), x509.DNSName("kubernetes.default.svc")]
    addresses = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    server = _begin("Fairway sandbox", "Fairway sandbox CA", own)
    server = server.add_extension(x509.SubjectAlternativeName([*names, *addresses]), critical=False)
    server = server.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    server = server.add_extension(_usage(signing=False), critical=True)
    server = server.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    server = server.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    key = own.private_bytes(PEM, PKCS8, serialization.NoEncryption()).decode()
    write_private(keys.key, key)
    keys.certificate.write_bytes(server.sign(signer, hashes.SHA256()).public_bytes(PEM))
    keys.authority.write_bytes(authority.sign(signer, hashes.SHA256()).public_bytes(PEM))


def _begin(subject: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    start = datetime.now(UTC) - timedelta(minutes=5)
    builder = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(start).not_valid_after(start + YEARS)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signing,
        crl_sign=signing,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=not signing,
        encipher_only=False,
        decipher_only=False,
    )
