"""The page of the REST API, made of the OpenAPI document that this server answers with."""

from dataclasses import dataclass
from typing import Any

from litestar import get
from litestar.response import Template

from fairway_ui import shell

Schema = dict[str, Any]
PREFIX = "#/components/schemas/"
ANY = "any"
PLACES = ("path", "query", "header", "cookie")


@dataclass(frozen=True)
class Kind:
    """What a value is, in words; shape: the name of the described object that it is, or is made of."""

    word: str
    shape: str = ""


@dataclass(frozen=True)
class Field:
    name: str
    kind: Kind
    required: bool
    default: str
    about: str
    place: str = ""


@dataclass(frozen=True)
class Answer:
    status: str
    about: str
    kind: Kind | None


@dataclass(frozen=True)
class Route:
    identity: str
    method: str
    path: str
    title: str
    about: str
    parameters: list[Field]
    body: Kind | None
    answers: list[Answer]


@dataclass(frozen=True)
class Shape:
    name: str
    about: str
    fields: list[Field]


@get("/reference", sync_to_thread=True)
def show_reference(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Template:
    document = request.app.state.description.of(request.app)
    with context.database.read() as session:
        return shell.page(
            request,
            session,
            "reference.html",
            groups=groups(document),
            described=shapes(document),
            version=document["info"]["version"],
        )


def groups(document: Schema) -> list[tuple[str, str, list[Route]]]:
    """`(name, what it is about, routes)` in the document's order of tags, routes by path."""
    return [(tag["name"], tag["description"], _routes(document, tag["name"])) for tag in document["tags"]]


def shapes(document: Schema) -> list[Shape]:
    """By name."""
    found = document["components"]["schemas"]
    return [
        Shape(
            name,
            schema.get("description", ""),
            [
                _field(key, part, key in schema.get("required", []))
                for key, part in schema.get("properties", {}).items()
            ],
        )
        for name, schema in sorted(found.items())
    ]


def kind_of(schema: Schema) -> Kind:
    """`object Resource` as `Resource`, arrays as `list of ...`, alternatives joined."""
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(PREFIX)
        return Kind(name, name)
    for word in ("oneOf", "anyOf"):
        if word in schema:
            parts = [kind_of(part) for part in schema[word]]
            return Kind(" or ".join(p.word for p in parts), next((p.shape for p in parts if p.shape), ""))
    if "enum" in schema:
        return Kind(" or ".join(f"`{value}`" for value in schema["enum"]))
    declared = schema.get("type", ANY)
    if declared == "array":
        part = kind_of(schema.get("items", {}))
        return Kind(f"list of {part.word}", part.shape)
    if declared == "object" and isinstance(schema.get("additionalProperties"), dict):
        part = kind_of(schema["additionalProperties"])
        return Kind("object" if part.word == ANY else f"object of {part.word}", part.shape)
    word = " or ".join(declared) if isinstance(declared, list) else str(declared)
    return Kind(f"{word} ({schema['format']})" if "format" in schema else word)


def _routes(document: Schema, tag: str) -> list[Route]:
    return [
        _route(path, method, operation)
        for path, methods in sorted(document["paths"].items())
        for method, operation in methods.items()
        if tag in operation.get("tags", [])
    ]


def _route(path: str, method: str, operation: Schema) -> Route:
    body = operation.get("requestBody", {}).get("content", {})
    return Route(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        operation.get("description", ""),
        [
            _field(p["name"], p["schema"], p["required"], p.get("description", ""), p["in"])
            for p in sorted(operation.get("parameters", []), key=lambda p: PLACES.index(p["in"]))
        ],
        next((kind_of(part["schema"]) for part in body.values()), None),
        [_answer(status, answer) for status, answer in operation["responses"].items()],
    )


def _answer(status: str, answer: Schema) -> Answer:
    kind = None
    for media, content in answer.get("content", {}).items():
        kind = kind_of(content["schema"]) if media.endswith("json") and content.get("schema") else Kind(media)
    return Answer("error" if status == "default" else status, answer.get("description", ""), kind)


def _field(name: str, schema: Schema, required: bool, about: str = "", place: str = "") -> Field:
    default = schema.get("default")
    shown = "" if default in (None, "", [], {}) else str(default).lower() if isinstance(default, bool) else str(default)
    return Field(name, kind_of(schema), required, shown, about or schema.get("description", ""), place)


handlers = [show_reference]
