"""Offerings, their parameters and prices."""

from pathlib import Path

import pytest

import fairway_catalog
from fairway_catalog import BadOffering, InvalidParameters, UnknownOffering

CATALOG = fairway_catalog.load()

OWN = """
name: mailbox
version: "{version}"
title: Mailbox
summary: Mail.
program: acme.mailbox:main
plans: [{{name: one, title: One, price: 100, resources: {{cpu: 10m, memory: 16Mi}}}}]
parameters: {{properties: {{}}}}
"""


def test_the_four_offerings_are_there_in_the_order_in_which_people_meet_them() -> None:
    assert [o.name for o in CATALOG] == ["postgres", "redis", "queue", "deployment"]


def test_an_unknown_offering_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(UnknownOffering, match="postgres, redis, queue, deployment"):
        CATALOG.get("mysql")
    with pytest.raises(UnknownOffering, match=r"no version '9\.9'"):
        CATALOG.get("redis", "9.9")


def test_an_organisation_adds_offerings_and_versions(tmp_path: Path) -> None:
    for version in ("1.10", "1.9"):
        (tmp_path / f"{version}.yaml").write_text(OWN.format(version=version))
    catalog = fairway_catalog.load([tmp_path])
    assert catalog.get("mailbox").version == "1.10"
    assert catalog.get("mailbox", "1.9").version == "1.9"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("price: 100", "price: free", "/plans/0/price"),
        ("program: acme.mailbox:main", "program: rm -rf", "/program"),
        ("title: Mailbox\n", "", "'title' is a required property"),
        ("{properties: {}}", "{properties: {a: {type: nonsense}}}", "/parameters"),
        ("name: mailbox", "name: [", "not YAML"),
    ],
)
def test_a_wrong_document_is_refused_with_file_and_place(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = OWN.format(version="1.0")
    assert old in text
    (tmp_path / "mailbox.yaml").write_text(text.replace(old, new))
    with pytest.raises(BadOffering) as caught:
        fairway_catalog.load([tmp_path])
    assert "mailbox.yaml" in str(caught.value)
    assert words in str(caught.value)


def test_one_version_defined_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(OWN.format(version="1.0"))
    with pytest.raises(BadOffering, match="defined twice"):
        fairway_catalog.load([tmp_path])


def test_defaults_are_filled_in() -> None:
    filled = fairway_catalog.validate(CATALOG.get("postgres"), {"max_connections": 20})
    assert filled == {
        "version": "18",
        "database": "app",
        "storage": "",
        "max_connections": 20,
        "reachable_from": "team",
    }


@pytest.mark.parametrize(
    ("offering", "parameters", "pointer", "words"),
    [
        ("postgres", {"max_connections": 5}, "/max_connections", "10 to 500 are allowed, such as 50"),
        ("postgres", {"max_connections": "many"}, "/max_connections", "is not a whole number"),
        ("postgres", {"version": "9"}, "/version", "none of 18, 16"),
        ("postgres", {"database": "My-DB"}, "/database", "lower-case letters"),
        ("postgres", {"storage": "lots"}, "/storage", "such as '20Gi'"),
        ("postgres", {"colour": "red"}, "/colour", "has no colour; it has version"),
        ("deployment", {}, "/image", "image is needed, such as 'fairway/demo:1'"),
        ("deployment", {"image": "a b"}, "/image", "without spaces"),
        ("deployment", {"image": "a:1", "replicas": 0}, "/replicas", "1 to 50"),
        ("deployment", {"image": "a:1", "files": {"a": "x" * (2**20 + 1)}}, "/files", "1 MiB"),
        ("redis", {"persistence": "maybe"}, "/persistence", "is not true or false"),
    ],
)
def test_what_is_wrong_is_said_with_what_works(
    offering: str, parameters: dict[str, object], pointer: str, words: str
) -> None:
    with pytest.raises(InvalidParameters) as caught:
        fairway_catalog.validate(CATALOG.get(offering), parameters)
    ((at, detail),) = caught.value.errors
    assert at == pointer
    assert words in detail


def test_all_wrong_values_are_told_at_once() -> None:
    with pytest.raises(InvalidParameters) as caught:
        fairway_catalog.validate(CATALOG.get("postgres"), {"version": "9", "max_connections": 1})
    assert [at for at, _ in caught.value.errors] == ["/max_connections", "/version"]


def test_texts_become_what_the_schema_says() -> None:
    given = {"replicas": "3", "image": "a:1", "variables": '{"A": "1"}', "port": "x"}
    assert fairway_catalog.coerce(CATALOG.get("deployment"), given) == {
        "replicas": 3,
        "image": "a:1",
        "variables": {"A": "1"},
        "port": "x",
    }
    assert fairway_catalog.coerce(CATALOG.get("redis"), {"persistence": "off"}) == {"persistence": False}


def test_what_is_fixed_once_created_is_found() -> None:
    postgres = CATALOG.get("postgres")
    old = fairway_catalog.validate(postgres, {})
    new = {**old, "version": "16", "max_connections": 99}
    assert fairway_catalog.immutable_changes(postgres, old, new) == ["version"]


def test_prices_add_up() -> None:
    deployment, postgres = CATALOG.get("deployment"), CATALOG.get("postgres")
    assert fairway_catalog.price_of(deployment, "nano", {"replicas": 3}) == 900
    lines = fairway_catalog.price_lines(postgres, "dev", {"storage": "11Gi"})
    assert [(line.label, line.cents) for line in lines] == [("Dev", 900), ("10 GiB more storage", 250)]
    assert fairway_catalog.price_of(postgres, "small", {"storage": ""}) == 2900


def test_charts_also_speak_promql() -> None:
    charts = {c.name: c for c in CATALOG.get("deployment").charts}
    selector = 'fairway_resource="x"'
    assert charts["requests"].promql(selector) == 'sum(rate(http_requests_total{fairway_resource="x"}[1m]))'
    assert charts["latency"].promql(selector).startswith("histogram_quantile(0.95, sum by (le) (rate(http_request_")
