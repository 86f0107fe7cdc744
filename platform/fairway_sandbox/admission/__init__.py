"""What an object must have before it is stored: defaults, what only the server knows, rules beyond the schema."""

from fairway_sandbox.admission.completion import complete
from fairway_sandbox.admission.defaults import fill
from fairway_sandbox.admission.finalizers import protect
from fairway_sandbox.admission.rules import check

__all__ = ["check", "complete", "fill", "protect"]
