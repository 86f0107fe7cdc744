"""With a real Prometheus: it finds the resources by /sd/prometheus, and charts come from it."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import uvicorn

import fairway_catalog
from fairway.asgi import create_app
from fairway.db.clock import now
from fairway.domain.context import Context
from fairway.errors import Unreachable
from fairway.health import charts, open_history
from fairway.health.exposition import STATUSES
from fairway.health.prometheus import PrometheusHistory
from fairway.health.series import ChartDocument, Served
from fairway_catalog.offering import Chart
from tests import prometheus
from tests.cast import Cast
from tests.health import expositions
from tests.health.observing import exporting, observe
from tests.kube.assembly import add_resource
from tests.until import until


@pytest.fixture
def exporter() -> Iterator[int]:
    """Answers as postgres_exporter does; each scrape finds 10 more transactions."""
    scrapes = iter(range(100_000))

    class Exporter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = expositions.POSTGRES.replace("1.2e+03", str(1200 + 10 * next(scrapes)))
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Exporter)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@contextmanager
def serving(context: Context) -> Iterator[int]:
    """Fairway on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(context), log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(20)
    listener.close()


@pytest.mark.whole
@prometheus.needed
def test_a_real_prometheus_finds_the_resources_and_draws_their_charts(
    context: Context, cast: Cast, exporter: int, tmp_path: Path
) -> None:
    resource = add_resource(context.database, cast, "db", "postgres")
    observe(context.database, resource, exporting("db-0", resource, exporter))
    with serving(context) as fairway, prometheus.running(tmp_path, fairway) as url:
        history = open_history(context.settings.evolve(prometheus_url=url))
        assert isinstance(history, PrometheusHistory)
        rate = f'sum(rate(pg_stat_database_xact_commit{{fairway_resource="{resource.id}"}}[1m]))'
        until(lambda: (history.value(rate) or 0) > 5, seconds=60)
        until(
            lambda: history.value(f'fairway_resource_ready_replicas{{fairway_resource="{resource.id}"}}') == 1.0,
            seconds=60,
        )
        offering = fairway_catalog.load().get("postgres")

        def drawn() -> dict[str, ChartDocument]:
            minute, soon = now() - timedelta(minutes=1), now() + timedelta(seconds=30)
            return {c["name"]: c for c in charts(history, offering, resource.id, minute, soon)}

        # The rate rises while the minute that it is taken over fills with scrapes.
        found = until(drawn, lambda c: c["transactions"]["latest"] == pytest.approx(10, rel=0.4), 90)
        history.close()
    assert found["connections"]["latest"] == 48.0
    assert found["connections"]["limit"] == 50.0
    assert found["ready"]["latest"] == 1.0


def backfilled(folder: Path, end: int) -> None:
    """Two hours until `end` in Prometheus' own database. One replica of Fairway tells all of it, another one the second
    hour: failing from minute 30 to 45, degraded from 60 to 70, stopped from 80 to 86, else healthy."""
    lines = ["# TYPE fairway_resource_health gauge"]
    for number in range(480):
        minute, at = number / 4, end - 7185 + 15 * number
        told = "failing" if 30 <= minute < 45 else "degraded" if 60 <= minute < 70 else "healthy"
        told = "stopped" if 80 <= minute < 86 else told
        for replica in ("one", "two") if minute >= 60 else ("one",):
            for status in STATUSES:
                labels = f'fairway_resource="r",status="{status}",instance="{replica}"'
                lines.append(f"fairway_resource_health{{{labels}}} {int(status == told)} {at}")
    text = folder / "backfill.txt"
    text.write_text("\n".join([*lines, "# EOF", ""]))
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / "tsdb")]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.whole
@prometheus.needed
def test_a_real_prometheus_tells_in_how_much_of_the_time_it_served_however_many_replicas_told_it(
    tmp_path: Path,
) -> None:
    end = int(now().timestamp()) // 300 * 300 - 7200
    backfilled(tmp_path, end)
    until, hour = datetime.fromtimestamp(end, UTC), timedelta(hours=1)
    with prometheus.running(tmp_path, 1) as url:
        history = PrometheusHistory(url)
        whole = history.served(["r", "another"], until - 2 * hour, until)
        first = history.served(["r"], until - 2 * hour, until - hour)
        before = history.served(["r"], until - 9 * hour, until - 8 * hour)
        long, earlier = (history.served(["r"], t - 9 * hour, t) for t in (until, until - timedelta(seconds=150)))
        month = history.served(["r", "another"], until - timedelta(days=28), until)
        history.close()
    assert whole == {"r": Served(good=7200 - 900 - 360, measured=7200 - 360)}
    assert first == {"r": Served(good=3600 - 900, measured=3600)}
    assert before == {}
    for found, seconds in ((long, 7200), (month, 7200), (earlier, 7050)):
        assert found.keys() == {"r"}
        assert found["r"].good == pytest.approx(seconds - 900 - 360)
        assert found["r"].measured == pytest.approx(seconds - 360)


def test_a_prometheus_that_does_not_answer_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    history = PrometheusHistory(f"http://127.0.0.1:{port}")
    with pytest.raises(Unreachable, match="Prometheus does not answer"):
        history.series("r", Chart("load", "Load", "", "load"), now() - timedelta(hours=1), now())
    with pytest.raises(Unreachable, match="Prometheus does not answer"):
        history.served(["r"], now() - timedelta(hours=1), now())
    history.close()
