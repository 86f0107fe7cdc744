"""Encryption at rest: AES-256-GCM under a key whose id is in every ciphertext, so that keys can be rotated.

A sealed value is `fw1.<key id>.<base64 of nonce and ciphertext>`; the place it is stored in is authenticated with it,
so that a ciphertext moved to another row does not open.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "fw1"


class CannotOpen(Exception):
    """A sealed value was made with a key that this installation does not have, or was tampered with."""


class Vault:
    """Seals and opens small secrets. The first key seals; all of them open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("a vault needs keys of 32 bytes")
        self._keys = {_key_id(key): AESGCM(key) for key in keys}
        self._current = _key_id(keys[0])

    def seal(self, plain: str, place: str) -> str:
        """place: where it will be kept, e.g. `resource:<id>`; the same must be given to open it."""
        nonce = os.urandom(12)
        data = self._keys[self._current].encrypt(nonce, plain.encode(), place.encode())
        return f"{PREFIX}.{self._current}.{base64.b64encode(nonce + data).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """Raises CannotOpen."""
        prefix, _, rest = sealed.partition(".")
        key_id, _, body = rest.partition(".")
        key = self._keys.get(key_id)
        if prefix != PREFIX or key is None:
            raise CannotOpen("the secret was sealed with another key; restore FAIRWAY_SECRET_KEY_FILE")
        try:
            data = base64.b64decode(body)
            return key.decrypt(data[:12], data[12:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("the sealed secret is damaged or stands in the wrong place") from error


def load_vault(data_dir: Path, secret_key: str = "") -> Vault:
    """From the setting (comma-separated, newest first), else `<data>/keys/secret.key`, made on first use (0600)."""
    if secret_key:
        return Vault([derive(part.strip()) for part in secret_key.split(",") if part.strip()])
    return Vault([derive(kept_secret(data_dir, "secret.key"))])


def kept_secret(data_dir: Path, name: str) -> str:
    """A random secret of this installation, kept in `<data>/keys/<name>` (0600), made once."""
    path = data_dir / "keys" / name
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # the first one wins, also between processes
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()


def derive(secret: str) -> bytes:
    """32 bytes from a high-entropy secret."""
    return hashlib.sha256(b"fairway:" + secret.encode()).digest()


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"id:" + key).hexdigest()[:8]
