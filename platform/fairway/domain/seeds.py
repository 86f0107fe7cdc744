"""The secrets that Fairway makes for a resource, from which its program makes the credentials."""

import json
import secrets
from typing import Any

from fairway.domain.context import Context


def make(context: Context, resource_id: str) -> str:
    """New ones, sealed."""
    return context.vault.seal(json.dumps({"password": secrets.token_urlsafe(24)}), f"seeds:{resource_id}")


def opened(context: Context, resource_id: str, sealed: str | None) -> dict[str, Any]:
    """In clear: `{password}`, empty when there are none. Raises CannotOpen."""
    return json.loads(context.vault.open(sealed, f"seeds:{resource_id}")) if sealed else {}
