"""Names that become parts of host names, namespaces and stacks: DNS labels (RFC 1123), in lower case."""

import re

from fairway.errors import Invalid

LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def check(value: str, pointer: str, what: str, longest: int = 40) -> str:
    """The name, or Invalid with what is wrong, what is allowed and one that works."""
    if not value:
        raise Invalid.field(pointer, f"A {what} needs a name, such as orders-db")
    if len(value) > longest:
        raise Invalid.field(pointer, f"The {what}'s name has {len(value)} characters; {longest} is the most")
    if not LABEL.fullmatch(value):
        raise Invalid.field(
            pointer,
            f"{value!r} is no name for a {what}: it starts with a lower-case letter, goes on with lower-case letters,"
            f" digits and -, and ends with a letter or digit, such as {suggest(value, what)}",
        )
    return value


def suggest(value: str, what: str) -> str:
    """The nearest name that is allowed."""
    plain = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    plain = re.sub(r"^[0-9-]+", "", plain)[:40].rstrip("-")
    return plain or f"my-{what.replace(' ', '-')}"
