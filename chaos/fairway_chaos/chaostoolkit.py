"""Chaos Toolkit: experiments that mean what ours do come in, journals go out in its format.

What cannot be honoured is refused by name, with the field: half an experiment is another experiment.
"""

import re
from collections.abc import Mapping
from typing import Any

from fairway_chaos import reading
from fairway_chaos.errors import BadExperiment, Problem
from fairway_chaos.experiment import Experiment

TERMINATE = ("chaosk8s.pod.actions", "terminate_pods")
DELETE = ("chaosk8s.pod.actions", "delete_pods")
HONOURED = {"label_selector", "name_pattern", "all", "rand", "mode", "qty", "grace_period", "ns", "order"}
NAME_LABELS = ("fairway.dev/resource", "app.kubernetes.io/name", "app")
STATUSES = {"PASS": "completed", "FAIL": "completed", "ABORTED": "interrupted", "INTERRUPTED": "interrupted"}


def read(document: Mapping[str, Any], resource: str = "") -> Experiment:
    """resource: which one it is about, where its label selector does not say. Raises BadExperiment."""
    problems: list[Problem] = []
    method = _items(document.get("method"))
    actions = [(n, step) for n, step in enumerate(method) if step.get("type") == "action"]
    if len(actions) != 1:
        problems.append(Problem("/method", f"One action is expected that kills pods; there are {len(actions)}"))
    for number, step in enumerate(method):
        if step.get("type") == "probe":
            problems.append(
                Problem(f"/method/{number}", "Probes between actions are not run; put it into the hypothesis")
            )
    if _items(document.get("rollbacks")):
        problems.append(Problem("/rollbacks", "A killed pod has nothing to roll back; remove them"))
    translated: dict[str, Any] = {"resource": resource, "title": str(document.get("title", ""))[:200]}
    for number, step in actions[:1]:
        translated["action"], found = _action(step, f"/method/{number}/provider", problems)
        translated["resource"] = resource or found
        translated["baseline"] = _pause(step, "before")
        translated["after"] = _pause(step, "after")
    hypothesis = document.get("steady-state-hypothesis") or {}
    translated["hypothesis"] = {"probes": _probes(_items(hypothesis.get("probes")), problems)}
    if problems:
        raise BadExperiment(problems)
    return reading.read(translated)


def journal(document: Mapping[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's journal as `chaos run` would have written it. definition: the imported experiment, or ours."""
    verdict = str(document.get("verdict") or "")
    checks = document.get("hypothesis") or {}
    before, after = checks.get("before") or {}, checks.get("after") or {}
    return {
        "chaoslib-version": "1",
        "platform": "fairway",
        "experiment": dict(definition),
        "start": document.get("started_at"),
        "end": document.get("ended_at"),
        "status": STATUSES.get(verdict, "aborted"),
        "deviated": verdict == "FAIL",
        "steady_states": {"before": _state(before), "after": _state(after)},
        "run": [_run(victim) for victim in document.get("victims") or []],
        "rollbacks": [],
    }


def _action(step: Mapping[str, Any], pointer: str, problems: list[Problem]) -> tuple[dict[str, Any], str]:
    provider = step.get("provider") or {}
    called = (str(provider.get("module", "")), str(provider.get("func", "")))
    if called not in (TERMINATE, DELETE):
        problems.append(Problem(f"{pointer}/func", f"{'.'.join(called)} has no counterpart; terminate_pods has"))
        return {}, ""
    arguments = provider.get("arguments") or {}
    for name in arguments:
        if name not in HONOURED:
            problems.append(Problem(f"{pointer}/arguments/{name}", f"{name} cannot be honoured"))
    action: dict[str, Any] = {"order": "oldest" if arguments.get("order") == "oldest" else "random"}
    if arguments.get("order") not in (None, "alphabetic", "oldest"):
        problems.append(Problem(f"{pointer}/arguments/order", f"{arguments['order']} is none of alphabetic, oldest"))
    if not arguments.get("rand") and action["order"] == "random":
        action["order"] = "name"
    grace = arguments.get("grace_period", -1)
    if grace not in (-1, 0):
        problems.append(Problem(f"{pointer}/arguments/grace_period", "-1 (the pod's own) and 0 can be honoured"))
    action["method"] = "force" if grace == 0 else "delete"
    action.update(_how_many(arguments))
    return action, _resource(arguments, f"{pointer}/arguments", problems)


def _how_many(arguments: Mapping[str, Any]) -> dict[str, Any]:
    if arguments.get("all"):
        return {"mode": "all"}
    quantity = arguments.get("qty", 1)
    if arguments.get("mode") == "percentage":
        return {"mode": "percent", "percent": quantity}
    return {"mode": "fixed", "count": quantity}


def _resource(arguments: Mapping[str, Any], pointer: str, problems: list[Problem]) -> str:
    """The resource that a label selector names; selectors that cannot be one are refused."""
    selector = str(arguments.get("label_selector") or "")
    pattern = str(arguments.get("name_pattern") or "")
    if pattern:
        problems.append(Problem(f"{pointer}/name_pattern", "A trial is about one resource; select it by its label"))
    labels = dict(part.split("=", 1) for part in re.split(r"\s*,\s*", selector) if "=" in part and "!=" not in part)
    for name in NAME_LABELS:
        if name in labels:
            return labels[name].strip("= ")
    if selector:
        problems.append(Problem(f"{pointer}/label_selector", f"{selector!r} names none of {', '.join(NAME_LABELS)}"))
    return ""


def _probes(found: list[Mapping[str, Any]], problems: list[Problem]) -> list[dict[str, Any]]:
    probes = []
    for number, probe in enumerate(found):
        pointer = f"/steady-state-hypothesis/probes/{number}"
        provider = probe.get("provider") or {}
        if provider.get("type") != "http":
            problems.append(Problem(f"{pointer}/provider/type", f"{provider.get('type')} probes cannot be honoured"))
            continue
        if str(provider.get("method", "GET")).upper() != "GET":
            problems.append(Problem(f"{pointer}/provider/method", "Only GET can be honoured"))
        tolerance = probe.get("tolerance")
        status = [tolerance, tolerance] if isinstance(tolerance, int) and not isinstance(tolerance, bool) else tolerance
        if not isinstance(status, list) or not all(isinstance(s, int) for s in status):
            problems.append(Problem(f"{pointer}/tolerance", "A status, or the lowest and highest that are good"))
            continue
        probes.append(
            {
                "kind": "http",
                "name": str(probe.get("name", "")),
                "address": str(provider.get("url", "")),
                "status": [min(status), max(status)],
                "timeout": float(provider.get("timeout", 1.0)),
            }
        )
    return probes


def _items(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _pause(step: Mapping[str, Any], which: str) -> float:
    value = (step.get("pauses") or {}).get(which, 0)
    return float(value) if isinstance(value, int | float) else 0.0


def _state(phase: Mapping[str, Any]) -> dict[str, Any]:
    probes = [
        {"activity": {"type": "probe", "name": c["name"]}, "output": c["found"], "tolerance_met": c["met"]}
        for c in phase.get("checks") or []
    ]
    return {"steady_state_met": phase.get("met"), "probes": probes}


def _run(victim: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "activity": {"type": "action", "name": f"kill {victim['pod']}"},
        "output": [victim["pod"]] if victim["outcome"] == "killed" else [],
        "status": "succeeded" if victim["outcome"] == "killed" else "failed",
        "start": victim["killed_at"],
        "end": victim["killed_at"],
    }
