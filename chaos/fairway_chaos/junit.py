"""JUnit XML of trials, for gates in CI."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree


def report(trials: Sequence[Mapping[str, Any]]) -> str:
    """trials: stable documents. A check is a test case; one that could not be evaluated is skipped."""
    root = ElementTree.Element("testsuites", name="fairway chaos")
    for trial in trials:
        _suite(root, trial)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _suite(root: ElementTree.Element, trial: Mapping[str, Any]) -> None:
    phases = (trial.get("hypothesis") or {}).values()
    checks = [check for phase in phases if phase for check in phase["checks"]]
    failed = sum(1 for c in checks if c["met"] is False)
    skipped = sum(1 for c in checks if c["met"] is None)
    stands = trial.get("verdict") in ("PASS", "FAIL")
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=f"trial {trial['id']}",
        tests=str(len(checks) + (not stands)),
        failures=str(failed),
        skipped=str(skipped),
        errors=str(int(not stands)),
        timestamp=str(trial.get("started_at") or ""),
    )
    if not stands:
        case = ElementTree.SubElement(suite, "testcase", classname="trial", name="verdict")
        message = f"{trial.get('verdict') or 'not ended'}: {trial.get('reason') or ''}"
        ElementTree.SubElement(case, "error", message=message)
    for check in checks:
        case = ElementTree.SubElement(suite, "testcase", classname=check["phase"], name=check["name"])
        if check["met"] is False:
            ElementTree.SubElement(case, "failure", message=f"asked for {check['asked']}, found {check['found']}")
        elif check["met"] is None:
            ElementTree.SubElement(case, "skipped", message=check["found"])
