"""What goes at the end, or altogether: in waves, nothing before what needs it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from fairway_stacks.embedded import steps
from fairway_stacks.embedded.deployment import PARALLEL, Deployment
from fairway_stacks.state.resource import Resource


def finish(deployment: Deployment) -> None:
    """The program has run to its end: what it did not register goes."""
    if deployment.errors or deployment.cancelled.is_set():
        return
    with deployment.lock:
        left = [one for one in deployment.base if id(one) not in deployment.done]
        for one in [one for one in left if one.pending_replacement]:
            deployment.done.add(id(one))
        victims = [one for one in left if id(one) not in deployment.done]
    delete_all(deployment, victims)


def delete_all(deployment: Deployment, victims: Sequence[Resource]) -> None:
    left, blocked = list(victims), set[str]()
    with ThreadPoolExecutor(PARALLEL) as pool:
        while left and not deployment.cancelled.is_set():
            needed = set[str]().union(*(one.needs() for one in left))
            wave = [one for one in left if one.urn not in needed] or left
            going = [one for one in wave if one.urn not in blocked]
            for one, gone in zip(going, pool.map(lambda one: _delete(deployment, one), going), strict=True):
                if not gone:
                    blocked |= one.needs()
            for one in wave:
                if one.urn in blocked:
                    blocked |= one.needs()
            left = [one for one in left if one not in wave]


def _delete(deployment: Deployment, one: Resource) -> bool:
    half = one.delete or id(one) in deployment.replaced
    return steps.remove(deployment, one, "delete-replaced" if half else "delete")
