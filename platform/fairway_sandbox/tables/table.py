"""The table that a kind's columns make."""

from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json
from fairway_sandbox.tables import access, cluster, custom, network, storage, workloads
from fairway_sandbox.tables.column import AGE, NAME, Columns

COLUMNS: dict[str, Columns] = {
    **workloads.COLUMNS,
    **network.COLUMNS,
    **storage.COLUMNS,
    **cluster.COLUMNS,
    **access.COLUMNS,
}


def table(kind: Kind, objects: list[Json], include: str, meta: Json, *, columns: bool = True) -> Json:
    """`include` is None, Metadata or Object: what of each object comes along with its row."""
    chosen = custom.columns(kind.definition) if kind.definition else COLUMNS.get(kind.kind, (NAME, AGE))
    definitions = [
        {
            "name": c.name,
            "type": c.type,
            "format": c.format,
            "description": c.description or c.name,
            "priority": c.priority,
        }
        for c in chosen
    ]
    made: Json = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
    rows = [_row(chosen, obj, include) for obj in objects]
    return {**made, "columnDefinitions": definitions if columns else [], "rows": rows}


def _row(columns: Columns, obj: Json, include: str) -> Json:
    row: Json = {"cells": [column.cell(obj) for column in columns]}
    if include == "Object":
        row["object"] = obj
    elif include != "None":
        row["object"] = partial(obj)
    return row


def partial(obj: Json) -> Json:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}
