"""Secrets that people and programs show: random ones are kept as a hash, passwords as Argon2id."""

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fairway.errors import Invalid

HASHER = PasswordHasher()  # argon2-cffi's defaults follow RFC 9106, "low memory"
SHORTEST_PASSWORD = 12


def new_secret(prefix: str = "") -> str:
    """256 random bits, safe in a URL."""
    return prefix + secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """SHA-256 suffices for a secret of full entropy."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Raises Invalid for a password that is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= 200:
        raise Invalid.field(
            "/password", f"A password has {SHORTEST_PASSWORD} to 200 characters; four unrelated words make a good one"
        )
    return HASHER.hash(password)


def password_matches(hashed: str | None, password: str) -> bool:
    """Takes as long for a person who has no password, so that nobody learns who has one."""
    try:
        return HASHER.verify(hashed or _NOBODYS, password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


_NOBODYS = HASHER.hash(secrets.token_urlsafe(16))
