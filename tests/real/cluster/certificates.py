"""The cluster's certificates, and the kubeconfigs of those who speak to its API server. All valid for ten days."""

import base64
import datetime
import ipaddress
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = datetime.timedelta(days=10)
NODE = "node1"
NODE_ADDRESS = "172.30.0.1"
API = f"https://{NODE_ADDRESS}:6443"
SERVED = (
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "127.0.0.1",
    "10.96.0.1",
    NODE_ADDRESS,
)
# file -> (common name, group): whom a certificate makes of its holder.
CLIENTS = {
    "admin": ("kubernetes-admin", "system:masters"),
    "apiserver-kubelet-client": ("kube-apiserver-kubelet-client", "system:masters"),
    "controller-manager": ("system:kube-controller-manager", ""),
    "scheduler": ("system:kube-scheduler", ""),
    "kube-proxy": ("system:kube-proxy", ""),
}
KUBECONFIGS = ("admin", "controller-manager", "scheduler", "kube-proxy", "kubelet")


@dataclass(frozen=True)
class Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make(folder: Path) -> None:
    """All of them, into a folder for its owner alone."""
    folder.mkdir(parents=True, mode=0o700)
    authority, front = _authority("kubernetes"), _authority("front-proxy-ca")
    _write(folder, "ca", authority)
    _write(folder, "front-proxy-ca", front)
    for name, (user, group) in CLIENTS.items():
        _write(folder, name, _issued(authority, user, group))
    _write(folder, "front-proxy-client", _issued(front, "front-proxy-client", ""))
    _write(folder, "apiserver", _issued(authority, "kube-apiserver", "", SERVED))
    _write(folder, "kubelet", _issued(authority, f"system:node:{NODE}", "system:nodes", (NODE, NODE_ADDRESS)))
    signer = ec.generate_private_key(ec.SECP256R1())
    _secret(folder / "sa.key", _key(signer))
    (folder / "sa.pub").write_bytes(
        signer.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    _secret(folder / "tokens.csv", f'{secrets.token_hex(16)},token-admin,token-admin,"system:masters"\n'.encode())
    for name in KUBECONFIGS:
        _secret(folder / f"{name}.kubeconfig", _kubeconfig(folder, name))


def _authority(name: str) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(True, False, True, False, False, True, False, False, False)
    builder = _builder(subject, subject, key).add_extension(x509.BasicConstraints(True, None), critical=True)
    return Pair(builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()), key)


def _issued(authority: Pair, user: str, group: str, served: Sequence[str] = ()) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
    if group:
        names.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH, *([ExtendedKeyUsageOID.SERVER_AUTH] if served else [])]
    builder = _builder(x509.Name(names), authority.certificate.subject, key)
    builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if served:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(n) for n in served]), critical=False)
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + LIFE)
    )


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _write(folder: Path, name: str, pair: Pair) -> None:
    (folder / f"{name}.crt").write_bytes(pair.certificate.public_bytes(serialization.Encoding.PEM))
    _secret(folder / f"{name}.key", _key(pair.key))


def _key(key: ec.EllipticCurvePrivateKey) -> bytes:
    # The service accounts' signer reads SEC 1 and PKCS 8 alike.
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def _secret(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def _kubeconfig(folder: Path, name: str) -> bytes:
    def read(file: str) -> str:
        return base64.b64encode((folder / file).read_bytes()).decode()

    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "real", "cluster": {"server": API, "certificate-authority-data": read("ca.crt")}}],
        "users": [
            {
                "name": name,
                "user": {"client-certificate-data": read(f"{name}.crt"), "client-key-data": read(f"{name}.key")},
            }
        ],
        "contexts": [{"name": "real", "context": {"cluster": "real", "user": name}}],
        "current-context": "real",
    }
    return json.dumps(document, indent=1).encode()
