"""The differences that are known, each with its reason: what is not here must agree."""

from collections.abc import Mapping

KNOWN: Mapping[str, Mapping[str, str]] = {}
