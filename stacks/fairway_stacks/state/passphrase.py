"""Pulumi's passphrase secrets provider: PBKDF2-HMAC-SHA256 (1,000,000 rounds) to AES-256-GCM, `v1:<nonce>:<data>`."""

import base64
import hashlib
import os
import threading

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fairway_stacks.port import EngineError

ROUNDS = 1_000_000
_keys: dict[tuple[bytes, bytes], bytes] = {}
_keys_lock = threading.Lock()


class WrongPassphrase(EngineError):
    """The state was encrypted with another passphrase."""


class Passphrase:
    """Encrypts the secrets of one state. A derivation costs half a second, so keys are kept by passphrase and salt."""

    def __init__(self, passphrase: str, salt: str = "") -> None:
        """salt: `v1:<salt>:v1:<nonce>:<check>` as a state holds it; empty makes a new one."""
        if not salt:
            fresh = os.urandom(8)
            self._cipher = AESGCM(_key(passphrase, fresh))
            self.salt = f"v1:{_encode(fresh)}:{self.encrypt('pulumi')}"
            return
        version, encoded, check = salt.split(":", 2)
        if version != "v1":
            raise EngineError(f"The state's secrets have the unknown version {version}")
        self._cipher = AESGCM(_key(passphrase, base64.b64decode(encoded)))
        self.salt = salt
        if self.decrypt(check) != "pulumi":
            raise WrongPassphrase("incorrect passphrase")

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(12)
        return f"v1:{_encode(nonce)}:{_encode(self._cipher.encrypt(nonce, text.encode(), None))}"

    def decrypt(self, text: str) -> str:
        _, nonce, data = text.split(":")
        try:
            return self._cipher.decrypt(base64.b64decode(nonce), base64.b64decode(data), None).decode()
        except InvalidTag as error:
            raise WrongPassphrase("incorrect passphrase") from error


def _key(passphrase: str, salt: bytes) -> bytes:
    name = (hashlib.sha256(passphrase.encode()).digest(), salt)
    with _keys_lock:
        if name not in _keys:
            _keys[name] = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, ROUNDS, 32)
        return _keys[name]


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()
