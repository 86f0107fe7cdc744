"""What an object must have before it is stored: its defaults, and rules that the schema cannot say."""

from fairway_sandbox.admission.defaults import fill
from fairway_sandbox.admission.finalizers import protect
from fairway_sandbox.admission.rules import check

__all__ = ["check", "fill", "protect"]
