"""Counts how many pods of a budget may be taken now."""

from fairway_sandbox import selectors
from fairway_sandbox.controllers.hub import Hub
from fairway_sandbox.controllers.templates import share
from fairway_sandbox.objects import Json, is_active, is_ready, with_condition

KEY = "poddisruptionbudgets.policy"


def reconcile(hub: Hub, namespace: str | None, name: str, obj: Json | None) -> None:
    if obj is None:
        return
    requirements = selectors.of_object(obj["spec"].get("selector"))
    found = [e.obj for e in hub.store.every("pods", namespace)]
    pods = [p for p in found if selectors.selects(requirements, p["metadata"].get("labels")) and is_active(p)]
    expected, healthy = len(pods), sum(map(is_ready, pods))
    desired = max(0, _desired(obj["spec"], expected))
    allowed = max(0, healthy - desired)
    status = {"currentHealthy": healthy, "desiredHealthy": desired, "expectedPods": expected}
    status |= {"disruptionsAllowed": allowed, "observedGeneration": obj["metadata"].get("generation", 1)}
    reason = "SufficientPods" if allowed else "InsufficientPods"
    before = (obj.get("status") or {}).get("conditions")
    conditions = with_condition(before, "DisruptionAllowed", "True" if allowed else "False", reason)
    hub.set_status(KEY, obj, {**status, "conditions": [{"message": "", **c} for c in conditions]})


def _desired(spec: Json, expected: int) -> int:
    if "minAvailable" in spec:
        return share(spec["minAvailable"], expected, up=True)
    return expected - share(spec.get("maxUnavailable", 1), expected, up=True)
