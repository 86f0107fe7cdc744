"""What went wrong, from what an engine says: the true cause first, general complaints last."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fairway.work.narration import plain
from fairway_stacks.port import Result

GENERAL = re.compile(
    r"^(update|preview|refresh|destroy|\w+) failed\.?$|error occurred|resource monitor has terminated", re.I
)
HINTS = (
    (
        re.compile(r"ImagePullBackOff|ErrImagePull|pull access denied|no such image", re.I),
        "Check the image's name and tag.",
    ),
    (re.compile(r"CrashLoopBackOff|exited with", re.I), "Look at the logs: the program ends by itself."),
    (
        re.compile(r"exceeded quota", re.I),
        "The cluster's own quota is used up: take a smaller plan, or free something.",
    ),
    (re.compile(r"forbidden", re.I), "Fairway's account in the cluster lacks a permission: ask an admin."),
    (re.compile(r"Insufficient (cpu|memory)|Unschedulable", re.I), "The cluster has no room: take a smaller plan."),
)


def of_result(result: Result) -> dict[str, Any]:
    """`{code, message, hint, causes}` of a result that did not succeed."""
    messages = ordered([message for _, message in result.errors])
    first = messages[0] if messages else "The engine gave no reason"
    return {"code": "engine", "message": first, "hint": hint(" ".join(messages)), "causes": messages[1:]}


def ordered(messages: Sequence[str]) -> list[str]:
    """Without colours and repetitions, the specific before the general."""
    different = dict.fromkeys(plain(m) for m in messages if m.strip())
    return sorted(different, key=lambda m: bool(GENERAL.search(m)))


def hint(text: str) -> str:
    return next((sentence for pattern, sentence in HINTS if pattern.search(text)), "")


def without_missing_namespace(result: Result, namespace: str) -> Result:
    """The run makes the namespace first: that it is missing is no error of the plan."""
    words = (f'namespaces "{namespace}" not found', f"namespace {namespace} does not exist", f'"{namespace}"')
    kept = tuple(
        (urn, message)
        for urn, message in result.errors
        if not (words[0] in message or words[1] in message or ("namespace" in message and words[2] in message))
    )
    if len(kept) == len(result.errors):
        return result
    if all(GENERAL.search(message) for _, message in kept):
        kept = ()
    return replace(result, errors=kept, succeeded=not kept)
