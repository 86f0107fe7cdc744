"""Pod templates: their fingerprint, and percentages of a number of replicas."""

import hashlib
import math
from typing import Any

import orjson

from fairway_sandbox.objects import SUFFIX_ALPHABET, Json, copied

HASH_LABEL = "pod-template-hash"


def fingerprint(template: Json) -> str:
    """Ten letters that change with the template; empty fields do not count."""
    bare = copied(template)
    ((bare.get("metadata") or {}).get("labels") or {}).pop(HASH_LABEL, None)
    digest = hashlib.sha256(orjson.dumps(_without_empty(bare), option=orjson.OPT_SORT_KEYS)).hexdigest()
    return "".join(SUFFIX_ALPHABET[int(digest[i : i + 4], 16) % len(SUFFIX_ALPHABET)] for i in range(0, 40, 4))


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_empty(v) for k, v in value.items() if v is not None}
    return [_without_empty(v) for v in value] if isinstance(value, list) else value


def share(value: int | str, total: int, *, up: bool) -> int:
    """A number, or a percentage of the total rounded up or down."""
    if isinstance(value, str) and value.endswith("%"):
        part = int(value[:-1]) * total / 100
        return math.ceil(part) if up else math.floor(part)
    return int(value)
