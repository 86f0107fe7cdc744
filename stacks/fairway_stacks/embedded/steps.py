"""The steps of a resource: create, update, keep, delete; each in state before and after the cluster is asked."""

import uuid
from collections.abc import Callable

from fairway_stacks.embedded.deployment import Deployment
from fairway_stacks.embedded.diffs import Diff
from fairway_stacks.embedded.errors import Closing, StepFailed, Unhealthy
from fairway_stacks.embedded.providers import Applied
from fairway_stacks.port import ClusterUnreachable
from fairway_stacks.state.resource import Resource, now
from fairway_stacks.state.values import wrap


def create(
    deployment: Deployment,
    gone: Resource | None,
    new: Resource,
    *,
    op: str = "create",
    adopt: bool = False,
    leaving: Resource | None = None,
) -> Resource:
    """gone: the record of what was deleted to make way. leaving: what goes at the end, now that this is there."""
    deployment.events.pre(op, None, new)
    if new.custom and not new.is_provider:
        step = deployment.step(new, "create", adopt=adopt, replaces=op != "create")
        provider = deployment.provider_of(new)
        _carry_out(deployment, "creating", op, gone, new, lambda: provider.create(step, new.inputs), leaving)
    elif new.is_provider:
        new.id, new.outputs = str(uuid.uuid4()), {k: v for k, v in new.inputs.items() if k != "__internal"}
    else:
        new.outputs = {}
    new.created = new.modified = now()
    deployment.settle(gone, new, leaving)
    deployment.events.done(op, None, new)
    deployment.commit()
    return new


def update(deployment: Deployment, old: Resource, new: Resource, diff: Diff) -> Resource:
    new.id = old.id
    deployment.events.pre("update", old, new, diff)
    if new.is_provider:
        new.outputs = {k: v for k, v in new.inputs.items() if k != "__internal"}
    else:
        step = deployment.step(new, "update")
        provider = deployment.provider_of(new)
        _carry_out(deployment, "updating", "update", old, new, lambda: provider.update(step, old, new.inputs))
    new.modified = now()
    deployment.settle(old, new)
    deployment.events.done("update", old, new, diff)
    deployment.commit()
    return new


def keep(deployment: Deployment, old: Resource, new: Resource) -> Resource:
    """Nothing to do in the cluster; dependencies and options may have changed all the same."""
    new.id, new.outputs, new.init_errors = old.id, old.outputs, old.init_errors
    deployment.events.pre("same", old, new)
    deployment.settle(old, new)
    deployment.events.done("same", old, new)
    deployment.commit()
    return new


def remove(deployment: Deployment, old: Resource, op: str = "delete", *, comes_back: bool = False) -> bool:
    """False when it could not be, which was said. comes_back: state keeps it until its replacement is there."""
    deployment.events.pre(op, old, None)
    if not deployment.planning:
        if op == "delete" and old.protect:
            deployment.fail(old.urn, f"{old.name} is protected and stays; lift its protection first")
            deployment.events.failed(op, old, None)
            return False
        if old.custom and not old.is_provider and not old.external and not old.retain_on_delete:
            try:
                _delete_object(deployment, old)
            except (StepFailed, ClusterUnreachable) as error:
                _say_deletion_failed(deployment, old, op, error)
                return False
    with deployment.lock:
        if comes_back:
            old.pending_replacement = not deployment.planning
        else:
            deployment.done.add(id(old))
    deployment.events.done(op, old, None)
    deployment.commit()
    return True


def _delete_object(deployment: Deployment, old: Resource) -> None:
    entry = deployment.begin("deleting", old)
    try:
        with deployment.slots:
            deployment.provider_of(old).delete(deployment.step(old, "delete"), old)
    finally:
        deployment.forget(entry)


def _say_deletion_failed(deployment: Deployment, old: Resource, op: str, error: Exception) -> None:
    if isinstance(error, ClusterUnreachable):
        deployment.lose_cluster(error, old.urn)
    else:
        deployment.fail(old.urn, str(error))
    deployment.events.failed(op, old, None)
    deployment.commit()


def _carry_out(
    deployment: Deployment,
    kind: str,
    op: str,
    old: Resource | None,
    new: Resource,
    call: Callable[[], Applied],
    leaving: Resource | None = None,
) -> None:
    """Fills in new's id and outputs. A failure is written into state as far as it came, said, and ends the program."""
    with deployment.slots:
        deployment.check_open()
        entry = deployment.begin(kind, new)
        try:
            applied = call()
        except Unhealthy as error:
            deployment.forget(entry)
            new.id, new.init_errors = error.id, error.reasons
            new.outputs = wrap(error.outputs, new.additional_secret_outputs)
            new.created, new.modified = new.created or now(), now()
            deployment.settle(old, new, leaving)
            raise _failed(deployment, op, old, new, error) from error
        except StepFailed as error:
            if isinstance(error.__cause__, ClusterUnreachable):
                closing = deployment.lose_cluster(error.__cause__, new.urn)
                deployment.commit()
                raise closing from error
            if error.certain:
                deployment.forget(entry)
            raise _failed(deployment, op, old, new, error) from error
        except ClusterUnreachable as error:
            closing = deployment.lose_cluster(error, new.urn)
            deployment.commit()
            raise closing from error
        deployment.forget(entry)
    new.id = applied.id
    new.outputs = wrap(applied.outputs, new.additional_secret_outputs)


def _failed(deployment: Deployment, op: str, old: Resource | None, new: Resource, error: Exception) -> Closing:
    deployment.fail(new.urn, str(error))
    deployment.events.failed(op, old, new)
    deployment.commit()
    return Closing(str(error))
