"""A chart's document in words and as a drawing; the same figures stand for it where nothing is drawn."""

from collections.abc import Mapping
from typing import Any

from fairway_ui.drawing import Line, Plot, Scale, Text, polyline, ticks
from fairway_ui.words import ABSENT, NBSP, size

Document = Mapping[str, Any]
BYTES, SECONDS = "bytes", "seconds"


def value(number: float | None, unit: str) -> str:
    """With its unit: `41 connections`, `12.5 MiB`, `9.3 ms`."""
    if number is None:
        return ABSENT
    if unit == BYTES:
        return size(number)
    if unit == SECONDS:
        return f"{plain(1000 * number)}{NBSP}ms" if abs(number) < 1 else f"{plain(number)}{NBSP}s"
    return f"{plain(number)}{NBSP}{unit}"


def plain(number: float) -> str:
    """Three digits that count, thousands parted."""
    if abs(number) >= 100 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.3g}"


def figures(document: Document) -> dict[str, Any]:
    """What the chart says in numbers: `{latest, low, high, mean, limit, gaps, known, said, sentence}`, as words."""
    unit, series = str(document["unit"]), document["series"]
    known = [v for v in series["value"] if v is not None]
    first = next((n for n, v in enumerate(series["value"]) if v is not None), 0)
    gaps = sum(1 for v in series["value"][first:-1] if v is None)
    lows, highs = ([v for v in series[name] if v is not None] for name in ("low", "high"))
    found: dict[str, Any] = {
        "name": document["name"],
        "title": document["title"],
        "latest": value(document["latest"], unit) if document["latest"] is not None else "no data",
        "low": value(min(lows, default=None), unit),
        "high": value(max(highs, default=None), unit),
        "mean": value(sum(known) / len(known), unit) if known else ABSENT,
        "limit": value(document["limit"], unit) if document["limit"] is not None else ABSENT,
        "gaps": gaps,
        "known": len(known),
    }
    most = f", {found['limit']} at most" if document["limit"] is not None else ""
    found["said"] = f"{found['latest']}{' now' if document['latest'] is not None else ''}{most}"
    found["sentence"] = _sentence(found) if known else f"{found['title']}: no data yet"
    return found


def draw(document: Document, width: int = 376, height: int = 132) -> Plot:
    """The chart at a glance, also where no script runs: mean solid, highest dashed, limit dotted."""
    series, unit = document["series"], str(document["unit"])
    plot = Plot(width, height, figures(document)["sentence"])
    known = [v for name in ("high", "limit") for v in series[name] if v is not None]
    top = max(known, default=1.0) or 1.0
    marks = ticks(0, top * 1.08, 3, base=1024 if unit == BYTES else 10)
    left = 8 + 6.2 * max(len(short(m, unit)) for m in marks)
    x = Scale(series["at"][0], series["at"][-1], left, width - 4)
    y = Scale(0, max(top * 1.08, marks[-1]), height - 22, 6)
    for mark in marks:
        plot.lines.append(Line("line", f"M{left:g} {y(mark):g}H{width - 4}"))
        plot.texts.append(Text(left - 6, y(mark) + 4, short(mark, unit), "end"))
    at = series["at"]
    for token, name, wide, dash in (
        ("dim", "high", 1.0, "4 3"),
        ("bad", "limit", 1.5, "2 3"),
        ("accent", "value", 1.5, ""),
    ):
        if name == "high" and series["high"] == series["value"]:
            continue
        points = [(x(t), None if v is None else y(v)) for t, v in zip(at, series[name], strict=True)]
        plot.lines.append(Line(token, polyline(points), wide, dash))
    if not any(v is not None for v in series["value"]):
        plot.texts.append(Text((left + width) / 2, height / 2, "no data", "middle", True))
    span = at[-1] - at[0]
    plot.texts += [Text(left, height - 5, f"{_ago(span)} ago"), Text(width - 4, height - 5, "now", "end")]
    return plot


def short(number: float, unit: str) -> str:
    """A tick: the unit stands in the title, but for bytes and seconds."""
    return value(number, unit) if unit in (BYTES, SECONDS) else plain(number)


def _sentence(found: Mapping[str, Any]) -> str:
    said = f"{found['title']}: {found['latest']} now, "
    said += f"between {found['low']} and {found['high']}"
    if found["limit"] != ABSENT:
        said += f", limit {found['limit']}"
    return said + (f"; {found['gaps']} gaps" if found["gaps"] else "")


def _ago(seconds: float) -> str:
    if seconds < 5400:
        return f"{seconds / 60:.0f}{NBSP}min"
    return f"{seconds / 3600:.0f}{NBSP}h" if seconds < 172_800 else f"{seconds / 86_400:.0f}{NBSP}d"
