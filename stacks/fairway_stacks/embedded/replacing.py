"""Replacements: the new one first where both can live, else the old one first, and what hangs on it before that."""

from fairway_stacks.embedded import steps
from fairway_stacks.embedded.deployment import Deployment
from fairway_stacks.embedded.diffs import Diff
from fairway_stacks.embedded.errors import Closing
from fairway_stacks.state.resource import Resource
from fairway_stacks.state.values import UNKNOWN


def create_first(deployment: Deployment, old: Resource, new: Resource, diff: Diff) -> Resource:
    """The old one goes at the end of the run, when nothing uses it any more."""
    steps.create(deployment, None, new, op="create-replacement", leaving=old)
    deployment.events.pre("replace", old, new, diff)
    deployment.events.done("replace", old, new, diff)
    deployment.commit()
    return new


def delete_first(deployment: Deployment, old: Resource, new: Resource, diff: Diff) -> Resource:
    for one in reversed(_dragged_along(deployment, old)):
        if one.protect:
            deployment.fail(one.urn, f"{one.name} is protected and would have to go with {old.name}")
            raise Closing("protected")
        if not steps.remove(deployment, one, "delete-replaced", comes_back=True):
            raise Closing("a dependent could not be deleted")
    if not steps.remove(deployment, old, "delete-replaced", comes_back=True):
        raise Closing("it could not be deleted")
    deployment.events.pre("replace", old, new, diff)
    deployment.events.done("replace", old, new, diff)
    return steps.create(deployment, old, new, op="create-replacement")


def _dragged_along(deployment: Deployment, root: Resource) -> list[Resource]:
    """What cannot outlive root: dependents that would be replaced themselves once root's values change."""
    found: list[Resource] = []
    gone = {root.urn}
    with deployment.lock:
        candidates = [one for one in deployment.base if id(one) not in deployment.done and one.custom]
    for one in candidates:
        touched = {key for key, on in one.property_dependencies.items() if gone & set(on)}
        if one.urn in gone or one.is_provider or one.pending_replacement or not touched:
            continue
        unknown = {key: UNKNOWN if key in touched else value for key, value in one.inputs.items()}
        if one.deleted_with in gone or deployment.provider_of(one).diff(one, unknown).replaces:
            found.append(one)
            gone.add(one.urn)
    return found
