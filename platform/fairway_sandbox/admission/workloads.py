"""Rules for pods, and for what makes them."""

from collections.abc import Iterator

from fairway_sandbox import selectors
from fairway_sandbox.admission import words
from fairway_sandbox.admission.templates import pod_spec
from fairway_sandbox.admission.words import Cause, invalid_value
from fairway_sandbox.objects import Json, dig

STRATEGIES = ("Recreate", "RollingUpdate")
SET_MUTABLE = {
    *("replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy"),
    *("minReadySeconds", "revisionHistoryLimit"),
}
SET_FORBIDDEN = (
    "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
    "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are "
    "forbidden"
)
POD_MUTABLE = {"activeDeadlineSeconds", "tolerations", "nodeName", "terminationGracePeriodSeconds"}
POD_FORBIDDEN = (
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
    "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def workload(obj: Json, old: Json | None) -> Iterator[Cause]:
    yield from _made(obj)
    if old and dig(old, "spec.selector") != dig(obj, "spec.selector"):
        yield "spec.selector", invalid_value(dig(obj, "spec.selector"), "field is immutable")


def deployment(obj: Json, old: Json | None) -> Iterator[Cause]:
    yield from _made(obj)
    spec = obj.get("spec") or {}
    strategy = spec.get("strategy") or {}
    rolling = strategy.get("rollingUpdate")
    yield from words.one_of("spec.strategy.type", strategy.get("type"), STRATEGIES)
    if strategy.get("type") == "Recreate" and rolling is not None:
        why = "Forbidden: may not be specified when strategy `type` is 'Recreate'"
        yield "spec.strategy.rollingUpdate", why
    if rolling and all(rolling.get(name) in (0, "0%") for name in ("maxUnavailable", "maxSurge")):
        why = "may not be 0 when `maxSurge` is 0"
        yield "spec.strategy.rollingUpdate.maxUnavailable", invalid_value(rolling["maxUnavailable"], why)
    for name in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        yield from words.not_negative(f"spec.{name}", spec.get(name))
    if 0 <= (spec.get("progressDeadlineSeconds") or 0) <= (spec.get("minReadySeconds") or 0) != 0:
        why = "must be greater than minReadySeconds"
        yield "spec.progressDeadlineSeconds", invalid_value(spec.get("progressDeadlineSeconds"), why)
    if old and dig(old, "spec.selector") != spec.get("selector"):
        yield "spec.selector", invalid_value(spec.get("selector"), "field is immutable")


def _made(obj: Json) -> Iterator[Cause]:
    """What all that make pods for ever share."""
    spec = obj.get("spec") or {}
    yield from words.not_negative("spec.replicas", spec.get("replicas"))
    selector = spec.get("selector")
    template = spec.get("template") or {}
    labels = dig(template, "metadata.labels")
    if not selector:
        yield "spec.selector", "Required value"
    if not selector or not selectors.selects(selectors.of_object(selector), labels):
        why = "`selector` does not match template `labels`"
        yield "spec.template.metadata.labels", invalid_value(labels, why)
    yield from words.labels("spec.template.labels", labels)
    inner = template.get("spec") or {}
    claims = [dig(claim, "metadata.name", "") for claim in spec.get("volumeClaimTemplates") or []]
    yield from pod_spec(inner, "spec.template.spec", claims)
    if inner.get("restartPolicy") in ("OnFailure", "Never"):
        yield "spec.template.spec.restartPolicy", words.unsupported(inner["restartPolicy"], ("Always",))


def stateful_set(obj: Json, old: Json | None) -> Iterator[Cause]:
    yield from _made(obj)
    if old and _fixed(obj["spec"], SET_MUTABLE) != _fixed(old["spec"], SET_MUTABLE):
        yield "spec", SET_FORBIDDEN


def _fixed(spec: Json, mutable: set[str]) -> Json:
    return {k: v for k, v in spec.items() if k not in mutable}


def pod(obj: Json, old: Json | None) -> Iterator[Cause]:
    yield from pod_spec(obj.get("spec") or {}, "spec")
    if old and _fixed_pod(obj) != _fixed_pod(old):
        yield "spec", POD_FORBIDDEN


def _fixed_pod(obj: Json) -> Json:
    spec = _fixed(obj.get("spec") or {}, POD_MUTABLE)
    for kind in ("containers", "initContainers"):
        if spec.get(kind):
            spec[kind] = [_fixed(container, {"image", "resources"}) for container in spec[kind]]
    return spec
