"""Refresh: state takes over what the cluster really has."""

from concurrent.futures import ThreadPoolExecutor

from fairway_stacks.embedded import diffs
from fairway_stacks.embedded.deployment import PARALLEL, Deployment
from fairway_stacks.embedded.errors import StepFailed
from fairway_stacks.port import ClusterUnreachable
from fairway_stacks.state.resource import Resource, now
from fairway_stacks.state.values import plain, wrap


def refresh(deployment: Deployment) -> None:
    with ThreadPoolExecutor(PARALLEL) as pool:
        found = list(pool.map(lambda one: _look(deployment, one), deployment.base))
    gone = {old.urn for old, one in zip(deployment.base, found, strict=True) if one is None and not old.delete}
    with deployment.lock:
        deployment.new = [_without(one, gone) for one in found if one is not None]
        deployment.done = {id(one) for one in deployment.base}
    deployment.commit()


def _look(deployment: Deployment, old: Resource) -> Resource | None:
    """None when it is gone; as it was when it could not be asked for."""
    if not old.custom or old.is_provider:
        return old
    deployment.events.pre("refresh", old, old)
    try:
        with deployment.slots:
            applied = deployment.provider_of(old).read(deployment.step(old, "update"), old.type, old.id, old)
    except ClusterUnreachable as error:
        deployment.lose_cluster(error, old.urn)
        return old
    except StepFailed as error:
        deployment.fail(old.urn, str(error))
        return old
    if applied is None:
        deployment.events.done("delete", old, None)
        return None
    new = old.copy()
    new.id, new.outputs = applied.id, wrap(applied.outputs, old.additional_secret_outputs)
    if not old.external:
        new.inputs = applied.inputs
    diff = diffs.between(old.inputs, new.inputs)
    if plain(new.outputs) != plain(old.outputs):
        new.modified = now()
    deployment.events.done("update" if diff.detailed else "same", old, new, diff if diff.detailed else None)
    return new


def _without(one: Resource, gone: set[str]) -> Resource:
    if not one.needs() & gone:
        return one
    kept = one.copy()
    kept.dependencies = [urn for urn in one.dependencies if urn not in gone]
    kept.property_dependencies = {
        key: [urn for urn in found if urn not in gone] for key, found in one.property_dependencies.items()
    }
    kept.deleted_with = "" if one.deleted_with in gone else one.deleted_with
    return kept
