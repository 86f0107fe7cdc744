"""What a request's query may ask of a list or a write, and how it is refused otherwise."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairway_sandbox.api.request import Request
from fairway_sandbox.errors import bad_request, invalid_options, quoted
from fairway_sandbox.objects import Json

Query = Mapping[str, str]
Cause = tuple[str, str]
OPTIONS = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions", "DELETE": "DeleteOptions"}
VALIDATION = ("", "Ignore", "Strict", "Warn")
PROPAGATION = ("Background", "Foreground", "Orphan")
MATCHES = ("", "Exact", "NotOlderThan")
LONGEST_MANAGER = 128


def check_write(request: Request, *, apply: bool = False) -> None:
    """Before the body is read, as a real server does."""
    causes = list(_write(request.query, apply=apply))
    if causes:
        raise invalid_options(OPTIONS[request.method], causes)


def _write(query: Query, *, apply: bool) -> Iterator[Cause]:
    manager, asked, policy = (query.get(name, "") for name in ("fieldManager", "dryRun", "fieldValidation"))
    if apply and not manager:
        yield "fieldManager", "Required value: is required for apply patch"
    elif not apply and "force" in query:
        yield "force", "Forbidden: may not be specified for non-apply patch"
    if len(manager) > LONGEST_MANAGER:
        yield "fieldManager", f"Too long: may not be more than {LONGEST_MANAGER} bytes"
    yield from dry_run([asked] if asked else [])
    if policy not in VALIDATION:
        yield "fieldValidation", _unsupported(policy, VALIDATION)


def dry_run(asked: list[Any]) -> Iterator[Cause]:
    if any(value != "All" for value in asked):
        yield "dryRun", _unsupported(asked, ("All",))


def of_delete(request: Request) -> Json:
    """The options of a delete: the body's, and the query's where it has none."""
    asked: Json = dict(request.body() or {})
    query = request.query
    if "gracePeriodSeconds" in query:
        asked.setdefault("gracePeriodSeconds", _integer(query["gracePeriodSeconds"]))
    if "propagationPolicy" in query:
        asked.setdefault("propagationPolicy", query["propagationPolicy"])
    if "orphanDependents" in query:
        asked.setdefault("orphanDependents", query["orphanDependents"] == "true")
    if "dryRun" in query:
        asked.setdefault("dryRun", [query["dryRun"]])
    causes = list(_delete(asked))
    if causes:
        raise invalid_options("DeleteOptions", causes)
    return asked


def _delete(asked: Json) -> Iterator[Cause]:
    policy = asked.get("propagationPolicy")
    if policy is not None and asked.get("orphanDependents") is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        yield "propagationPolicy", f"Invalid value: {quoted(policy)}: {why}"
    elif policy is not None and policy not in PROPAGATION:
        yield "propagationPolicy", _unsupported(policy, (*PROPAGATION, "nil"))
    yield from dry_run(asked.get("dryRun") or [])


def check_list(query: Query) -> None:
    causes = list(_list(query))
    if causes:
        raise invalid_options("ListOptions", causes)


def _list(query: Query) -> Iterator[Cause]:
    match, version = query.get("resourceVersionMatch", ""), query.get("resourceVersion", "")
    if match and not version:
        yield "resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
    elif match and query.get("continue"):
        yield "resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden when continue is provided"
    if match not in MATCHES:
        yield "resourceVersionMatch", _unsupported(match, MATCHES)
    elif match == "Exact" and version == "0":
        why = 'Forbidden: resourceVersionMatch "Exact" is forbidden for resourceVersion "0"'
        yield "resourceVersionMatch", why


def limit(query: Query) -> int:
    return _integer(query.get("limit") or "0")


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from error


def version(query: Query) -> int:
    text = query.get("resourceVersion") or "0"
    if not text.isdigit():
        why = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise bad_request(f"invalid resource version: {why}")
    return int(text)


def _unsupported(value: Any, known: tuple[str, ...]) -> str:
    return f"Unsupported value: {quoted(value)}: supported values: {', '.join(quoted(name) for name in known)}"
