"""The text of a label selector, read as Kubernetes reads it and refused in its words."""

import re

from fairway_sandbox.errors import bad_request

Requirement = tuple[str, str, tuple[str, ...]]

_TOKEN = re.compile(r"\s*(!=|==|[(),!=<>]|[^\s(),!=<>]+)")
_OPERATORS = {"=": "in", "==": "in", "!=": "notin", ">": "gt", "<": "lt", "in": "in", "notin": "notin"}
_KEY = re.compile(r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")
_SIGNS = "(),!=<>"


def parse(text: str) -> list[Requirement]:
    return _Parser(text).requirements()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = [*_TOKEN.findall(text), ""]
        self._at = 0

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while self._next:
            if not (self._names_something or self._next == "!"):
                raise _unparsable(f"found '{self._next}', expected: !, identifier, or 'end of string'")
            found.append(self._requirement())
            end = self._take()
            if end == "":
                break
            if end != ",":
                raise _unparsable(f"found '{end}', expected: ',' or 'end of string'")
            if not (self._names_something or self._next == "!"):
                raise _unparsable(f"found '{self._next}', expected: identifier after ','")
        return found

    @property
    def _next(self) -> str:
        return self._tokens[self._at]

    @property
    def _names_something(self) -> bool:
        return bool(self._next) and self._next[0] not in _SIGNS

    def _take(self) -> str:
        token = self._next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _requirement(self) -> Requirement:
        absent = self._next == "!"
        if absent:
            self._take()
        if not self._names_something:
            raise _refused(f"found '{self._next}', expected: identifier")
        key = self._take()
        if not _KEY.match(key):
            raise _refused(f'<nil>: Invalid value: "{key}": name part must consist of alphanumeric characters')
        if absent or self._next in ("", ","):
            return key, "notexists" if absent else "exists", ()
        sign = self._take()
        if sign not in _OPERATORS:
            raise _refused(f"found '{sign}', expected: in, notin, =, ==, !=, gt, lt")
        if sign in ("in", "notin"):
            return key, sign, self._values()
        return key, _OPERATORS[sign], (self._take() if self._names_something else "",)

    def _values(self) -> tuple[str, ...]:
        if self._take() != "(":
            raise _refused(f"found '{self._tokens[self._at - 1]}' expected: '('")
        found: list[str] = []
        while True:
            found.append(self._take() if self._names_something else "")
            end = self._take()
            if end == ")":
                return tuple(found)
            if end != ",":
                raise _refused(f"found '{end}', expected: ',', or identifier")


def _refused(why: str) -> Exception:
    return bad_request(f"unable to parse requirement: {why}")


def _unparsable(why: str) -> Exception:
    return bad_request(why)
