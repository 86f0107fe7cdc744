"""`fairway apply`, `diff` and `export` against a server that keeps what it is told."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Result, Run
from tests.cli.documents import DEPLOYMENT, POSTGRES, preview, resource
from tests.cli.documents import run as run_document
from tests.cli.script import Asked, Said, Script

OFFERINGS = [
    {**POSTGRES, "version": "1", "immutable": ["version"], "binds": False},
    {**DEPLOYMENT, "version": "1", "immutable": [], "binds": True},
]
DB = {"name": "db", "offering": "postgres", "plan": "dev", "parameters": {"max_connections": 80}}
WEB = {"name": "web", "offering": "deployment", "parameters": {"image": "a:1"}, "bindings": ["db"]}
DEFAULTS: dict[str, dict[str, Any]] = {
    "postgres": {"version": "18", "max_connections": 50},
    "deployment": {"replicas": 1, "variables": {}},
}


class Server:
    """failing: names whose runs fail. stale: how many orders are told that their preview is out of date."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.rows: dict[str, dict[str, Any]] = {}
        self.previews: dict[str, dict[str, Any]] = {}
        self.failing: set[str] = set()
        self.stale = 0
        self.awaits = False
        script.on("GET", "/offerings", OFFERINGS)
        script.on("GET", "/resources", lambda _: Said(list(self.rows.values())[::-1]))
        script.on("POST", "/previews", self.preview)
        script.on("POST", "/resources", self.order)

    def has_service(self, name: str = "shop") -> None:
        self.script.answers.pop(("GET", f"/services/{name}"), None)
        self.script.on("GET", f"/services/{name}", {"name": name, "team": "payments"})

    def orders(self) -> list[str]:
        """The names of what was asked for, in that order."""
        return [self.previews[a.body["preview"]]["name"] for a in self.asked_for()]

    def asked_for(self) -> list[Asked]:
        return [a for a in self.script.asked if a.method == "POST" and a.path.startswith("/resources")]

    def preview(self, asked: Asked) -> Said:
        wish = dict(asked.body)
        row = next((r for r in self.rows.values() if r["id"] == wish.get("resource")), None)
        wish |= {"name": row["name"], "offering": row["offering"]} if row else {}
        unknown = [n for n in wish.get("bindings") or () if n not in self.rows]
        errors = [{"pointer": "/bindings/0", "detail": f"There is no {n}"} for n in unknown]
        if "wrong" in (wish.get("parameters") or {}):
            errors.append({"pointer": "/parameters/wrong", "detail": "wrong is not known"})
        wanted = self.wanted(wish, row)
        before = {k: row[k] for k in wanted} if row else {}
        fields = [{"field": k, "before": before.get(k), "after": v} for k, v in wanted.items() if before.get(k) != v]
        identity = f"preview-{len(self.previews)}"
        self.previews[identity] = {**wish, "wanted": wanted}
        state = "failed" if errors else "ready"
        return Said(preview(id=identity, state=state, errors=errors, fields=fields, changes=[]), 202)

    def wanted(self, wish: Mapping[str, Any], row: Mapping[str, Any] | None) -> dict[str, Any]:
        before = row or {"plan": "dev", "parameters": {}, "bindings": []}
        laid = {**before["parameters"], **(wish.get("parameters") or {})}
        given = {k: v for k, v in laid.items() if v is not None}
        bindings = wish.get("bindings")
        return {
            "plan": wish.get("plan") or before["plan"],
            "parameters": {**DEFAULTS[wish["offering"]], **given},
            "bindings": before["bindings"] if bindings is None else list(bindings),
        }

    def order(self, asked: Asked) -> Said:
        if self.stale:
            self.stale -= 1
            return Said({"detail": "Something changed since the preview was shown"}, 409)
        wish = self.previews[asked.body["preview"]]
        name = wish["name"]
        if name not in self.rows:
            self.rows[name] = resource(id=f"id-{name}", name=name, offering=wish["offering"], offering_version="1")
            self.script.on("POST", f"/resources/id-{name}/runs", self.order)
        self.rows[name] |= wish["wanted"]
        state = "failed" if name in self.failing else "awaiting_approval" if self.awaits else "succeeded"
        run = run_document(id=f"run-{len(self.asked_for())}", state=state, resource=self.rows[name])
        self.script.stream(f"/runs/{run['id']}/events", ("done", {"state": state}))
        self.script.on("GET", f"/runs/{run['id']}", run)
        return Said(run, 202, {"Location": f"/api/v1/runs/{run['id']}"})


