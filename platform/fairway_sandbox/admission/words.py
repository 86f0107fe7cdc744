"""What names, labels and numbers must look like, and the sentences that say so."""

import re
from collections.abc import Iterator
from typing import Any

from fairway_sandbox.errors import quoted

Cause = tuple[str, str]
LONGEST_LABEL, LONGEST_NAME = 63, 253
ALNUM = "must start and end with an alphanumeric character"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_SERVICE = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = rf"({_QUALIFIED})?"
_DATA = r"[-._a-zA-Z0-9]+"


def _rule(sentence: str, examples: str, pattern: str) -> tuple[re.Pattern[str], str]:
    return re.compile(f"^{pattern}$"), f"{sentence} (e.g. {examples}, regex used for validation is '{pattern}')"


LABEL = _rule(
    f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and {ALNUM}",
    "'my-name',  or '123-abc'",
    _LABEL,
)
SUBDOMAIN = _rule(
    f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and {ALNUM}",
    "'example.com'",
    _SUBDOMAIN,
)
SERVICE = _rule(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character",
    "'my-name',  or 'abc-123'",
    _SERVICE,
)
QUALIFIED = _rule(
    f"name part must consist of alphanumeric characters, '-', '_' or '.', and {ALNUM}",
    "'MyName',  or 'my.name',  or '123-abc'",
    _QUALIFIED,
)
VALUE = _rule(
    f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and {ALNUM}",
    "'MyValue',  or 'my_value',  or '12345'",
    _VALUE,
)
DATA = _rule(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    "'key.name',  or 'KEY_NAME',  or 'key-name'",
    _DATA,
)


def invalid_value(value: Any, why: str) -> str:
    return f"Invalid value: {quoted(value)}: {why}"


def unsupported(value: Any, known: tuple[str, ...]) -> str:
    return f"Unsupported value: {quoted(value)}: supported values: {', '.join(quoted(name) for name in known)}"


def fits(path: str, text: str, rule: tuple[re.Pattern[str], str], longest: int = LONGEST_LABEL) -> Iterator[Cause]:
    if len(text) > longest:
        yield path, invalid_value(text, f"must be no more than {longest} bytes")
    elif not rule[0].match(text):
        yield path, invalid_value(text, rule[1])


def labels(path: str, given: dict[str, str] | None) -> Iterator[Cause]:
    for key, value in (given or {}).items():
        yield from fits(path, key.rpartition("/")[2], QUALIFIED)
        yield from fits(path, value or "", VALUE)


def not_negative(path: str, value: int | None) -> Iterator[Cause]:
    if (value or 0) < 0:
        yield path, invalid_value(value, "must be greater than or equal to 0")


def port(path: str, value: Any) -> Iterator[Cause]:
    if isinstance(value, int) and not 0 < value < 2**16:
        yield path, invalid_value(value, "must be between 1 and 65535, inclusive")


def one_of(path: str, value: str | None, known: tuple[str, ...]) -> Iterator[Cause]:
    """Where there is a value."""
    if value is not None and value not in known:
        yield path, unsupported(value, known)
