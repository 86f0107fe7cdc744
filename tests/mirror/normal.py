"""Answers without what differs between any two clusters: ids, versions, times, addresses, names that were made up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
ADDRESS = re.compile(r"\b\d{1,3}(\.\d{1,3}){3}(:\d{4,5})?\b")
# What a ReplicaSet or a Pod of one is called: letters that make no words.
RANDOM = "[bcdfghjklmnpqrstvwxz2456789]"
POD = re.compile(rf"-(?:{RANDOM}{{6,10}}|<hash>)-{RANDOM}{{5}}(?![a-z0-9])")
REPLICA_SET = re.compile(rf"-{RANDOM}{{8,10}}(?![a-z0-9])")
# Versions in sentences: `ResourceVersion in record (3135)`, `too old resource version: 1 (4172)`, `current: 3150`.
VERSION = re.compile(r"(?<=record \()\d+|(?<=version: )\d+ \(\d+\)|(?<=current: )\d+|(?<=object meta: )\d+")
EVENT = re.compile(r"\.[0-9a-f]{16}\b")
CONTAINER = re.compile(r"containerd://[0-9a-f]{64}|\b[0-9a-f]{64}\b")
OPAQUE = {
    "resourceVersion": "<version>",
    "uid": "<uid>",
    "containerID": "<container>",
    "imageID": "<image>",
    "continue": "<continue>",
    "machineID": "<machine>",
    "nodePort": "<port>",
    "healthCheckNodePort": "<port>",
    "remainingItemCount": "<count>",
    "pod-template-hash": "<hash>",
    "controller-revision-hash": "<hash>",
    "batch.kubernetes.io/controller-uid": "<uid>",
    "controller-uid": "<uid>",
}
VOLATILE = ("serverAddressByClientCIDRs",)


@dataclass
class Names:
    """What this cluster calls things that every cluster calls otherwise."""

    nodes: list[str] = field(default_factory=list)


def normal(value: Any, names: Names) -> Any:
    """The value with placeholders; lists and maps keep their shape."""
    if isinstance(value, Mapping):
        return {
            _text(key, names): OPAQUE[key] if key in OPAQUE and item not in (None, "") else normal(item, names)
            for key, item in value.items()
            if key not in VOLATILE
        }
    if isinstance(value, list):
        return [normal(item, names) for item in value]
    return _text(value, names) if isinstance(value, str) else value


def _text(text: str, names: Names) -> str:
    for node in names.nodes:
        text = text.replace(node, "<node>")
    for pattern, stands in (
        (UUID, "<uid>"),
        (TIME, "<time>"),
        (CONTAINER, "<container>"),
        (ADDRESS, "<address>"),
        (EVENT, ".<event>"),
        (VERSION, "<version>"),
        (POD, "-<hash>-<id>"),
        (REPLICA_SET, "-<hash>"),
    ):
        text = pattern.sub(stands, text)
    return text
