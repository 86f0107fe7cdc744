"""Errors as RFC 9457 problem documents."""

import logging
from typing import Any
from uuid import uuid4

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, ValidationException

from fairway.errors import FairwayError, FieldError, Invalid

PROBLEM = "application/problem+json"
LOG = logging.getLogger("fairway.api")


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The response for any error; one that was not foreseen is logged under a reference and told without details."""
    document = describe(request, error)
    headers = {"WWW-Authenticate": "Bearer"} if document["status"] == 401 else None
    if document.get("retry"):
        headers = {**(headers or {}), "Retry-After": "2"}
    return Response(document, status_code=document["status"], media_type=PROBLEM, headers=headers)


def describe(request: ASGIConnection[Any, Any, Any, Any], error: Exception) -> dict[str, Any]:
    """The problem document."""
    path, method = request.scope["path"], str(request.scope.get("method", "WebSocket"))
    if isinstance(error, FairwayError):
        return error.problem(path)
    if isinstance(error, ValidationException):
        return Invalid("The request is not valid", fields=_fields(error)).problem(path)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return {
            "type": "about:blank",
            "title": error.detail,
            "status": error.status_code,
            "detail": _sentence(error, method, path),
            "retry": error.status_code == 429,
            "instance": path,
        }
    reference = uuid4().hex[:8]
    LOG.error("unforeseen error, reference %s, on %s %s", reference, method, path, exc_info=error)
    return {
        "type": "urn:fairway:problem:unforeseen",
        "title": "Something went wrong in Fairway",
        "status": 500,
        "detail": f"Fairway met an error that it did not foresee; its log has it under the reference {reference}",
        "retry": True,
        "reference": reference,
        "instance": path,
    }


def _fields(error: ValidationException) -> list[FieldError]:
    found = []
    for item in error.extra if isinstance(error.extra, list) else []:
        if isinstance(item, dict):
            pointer = "/" + str(item.get("key", "")).replace(".", "/")
            found.append(FieldError(pointer.rstrip("/") or "/", str(item.get("message", "is not valid"))))
    return found or [FieldError("/", str(error.detail))]


def _sentence(error: HTTPException, method: str, path: str) -> str:
    if error.status_code == 404:
        return f"There is nothing at {path}; /reference lists what there is"
    if error.status_code == 405:
        return f"{method} is not possible at {path}"
    return str(error.detail)
