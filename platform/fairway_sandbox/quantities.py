"""Kubernetes quantities: `250m`, `1Gi`, `2`."""

import re
from functools import lru_cache

SUFFIXES = {
    **{"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18},
    **{f"{letter}i": 1024.0 ** (power + 1) for power, letter in enumerate("KMGTPE")},
}
BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
DECIMAL = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
SMALLEST = 10**9
LONGEST_EXPONENT = 4
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
    over, under, suffix = _exact(text.strip())
    if over == 0:
        return "0"
    if suffix in BINARY[1:] and over % under == 0 and abs(over // under) >= 1024:
        whole, power = _without(over // under, 1024, len(BINARY) - 1)
        return f"{whole}{BINARY[power]}"
    rounded = -(-abs(over) * SMALLEST // under) * (1 if over > 0 else -1)
    if _EXPONENT.match(suffix):
        whole, power = _without(rounded, 1000, 100)
        return f"{whole}e{power * 3 - 9}" if power != 3 else str(whole)
    whole, power = _without(rounded, 1000, len(DECIMAL) - 1)
    return f"{whole}{DECIMAL[power]}"


def _exact(text: str) -> tuple[int, int, str]:
    """The number as a fraction, and the suffix that it had."""
    match = _FORM.match(text)
    if not match:
        raise ValueError(f"quantities must match the regular expression '{FORM}'")
    number, suffix = match.groups()
    whole, _, rest = number.partition(".")
    try:
        over, under = int(whole + rest), 10 ** len(rest)
    except ValueError as error:
        raise ValueError("unable to parse numeric part of quantity") from error
    if suffix in BINARY:
        return over * 1024 ** BINARY.index(suffix), under, suffix
    if suffix in DECIMAL:
        base, power = 1000, DECIMAL.index(suffix) - 3
    elif _EXPONENT.match(suffix) and len(suffix) <= LONGEST_EXPONENT:
        base, power = 10, int(suffix[1:])
    else:
        raise ValueError("unable to parse quantity's suffix")
    return (over * base**power, under, suffix) if power > 0 else (over, under * base**-power, suffix)


def _without(whole: int, base: int, most: int) -> tuple[int, int]:
    """The number without factors of the base, and how many there were."""
    power = 0
    while power < most and whole % base == 0:
        whole, power = whole // base, power + 1
    return whole, power
