"""The page of the REST API tells the whole of it."""

import html
import re
from collections.abc import Callable

from litestar import Litestar

from fairway_ui.reference import groups, kind_of, shapes
from tests.ui.browser import Browser

Open = Callable[[str], Browser]


def test_each_route_and_shape_is_on_the_page_once_and_every_link_arrives(open_as: Open, app: Litestar) -> None:
    document = app.state.description.of(app)
    text = html.unescape(open_as("vera").get("/reference").text)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert text.count(f'id="{operation["operationId"]}"') == 1
            assert re.search(rf"<b>{method.upper()}</b> <code>{re.escape(path)}</code>", text), path
    for name in document["components"]["schemas"]:
        assert text.count(f'id="shape-{name}"') == 1
    ids = set(re.findall(r' id="([^"]+)"', text))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= ids


def test_a_route_says_what_it_takes_and_answers(app: Litestar) -> None:
    document = app.state.description.of(app)
    routes = {route.identity: route for _, _, found in groups(document) for route in found}
    start = routes["start_run"]
    assert (start.method, start.path, start.title) == ("POST", "/api/v1/resources/{ref}/runs", "Start run")
    assert {(f.name, f.place, f.required) for f in start.parameters} == {
        ("ref", "path", True),
        ("If-Match", "header", False),
        ("Idempotency-Key", "header", False),
    }
    assert start.body is not None and start.body.shape == "Order"
    assert [(a.status, a.kind and a.kind.shape) for a in start.answers] == [
        ("202", "RunDocument"),
        ("error", "Problem"),
    ]
    listed = routes["list_runs"].answers[0].kind
    assert listed is not None and (listed.word, listed.shape) == ("list of RunDocument", "RunDocument")
    assert next(f for f in routes["list_runs"].parameters if f.name == "limit").default == "50"


def test_each_route_is_in_one_part_and_each_shape_has_fields(app: Litestar) -> None:
    document = app.state.description.of(app)
    told = [route.identity for _, _, found in groups(document) for route in found]
    assert sorted(told) == sorted(o["operationId"] for methods in document["paths"].values() for o in methods.values())
    assert all(shape.fields for shape in shapes(document))


def test_kinds_are_told_in_words() -> None:
    assert kind_of({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Run"}]}).word == "null or Run"
    assert kind_of({"type": "object", "additionalProperties": {"type": "integer"}}).word == "object of integer"
    assert kind_of({"type": "string", "format": "date-time"}).word == "string (date-time)"
    assert kind_of({"enum": ["a", "b"]}).word == "`a` or `b`"
    assert kind_of({}).word == "any"
