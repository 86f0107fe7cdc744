"""Creating, changing and destroying through pages, as a person without JavaScript and as htmx does it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from fairway.db.database import Database
from fairway.domain import events, previews, progress
from fairway.domain.context import Context
from fairway.domain.wishes import Wish
from fairway.models import AuditEntry, Cluster, Observation, Operation, Resource, Run, RunState
from tests import provisioned
from tests.cast import Cast
from tests.provisioned import apply
from tests.ui.browser import Browser

Open = Callable[[str], Browser]
POSTGRES: dict[str, Any] = {"name": "orders-db", "service": "shop", "environment": "dev", "plan": "dev"}
CHANGES = [{"op": "create", "type": "kubernetes:apps/v1:StatefulSet", "name": "orders-db", "urn": "u1", "diff": {}}]


def make(context: Context, cast: Cast, name: str = "orders-db", environment: str = "dev") -> Resource:
    wish = Wish(Operation.CREATE, service="shop", environment=environment, name=name, offering="postgres", plan="dev")
    return apply(context, cast.bob, wish)


def deploy(context: Context, cast: Cast, **parameters: Any) -> Resource:
    given = {"image": "fairway/demo:1", **parameters}
    wish = Wish(
        Operation.CREATE,
        service="shop",
        environment="dev",
        name="web",
        offering="deployment",
        plan="nano",
        parameters=given,
        bindings=("orders-db",),
    )
    return apply(context, cast.bob, wish)


def compute(database: Database) -> str:
    """As the worker does it: the newest preview becomes ready."""
    with database.write() as session:
        (row,) = previews.waiting(session)
        previews.settle_result(session, row.id, changes=CHANGES)
        return row.id


def test_without_script_a_form_leads_over_a_preview_to_a_run(open_as: Open, database: Database) -> None:
    bob = open_as("bob")
    page = bob.submit("/create/postgres", **POSTGRES)
    assert "Looking at what would change" in page.text
    assert page.headers["refresh"] == "2"
    preview = compute(database)
    page = bob.get(f"/previews/{preview}")
    assert "StatefulSet" in page.text and "€9" in page.text
    run = bob.submit(f"/previews/{preview}/confirmation", reason="We need it")
    assert "<h1>Create orders-db in dev</h1>" in run.text and "We need it" in run.text


def test_with_script_the_preview_follows_the_form_and_is_confirmed_with_it(open_as: Open, database: Database) -> None:
    bob = open_as("bob")
    panel = bob.send("/create/postgres/preview", **POSTGRES)
    assert panel.status_code == 200 and "load delay:400ms" in panel.text
    preview = compute(database)
    ready = bob.get(f"/previews/{preview}/panel").text
    assert f'name="preview" value="{preview}"' in ready and "Create orders-db" in ready
    assert "Create orders-db in dev" in bob.submit("/create/postgres", **POSTGRES, preview=preview).text


def test_each_change_of_a_form_supersedes_the_preview_before_it(open_as: Open, database: Database) -> None:
    bob = open_as("bob")
    panel = bob.send("/create/postgres/preview", **POSTGRES).text
    (shown,) = re.findall(r'name="supersedes" value="(.+?)"', panel)
    panel = bob.send("/create/postgres/preview", **{**POSTGRES, "plan": "medium"}, supersedes=shown).text
    (newer,) = re.findall(r'name="supersedes" value="(.+?)"', panel)
    assert compute(database) == newer
    assert "overtaken by a newer one" in bob.get(f"/previews/{shown}/panel").text


def test_what_was_changed_after_the_preview_is_not_created(open_as: Open, database: Database) -> None:
    bob = open_as("bob")
    bob.send("/create/postgres/preview", **POSTGRES)
    preview = compute(database)
    answer = bob.send("/create/postgres", **{**POSTGRES, "plan": "medium"}, preview=preview)
    assert answer.status_code == 409
    assert "Something changed since the preview" in answer.text


def test_a_wrong_value_is_explained_beside_its_field(open_as: Open) -> None:
    fields = {**POSTGRES, "parameters-max_connections": "9000", "parameters-database": "No!"}
    panel = open_as("bob").send("/create/postgres/preview", **fields)
    assert "10 to 500 are allowed" in panel.text
    page = open_as("bob").send("/create/postgres", **fields)
    assert page.status_code == 422
    assert 'id="parameters-max_connections-error"' in page.text and 'value="9000"' in page.text


def test_the_form_of_every_offering_is_made_from_its_schema(open_as: Open, context: Context) -> None:
    for offering in context.catalog:
        page = open_as("bob").get(f"/create/{offering.name}").text
        for name in offering.parameters["properties"]:
            assert f'id="parameters-{name}"' in page, (offering.name, name)


def test_a_deployment_is_asked_for_with_variables_files_and_bindings(
    open_as: Open, context: Context, cast: Cast, database: Database
) -> None:
    make(context, cast)
    open_as("bob").send(
        "/create/deployment/preview",
        **{
            "name": "web",
            "service": "shop",
            "environment": "dev",
            "plan": "nano",
            "bindings": "orders-db",
            "parameters-image": "python:3.12",
            "parameters-replicas": "2",
            "parameters-command": "python\n/app/main.py",
            "parameters-variables": 'A=1\nB="two\\nlines"',
            "parameters-files-name": ["main.py", ""],
            "parameters-files-text": ["print(1)\r\n", ""],
        },
    )
    with database.read() as session:
        (row,) = previews.waiting(session)
    wish = previews.wish_of(row)
    assert wish.parameters["command"] == ["python", "/app/main.py"]
    assert wish.parameters["variables"] == {"A": "1", "B": "two\nlines"}
    assert wish.parameters["files"] == {"main.py": "print(1)\n"}
    assert wish.parameters["replicas"] == 2
    assert wish.bindings == ("orders-db",)


@pytest.mark.parametrize("tab", ["", "/pods", "/health", "/runs", "/revisions", "/settings", "/change", "/status"])
def test_every_tab_of_a_resource_renders(open_as: Open, context: Context, cast: Cast, tab: str) -> None:
    make(context, cast)
    resource = deploy(context, cast)
    for name in ("ada", "bob", "vera"):
        answer = open_as(name).get(f"/resources/{resource.id}{tab}")
        assert answer.status_code == 200, answer.text
    assert open_as("charlie").get(f"/resources/{resource.id}{tab}").status_code == 404


def test_a_secret_is_masked_until_it_is_revealed_which_is_audited(
    open_as: Open, context: Context, cast: Cast, database: Database
) -> None:
    resource = make(context, cast)
    bob = open_as("bob")
    masked = bob.get(f"/resources/{resource.id}").text
    assert "hunter2" not in masked and "********" in masked
    assert "hunter2" in bob.send(f"/resources/{resource.id}/reveals").text
    with database.read() as session:
        assert session.exec(select(AuditEntry).where(AuditEntry.action == "resource.reveal")).one().actor_name == "bob"
    assert open_as("vera").send(f"/resources/{resource.id}/reveals").status_code == 403


def test_where_the_address_is_the_clusters_own_the_way_from_elsewhere_is_shown(
    open_as: Open, context: Context, cast: Cast, database: Database
) -> None:
    resource = make(context, cast)
    command = f"fairway connect {resource.name} -s shop -e dev --forward"
    assert command not in open_as("bob").get(f"/resources/{resource.id}").text
    with database.write() as session:
        session.exec(select(Cluster)).one().addressing = "dns"
    for name, shown in (("bob", True), ("vera", False)):
        assert (command in open_as(name).get(f"/resources/{resource.id}").text) is shown
    assert command in open_as("bob").send(f"/resources/{resource.id}/reveals").text


def test_pods_are_shown_as_the_cluster_was_seen(
    open_as: Open, context: Context, cast: Cast, database: Database
) -> None:
    resource = make(context, cast)
    with database.write() as session:
        pod = {
            "name": "orders-db-0",
            "uid": "u",
            "ip": "127.1.0.9",
            "node": "n1",
            "phase": "Pending",
            "ready": False,
            "restarts": 3,
            "reason": "CrashLoopBackOff",
            "message": "back-off 20s",
            "image": "postgres:18",
        }
        session.add(Observation(resource_id=resource.id, cluster_id=cast.dev.cluster_id, replicas=1, pods=[pod]))
    page = open_as("bob").get(f"/resources/{resource.id}/pods").text
    assert "CrashLoopBackOff" in page and "0 of 1 ready" in page and "back-off 20s" in page


def test_an_unchanged_status_is_not_sent_again(open_as: Open, context: Context, cast: Cast) -> None:
    resource = make(context, cast)
    bob = open_as("bob")
    page = bob.get(f"/resources/{resource.id}").text
    (path,) = re.findall(r'hx-get="(/resources/[^"]+/status\?seen=[^"]+)"', page)
    assert bob.get(path).status_code == 204


def test_destroying_asks_for_the_typed_name(open_as: Open, context: Context, cast: Cast, database: Database) -> None:
    resource = make(context, cast)
    bob = open_as("bob")
    bob.submit(f"/resources/{resource.id}/destruction")
    preview = compute(database)
    refused = bob.send(f"/previews/{preview}/confirmation", confirm="orders")
    assert refused.status_code == 422 and "Type the name orders-db" in refused.text
    assert "Destroy orders-db" in bob.submit(f"/previews/{preview}/confirmation", confirm="orders-db").text


def test_a_revision_is_rolled_back_to(open_as: Open, context: Context, cast: Cast, database: Database) -> None:
    make(context, cast)
    resource = deploy(context, cast)
    newer = {"image": "fairway/demo:2", "variables": {"COLOUR": "red"}}
    apply(context, cast.bob, Wish(Operation.UPDATE, resource_id=resource.id, parameters=newer))
    bob = open_as("bob")
    assert "Roll back to 1" in bob.get(f"/resources/{resource.id}/revisions").text
    bob.submit(f"/resources/{resource.id}/rollback", revision="1")
    page = bob.get(f"/previews/{compute(database)}").text
    assert "− fairway/demo:2" in page and "+ fairway/demo:1" in page  # noqa: RUF001


def test_a_run_is_approved_by_another_person(open_as: Open, context: Context, cast: Cast, database: Database) -> None:
    bob = open_as("bob")
    bob.send("/create/postgres/preview", **{**POSTGRES, "environment": "prod"})
    preview = compute(database)
    assert "Ask to create orders-db" in bob.get(f"/previews/{preview}/panel").text
    where = bob.send("/create/postgres", **{**POSTGRES, "environment": "prod"}, preview=preview).headers["location"]
    with database.write() as session:
        run = session.get_one(Run, where.rpartition("/")[2])
        progress.move(session, run, RunState.AWAITING_APPROVAL)
    assert "Your decision" not in bob.get(where).text
    alice = open_as("alice")
    assert "orders-db" in alice.get("/approvals").text
    assert "1\u00a0thing" in alice.get("/").text
    assert "Approved" in alice.submit(f"{where}/approval", decision="approve", comment="Go").text


def test_a_failed_run_says_why_and_can_be_tried_again(
    open_as: Open, context: Context, cast: Cast, database: Database
) -> None:
    bob = open_as("bob")
    bob.send("/create/postgres/preview", **POSTGRES)
    where = bob.send("/create/postgres", **POSTGRES, preview=compute(database)).headers["location"]
    with database.write() as session:
        run = session.get_one(Run, where.rpartition("/")[2])
        resource = session.get_one(Resource, run.resource_id)
        progress.move(session, run, RunState.APPLYING, applying_at=run.created_at)
        progress.fail(
            context, session, run, resource, {"code": "x", "message": "No space", "hint": "Ask", "causes": ["1 GiB"]}
        )
    page = bob.get(where).text
    assert "No space" in page and "1 GiB" in page and "Try again" in page
    assert "Create orders-db" in bob.submit(f"{where}/retry").text


def test_the_stream_of_a_run_sends_fragments_and_ends(
    open_as: Open, context: Context, cast: Cast, database: Database
) -> None:
    make(context, cast)
    with database.write() as session:
        run = session.exec(select(Run)).one()
        since = events.last_seq(session, f"run:{run.id}")
        step = {
            "op": "create",
            "type": "kubernetes:core/v1:Secret",
            "name": "s",
            "urn": "u",
            "status": "done",
            "seconds": 1,
        }
        events.append(session, f"run:{run.id}", "step", step)
        events.append(session, f"run:{run.id}", "log", {"severity": "info", "message": "hello <b>"})
        events.append(session, f"run:{run.id}", "done", {"state": "succeeded"})
    text = open_as("bob").get(f"/runs/{run.id}/events?since={since}").text
    for name in ("ladder", "steps", "log", "acts", "done"):
        assert f"event: {name}" in text
    assert "hello &lt;b&gt;" in text


def test_the_lists_show_what_there_is(open_as: Open, context: Context, cast: Cast) -> None:
    make(context, cast)
    bob = open_as("bob")
    for path in ("/", "/resources", "/resources?environment=dev&offering=postgres", "/runs", "/services/shop"):
        assert "orders-db" in bob.get(path).text, path
    assert "orders-db" in bob.get("/search?q=orders").text
    assert "orders-db" not in open_as("charlie").get("/resources").text


def test_a_volume_of_its_own_size_is_what_the_page_says(open_as: Open, context: Context, cast: Cast) -> None:
    row = provisioned.in_shop(context, cast.bob, "big", "postgres", plan="dev", parameters={"storage": "20Gi"})
    assert "20\u00a0GiB disk" in open_as("vera").get(f"/resources/{row.id}").text
