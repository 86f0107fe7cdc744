"""Kubeconfigs: one context of one, with the files that it names taken into it, so that its text stands alone."""

import base64
from pathlib import Path
from typing import Any

import yaml

from fairway.errors import Invalid

INLINED = {"certificate-authority": "cluster", "client-certificate": "user", "client-key": "user"}


def load(path: Path) -> str:
    """The current context of the file, as YAML. Raises Invalid.

    Certificates and keys are read now. A token file stays a path, made absolute: whoever mounts it also renews it.
    """
    try:
        document = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise Invalid(f"Cannot read the kubeconfig {path}: {error}") from error
    return flatten(document, path.parent)


def flatten(document: Any, folder: Path) -> str:
    """folder: what relative paths in the document are relative to."""
    context = _named(document, "contexts", "context", _current(document))
    cluster = dict(_named(document, "clusters", "cluster", context.get("cluster", "")))
    user = dict(_named(document, "users", "user", context["user"])) if context.get("user") else {}
    for field, owner in INLINED.items():
        _inline(cluster if owner == "cluster" else user, field, folder)
    if user.get("tokenFile"):
        user["tokenFile"] = str((folder / user["tokenFile"]).absolute())
    command = (user.get("exec") or {}).get("command", "")
    if "/" in command:
        user["exec"] = {**user["exec"], "command": str((folder / command).absolute())}
    alone = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "fairway",
        "contexts": [{"name": "fairway", "context": {**context, "cluster": "fairway", "user": "fairway"}}],
        "clusters": [{"name": "fairway", "cluster": cluster}],
        "users": [{"name": "fairway", "user": user}],
    }
    return yaml.safe_dump(alone, sort_keys=False)


def _current(document: Any) -> str:
    contexts = (document or {}).get("contexts") or [] if isinstance(document, dict) else []
    if not contexts:
        raise Invalid("The kubeconfig has no contexts")
    return str(document.get("current-context") or contexts[0].get("name"))


def _named(document: dict[str, Any], plural: str, singular: str, name: str) -> dict[str, Any]:
    for entry in document.get(plural) or []:
        if entry.get("name") == name and isinstance(entry.get(singular), dict):
            found: dict[str, Any] = entry[singular]
            return found
    raise Invalid(f"The kubeconfig names the {singular} {name!r}, but {plural} has no such entry")


def _inline(section: dict[str, Any], field: str, folder: Path) -> None:
    path = section.pop(field, None)
    if not path or section.get(f"{field}-data"):
        return
    try:
        section[f"{field}-data"] = base64.b64encode((folder / path).read_bytes()).decode()
    except OSError as error:
        raise Invalid(f"The kubeconfig's {field} cannot be read: {error}") from error
