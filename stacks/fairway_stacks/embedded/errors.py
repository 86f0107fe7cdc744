"""What ends a step or a call.

Closing          the operation failed or was cancelled; whoever still asks is turned away
BadRequest       the program asked for what cannot be
StepFailed       the cluster refused, nothing was made; `reached` is False when that is not certain
Unhealthy        the object is there, but did not become ready
"""

from collections.abc import Sequence
from typing import Any


class Closing(Exception):
    """The resource monitor shuts down."""


class BadRequest(Exception):
    """The program asked for what the engine cannot do."""


class StepFailed(Exception):
    """The step was refused."""

    def __init__(self, message: str, *, certain: bool = True) -> None:
        super().__init__(message)
        self.certain = certain


class Unhealthy(StepFailed):
    """The object exists and is not ready."""

    def __init__(self, message: str, id_: str, outputs: dict[str, Any], reasons: Sequence[str]) -> None:
        super().__init__(message)
        self.id, self.outputs, self.reasons = id_, outputs, list(reasons)
