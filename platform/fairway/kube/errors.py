"""What a cluster answers when it does not do what it was asked.

fairway.errors.Unreachable
├── ClusterUnreachable            no answer, or a 5xx; worth a retry
└── CredentialsRejected           401
fairway.errors.Refused
├── Forbidden                     403
└── RefusedByBudget               429 of an eviction
fairway.errors.NotFound
└── ObjectNotFound                404
fairway.errors.Conflict
└── ObjectConflict                409
fairway.errors.Invalid
└── ObjectInvalid                 400 and 422
fairway.errors.Failed
├── Expired                       410: the resource version is too old, list again
└── ClusterFailed                 anything else
"""

import json
from typing import Any, ClassVar

from fairway import errors

LONGEST = 500


class ClusterUnreachable(errors.Unreachable):
    """The cluster does not answer."""


class CredentialsRejected(errors.Unreachable):
    """The cluster rejects Fairway's credentials."""

    code, retry = "credentials-rejected", False


class Forbidden(errors.Refused):
    """The cluster does not allow it."""

    code: ClassVar[str] = "cluster-forbids"


class RefusedByBudget(errors.Refused):
    """A PodDisruptionBudget forbids it."""

    code: ClassVar[str] = "refused-by-pdb"


class ObjectNotFound(errors.NotFound):
    """The cluster has no such object."""


class ObjectConflict(errors.Conflict):
    """The object is not as expected."""


class ObjectInvalid(errors.Invalid):
    """The cluster does not accept the object."""


class Expired(errors.Failed):
    """The resource version is too old."""

    code, retry = "expired", True


class ClusterFailed(errors.Failed):
    """The cluster answered with an error."""


BY_STATUS: dict[int, type[errors.FairwayError]] = {
    400: ObjectInvalid,
    401: CredentialsRejected,
    403: Forbidden,
    404: ObjectNotFound,
    409: ObjectConflict,
    410: Expired,
    422: ObjectInvalid,
}


def of(status: int, body: bytes | str) -> errors.FairwayError:
    """The error for an answer that is no success; its text is the cluster's own message, cut short."""
    document = _document(body)
    message = str(document.get("message") or body if isinstance(body, str) else document.get("message") or "")
    message = (message or f"The cluster answered {status}")[:LONGEST]
    causes = (document.get("details") or {}).get("causes") or []
    if status == 429 and any(cause.get("reason") == "DisruptionBudget" for cause in causes):
        return RefusedByBudget(f"{message} {causes[0].get('message', '')}".strip()[:LONGEST])
    if status >= 500 or status == 429:
        return ClusterUnreachable(f"The cluster answered {status}: {message}")
    return BY_STATUS.get(status, ClusterFailed)(message)


def _document(body: bytes | str) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {"message": body.decode(errors="replace") if isinstance(body, bytes) else body}
    return document if isinstance(document, dict) else {}
