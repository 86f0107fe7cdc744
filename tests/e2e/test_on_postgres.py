"""A whole platform whose rows, durable work, metrics and stack state are all in a Postgres."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.e2e.platform import Platform, healthy
from tests.postgres import Postgres
from tests.until import until

pytestmark = [pytest.mark.whole, pytest.mark.timeout(180), pytest.mark.xdist_group("alone")]


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def own(tmp_path: Path, database: str) -> Iterator[Platform]:
    platform = Platform(tmp_path / "own")
    platform.environment["FAIRWAY_DATABASE_URL"] = database
    platform.start()
    yield platform
    platform.leave()


def test_a_run_survives_its_server_and_everything_is_in_the_database(own: Platform, database: str) -> None:
    own.done("create", "redis", "cache", "--plan", "dev", "--yes")
    run = own.done("create", "postgres", "db", "--plan", "dev", "--yes", "--no-wait").out.strip()
    until(lambda: own.done("runs", run, "-o", "json").document["state"], lambda state: state != "queued")
    own.server().kill()
    until(lambda: own.fairway("runs", run, "-o", "json").out, lambda out: '"succeeded"' in out, 60)
    healthy(own, "db")
    uri = own.done("connect", "db", "--reveal", "-o", "json").document["uri"]
    with psycopg.connect(uri) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    with psycopg.connect(database) as connection:
        stacks = connection.execute("select key from pulumi_state where key like '%/.pulumi/stacks/%.json'").fetchall()
        names = [key.rpartition(f"/{own.namespace}-")[2].split("-")[0] for (key,) in stacks]
        assert sorted(names) == ["cache", "db", "namespace.json"]
        text = "convert_from(decode(data->>'data', 'base64'), 'utf8')"
        data = connection.execute(f"select string_agg({text}, '') from pulumi_state".encode()).fetchone()
        assert data is not None and "checkpoint" in data[0] and uri.split(":")[2].split("@")[0] not in data[0]
        points = until(
            lambda: connection.execute("select count(*) from fairway_metrics.point").fetchone(), lambda p: p != (0,)
        )
        assert points
        schemas = {name for (name,) in connection.execute("select schema_name from information_schema.schemata")}
        assert {"fairway_work", "fairway_metrics"} <= schemas
    assert not list(own.data.glob("*.db")) and not (own.data / "state").exists()
    for name in ("db", "cache"):
        own.done("destroy", name, "--confirm", name)
    assert own.objects() == []
