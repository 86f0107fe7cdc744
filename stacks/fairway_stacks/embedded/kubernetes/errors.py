"""What a cluster's API answers when it does not do what was asked."""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """The server's own message."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        super().__init__(str(document.get("message") or document.get("reason") or f"HTTP {status}"))
        self.status = status
        self.reason = str(document.get("reason", ""))
        self.details: Mapping[str, Any] = document.get("details") or {}

    @property
    def missing_namespace(self) -> bool:
        return self.status == 404 and self.details.get("kind") == "namespaces"
