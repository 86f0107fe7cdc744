"""Availability as a drawing: the Wilson interval, the point, and the objective."""

from collections.abc import Mapping
from typing import Any

from fairway_ui.drawing import Line, Plot, Rect, Scale, Text, ticks
from fairway_ui.words import NBSP, percent

WIDTH, HEIGHT = 376, 92


def draw(availability: Mapping[str, Any]) -> Plot:
    """availability: of a trial's document."""
    (low, high), ratio, objective = availability["interval"], availability["ratio"], availability["objective"]
    bottom = min([low, *([objective] if objective is not None else [])])
    start = max(0.0, (int(bottom * 20) - (bottom * 20 == int(bottom * 20))) / 20)
    x = Scale(100 * start, 100, 14, WIDTH - 14)
    plot = Plot(WIDTH, HEIGHT, verdict(availability))
    marks = ticks(100 * start, 100, 5)
    plot.lines.append(Line("edge", f"M14 62H{WIDTH - 14}" + "".join(f"M{x(v):g} 62v5" for v in marks)))
    plot.texts += [Text(x(v), 80, f"{v:g}{NBSP}%", "middle") for v in marks]
    plot.rects.append(Rect("shoal", x(100 * low), 32, max(x(100 * high) - x(100 * low), 1), 16, "accent"))
    plot.lines.append(Line("accent", f"M{x(100 * ratio):g} 26v28", 3))
    if objective is not None:
        plot.lines.append(Line("bad", f"M{x(100 * objective):g} 18V62", 1.5, "2 3"))
        anchor = "end" if x(100 * objective) > WIDTH / 2 else "start"
        plot.texts.append(Text(x(100 * objective), 13, f"objective {100 * objective:g}{NBSP}%", anchor, True))
    return plot


def verdict(availability: Mapping[str, Any]) -> str:
    """What the interval means, in a sentence."""
    low, high = availability["interval"]
    answered, between = percent(availability["ratio"]), f"between {percent(low)} and {percent(high)}"
    said = f"{answered} answered, with 95{NBSP}% confidence {between}."
    objective = availability["objective"]
    if objective is None:
        return said
    asked = f"{100 * objective:g}{NBSP}%"
    if high < objective:
        return f"{said} The whole interval lies below {asked}."
    if low >= objective:
        return f"{said} The whole interval reaches {asked}."
    return f"{said} The objective of {asked} lies within the interval: more probes would tell."
