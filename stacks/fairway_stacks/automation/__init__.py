"""The engine of the real Pulumi CLI, by its Automation API."""

from fairway_stacks.automation.engine import PulumiEngine

__all__ = ["PulumiEngine"]
