"""Charts for people; `/metrics` and `/sd/prometheus` for this machine or a bearer token."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families

from fairway.api.metrics import parse_since
from fairway.asgi import create_app
from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain import slos
from fairway.domain.context import Context
from fairway.errors import Invalid
from fairway.health import History
from fairway.health.figures import Figure
from fairway.health.series import SERVES
from tests.cast import Cast
from tests.health.observing import exporting, observe
from tests.kube.assembly import add_resource

TOKEN = {"Authorization": "Bearer let-me-scrape"}
ROUTES = ("/metrics", "/sd/prometheus")


@pytest.fixture
def guarded(context: Context) -> Iterator[Litestar]:
    own = replace(context, settings=context.settings.evolve(metrics_token="let-me-scrape"))
    yield create_app(own)
    own.close()


class Local:
    """A client on the server's own machine."""

    def __init__(self, app: Litestar) -> None:
        self._app = app

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, client=("127.0.0.1", 40000))  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8600") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(ask())


@pytest.fixture
def local(guarded: Litestar) -> Local:
    return Local(guarded)


@pytest.fixture
def remote(guarded: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(guarded) as client:
        yield client


@pytest.mark.parametrize("route", ROUTES)
def test_elsewhere_a_bearer_token_is_needed(remote: TestClient[Litestar], route: str) -> None:
    assert remote.get(route).status_code == 401
    assert remote.get(route, headers={"Authorization": "Bearer guessed"}).status_code == 401
    assert remote.get(route, headers=TOKEN).status_code == 200


@pytest.mark.parametrize("route", ROUTES)
def test_on_this_machine_none_is_needed(local: Local, route: str) -> None:
    assert local.get(route).status_code == 200


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("header", [{"X-Forwarded-For": "192.0.2.1"}, {"Forwarded": "for=x"}, {"Host": "evil.example"}])
def test_what_was_passed_on_or_meant_for_another_name_is_from_elsewhere(
    local: Local, route: str, header: dict[str, str]
) -> None:
    assert local.get(route, headers=header).status_code == 401


def test_a_persons_token_does_not_open_them(remote: TestClient[Litestar], cast: Cast) -> None:
    assert remote.get("/metrics", headers=cast.headers["ada"]).status_code == 401


def test_metrics_tell_the_health_of_every_resource(local: Local, database: Database, cast: Cast) -> None:
    resource = add_resource(database, cast, "db", "postgres")
    observe(database, resource, exporting("db-0", resource), replicas=2)
    answer = local.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = {
        (s.name, s.labels.get("status", "")): (s.value, s.labels)
        for family in text_string_to_metric_families(answer.text)
        for s in family.samples
    }
    value, labels = samples["fairway_resource_health", "unknown"]
    assert value == 1
    assert labels["fairway_resource"] == resource.id
    assert (labels["service"], labels["environment"], labels["team"]) == ("shop", "dev", "payments")
    assert samples["fairway_resource_ready_replicas", ""][0] == 1
    assert samples["fairway_resource_replicas", ""][0] == 2
    assert samples["fairway_cluster_reachable", ""][0] == 1
    assert ("process_resident_memory_bytes", "") in samples


def test_metrics_tell_objectives_and_what_fairway_measured_itself(
    local: Local, guarded: Litestar, database: Database, cast: Cast
) -> None:
    resource, unmeasured = add_resource(database, cast, "db", "postgres"), add_resource(database, cast, "new")
    with database.write() as session:
        slos.put(session, cast.bob, resource, 99.9, 28)
        slos.put(session, cast.bob, unmeasured, 95, 7)
    history = guarded.state.context.history
    for number in range(4):
        history.write(now() - timedelta(seconds=15 * number), [Figure(resource.id, SERVES, float(number > 0), 15.0)])
    samples = {
        (s.name, s.labels["name"]): s.value
        for family in text_string_to_metric_families(local.get("/metrics").text)
        for s in family.samples
        if s.name.startswith("fairway_slo_")
    }
    assert samples == {
        ("fairway_slo_objective_ratio", "db"): 0.999,
        ("fairway_slo_objective_ratio", "new"): 0.95,
        ("fairway_slo_window_seconds", "db"): 2419200,
        ("fairway_slo_window_seconds", "new"): 604800,
        ("fairway_slo_served_ratio", "db"): 0.75,
        ("fairway_slo_budget_left_ratio", "db"): pytest.approx(1 - 15 / 2419.2),
    }


def test_a_prometheus_is_told_where_to_scrape(local: Local, database: Database, cast: Cast) -> None:
    resource = add_resource(database, cast, "db", "postgres")
    observe(database, resource, exporting("db-0", resource, 9187, "127.9.0.4"))
    (group,) = local.get("/sd/prometheus").json()
    assert group["targets"] == ["127.9.0.4:9187"]
    assert group["labels"]["__metrics_path__"] == "/metrics"
    assert group["labels"]["fairway_resource"] == resource.id
    assert group["labels"]["fairway_service"] == "shop"


def test_a_member_sees_the_charts_and_an_outsider_nothing(
    client: TestClient[Litestar], context: Context, database: Database, cast: Cast
) -> None:
    resource = add_resource(database, cast, "db", "postgres")
    assert isinstance(context.history, History)
    context.history.write(now(), [Figure(resource.id, "connections", 7.0, 50.0)])
    answer = client.get(f"/api/v1/resources/{resource.id}/metrics?since=15m", headers=cast.headers["vera"])
    assert answer.status_code == 200
    charts = {chart["name"]: chart for chart in answer.json()["charts"]}
    assert (charts["connections"]["latest"], charts["connections"]["limit"]) == (7.0, 50.0)
    assert len(charts["connections"]["series"]["at"]) == len(charts["connections"]["series"]["value"])
    assert client.get(f"/api/v1/resources/{resource.id}/metrics", headers=cast.headers["charlie"]).status_code == 404
    wrong = client.get(f"/api/v1/resources/{resource.id}/metrics?since=ever", headers=cast.headers["vera"])
    assert wrong.json()["errors"][0]["pointer"] == "/since"


def test_since_is_a_span_or_a_time() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert parse_since("15m", noon) == noon - timedelta(minutes=15)
    assert parse_since("7d", noon) == noon - timedelta(days=7)
    assert parse_since("2026-11-23T11:00:00Z", noon) == noon - timedelta(hours=1)
    for text in ("", "ever", "0h", "91d", "2026-11-23T11:00:00", "2026-11-24T11:00:00Z"):
        with pytest.raises(Invalid):
            parse_since(text, noon)
