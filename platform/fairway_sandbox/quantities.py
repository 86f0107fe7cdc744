"""Kubernetes quantities: `250m`, `1Gi`, `2`."""

SUFFIXES = {
    **{"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18},
    **{f"{letter}i": 1024.0 ** (power + 1) for power, letter in enumerate("KMGTPE")},
}


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
