"""Answers are as the OpenAPI document says."""

import copy
import re
from collections.abc import Callable
from typing import Any

import httpx
from jsonschema import Draft202012Validator


class Described:
    """A hook for httpx: asserts that what comes from `/api/v1` is of a status and a shape that the document tells."""

    def __init__(self, load: Callable[[], dict[str, Any]]) -> None:
        self._load = load
        self._document: dict[str, Any] | None = None

    def __call__(self, response: httpx.Response) -> None:
        path = response.request.url.path
        if not path.startswith("/api/v1/") or response.status_code >= 500:
            return
        if self._document is None:
            self._document = _strict(self._load())
        operation = _operation(self._document, path, response.request.method.lower())
        if operation is None:
            assert response.status_code in (401, 404, 405), f"{response.request.method} {path} is not described"
            return
        kind = response.headers.get("content-type", "").partition(";")[0]
        if response.status_code >= 400:
            schema, kinds = {"$ref": "#/components/schemas/Problem"}, ["application/problem+json"]
        else:
            told = operation["responses"]
            assert str(response.status_code) in told, f"{path} answered {response.status_code}, not {list(told)}"
            content = told[str(response.status_code)].get("content", {})
            schema, kinds = content.get(kind, {}).get("schema"), list(content)
        if response.status_code == 204 or kind == response.request.headers.get("accept"):
            return
        assert kind in kinds, f"{response.request.method} {path} answered {kind}, not {kinds}"
        if schema and kind.endswith("json"):
            response.read()
            whole = {**schema, "components": self._document["components"]}
            problems = [f"{e.json_path}: {e.message}" for e in Draft202012Validator(whole).iter_errors(response.json())]
            assert not problems, f"{response.request.method} {path}: {problems[:3]}"


def _operation(document: dict[str, Any], path: str, method: str) -> dict[str, Any] | None:
    bare = path.rstrip("/")
    fitting = [p for p in document["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", p), bare)]
    found: dict[str, Any] | None = (
        document["paths"][min(fitting, key=lambda p: p.count("{"))].get(method) if fitting else None
    )
    return found


def _strict(document: dict[str, Any]) -> dict[str, Any]:
    """Nothing comes that is not told."""
    document = copy.deepcopy(document)
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return document
