"""What a column is, and the ones that many kinds have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fairway_sandbox.objects import Json, dig
from fairway_sandbox.tables import cells


@dataclass(frozen=True)
class Column:
    """priority: 1 shows it only in `-o wide`."""

    name: str
    cell: Callable[[Json], Any]
    type: str = "string"
    priority: int = 0
    format: str = ""
    description: str = ""


Columns = tuple[Column, ...]


def at(name: str, path: str, default: Any = "", *, type: str = "string", wide: bool = False) -> Column:
    """A column that shows the value at a path."""
    return Column(name, lambda obj: dig(obj, path, default), type, int(wide))


def wide(name: str, cell: Callable[[Json], Any]) -> Column:
    return Column(name, cell, priority=1)


def count(name: str, path: str, *, type: str = "integer") -> Column:
    return at(name, path, 0, type=type)


NAME = Column("Name", lambda obj: obj["metadata"]["name"], format="name")
AGE = Column("Age", cells.age)
CREATED = at("Created At", "metadata.creationTimestamp")
IMAGES = (wide("Containers", cells.containers), wide("Images", cells.images))
SELECTOR = wide("Selector", cells.selector)
