"""Everything that can go wrong and that a person is told about.

    FairwayError                 500  exit 1
    ├── Invalid                  422  exit 2   a field is wrong; `fields` says which
    ├── NotSignedIn              401  exit 3
    ├── Refused                  403  exit 3   role, policy, quota or protection says no
    │   ├── QuotaExceeded
    │   └── Protected
    ├── NotFound                 404  exit 4
    ├── Conflict                 409  exit 5   somebody was there first
    │   ├── Busy                               another run holds the resource
    │   ├── StalePreview                       what was shown is no longer what would be done
    │   └── Edited               412           the version sent is not the newest
    ├── Unreachable              503  exit 6   a cluster or server does not answer; worth a retry
    └── Failed                   500  exit 1   the operation itself failed

`detail` is one sentence for a person, `hint` the way out; neither ever holds a secret.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class FieldError:
    """One wrong field: a JSON pointer into the request's body, and what is wrong, allowed and would work."""

    pointer: str
    detail: str


class FairwayError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    retry: ClassVar[bool] = False
    code: ClassVar[str] = "failed"

    def __init__(self, detail: str, *, hint: str = "", fields: Iterable[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.fields = tuple(fields)

    def problem(self, instance: str = "") -> dict[str, Any]:
        """The RFC 9457 problem document, with `errors: [{pointer, detail}]` where fields are wrong."""
        document: dict[str, Any] = {
            "type": f"urn:fairway:problem:{self.code}",
            "title": (type(self).__doc__ or "").split("\n")[0].rstrip("."),
            "status": self.status,
            "detail": self.detail,
            "retry": self.retry,
        }
        if self.hint:
            document["hint"] = self.hint
        if instance:
            document["instance"] = instance
        if self.fields:
            document["errors"] = [{"pointer": f.pointer, "detail": f.detail} for f in self.fields]
        return document


class Invalid(FairwayError):
    """The request is not valid."""

    status, exit_code, code = 422, 2, "invalid"

    @classmethod
    def field(cls, pointer: str, detail: str) -> "Invalid":
        """The common case: one wrong field."""
        return cls(detail, fields=[FieldError(pointer, detail)])


class NotSignedIn(FairwayError):
    """Sign in first."""

    status, exit_code, code = 401, 3, "not-signed-in"


class Refused(FairwayError):
    """Not allowed."""

    status, exit_code, code = 403, 3, "refused"


class QuotaExceeded(Refused):
    """A quota is used up."""

    code = "quota-exceeded"


class Protected(Refused):
    """Protected against this change."""

    code = "protected"


class NotFound(FairwayError):
    """Not found."""

    status, exit_code, code = 404, 4, "not-found"


class Conflict(FairwayError):
    """In conflict with what is there."""

    status, exit_code, code = 409, 5, "conflict"


class Busy(Conflict):
    """Another operation is in progress."""

    code, retry = "busy", True


class StalePreview(Conflict):
    """The preview is out of date."""

    code = "stale-preview"


class Edited(Conflict):
    """Somebody else changed it in the meantime."""

    status, code = 412, "edited"


class Unreachable(FairwayError):
    """A server does not answer."""

    status, exit_code, code, retry = 503, 6, "unreachable", True


class Failed(FairwayError):
    """The operation failed."""