@pytest.fixture
def server(script: Script) -> Server:
    return Server(script)


@pytest.fixture
def shop(server: Server) -> Server:
    server.has_service()
    return server


def applied(
    run: Run, folder: Path, *documents: Mapping[str, Any], verb: str = "apply", more: tuple[str, ...] = ()
) -> Result:
    file = folder / "shop.yaml"
    file.write_text("\n---\n".join(json.dumps(one) for one in documents))
    consent = ("--yes",) if verb == "apply" else ()
    return run(verb, "-f", str(file), "-s", "shop", "-e", "dev", *consent, *more)


def test_what_is_bound_is_made_before_what_binds_it(run: Run, shop: Server, tmp_path: Path) -> None:
    result = applied(run, tmp_path, WEB, DB)
    assert (result.code, result.out) == (0, "shop/dev/web  created\nshop/dev/db  created\n")
    assert shop.orders() == ["db", "web"]
    assert "binds db as soon as that is there" in result.err
    assert shop.rows["web"]["bindings"] == ["db"]


def test_applied_once_more_nothing_happens(run: Run, shop: Server, tmp_path: Path) -> None:
    applied(run, tmp_path, WEB, DB)
    result = applied(run, tmp_path, WEB, DB, more=("-o", "json"))
    assert [row["outcome"] for row in result.document] == ["unchanged", "unchanged"]
    assert shop.orders() == ["db", "web"]


def test_a_parameter_that_left_the_file_takes_its_default_but_for_what_is_fixed(
    run: Run, shop: Server, tmp_path: Path
) -> None:
    applied(run, tmp_path, {**DB, "parameters": {"max_connections": 80, "version": "16"}})
    result = applied(run, tmp_path, {**DB, "parameters": {}})
    assert result.out == "shop/dev/db  changed\n"
    assert shop.rows["db"]["parameters"] == {"version": "16", "max_connections": 50}


def test_a_key_that_is_not_said_leaves_things_as_they_are(run: Run, shop: Server, tmp_path: Path) -> None:
    applied(run, tmp_path, DB, {**WEB, "plan": "nano"})
    result = applied(run, tmp_path, {"name": "web", "offering": "deployment"})
    assert result.out == "shop/dev/web  unchanged\n"


def test_a_stale_preview_is_looked_at_anew(run: Run, shop: Server, tmp_path: Path) -> None:
    shop.stale = 2
    assert applied(run, tmp_path, DB).out == "shop/dev/db  created\n"
    shop.stale = 3
    result = applied(run, tmp_path, {**DB, "plan": "small"})
    assert (result.code, result.out) == (1, "shop/dev/db  failed\n")
    assert "Something changed" in result.err


def test_when_one_is_wrong_none_is_touched(run: Run, shop: Server, tmp_path: Path) -> None:
    result = applied(run, tmp_path, DB, {**WEB, "parameters": {"wrong": 1}})
    assert (result.code, result.out, shop.orders()) == (1, "", [])
    assert "shop/dev/web: parameters.wrong: wrong is not known" in result.err
    assert "Nothing was changed." in result.err


def test_what_binds_a_failed_one_is_skipped_and_the_others_go_on(run: Run, shop: Server, tmp_path: Path) -> None:
    shop.failing.add("db")
    result = applied(run, tmp_path, WEB, DB, {**DB, "name": "other"}, more=("-o", "json"))
    assert result.code == 1
    assert [row["outcome"] for row in result.document] == ["skipped", "failed", "created"]
    assert result.document[0]["error"] == "it binds shop/dev/db"
    assert "shop/dev/web, shop/dev/db" in result.err


