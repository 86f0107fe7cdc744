"""Documents as the server answers them."""

from typing import Any

ID = "0197a1b2-0000-7000-8000-00000000db01"
RUN = "0197a1b2-0000-7000-8000-0000000r0001".replace("r", "a")
PREVIEW = "0197a1b2-0000-7000-8000-000000001111"

POSTGRES = {
    "name": "postgres",
    "title": "PostgreSQL",
    "summary": "A database.",
    "plans": [
        {"name": "dev", "price": 900, "resources": {"cpu": "250m"}, "summary": "For trying things out"},
        {"name": "small", "price": 2900, "resources": {"cpu": "500m"}, "summary": "Little load"},
    ],
    "parameters": {
        "properties": {
            "version": {"type": "string", "enum": ["18", "16"], "default": "18", "x-immutable": True},
            "max_connections": {"type": "integer", "minimum": 10, "maximum": 500, "default": 50},
        }
    },
}
DEPLOYMENT = {
    "name": "deployment",
    "title": "Deployment",
    "summary": "A program.",
    "plans": [{"name": "nano", "price": 300, "resources": {}, "summary": ""}],
    "parameters": {
        "required": ["image"],
        "properties": {
            "image": {"type": "string"},
            "replicas": {"type": "integer", "default": 1},
            "variables": {"type": "object", "default": {}},
            "persistent": {"type": "boolean"},
        },
    },
}


def resource(**changes: Any) -> dict[str, Any]:
    document = {
        "id": ID,
        "name": "db",
        "service": "shop",
        "environment": "dev",
        "offering": "postgres",
        "plan": "dev",
        "state": "ready",
        "health": {"status": "healthy", "reasons": []},
        "parameters": {"version": "18", "max_connections": 50},
        "outputs": {"host": "127.1.0.1", "port": 5432},
        "bindings": [],
        "price": 900,
        "protected": False,
        "created_at": "2026-01-01T00:00:00+00:00",
        "updated_at": "2026-01-01T00:00:00+00:00",
        "version": 3,
    }
    return document | changes


def run(**changes: Any) -> dict[str, Any]:
    document = {
        "id": RUN,
        "operation": "create",
        "state": "succeeded",
        "resource": {"id": ID, "name": "db", "service": "shop", "environment": "dev", "offering": "postgres"},
        "reason": "",
        "error": None,
        "waiting": None,
        "decision": None,
        "requested_by": "alice",
        "created_at": "2026-01-01T00:00:00+00:00",
        "seconds": 2.5,
    }
    return document | changes


def preview(**changes: Any) -> dict[str, Any]:
    document = {
        "id": PREVIEW,
        "operation": "create",
        "state": "ready",
        "changes": [{"op": "create", "type": "kubernetes:apps/v1:StatefulSet", "name": "db"}],
        "fields": [{"field": "plan", "before": None, "after": "dev"}],
        "price": {"before": 0, "after": 900, "lines": []},
        "needs_approval": False,
        "errors": [],
    }
    return document | changes
