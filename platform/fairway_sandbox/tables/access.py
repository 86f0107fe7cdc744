"""Columns of roles and their bindings."""

from fairway_sandbox.objects import Json, dig
from fairway_sandbox.tables.column import AGE, CREATED, NAME, Column, Columns, wide


def role(binding: Json) -> str:
    return f"{dig(binding, 'roleRef.kind', '')}/{dig(binding, 'roleRef.name', '')}"


def _subjects(name: str, kind: str) -> Column:
    def cell(binding: Json) -> str:
        found = [s for s in binding.get("subjects") or [] if s.get("kind") == kind]
        return ", ".join(f"{s['namespace']}/{s['name']}" if s.get("namespace") else s["name"] for s in found)

    return wide(name, cell)


BINDING = (
    *(NAME, Column("Role", role), AGE, _subjects("Users", "User"), _subjects("Groups", "Group")),
    _subjects("ServiceAccounts", "ServiceAccount"),
)
COLUMNS: dict[str, Columns] = {
    "Role": (NAME, CREATED),
    "ClusterRole": (NAME, CREATED),
    "RoleBinding": BINDING,
    "ClusterRoleBinding": BINDING,
}
