"""Trials and their previews as the server answers them."""

from typing import Any

from tests.cli.documents import ID

TRIAL = "0197a1b2-0000-7000-8000-00000000cafe"
RECOVERY = {"reschedule": 0.25, "startup": 1.0, "ttr": 1.25}


def check(name: str, met: bool | None) -> dict[str, Any]:
    return {"name": name, "phase": "during", "asked": "whole within 10 s", "found": "1.25 s", "met": met}


def victim(**changes: Any) -> dict[str, Any]:
    document = {
        "pod": "web-1",
        "uid": "uid-1",
        "method": "delete",
        "outcome": "killed",
        "detail": "",
        "killed_at": "2026-01-01T00:00:01+00:00",
        "t": 0.4,
        "replacement": "web-4",
        "recovery": RECOVERY,
        "recovered": True,
    }
    return document | changes


def trial(**changes: Any) -> dict[str, Any]:
    phase = {"met": True, "checks": [check("recovery", True)]}
    document: dict[str, Any] = {
        "id": TRIAL,
        "state": "ended",
        "resource": ID,
        "name": "web",
        "service": "shop",
        "environment": "dev",
        "experiment": None,
        "title": "Kill pods of web",
        "method": "delete",
        "requested_by": "alice",
        "created_at": "2026-01-01T00:00:00+00:00",
        "verdict": "PASS",
        "reason": "",
        "score": 100.0,
        "coverage": 1.0,
        "seed": 7,
        "victims": [victim()],
        "workload": {"ttr": 1.3, "limit": 120.0},
        "availability": {
            "ok": 9,
            "scheduled": 10,
            "ratio": 0.9,
            "interval": [0.5958, 0.9821],
            "longest_outage": 0.2,
        },
        "hypothesis": {"before": {"met": None, "checks": []}, "during": phase, "after": None},
        "started_at": "2026-01-01T00:00:00+00:00",
        "ended_at": "2026-01-01T00:00:20+00:00",
    }
    return document | changes


def failed() -> dict[str, Any]:
    phase = {"met": False, "checks": [check("recovery", False)]}
    return trial(verdict="FAIL", score=49.0, hypothesis={"before": None, "during": phase, "after": None})


def queued() -> dict[str, Any]:
    nothing: dict[str, Any] = {
        "verdict": None,
        "score": None,
        "coverage": None,
        "victims": [],
        "availability": None,
        "ended_at": None,
    }
    return trial(state="queued", workload={"ttr": None}, started_at=None, **nothing)


def preview(**changes: Any) -> dict[str, Any]:
    pods = [{"pod": f"web-{n}", "uid": f"uid-{n}", "ready": True, "victim": n == 1} for n in range(3)]
    document = {
        "resource": ID,
        "name": "web",
        "seed": 4711,
        "method": "delete",
        "definition": {"resource": ID},
        "workload": {"kind": "Deployment", "desired": 3, "ready": 3, "ceiling": 1},
        "pods": pods,
        "excluded": [{"pod": "web-2", "reason": "is younger than 5 s"}],
        "checks": [{"name": "ceiling", "state": "clear", "detail": "1 of 3 pods, 1 is the most"}],
        "refusal": "",
        "takes_all_down": False,
        "confirm": None,
    }
    return document | changes


def refused() -> dict[str, Any]:
    detail = "no ready pod of web would be left"
    stop = {"name": "ceiling", "state": "stop", "detail": detail}
    return preview(checks=[stop], refusal=f"ceiling: {detail}", takes_all_down=True)
