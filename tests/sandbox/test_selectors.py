"""Label and field selectors, in Kubernetes' grammar and words."""

from typing import Any

import pytest

from fairway_sandbox import selectors
from fairway_sandbox.errors import ApiError


def _chosen(labels: str | None, fields: str | None = None, kind: str = "Pod", **obj: Any) -> bool:
    asked = selectors.predicate(labels, fields, kind)
    assert asked is not None
    return asked({"metadata": {"name": "one", "labels": {"app": "web", "tier": "front"}}, **obj})


@pytest.mark.parametrize(
    ("selector", "holds"),
    [
        ("app=web", True),
        ("app == web,tier!=back", True),
        ("app in (api, web),tier", True),
        ("app notin (web)", False),
        ("!gone", True),
        ("!app", False),
        ("gone!=x", True),
        ("app=", False),
    ],
)
def test_a_label_selector_chooses(selector: str, holds: bool) -> None:
    assert _chosen(selector) is holds


@pytest.mark.parametrize(
    ("selector", "told"),
    [
        ("a b c", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("(a)", "found '(', expected: !, identifier, or 'end of string'"),
    ],
)
def test_what_is_no_label_selector_is_refused(selector: str, told: str) -> None:
    with pytest.raises(ApiError) as refused:
        selectors.predicate(selector, None, "Pod")
    assert (refused.value.code, refused.value.message) == (400, told)


def test_a_field_selector_asks_what_the_kind_allows() -> None:
    assert _chosen(None, "metadata.name=one,status.phase!=Failed", status={"phase": "Running"})
    assert _chosen(None, "spec.unschedulable=false", "Node", spec={})
    for kind, told in (
        ("Pod", "field label not supported: spec.foo"),
        ("Deployment", '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"'),
    ):
        with pytest.raises(ApiError) as refused:
            selectors.predicate(None, "spec.foo=1", kind)
        assert (refused.value.code, refused.value.message) == (400, told)
