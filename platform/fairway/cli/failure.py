"""How a command fails: one line for a person, with the next step, and an exit code for a script.

0 done, 1 the operation failed, 2 usage, 3 refused, 4 not found, 5 conflict, 6 unreachable, 7 verdict other than PASS,
130 interrupted.
"""

from collections.abc import Mapping
from typing import Any

DONE, FAILED, USAGE, REFUSED, NOT_FOUND, CONFLICT, UNREACHABLE, VERDICT, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 7, 130

CODES = {400: USAGE, 401: REFUSED, 403: REFUSED, 404: NOT_FOUND, 409: CONFLICT, 412: CONFLICT, 422: USAGE}
CODES |= {429: REFUSED, 502: UNREACHABLE, 503: UNREACHABLE, 504: UNREACHABLE}


class Failure(Exception):
    """sentence says what is wrong, hint what to do; status is the server's, 0 when none answered."""

    def __init__(self, sentence: str, hint: str = "", *, code: int = FAILED, status: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        self.code = code
        self.status = status

    def line(self) -> str:
        whole = " ".join(filter(None, [_stop(self.sentence) if self.hint else self.sentence, self.hint]))
        return " ".join(whole.split())


def from_problem(status: int, document: Mapping[str, Any]) -> Failure:
    """From a problem document (RFC 9457) with `errors: [{pointer, detail}]` and a `hint`."""
    fields = [_field(error) for error in document.get("errors") or [] if isinstance(error, Mapping)]
    sentence = "; ".join(fields) or str(document.get("detail") or document.get("title") or f"The server said {status}")
    return Failure(sentence, str(document.get("hint") or ""), code=CODES.get(status, FAILED), status=status)


def usage(sentence: str, hint: str = "") -> Failure:
    return Failure(sentence, hint, code=USAGE)


def _field(error: Mapping[str, Any]) -> str:
    name = str(error.get("pointer", "")).strip("/").replace("/", ".")
    detail = str(error.get("detail") or error.get("message") or "is not valid")
    return f"{name}: {detail}" if name else detail


def _stop(sentence: str) -> str:
    return sentence if sentence.rstrip().endswith((".", "!", "?", ":")) else sentence.rstrip() + "."
