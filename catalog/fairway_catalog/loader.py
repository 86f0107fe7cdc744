"""Reading offerings: Fairway's own, and those of an organisation's directories."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from fairway_catalog.offering import Binding, Chart, Connection, HealthRule, Offering, Plan


class BadOffering(Exception):
    """An offering's document is wrong; the message names the file and the place in it."""


class UnknownOffering(Exception):
    """There is no such offering (or not in that version); the message names those that there are."""


@dataclass(frozen=True)
class Catalog:
    """offerings: name -> version -> Offering, versions in ascending order."""

    offerings: Mapping[str, Mapping[str, Offering]]

    def __iter__(self) -> Iterator[Offering]:
        """The newest version of each."""
        return (list(versions.values())[-1] for versions in self.offerings.values())

    def get(self, name: str, version: str | None = None) -> Offering:
        """The newest version unless one is named. Raises UnknownOffering."""
        versions = self.offerings.get(name)
        if versions is None:
            raise UnknownOffering(f"there is no offering {name!r}; there are {', '.join(self.offerings)}")
        if version is None:
            return list(versions.values())[-1]
        if version not in versions:
            raise UnknownOffering(f"{name} has no version {version!r}; there are {', '.join(versions)}")
        return versions[version]


def load(extra_dirs: Iterable[Path] = ()) -> Catalog:
    """Every `*.yaml` of the package and of extra_dirs, one offering each. Raises BadOffering."""
    own = resources.files("fairway_catalog") / "offerings"
    documents = [(f"offerings/{f.name}", f.read_text()) for f in own.iterdir() if f.name.endswith(".yaml")]
    for folder in extra_dirs:
        documents += [(str(f), f.read_text()) for f in folder.iterdir() if f.suffix in (".yaml", ".yml")]
    found: dict[str, dict[str, Offering]] = {}
    for place, text in sorted(documents):
        offering = parse(place, text)
        versions = found.setdefault(offering.name, {})
        if offering.version in versions:
            raise BadOffering(f"{place}: {offering.name} {offering.version} is defined twice; give it another version")
        versions[offering.version] = offering
    ordered = sorted(found.items(), key=lambda item: _position(item[0]))
    return Catalog({name: dict(sorted(v.items(), key=lambda i: _numbers(i[0]))) for name, v in ordered})


def parse(place: str, text: str) -> Offering:
    """One document. Raises BadOffering with the place, the pointer and what is wrong."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadOffering(f"{place}: not YAML: {error}") from error
    schema = json.loads((resources.files("fairway_catalog") / "offering.schema.json").read_text())
    problems = sorted(Draft202012Validator(schema).iter_errors(document), key=lambda e: list(map(str, e.path)))
    if problems:
        first = problems[0]
        raise BadOffering(f"{place}: /{'/'.join(map(str, first.path))}: {first.message}")
    try:
        Draft202012Validator.check_schema(document["parameters"])
    except SchemaError as error:
        raise BadOffering(f"{place}: /parameters: {error.message}") from error
    return _offering(document)


def _offering(document: Mapping[str, Any]) -> Offering:
    binding, connection = document.get("binding"), document.get("connection")
    plain = ("name", "version", "title", "summary", "program", "keeps_data", "binds", "storage_price", "outputs")
    return Offering(
        **{key: document[key] for key in plain if key in document},
        parameters=_closed(document["parameters"]),
        plans=tuple(Plan(**plan) for plan in document["plans"]),
        gives=tuple(document.get("gives", ())),
        binding=Binding(**binding) if binding else None,
        connection=Connection(**connection) if connection else None,
        health=tuple(HealthRule(**rule) for rule in document.get("health", ())),
        charts=tuple(Chart(**chart) for chart in document.get("charts", ())),
    )


def _closed(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """An unknown parameter is a mistake, never silently dropped."""
    return {"type": "object", "additionalProperties": False, "properties": {}, **parameters}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _position(name: str) -> tuple[int, str]:
    """Fairway's own first, in the order in which people meet them."""
    own = ("postgres", "redis", "queue", "deployment")
    return (own.index(name), name) if name in own else (len(own), name)
