"""What was measured of a resource, as charts and in words."""

from datetime import timedelta
from typing import Any

from fairway import health
from fairway.db.clock import now
from fairway.domain.context import Context
from fairway.errors import Unreachable
from fairway.health.series import ChartDocument
from fairway.models import Resource
from fairway_catalog.loader import UnknownOffering
from fairway_ui import charts

OVERVIEW = timedelta(hours=1)


def key(context: Context, row: Resource) -> dict[str, Any]:
    """For `_key_figures.html`; nothing where the history does not answer."""
    try:
        found = of(context, row, OVERVIEW)
    except Unreachable as error:
        return {"small": [], "silent": error.detail}
    return {"small": [(charts.figures(c), charts.draw(c, 300, 96)) for c in found], "silent": ""}


def of(context: Context, row: Resource, span: timedelta) -> list[ChartDocument]:
    """The charts of a resource; also of one whose version of the offering is gone. May raise Unreachable."""
    try:
        offering = context.catalog.get(row.offering, row.offering_version)
    except UnknownOffering:
        offering = context.catalog.get(row.offering)
    until = now()
    return health.charts(context.history, offering, row.id, until - span, until)
