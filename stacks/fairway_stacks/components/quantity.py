"""Kubernetes quantities of memory."""

import re

UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def in_bytes(quantity: str) -> int:
    """`256Mi` as 268435456. Raises ValueError."""
    match = re.fullmatch(r"(\d+)(k|M|G|Ki|Mi|Gi|Ti|)", quantity)
    if match is None:
        raise ValueError(f"{quantity!r} is not a size such as 256Mi")
    return int(match[1]) * UNITS[match[2]]
