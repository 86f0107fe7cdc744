"""From exposition text to a chart's figure."""

import math

import pytest

import fairway_catalog
from fairway.health.figures import Counting, histogram_quantile
from fairway.health.rules import broken
from fairway.health.samples import BadExposition, Sample, parse, wanted
from fairway_catalog.offering import HealthRule
from tests.health import expositions

CATALOG = fairway_catalog.load()


def read(text: str, offering: str) -> tuple[Sample, ...]:
    return parse(text, wanted(CATALOG.get(offering)))


def figures(counting: Counting, offering: str, text: str, at: float, pod: str = "a") -> dict[str, float]:
    charts = CATALOG.get(offering).charts
    return {f.chart: f.value for f in counting.figures("r", charts, {pod: read(text, offering)}, at)}


def test_only_what_is_asked_for_is_read() -> None:
    samples = read(expositions.POSTGRES, "postgres")
    assert {s.name for s in samples} == {
        "pg_up",
        "pg_settings_max_connections",
        "pg_stat_database_numbackends",
        "pg_stat_database_xact_commit",
        "pg_database_size_bytes",
    }
    assert Sample("pg_stat_database_numbackends", 46.0, {"datid": "16384", "datname": "app"}) in samples


def test_a_value_that_is_not_a_number_is_none() -> None:
    assert [s.value for s in read(expositions.POSTGRES, "postgres") if s.name == "pg_database_size_bytes"] == [7.68e6]


@pytest.mark.parametrize("text", ["<html>\n<body>", "nonsense", '{"a": 1}\n', "pg_up one\n"])
def test_what_is_no_exposition_is_refused(text: str) -> None:
    with pytest.raises(BadExposition):
        parse(text, {"pg_up"})


def test_a_gauge_is_summed_over_its_series_and_has_a_limit() -> None:
    charts = CATALOG.get("postgres").charts
    found = Counting().figures("r", charts, {"a": read(expositions.POSTGRES, "postgres")}, 0)
    (connections,) = [f for f in found if f.chart == "connections"]
    assert (connections.value, connections.limit) == (48.0, 50.0)


def test_a_limit_of_zero_is_none() -> None:
    charts = CATALOG.get("redis").charts
    found = Counting().figures("r", charts, {"a": read(expositions.REDIS, "redis")}, 0)
    assert [f.limit for f in found if f.chart == "memory"] == [None]


def test_a_rate_needs_two_rounds_and_survives_a_reset() -> None:
    counting = Counting()
    assert "requests" not in figures(counting, "deployment", expositions.web(100, 0, {}), 0)
    assert figures(counting, "deployment", expositions.web(130, 0, {}), 15)["requests"] == 2.0
    assert figures(counting, "deployment", expositions.web(30, 0, {}), 30)["requests"] == 2.0


def test_the_first_error_counts() -> None:
    counting = Counting()
    figures(counting, "deployment", expositions.web(100, 0, {}), 0)
    assert figures(counting, "deployment", expositions.web(100, 15, {}), 15)["requests"] == 1.0


def test_the_history_of_a_new_pod_is_not_counted_as_now() -> None:
    counting = Counting()
    figures(counting, "deployment", expositions.web(100, 0, {}), 0, "a")
    assert "requests" not in figures(counting, "deployment", expositions.web(9000, 0, {}), 15, "b")


def test_a_quantile_is_of_the_latest_rounds() -> None:
    counting = Counting()
    figures(counting, "deployment", expositions.web(100, 0, {"0.1": 0, "1": 100, "+Inf": 100}), 0)
    found = figures(counting, "deployment", expositions.web(200, 0, {"0.1": 100, "1": 200, "+Inf": 200}), 15)
    assert found["latency"] == pytest.approx(0.095)


def test_quantiles_are_those_of_promql() -> None:
    buckets = {0.1: 10.0, 0.5: 20.0, math.inf: 20.0}
    assert histogram_quantile(0.5, buckets) == pytest.approx(0.1)
    assert histogram_quantile(0.75, buckets) == pytest.approx(0.3)
    assert histogram_quantile(0.9, {0.1: 0.0, math.inf: 5.0}) == 0.1
    assert histogram_quantile(0.9, {0.1: 0.0, math.inf: 0.0}) is None
    assert histogram_quantile(0.9, {}) is None


def test_a_rule_tells_the_value_and_the_limit() -> None:
    rules = CATALOG.get("postgres").health
    (rule,) = broken(rules, {"a": read(expositions.POSTGRES, "postgres")})
    assert (rule.name, rule.status, rule.message) == ("connections", "degraded", "48 of 50 connections are in use")


def test_a_server_that_does_not_answer_breaks_its_rule() -> None:
    down = expositions.POSTGRES.replace("pg_up 1", "pg_up 0")
    names = [r.name for r in broken(CATALOG.get("postgres").health, {"a": read(down, "postgres")})]
    assert names == ["server", "connections"]


def test_an_exporter_that_leaves_its_metric_out_says_that_the_server_is_down() -> None:
    (rule,) = broken(CATALOG.get("queue").health, {"a": read(expositions.NATS_DOWN, "queue")})
    assert (rule.name, rule.status) == ("server", "failing")


def test_without_a_scrape_and_without_a_limit_no_rule_is_broken() -> None:
    assert broken(CATALOG.get("postgres").health, {}) == ()
    assert broken(CATALOG.get("redis").health, {"a": read(expositions.REDIS, "redis")}) == ()


def test_the_worst_pod_is_told_about() -> None:
    rule = HealthRule("load", "load", "degraded", "load {value:.0f}", above=5)
    scrapes = {"a": [Sample("load", 6)], "b": [Sample("load", 9)], "c": [Sample("load", 1)]}
    assert [b.message for b in broken([rule], scrapes)] == ["load 9"]
