"""Drawings in SVG, made on the server: what a plot consists of, and scales with round ticks."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rect:
    """fill and stroke: a token's name such as `ok`."""

    fill: str
    x: float
    y: float
    width: float
    height: float
    stroke: str = ""


@dataclass(frozen=True)
class Line:
    """d: the path; dash: as in stroke-dasharray."""

    stroke: str
    d: str
    width: float = 1
    dash: str = ""


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str
    anchor: str = "start"
    strong: bool = False


@dataclass
class Plot:
    """label: the sentence that stands for it. Rectangles lie below lines, lines below texts."""

    width: float
    height: float
    label: str = ""
    rects: list[Rect] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


@dataclass(frozen=True)
class Scale:
    """From values to places; a value outside lies outside."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low or 1.0
        return round(self.start + (value - self.low) * (self.end - self.start) / span, 1)


def polyline(points: Iterable[tuple[float, float | None]]) -> str:
    """A path through (x, y); None lifts the pen, so that a gap in the data is a gap in the line.
    A lone point is a dot."""
    runs: list[list[str]] = [[]]
    for x, y in points:
        if y is None:
            runs.append([])
        else:
            runs[-1].append(f"{x:g} {y:g}")
    return "".join(f"M{run[0]}" + ("".join(f"L{p}" for p in run[1:]) or "h1.5") for run in runs if run)


def steps(points: Sequence[tuple[float, float]], end: float) -> str:
    """A path of levels: each holds until the next, the last until `end`."""
    if not points:
        return ""
    (x, y), *rest = points
    return f"M{x:g} {y:g}" + "".join(f"H{x:g}V{y:g}" for x, y in rest) + f"H{end:g}"


def ticks(low: float, high: float, most: int = 5, base: int = 10) -> list[float]:
    """Round values from low to high, both within, in steps of 1, 2 or 5 times a power of ten.

    base 60 gives steps that are round for seconds, base 1024 for bytes.
    """
    span = high - low
    if span <= 0:
        return [low]
    step = next(s for s in _round_steps(base) if span / s <= most)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 9) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _round_steps(base: int) -> Iterable[float]:
    if base == 60:
        yield from (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
        yield from (3600.0 * n for n in (2, 6, 12, 24))
        yield from (86400.0 * n for n in range(2, 10_000))
    power = 1.0 if base == 1024 else 1e-6
    while True:
        for number in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512) if base == 1024 else (1, 2, 5):
            yield number * power
        power *= 1024 if base == 1024 else 10
