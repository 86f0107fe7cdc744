"""managedFields after a write that is not an apply: the writer owns what it changed, others lose it."""

from fairway_sandbox.objects import Json, now
from fairway_sandbox.patches import fields
from fairway_sandbox.schema import Node, Schema


def entry(manager: str, operation: str, api_version: str, subresource: str, paths: set[fields.Path]) -> Json:
    made: Json = {"manager": manager, "operation": operation, "apiVersion": api_version, "time": now()}
    made |= {"fieldsType": "FieldsV1", "fieldsV1": fields.written(paths)}
    return {**made, "subresource": subresource} if subresource else made


def is_of(owner: Json, manager: str, operation: str, subresource: str) -> bool:
    return (owner["manager"], owner["operation"], owner.get("subresource", "")) == (manager, operation, subresource)


def without(owners: list[Json], lost: set[fields.Path]) -> list[Json]:
    """The owners without the paths; who has none left is dropped."""
    kept = []
    for owner in owners:
        paths = fields.read(owner.get("fieldsV1"))
        left = paths - lost
        if left:
            kept.append(owner if left == paths else {**owner, "fieldsV1": fields.written(left)})
    return kept


def after_update(
    schema: Schema,
    node: Node | None,
    old: Json | None,
    new: Json,
    manager: str,
    api_version: str,
    subresource: str = "",
) -> list[Json]:
    before = fields.leaves(schema, node, old, whole=True) if old else {}
    after = fields.leaves(schema, node, new, whole=True)
    changed = {p for p, v in after.items() if p not in before or before[p] != v}
    if not subresource:
        changed = {p for p in changed if p[0] != "f:status"}
    gone = set(before) - set(after)
    owners = list((old or new)["metadata"].get("managedFields") or [])
    own = next((o for o in owners if is_of(o, manager, "Update", subresource)), None)
    others = without([o for o in owners if o is not own], changed | gone)
    mine = (fields.read(own["fieldsV1"]) - gone if own else set()) | changed
    if own and not changed and mine == fields.read(own["fieldsV1"]):
        return [*others, own]
    return [*others, entry(manager, "Update", api_version, subresource, mine)] if mine else others
