"""Resources in files: what each is to be, as `fairway export` writes it and `fairway apply` reads it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from fairway.cli.failure import usage
from fairway.cli.files import read_text

SUFFIXES = (".yaml", ".yml", ".json")
TEXTS = ("service", "environment", "name", "offering", "plan")
KEYS = (*TEXTS, "parameters", "bindings")
NEEDED = ("service", "environment", "name", "offering")


@dataclass(frozen=True)
class Manifest:
    """plan "", parameters None and bindings None are not said: they stay as they are. parameters that are said are all
    of them. source: the file, and which document of it."""

    source: str
    service: str
    environment: str
    name: str
    offering: str
    plan: str = ""
    parameters: Mapping[str, Any] | None = None
    bindings: tuple[str, ...] | None = None

    @property
    def path(self) -> str:
        return "/".join(self.place.values())

    @property
    def place(self) -> dict[str, str]:
        """How documents say which resource is meant."""
        return {"service": self.service, "environment": self.environment, "name": self.name}


def read(files: Iterable[str], place: Mapping[str, str], fixed: Iterable[str]) -> list[Manifest]:
    """files: of YAML or JSON, each with any number of documents; folders of such; `-` is standard input. place: the
    service and environment of documents that do not say theirs. fixed: which of both no document may say otherwise.
    Raises Failure with all that is wrong."""
    problems: list[str] = []
    found: list[Manifest] = []
    for source, document in _documents(files):
        wrong = _problems(document, place, tuple(fixed))
        problems += [f"{source}: {problem}" for problem in wrong]
        if not wrong:
            found.append(_manifest(source, document, place))
    seen: dict[str, Manifest] = {}
    for manifest in found:
        first = seen.setdefault(manifest.path, manifest)
        if first is not manifest:
            problems.append(f"{manifest.source}: {manifest.path} is in {first.source} already")
    if problems:
        raise usage("; ".join(problems))
    if not found:
        raise usage("There is no resource in these files", "`fairway export` shows how one is written.")
    return found


def waves(manifests: Sequence[Manifest]) -> list[list[Manifest]]:
    """In the order of their bindings: what is bound comes before what binds it. Raises Failure for a circle."""
    by_path = {manifest.path: manifest for manifest in manifests}
    sorter = TopologicalSorter({m.path: [p.path for p in providers(m, manifests)] for m in manifests})
    try:
        sorter.prepare()
    except CycleError as error:
        raise usage(f"These bind each other in a circle: {', '.join(error.args[1])}") from error
    found = []
    while sorter.is_active():
        ready = sorter.get_ready()
        found.append([by_path[path] for path in sorted(ready)])
        sorter.done(*ready)
    return found


def providers(manifest: Manifest, manifests: Iterable[Manifest]) -> list[Manifest]:
    """Those among them that it binds: its own service's first, as the server has it."""
    near = [m for m in manifests if m.environment == manifest.environment and m is not manifest]
    found = []
    for name in manifest.bindings or ():
        named = [m for m in near if m.name == name]
        own = [m for m in named if m.service == manifest.service]
        found += (own or named)[:1]
    return found


def document(resource: Mapping[str, Any], offering: Mapping[str, Any] | None, portable: bool) -> dict[str, Any]:
    """What a file says of a resource that there is; parameters that have their default are left out. offering: the
    newest of the catalog, None for one that it has no more. portable: without the place."""
    present = {**resource, **(resource.get("desired") or {})}
    current = offering if offering is not None and offering["version"] == present["offering_version"] else {}
    properties = current.get("parameters", {}).get("properties", {})
    defaults = {name: schema["default"] for name, schema in properties.items() if "default" in schema}
    place = [] if portable else ["service", "environment"]
    parameters = present["parameters"].items()
    return {
        **{key: present[key] for key in (*place, "name", "offering", "plan")},
        "parameters": {name: value for name, value in parameters if name not in defaults or defaults[name] != value},
        **({"bindings": present["bindings"]} if offering is None or offering["binds"] else {}),
    }


def _documents(files: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for file in _files(files):
        name = "standard input" if file == "-" else file
        found = [one for one in _parsed(name, read_text(file)) if one is not None]
        rows = [row for one in found for row in (one if isinstance(one, list) else [one])]
        for number, row in enumerate(rows, 1):
            yield (f"{name}, document {number}" if len(rows) > 1 else name), row


def _files(files: Iterable[str]) -> Iterator[str]:
    for file in files:
        if file == "-" or not Path(file).is_dir():
            yield file
            continue
        inside = sorted(str(path) for path in Path(file).iterdir() if path.suffix in SUFFIXES)
        if not inside:
            raise usage(f"{file} holds no file that ends with {', '.join(SUFFIXES)}")
        yield from inside


def _parsed(name: str, text: str) -> list[Any]:
    import yaml

    try:
        return list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise usage(f"{name}: {where}{getattr(error, 'problem', None) or error}") from error


def _problems(document: Any, place: Mapping[str, str], fixed: Sequence[str]) -> list[str]:
    if not isinstance(document, dict):
        return [f"a mapping with {', '.join(NEEDED)} is expected"]
    found = [_unknown(key) for key in document if key not in KEYS]
    found += [f"{k}: a text is expected; write it in quotes" for k in TEXTS if not isinstance(document.get(k, ""), str)]
    found += [f"{k}: say it{_way(k)}" for k in NEEDED if not (document.get(k) or place.get(k))]
    found += [
        f"{key}: it says {document[key]}, the command says {place[key]}"
        for key in fixed
        if document.get(key) not in (None, "", place[key])
    ]
    return found + _wrong_parameters(document.get("parameters")) + _wrong_bindings(document.get("bindings"))


def _unknown(key: Any) -> str:
    close = get_close_matches(str(key), KEYS, 1)
    return f"{key}: no such key" + (f"; {close[0]} is meant?" if close else f"; there are {', '.join(KEYS)}")


def _way(key: str) -> str:
    return {"service": ", or add -s NAME", "environment": ", or add -e NAME"}.get(key, "")


def _wrong_parameters(parameters: Any) -> list[str]:
    if parameters is None:
        return []
    if not isinstance(parameters, dict) or not all(isinstance(name, str) for name in parameters):
        return ["parameters: a mapping of names to values is expected"]
    return [f"parameters.{name}: write it in quotes" for name, value in parameters.items() if not _is_json(value)]


def _wrong_bindings(bindings: Any) -> list[str]:
    if bindings is None or (isinstance(bindings, list) and all(isinstance(name, str) for name in bindings)):
        return []
    return ["bindings: a list of names is expected"]


def _is_json(value: Any) -> bool:
    """A date without quotes is none, nor is a number that is infinite."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _manifest(source: str, document: Mapping[str, Any], place: Mapping[str, str]) -> Manifest:
    parameters, bindings = document.get("parameters"), document.get("bindings")
    return Manifest(
        source,
        service=document.get("service") or place["service"],
        environment=document.get("environment") or place["environment"],
        name=document["name"],
        offering=document["offering"],
        plan=document.get("plan") or "",
        parameters=parameters,
        bindings=None if bindings is None else tuple(bindings),
    )
