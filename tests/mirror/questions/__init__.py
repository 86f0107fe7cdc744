"""The questions, in groups that each stand alone: a function that asks and keeps the answers."""

from collections.abc import Callable, Mapping

from tests.mirror.asking import Asker
from tests.mirror.questions import (
    applying,
    defaults,
    deletion,
    discovery,
    errors,
    failures,
    lists,
    stateful,
    tables,
    updates,
    watching,
    workloads,
)

GROUPS: Mapping[str, Callable[[Asker], None]] = {
    "discovery": discovery.questions,
    "errors": errors.questions,
    "lists": lists.questions,
    "updates": updates.questions,
    "apply": applying.questions,
    "defaults": defaults.questions,
    "workloads": workloads.questions,
    "failures": failures.questions,
    "stateful": stateful.questions,
    "tables": tables.questions,
    "watch": watching.questions,
    "deletion": deletion.questions,
}
