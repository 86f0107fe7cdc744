"""A resource that the program registers: from the request to the step that makes the cluster agree."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fairway_stacks.embedded import diffs, paths, replacing, steps, wire
from fairway_stacks.embedded.deployment import Deployment
from fairway_stacks.embedded.diffs import Diff
from fairway_stacks.embedded.errors import BadRequest, Closing
from fairway_stacks.state import urns
from fairway_stacks.state.resource import Resource
from fairway_stacks.state.values import Properties


@dataclass(frozen=True)
class Wanted:
    """A goal: the resource as the program describes it, and the options that state does not keep."""

    resource: Resource
    aliases: Sequence[str] = ()
    delete_first: bool | None = None


def read_request(deployment: Deployment, request: Any) -> Wanted:
    """Raises BadRequest for what this engine does not do."""
    if request.remote:
        raise BadRequest(f"the component {request.type} runs in a plugin, which the embedded engine does not have")
    if request.importId:
        raise BadRequest("the option import_ is not supported by the embedded engine")
    parent = deployment.seen.get(request.parent)
    if request.parent and parent is None:
        raise BadRequest(f"the parent {request.parent} is not registered")
    urn = urns.make(deployment.stack, deployment.project, request.parent, request.type, request.name)
    inherits = parent is not None
    resource = Resource(
        urn,
        request.type,
        request.custom,
        inputs=wire.read(request.object),
        parent=request.parent,
        protect=request.protect if request.HasField("protect") else inherits and bool(parent and parent.protect),
        dependencies=list(request.dependencies),
        property_dependencies={key: list(found.urns) for key, found in request.propertyDependencies.items()},
        additional_secret_outputs=sorted(request.additionalSecretOutputs),
        custom_timeouts=_timeouts(request.customTimeouts),
        retain_on_delete=request.retainOnDelete
        if request.HasField("retainOnDelete")
        else inherits and bool(parent and parent.retain_on_delete),
        deleted_with=request.deletedWith or (parent.deleted_with if parent else ""),
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
    )
    if request.sourcePosition.uri:
        resource.source_position = f"{request.sourcePosition.uri}#{request.sourcePosition.line}"
    if resource.is_provider and request.version:
        resource.inputs.setdefault("version", request.version)
    if request.custom and not resource.is_provider:
        resource.provider = provider_reference(deployment, request)
    first = request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None
    return Wanted(resource, list(request.aliasURNs), first)


def provider_reference(deployment: Deployment, request: Any) -> str:
    """The one that the program names, its component's, else the package's default one, made on first use."""
    package = request.type.split(":")[0]
    reference = str(request.provider or dict(request.providers).get(package, ""))
    parent = deployment.seen.get(request.parent)
    while not reference and parent is not None:
        if parent.provider and urns.type_of(urns.provider_urn(parent.provider)).endswith(f":{package}"):
            reference = parent.provider
        parent = deployment.seen.get(parent.parent)
    return reference or _default_provider(deployment, package, request.version)


def register(deployment: Deployment, wanted: Wanted) -> Resource:
    """Blocks until the resource is as wanted. Raises Closing when it cannot be, after saying so."""
    new = wanted.resource
    old = _find_old(deployment, wanted)
    if old is not None and old.external:
        with deployment.lock:
            deployment.done.add(id(old))
        old = None
    if old is not None:
        new.created, new.modified = old.created, old.modified
        for path in new.ignore_changes:
            new.inputs = paths.keep_old(new.inputs, old.inputs, paths.parse(path))
    if not new.custom:
        return steps.create(deployment, None, new) if old is None else steps.keep(deployment, old, new)
    if new.is_provider:
        return _register_provider(deployment, old, new)
    return _register_object(deployment, old, new, wanted.delete_first)


def _register_object(deployment: Deployment, old: Resource | None, new: Resource, first: bool | None) -> Resource:
    provider = deployment.provider_of(new)
    goal = new.inputs
    begun = deployment.interrupted(new.urn, "creating")
    gone = old is not None and old.pending_replacement
    known: Properties = old.inputs if old is not None and not gone else begun.inputs if begun else {}
    new.inputs = _checked(deployment, new, known, goal)
    if old is None or gone:
        return steps.create(deployment, old, new, adopt=begun is not None)
    diff = provider.diff(old, new.inputs).without(new.ignore_changes)
    diff = diff.force([paths.parse(path) for path in new.replace_on_changes])
    if urns.provider_urn(old.provider) != urns.provider_urn(new.provider) and not _both_default(old, new):
        diff = Diff({**diff.detailed, "provider": "update-replace"}, diff.delete_first)
    if diff.replaces:
        _refuse_protected(deployment, old, new)
        new.inputs = _checked(deployment, new, {}, goal)
        if diff.delete_first if first is None else first:
            return replacing.delete_first(deployment, old, new, diff)
        return replacing.create_first(deployment, old, new, diff)
    if diff.detailed or old.init_errors or deployment.interrupted(new.urn, "updating"):
        return steps.update(deployment, old, new, diff)
    return steps.keep(deployment, old, new)


def _register_provider(deployment: Deployment, old: Resource | None, new: Resource) -> Resource:
    package = new.type.rsplit(":", 1)[-1]
    if package not in deployment.packages:
        there = ", ".join(deployment.packages)
        raise BadRequest(f"there is no provider {package!r} in the embedded engine; there is {there}")
    new.inputs = {"__internal": {}, **new.inputs}
    with deployment.lock:
        deployment.providers[new.urn] = deployment.configure(new)
    if old is None:
        return steps.create(deployment, None, new)
    diff = diffs.between(old.inputs, new.inputs)
    return steps.update(deployment, old, new, diff) if diff.detailed else steps.keep(deployment, old, new)


def _default_provider(deployment: Deployment, package: str, version: str) -> str:
    name = "default_" + version.translate(str.maketrans(".-+", "___")) if version else "default"
    kind = f"pulumi:providers:{package}"
    urn = urns.make(deployment.stack, deployment.project, "", kind, name)
    with deployment.lock:
        if urn not in deployment.seen:
            inputs: dict[str, Any] = {
                key.split(":", 1)[1]: value
                for key, value in deployment.config.items()
                if key.startswith(f"{package}:") and key not in deployment.secret_keys
            }
            record = Resource(urn, kind, True, inputs={**inputs, **({"version": version} if version else {})})
            old = deployment.olds.get(urn)
            if old is not None:
                record.created, record.modified = old.created, old.modified
            _register_provider(deployment, old, record)
        return f"{urn}::{deployment.seen[urn].id}"


def _find_old(deployment: Deployment, wanted: Wanted) -> Resource | None:
    urn = wanted.resource.urn
    with deployment.lock:
        if urn in deployment.olds:
            return deployment.olds[urn]
        for alias in wanted.aliases:
            if alias in deployment.olds and alias not in deployment.seen and alias not in deployment.renamed:
                deployment.renamed[alias] = urn
                return deployment.olds[alias]
    return None


def _checked(deployment: Deployment, new: Resource, known: Properties, goal: Properties) -> Properties:
    inputs, wrong = deployment.provider_of(new).check(new.urn, known, goal)
    for problem in wrong:
        deployment.fail(new.urn, f"{new.type} {new.name} is not valid: {problem}")
    if wrong:
        raise Closing("the inputs are not valid")
    return inputs


def _refuse_protected(deployment: Deployment, old: Resource, new: Resource) -> None:
    if not (old.protect and new.protect):
        return
    deployment.fail(new.urn, f"{new.name} is protected and would have to be replaced; lift its protection first")
    if not deployment.planning:
        raise Closing("protected")


def _both_default(old: Resource, new: Resource) -> bool:
    names = (urns.name_of(urns.provider_urn(one.provider)) for one in (old, new))
    return all(name.startswith("default") for name in names)


def _timeouts(found: Any) -> dict[str, float]:
    """`10m`, `1h30m`, `45s`: Go's durations, in seconds."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    timeouts = {}
    for action in ("create", "update", "delete"):
        parts = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", getattr(found, action))
        if parts:
            timeouts[action] = sum(float(number) * units[unit] for number, unit in parts)
    return timeouts
