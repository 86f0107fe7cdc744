"""The service catalog: offerings as YAML, their schema, loading, validation of parameters, and prices."""

from fairway_catalog.loader import BadOffering, Catalog, UnknownOffering, load
from fairway_catalog.offering import Binding, Chart, Connection, HealthRule, Offering, Plan
from fairway_catalog.parameters import InvalidParameters, coerce, immutable_changes, validate
from fairway_catalog.pricing import PriceLine, price_lines, price_of

__all__ = [
    "BadOffering",
    "Binding",
    "Catalog",
    "Chart",
    "Connection",
    "HealthRule",
    "InvalidParameters",
    "Offering",
    "Plan",
    "PriceLine",
    "UnknownOffering",
    "coerce",
    "immutable_changes",
    "load",
    "price_lines",
    "price_of",
    "validate",
]
