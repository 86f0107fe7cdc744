"""Quantities come back in the form that Kubernetes gives them."""

import pytest

from fairway_sandbox.quantities import canonical


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("0.5", "500m"),
        ("1000m", "1"),
        ("1", "1"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("512", "512"),
        ("100Ki", "100Ki"),
        ("0.5Ki", "512"),
        ("1e3", "1e3"),
        ("12E", "12E"),
        ("0", "0"),
        ("0Mi", "0"),
        ("-2k", "-2k"),
        ("1500M", "1500M"),
        ("0.1n", "1n"),
    ],
)
def test_a_quantity_has_one_form(given: str, told: str) -> None:
    assert canonical(given) == told


@pytest.mark.parametrize("given", ["12XX", "", "Mi", "1.2.3", "12KK", "five"])
def test_what_is_no_quantity_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="quantit"):
        canonical(given)
