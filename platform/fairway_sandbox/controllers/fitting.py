"""Why a pod cannot be on a node, in the order in which a real scheduler asks: the first reason is the one it tells."""

from collections.abc import Sequence
from dataclasses import dataclass

from fairway_sandbox.objects import Json, dig, is_ready
from fairway_sandbox.quantities import quantity

FIGURES = ("cpu", "memory")


@dataclass(frozen=True)
class Refusal:
    """for_good: also a node without any other pod would refuse."""

    reasons: tuple[str, ...]
    for_good: bool = True


def refusal(pod: Json, node: Json, there: Sequence[Json]) -> Refusal | None:
    """there: the pods that the node has already."""
    unsuitable = _unsuitable(pod, node)
    return Refusal((unsuitable,)) if unsuitable else _full(pod, node["status"]["allocatable"], there)


def _unsuitable(pod: Json, node: Json) -> str:
    spec, labels = node.get("spec") or {}, node["metadata"].get("labels") or {}
    if spec.get("unschedulable"):
        return "node(s) were unschedulable"
    if any(not _tolerated(pod, taint) for taint in spec.get("taints") or () if taint["effect"] != "PreferNoSchedule"):
        return "node(s) had untolerated taint(s)"
    if any(labels.get(k) != v for k, v in (pod["spec"].get("nodeSelector") or {}).items()):
        return "node(s) didn't match Pod's node affinity/selector"
    if not is_ready(node):
        return "node(s) were not ready"
    return ""


def _full(pod: Json, room: Json, there: Sequence[Json]) -> Refusal | None:
    reasons, for_good = [], False
    if len(there) >= int(room["pods"]):
        reasons.append("Too many pods")
    for figure in FIGURES:
        asked, most = requested(pod, figure), quantity(room[figure])
        if asked and asked + sum(requested(p, figure) for p in there) > most:
            reasons.append(f"Insufficient {figure}")
            for_good = for_good or asked > most
    return Refusal(tuple(reasons), for_good) if reasons else None


def requested(pod: Json, figure: str) -> float:
    return sum(quantity(dig(c, f"resources.requests.{figure}", "0")) for c in pod["spec"]["containers"])


def _tolerated(pod: Json, taint: Json) -> bool:
    for toleration in pod["spec"].get("tolerations") or ():
        key_fits = not toleration.get("key") or toleration["key"] == taint["key"]
        value_fits = toleration.get("operator") == "Exists" or toleration.get("value", "") == taint.get("value", "")
        if key_fits and value_fits and toleration.get("effect") in (None, "", taint["effect"]):
            return True
    return False
