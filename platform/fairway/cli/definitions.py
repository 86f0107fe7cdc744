"""Experiments in files: ours, and Chaos Toolkit's."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairway.cli import targets
from fairway.cli.caller import Caller
from fairway.cli.failure import Failure, usage
from fairway.cli.files import read_text


def spec(caller: Caller, file: str, resource: str) -> dict[str, Any]:
    """What POST /trials takes. A word that is no file is the name of an experiment that is kept."""
    if file != "-" and not Path(file).exists() and not file.endswith((".yaml", ".yml", ".json")) and "/" not in file:
        if resource:
            raise usage("A kept experiment has its resource", "Leave --resource out.")
        return {"experiment": file}
    document = load(file)
    found = convert(document, resource) if is_toolkit(document) else dict(document)
    return placed(caller, found, resource)


def placed(caller: Caller, definition: Mapping[str, Any], resource: str) -> dict[str, Any]:
    """With service and environment of the call, where neither the file nor the name of the resource says them."""
    named = resource or definition.get("resource")
    if not isinstance(named, str) or not named:
        raise usage("The file does not say which resource to try", "Add --resource NAME.")
    service, environment, bare = targets.parts(caller, named)
    where = {"service": service, "environment": environment}
    return {**{k: v for k, v in where.items() if v}, **definition, "resource": bare}


def load(file: str) -> Mapping[str, Any]:
    """A mapping from a JSON or YAML file; `-` is standard input. Raises Failure."""
    text = read_text(file)
    try:
        document = json.loads(text)
    except ValueError:
        document = _yaml(file, text)
    if not isinstance(document, dict):
        raise usage(f"{file} holds no experiment: a mapping with `resource` and `action` is expected")
    return document


def is_toolkit(document: Mapping[str, Any]) -> bool:
    return isinstance(document.get("method"), list)


def convert(document: Mapping[str, Any], resource: str) -> dict[str, Any]:
    """From a Chaos Toolkit experiment. Raises Failure that names each field which cannot be honoured."""
    from fairway_chaos import chaostoolkit
    from fairway_chaos.errors import BadExperiment

    try:
        return chaostoolkit.read(document, resource).document()
    except BadExperiment as error:
        raise _told(error) from error


def _yaml(file: str, text: str) -> Any:
    from fairway_chaos import reading
    from fairway_chaos.errors import BadExperiment

    try:
        return reading.parse(text)
    except BadExperiment as error:
        raise usage(f"{file}: {error.problems[0].detail}") from error


def _told(error: Any) -> Failure:
    return usage("; ".join(f"{p.pointer.strip('/').replace('/', '.')}: {p.detail}" for p in error.problems))