def test_a_run_that_waits_for_approval_is_no_failure(run: Run, shop: Server, tmp_path: Path) -> None:
    shop.awaits = True
    result = applied(run, tmp_path, WEB, DB)
    assert (result.code, result.out) == (0, "shop/dev/web  awaiting approval\nshop/dev/db  awaiting approval\n")


def test_without_waiting_all_are_asked_for(run: Run, shop: Server, tmp_path: Path) -> None:
    shop.failing.add("db")
    result = applied(run, tmp_path, WEB, DB, more=("--no-wait", "-o", "json"))
    assert [(row["outcome"], row["run"]) for row in result.document] == [("requested", "run-2"), ("requested", "run-1")]


def test_nobody_is_asked_means_nothing_is_done(run: Run, shop: Server, tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(json.dumps(DB))
    result = run("apply", "-f", str(tmp_path / "shop.yaml"), "-s", "shop", "-e", "dev")
    assert (result.code, shop.orders()) == (2, [])
    assert "--yes" in result.err


def test_another_offering_under_the_same_name_is_refused(run: Run, shop: Server, tmp_path: Path) -> None:
    applied(run, tmp_path, DB)
    result = applied(run, tmp_path, {**DB, "offering": "deployment"})
    assert result.code == 1
    assert "offering: it is a postgres, and cannot become a deployment" in result.err


def test_a_service_that_is_not_there_is_made_first(run: Run, server: Server, tmp_path: Path) -> None:
    def made(asked: Asked) -> Said:
        server.has_service(asked.body["name"])
        return Said({"name": asked.body["name"], "team": "payments"}, 201)

    server.script.on("POST", "/services", made)
    shown = applied(run, tmp_path, DB, verb="diff")
    assert "after its service is made" in shown.out
    assert server.script.sent("POST", "/services") == []
    result = applied(run, tmp_path, DB)
    assert (result.code, result.out) == (0, "shop/dev/db  created\n")
    assert "Made the service shop of team payments." in result.err


def test_a_difference_is_told_and_nothing_is_done(run: Run, shop: Server, tmp_path: Path) -> None:
    result = applied(run, tmp_path, DB, WEB, verb="diff", more=("--exit-code",))
    assert (result.code, shop.orders()) == (1, [])
    assert "shop/dev/db  create postgres" in result.out
    assert "2 to create, 0 to change, 0 unchanged; +€18.00 a month" in result.out
    applied(run, tmp_path, DB, WEB)
    result = applied(run, tmp_path, DB, WEB, verb="diff", more=("--exit-code", "-o", "json"))
    assert (result.code, [row["outcome"] for row in result.document]) == (0, ["unchanged", "unchanged"])


def test_what_is_exported_is_what_is_there(run: Run, shop: Server, tmp_path: Path) -> None:
    applied(run, tmp_path, WEB, DB)
    file = tmp_path / "exported.yaml"
    file.write_text(run("export", "-s", "shop", "-e", "dev").out)
    result = run("diff", "-f", str(file), "--exit-code")
    assert (result.code, "2 unchanged" in result.out) == (0, True)
    documents = run("export", "web", "-o", "json", "--portable").document
    assert documents == [
        {"name": "web", "offering": "deployment", "plan": "dev", "parameters": {"image": "a:1"}, "bindings": ["db"]}
    ]


def test_one_file_for_elsewhere_is_of_one_place(run: Run, shop: Server) -> None:
    for name, environment in (("db", "dev"), ("kept", "prod")):
        shop.rows[name] = resource(name=name, environment=environment, offering_version="1")
    result = run("export", "--portable")
    assert result.code == 2
    assert "--portable" in result.err


def test_nothing_to_export_is_told(run: Run, shop: Server) -> None:
    shop.rows["db"] = resource(state="destroying", offering_version="1")
    result = run("export")
    assert (result.code, result.out) == (0, "")
    assert "Nothing is here" in result.err
