"""Numbers that people typed into a form."""

from decimal import Decimal, InvalidOperation

from fairway.errors import Invalid


def cents(raw: str, pointer: str) -> int | None:
    """`500` or `499.50` a month as cents; empty is no limit."""
    if not raw:
        return None
    try:
        value = Decimal(raw.replace(",", "").removeprefix("€"))
        if not value.is_finite():
            raise InvalidOperation
    except InvalidOperation as error:
        raise Invalid.field(pointer, f"{raw!r} is no amount; write euros a month, such as 500, or nothing") from error
    return int(value * 100)


def whole(raw: str, pointer: str) -> int | None:
    """A whole number; empty is none."""
    if not raw:
        return None
    if not raw.isdecimal():
        raise Invalid.field(pointer, f"{raw!r} is no whole number from 0 up, such as 20; nothing is no limit")
    return int(raw)
