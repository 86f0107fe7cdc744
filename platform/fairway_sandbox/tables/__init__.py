"""Tables for `kubectl get`, printed by the server."""

from fairway_sandbox.tables.table import table

__all__ = ["table"]
