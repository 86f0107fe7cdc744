"""Kubernetes quantities: `250m`, `1Gi`, `2`."""

import re
from fractions import Fraction
from functools import lru_cache

SUFFIXES = {
    **{"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18},
    **{f"{letter}i": 1024.0 ** (power + 1) for power, letter in enumerate("KMGTPE")},
}
BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
SMALLEST = 10**9
FORM = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
_FORM = re.compile(FORM)
_EXPONENT = re.compile(r"^[eE][-+]?\d+$")


def quantity(text: str | int | float) -> float:
    """The number that it stands for; 0 where it is none."""
    value = str(text)
    for suffix in (value[-2:], value[-1:]):
        if suffix in SUFFIXES:
            return _number(value[: -len(suffix)]) * SUFFIXES[suffix]
    return _number(value)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


@lru_cache(1024)
def canonical(text: str) -> str:
    """The form in which Kubernetes gives it back: `0.5` is `500m`, `1024Mi` is `1Gi`. Raises ValueError."""
    amount, suffix = _exact(text.strip())
    if amount == 0:
        return "0"
    if suffix in BINARY[1:] and abs(amount) >= 1024 and amount.denominator == 1:
        whole, power = _without(int(amount), 1024, len(BINARY) - 1)
        return f"{whole}{BINARY[power]}"
    scaled = amount * SMALLEST
    rounded = -(-abs(scaled) // 1) * (1 if amount > 0 else -1)
    if _EXPONENT.match(suffix):
        whole, power = _without(int(rounded), 1000, 100)
        return f"{whole}e{power * 3 - 9}" if power != 3 else str(whole)
    whole, power = _without(int(rounded), 1000, len(DECIMAL) - 1)
    return f"{whole}{DECIMAL[power]}"


def _exact(text: str) -> tuple[Fraction, str]:
    match = _FORM.match(text)
    if not match:
        raise ValueError(f"quantities must match the regular expression '{FORM}'")
    number, suffix = match.groups()
    try:
        amount = Fraction(number)
    except ValueError as error:
        raise ValueError("unable to parse numeric part of quantity") from error
    if suffix in BINARY:
        return amount * 1024 ** BINARY.index(suffix), suffix
    if suffix in DECIMAL:
        return amount * Fraction(1000) ** (DECIMAL.index(suffix) - 3), suffix
    if _EXPONENT.match(suffix):
        return amount * Fraction(10) ** int(suffix[1:]), suffix
    raise ValueError("unable to parse quantity's suffix")


def _without(whole: int, base: int, most: int) -> tuple[int, int]:
    """The number without factors of the base, and how many there were."""
    power = 0
    while power < most and whole % base == 0:
        whole, power = whole // base, power + 1
    return whole, power
