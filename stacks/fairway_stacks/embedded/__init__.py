"""The embedded engine: Pulumi programs without the Pulumi CLI."""

from fairway_stacks.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
