"""Resources in files: what is read, what is refused, in which order, and what is written."""

import json
from pathlib import Path
from typing import Any

import pytest

import fairway_catalog
from fairway.cli import manifests
from fairway.cli.failure import Failure
from fairway.cli.manifests import Manifest
from tests.cli.documents import POSTGRES, resource

NOWHERE = {"service": "", "environment": ""}
DB = {"service": "shop", "environment": "dev", "name": "db", "offering": "postgres"}


def read(path: Path, place: dict[str, str] = NOWHERE, fixed: tuple[str, ...] = ()) -> list[Manifest]:
    return manifests.read([str(path)], place, fixed)


def refusal(folder: Path, text: str, place: dict[str, str] = NOWHERE, fixed: tuple[str, ...] = ()) -> str:
    (folder / "file.yaml").write_text(text)
    with pytest.raises(Failure) as caught:
        read(folder / "file.yaml", place, fixed)
    assert caught.value.code == 2
    return caught.value.sentence


def named(name: str, *bindings: str, service: str = "shop", environment: str = "dev") -> Manifest:
    return Manifest("file", service, environment, name, "own", bindings=bindings)


def test_a_file_holds_several_documents_or_a_list_of_them(tmp_path: Path) -> None:
    yaml, listed = tmp_path / "a.yaml", tmp_path / "b.json"
    yaml.write_text(
        "service: shop\nenvironment: dev\nname: db\noffering: postgres\n---\n\n---\n" + json.dumps({**DB, "name": "b"})
    )
    listed.write_text(json.dumps([{**DB, "name": "c", "plan": "small", "parameters": {"n": 1}, "bindings": ["db"]}]))
    found = read(tmp_path)
    assert [m.path for m in found] == ["shop/dev/db", "shop/dev/b", "shop/dev/c"]
    assert (found[0].plan, found[0].parameters, found[0].bindings) == ("", None, None)
    assert (found[2].plan, found[2].parameters, found[2].bindings) == ("small", {"n": 1}, ("db",))


def test_the_place_of_the_command_is_for_documents_that_say_none(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: db\noffering: postgres\n---\n" + json.dumps({**DB, "environment": "prod"}))
    found = read(tmp_path / "a.yaml", {"service": "pay", "environment": "dev"})
    assert [m.path for m in found] == ["pay/dev/db", "shop/prod/db"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: [", "file.yaml: line 1, column 8"),
        ("- just words", "a mapping with service, environment, name, offering is expected"),
        (json.dumps({**DB, "parametres": {}}), "parametres: no such key; parameters is meant?"),
        (json.dumps({**DB, "health": {}}), "health: no such key; there are service, environment, name"),
        (json.dumps({**DB, "name": 7}), "name: a text is expected; write it in quotes"),
        ("offering: postgres", "name: say it"),
        ("name: db\noffering: postgres", "environment: say it, or add -e NAME"),
        (json.dumps({**DB, "parameters": ["n"]}), "parameters: a mapping of names to values is expected"),
        (json.dumps(DB)[:-1] + ', "parameters": {day: 2026-01-01}}', "parameters.day: write it in quotes"),
        (json.dumps(DB)[:-1] + ', "parameters": {n: .inf}}', "parameters.n: write it in quotes"),
        (json.dumps({**DB, "bindings": "db"}), "bindings: a list of names is expected"),
        (json.dumps(DB) + "\n---\n" + json.dumps(DB), "document 2: shop/dev/db is in"),
        ("", "There is no resource in these files"),
    ],
)
def test_what_is_wrong_is_told_at_its_key(tmp_path: Path, text: str, told: str) -> None:
    assert told in refusal(tmp_path, text)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    told = refusal(tmp_path, json.dumps({**DB, "name": 7}) + "\n---\n" + json.dumps({**DB, "bindings": 1}))
    assert "document 1: name:" in told
    assert "document 2: bindings:" in told


def test_a_file_may_not_say_otherwise_than_the_command(tmp_path: Path) -> None:
    place = {"service": "shop", "environment": "prod"}
    told = refusal(tmp_path, json.dumps(DB), place, ("environment",))
    assert "environment: it says dev, the command says prod" in told
    assert [m.path for m in read(tmp_path / "file.yaml", place, ("service",))] == ["shop/dev/db"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path, told in ((tmp_path / "none.yaml", "No such file"), (tmp_path, "holds no file")):
        with pytest.raises(Failure, match=told):
            read(path)


def test_what_is_bound_comes_before_what_binds_it() -> None:
    web, worker, db, cache = named("web", "db", "cache"), named("worker", "web"), named("db"), named("cache")
    waves = manifests.waves([worker, web, db, cache])
    assert [[m.name for m in wave] for wave in waves] == [["cache", "db"], ["web"], ["worker"]]


def test_a_binding_is_to_the_own_services_first_and_to_its_environment_alone() -> None:
    web, own = named("web", "db"), named("db")
    other, elsewhere = named("db", service="pay"), named("db", environment="prod")
    assert manifests.providers(web, [web, other, elsewhere, own]) == [own]
    assert manifests.providers(web, [web, other, elsewhere]) == [other]
    assert manifests.providers(web, [web, elsewhere]) == []


def test_a_circle_is_refused() -> None:
    with pytest.raises(Failure, match="in a circle"):
        manifests.waves([named("a", "b"), named("b", "a")])


def written(offering: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    row = resource(offering_version="1", **changes)
    return manifests.document(row, offering, portable=False)


def test_what_has_its_default_is_not_written() -> None:
    postgres = {**POSTGRES, "version": "1", "binds": False}
    assert written(postgres)["parameters"] == {}
    assert written(postgres, parameters={"version": "18", "max_connections": 80})["parameters"] == {
        "max_connections": 80
    }


def test_the_defaults_of_another_version_of_the_offering_are_written() -> None:
    for offering in ({**POSTGRES, "version": "2", "binds": False}, None):
        assert written(offering)["parameters"] == {"version": "18", "max_connections": 50}


def test_what_is_wanted_is_written_while_it_differs_from_what_is_applied() -> None:
    desired = {"plan": "small", "parameters": {"version": "18", "max_connections": 90}, "bindings": []}
    found = written({**POSTGRES, "version": "1", "binds": True}, desired=desired)
    assert (found["plan"], found["parameters"], found["bindings"]) == ("small", {"max_connections": 90}, [])


def test_the_example_of_the_documents_is_one_that_the_catalog_takes(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "files.md").read_text()
    (tmp_path / "shop.yaml").write_text(text.partition("```yaml\n")[2].partition("```")[0])
    catalog = fairway_catalog.load()
    found = read(tmp_path / "shop.yaml")
    assert [m.name for m in found] == ["db", "web"]
    for manifest in found:
        offering = catalog.get(manifest.offering)
        assert offering.plan(manifest.plan) is not None
        fairway_catalog.validate(offering, dict(manifest.parameters or {}))
