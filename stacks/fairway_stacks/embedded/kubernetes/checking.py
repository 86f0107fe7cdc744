"""The inputs as they are sent and kept: named, in a namespace, `stringData` folded into `data`."""

import base64
import copy
import secrets
from typing import Any

from fairway_stacks.embedded.kubernetes.kinds import CLUSTER_WIDE
from fairway_stacks.state import urns
from fairway_stacks.state.values import UNKNOWN, Properties, Secret, has_unknown, mark, plain

AUTONAMED = "pulumi.com/autonamed"


def check(urn: str, olds: Properties, news: Properties, namespace: str) -> tuple[Properties, list[str]]:
    """olds: the inputs of the object that lives, empty for a new one (which then gets a new automatic name)."""
    wanted: Properties = copy.deepcopy(plain(news))
    if wanted.get("metadata") is UNKNOWN:
        return news, []
    missing = [key for key in ("apiVersion", "kind") if not wanted.get(key)]
    if missing:
        return news, [f"{' and '.join(missing)} must be set"]
    metadata = wanted["metadata"] = wanted.get("metadata") or {}
    if metadata.get("generateName"):
        return news, ["metadata.generateName is not supported; leave the name out for an automatic one"]
    if not metadata.get("name"):
        _name(metadata, urn, plain(olds).get("metadata") or {})
    if namespace and wanted["kind"] not in CLUSTER_WIDE and not metadata.get("namespace"):
        metadata["namespace"] = namespace
    marked: Properties = mark(wanted, news)
    return (_secret_data(marked, wanted) if wanted["kind"] == "Secret" else marked), []


def is_autonamed(inputs: Properties) -> bool:
    annotations = (inputs.get("metadata") or {}).get("annotations")
    return isinstance(annotations, dict) and annotations.get(AUTONAMED) == "true"


def _name(metadata: dict[str, Any], urn: str, old: Properties) -> None:
    annotations = metadata.get("annotations")
    if is_autonamed({"metadata": old}):
        metadata["name"] = old["name"]
    else:
        metadata["name"] = f"{urns.name_of(urn)}-{secrets.token_hex(4)}"
    metadata["annotations"] = {**(annotations if isinstance(annotations, dict) else {}), AUTONAMED: "true"}


def _secret_data(marked: Properties, wanted: Properties) -> Properties:
    data, texts = wanted.get("data"), wanted.get("stringData")
    marked.pop("stringData", None)
    if has_unknown(data) or has_unknown(texts):
        return {**marked, "data": Secret(UNKNOWN)}
    if data is None and texts is None:
        return marked
    encoded = {key: base64.b64encode(str(value).encode()).decode() for key, value in (texts or {}).items()}
    return {**marked, "data": Secret({**(data or {}), **encoded})}
