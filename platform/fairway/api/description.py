"""The OpenAPI document: what Litestar finds out about the routes, and what people want to know besides."""

import sys
from collections.abc import Iterator
from typing import Any

from litestar import Litestar, Request
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Server, Tag

from fairway import __version__

SHAPES = ("fairway.api.", "fairway.domain.documents", "fairway.health.series")

TAGS = (
    Tag("catalog", "What can be asked for."),
    Tag("services", "What resources are grouped by: an application of a team."),
    Tag("resources", "What was provisioned: its state, its connection, its health, and what is to be done with it."),
    Tag("runs", "Operations on resources, one after the other: what they do, and what people decide about them."),
    Tag("chaos", "Experiments, their trials, and the switch that stops all of them."),
    Tag("environments", "Where resources live, on which cluster, under which policy."),
    Tag("teams", "Who works together, in which role."),
    Tag("people", "Oneself, and the tokens of scripts."),
    Tag("audit", "Who did what."),
)

TOKEN = "Of `fairway token create`, or of the page of one's tokens."

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "Any error, after RFC 9457. retry: the same request may succeed later; hint: the way out;"
    " errors: the fields that are wrong, by JSON pointer.",
    "required": ["type", "title", "status", "detail", "retry"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "retry": {"type": "boolean"},
        "hint": {"type": "string"},
        "instance": {"type": "string"},
        "reference": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}

REFERENCES = {
    "resources": "The resource's id, or its name where only one of yours has it.",
    "runs": "The run's id, or its last eight characters.",
    "chaos": "Its id; of a trial the last eight characters will do, of an experiment its name.",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "Makes a repetition harmless: the same key with the same request gets the first answer again.",
}


class Description(JsonRenderPlugin):
    """`/api/openapi.json`, and the same for the page of it."""

    def __init__(self) -> None:
        super().__init__()
        self._document: dict[str, Any] | None = None

    def config(self) -> OpenAPIConfig:
        return OpenAPIConfig(
            title="Fairway",
            version=__version__,
            summary="Provision resources from a service catalog, see their health, and try how they recover.",
            path="/api",
            tags=list(TAGS),
            servers=[Server(url="/")],
            components=Components(
                security_schemes={
                    "token": SecurityScheme(
                        type="http", scheme="bearer", description="A token of `fairway token create`."
                    ),
                }
            ),
            security=[{"token": []}],
            use_handler_docstrings=True,
            operation_id_creator=lambda handler, _method, _path: handler.handler_name,
            render_plugins=[self],
        )

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return self.render_json(request, self.of(request.app))

    def of(self, app: Litestar) -> dict[str, Any]:
        """The document, made once."""
        if self._document is None:
            self._document = _completed(app.openapi_schema.to_schema())
        return self._document


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    for name, about in _docstrings():
        if name in schemas:
            schemas[name].setdefault("description", about)
    schemas["Problem"] = PROBLEM
    problem = {
        "description": "What went wrong, and the way out",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in document["paths"].values():
        for method, operation in path.items():
            operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
            operation["responses"].pop("400", None)
            operation["responses"]["default"] = problem
            for parameter in operation.get("parameters", []):
                if parameter["name"] == "ref":
                    parameter["description"] = REFERENCES[operation["tags"][0]]
            if method == "post":
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return document


def _docstrings() -> Iterator[tuple[str, str]]:
    """Of the classes whose shapes are described; their names are told apart by the test of the document."""
    for module in [m for name, m in sys.modules.items() if name.startswith(SHAPES)]:
        for name, kind in vars(module).items():
            if isinstance(kind, type) and kind.__module__ == module.__name__ and (kind.__doc__ or "").strip():
                about = " ".join(str(kind.__doc__).split())
                if not about.startswith(f"{name}("):  # what a dataclass without words of its own is given
                    yield name, about
