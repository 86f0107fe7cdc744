"""The timeline of a trial: ready pods, a lane for each victim, and the probes as on a seismograph."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fairway_ui.drawing import Line, Plot, Rect, Scale, Text, steps, ticks
from fairway_ui.trial_record import Record, Sample
from fairway_ui.words import ABSENT, NBSP, count, duration, seconds

WIDE, NARROW = 1136, 358
MOST_LANES = 10
SLOWEST = 1000.0
"""Milliseconds: a probe's own timeout, the top of its scale."""


@dataclass(frozen=True)
class Frame:
    """Where things are: x from seconds, the left edge of the drawing area, and whether labels stand beside it."""

    x: Scale
    left: float
    width: float
    beside: bool


def whole(record: Record, until: float | None, width: int) -> Plot:
    """All of the record, from start to now: probes and the window of the fault. until: recovered, None if not yet."""
    frame = _frame(0.0, max(record.end, 1.0), width)
    top = 14.0 if frame.beside else 30.0
    plot = Plot(width, top + 78)
    _window(plot, frame, record, until, 14, top + 52)
    _label(plot, frame, top + 26, "Whole record", count(len(record.samples), "probe"))
    if not frame.beside:
        plot.texts.append(Text(width, 10, count(len(record.samples), "probe"), "end"))
    _probes(plot, frame, record.samples, top + 2, top + 50)
    zero = record.t0 or 0.0
    _axis(plot, frame, top + 53, zero)
    plot.label = sentence(record, until)
    return plot


def window(record: Record, until: float | None, width: int) -> Plot | None:
    """The time around the fault, with lanes; None before the first kill."""
    zero = record.t0
    if zero is None:
        return None
    span = max((until if until is not None else record.end) - zero, 0.5)
    frame = _frame(zero - max(span / 10, 0.5), min(zero + span * 1.12 + 0.5, max(record.end, zero + span)), width)
    lanes = record.killed[:MOST_LANES]
    lane = 44 if frame.beside else 56
    lanes_top = 82 if frame.beside else 96
    probes_top = lanes_top + lane * len(lanes) + (12 if frame.beside else 24)
    plot = Plot(width, probes_top + 110)
    _window(plot, frame, record, until, 18, probes_top + 76)
    _ready(plot, frame, record, 30 if frame.beside else 42)
    for number, victim in enumerate(lanes):
        _lane(plot, frame, victim, lanes_top + number * lane)
    _label(plot, frame, probes_top + 14, "Probes", "up to 1 s, log scale")
    if not frame.beside:
        plot.texts.append(Text(width, probes_top - 6, "up to 1 s, log scale", "end"))
    _probes(plot, frame, record.samples, probes_top, probes_top + 74, scale=frame.beside)
    _axis(plot, frame, probes_top + 77, zero)
    _moments(plot, frame, record, until, probes_top + 76)
    plot.label = sentence(record, until)
    return plot


def sentence(record: Record, until: float | None) -> str:
    """What the drawing shows, in words."""
    killed, bad = record.killed, [s for s in record.samples if _is_bad(s)]
    if not killed:
        said = f"Nobody was killed. {count(len(record.samples), 'probe').capitalize()}"
        return f"{said}, {len(bad)} failed." if record.samples else f"{said}."
    parts = [f"{count(len(killed), 'pod')} killed at t0."]
    if record.samples:
        kinds = sorted({s[2].replace("_", " ") for s in bad})
        failed = f"{len(bad)} of {len(record.samples)} probes failed"
        parts.append(
            f"{failed} ({', '.join(kinds)})." if bad else f"All {count(len(record.samples), 'probe')} answered."
        )
    ttrs = [v["recovery"]["ttr"] for v in killed if (v.get("recovery") or {}).get("ttr") is not None]
    if ttrs:
        parts.append(f"Replacements were ready after {', '.join(seconds(t) for t in ttrs)}.")
    if until is not None and record.t0 is not None:
        parts.append(f"The workload was whole again after {seconds(until - record.t0)}.")
    return " ".join(parts).capitalize()


def _frame(start: float, end: float, width: int) -> Frame:
    left = 132.0 if width >= WIDE else 4.0
    return Frame(Scale(start, end, left, width - 6), left, width, width >= WIDE)


def _label(plot: Plot, frame: Frame, y: float, strong: str, note: str = "") -> None:
    """Beside the drawing, or above its part on a narrow one."""
    if frame.beside:
        plot.texts.append(Text(0, y, strong, strong=True))
        if note:
            plot.texts.append(Text(0, y + 15, note))
    else:
        plot.texts.append(Text(0, y - 20 if y > 30 else 10, strong, strong=True))


def _window(plot: Plot, frame: Frame, record: Record, until: float | None, top: float, bottom: float) -> None:
    if record.t0 is not None:
        end = until if until is not None else record.end
        x = frame.x(record.t0)
        plot.rects.append(Rect("shoal", x, top, max(frame.x(end) - x, 1.0), bottom - top))


def _ready(plot: Plot, frame: Frame, record: Record, top: float) -> None:
    desired = max((r[2] for r in record.ready), default=0)
    _label(plot, frame, top + 12, "Ready pods", f"{desired} desired")
    if not record.ready or not desired:
        return
    y = Scale(0, desired, top + 34, top)
    for level in (0, desired):
        plot.lines.append(Line("line", f"M{frame.left:g} {y(level):g}H{frame.width - 6:g}"))
        if frame.beside:
            plot.texts.append(Text(frame.left - 8, y(level) + 4, str(level), "end"))
    before = [r for r in record.ready if r[0] <= frame.x.low][-1:]
    shown = [r for r in record.ready if frame.x.low < r[0] <= frame.x.high]
    points = [(frame.left, y(r[1])) for r in before] + [(frame.x(t), y(ready)) for t, ready, _ in shown]
    plot.lines.append(Line("accent", steps(points, frame.x(min(record.end, frame.x.high))), 2))


def _lane(plot: Plot, frame: Frame, victim: dict[str, Any], top: float) -> None:
    """Above the pod that was killed, below the one that took its place."""
    t, found = float(victim["t"]), victim.get("recovery") or {}
    reschedule, ttr = found.get("reschedule"), found.get("ttr")
    x, edge = frame.x, frame.width - 6
    if not frame.beside:
        top += 14
    _label(plot, frame, top + 11 + (0 if frame.beside else 4), _brief(victim["pod"]), _brief(victim.get("replacement")))
    plot.rects.append(Rect("ok", frame.left, top, max(x(t) - frame.left, 0), 14))
    below = top + 16
    if reschedule is None:
        plot.rects.append(Rect("none", x(t), below + 0.5, max(edge - x(t), 1), 13, "edge"))
        plot.texts.append(Text(x(t) + 6, top + 11, "not back yet" if victim.get("outcome") == "killed" else ABSENT))
        return
    back = t + (ttr if ttr is not None else frame.x.high - t)
    plot.rects.append(Rect("warn", x(t), below, max(x(t + reschedule) - x(t), 1), 14))
    plot.rects.append(Rect("shoal", x(t + reschedule), below + 0.5, max(x(back) - x(t + reschedule), 1), 13, "accent"))
    if ttr is not None and x(back) < edge:
        plot.rects.append(Rect("ok", x(back), below, edge - x(back), 14))
    parts = [seconds(reschedule), seconds(found.get("startup")), seconds(ttr)]
    said = "reschedule {}, startup {}, TTR {}" if frame.beside else "{} + {} = {}"
    plot.texts.append(Text(x(t) + 6, top + 11, said.format(*parts)))


def _probes(
    plot: Plot, frame: Frame, samples: Sequence[Sample], top: float, bottom: float, *, scale: bool = False
) -> None:
    """The slowest answer of each column, on a log scale; a failed one goes all the way up."""
    y = Scale(0, math.log10(SLOWEST), bottom, top)
    if scale:
        for tick in (1, 10, 100, 1000):
            at = y(math.log10(tick))
            plot.lines.append(Line("line", f"M{frame.left:g} {at:g}H{frame.width - 6:g}"))
            plot.texts.append(Text(frame.left - 8, at + 4, f"{tick}{NBSP}ms", "end"))
    if not samples:
        plot.texts.append(Text(frame.left + 4, (top + bottom) / 2, "no probe yet"))
        return
    step = max(3.0, frame.x(0.2) - frame.x(0.0))
    paths = {"accent": "", "bad": "", "dim": ""}
    for at, ms, kind in _columns(frame, samples, step):
        height = top if kind == "bad" else y(math.log10(min(max(ms, 1.2), SLOWEST)))
        paths[kind] += f"M{at:g} {bottom:g}V{height:g}"
    width = round(max(min(step * 0.6, 6), 1.6), 1)
    plot.lines += [Line(kind, d, width) for kind, d in paths.items() if d]


def _columns(frame: Frame, samples: Iterable[Sample], step: float) -> Iterable[tuple[float, float, str]]:
    """(x, milliseconds, token) of the worst sample in each column of the width `step`."""
    found: dict[int, tuple[int, float, Sample]] = {}
    for sample in samples:
        if frame.x.low <= sample[0] <= frame.x.high:
            column = int((frame.x(sample[0]) - frame.left) // step)
            rank = (2 if _is_bad(sample) else 1 if sample[2] == "not_sent" else 0, sample[1], sample)
            found[column] = max(found.get(column, rank), rank)
    for column, (worst, ms, _) in sorted(found.items()):
        yield round(frame.left + (column + 0.5) * step, 1), ms, ("accent", "dim", "bad")[worst]


def _is_bad(sample: Sample) -> bool:
    return sample[2] not in ("ok", "not_sent")


def _axis(plot: Plot, frame: Frame, y: float, zero: float) -> None:
    """The neatline: graduated, in seconds from the first kill."""
    low, high = frame.x.low - zero, frame.x.high - zero
    marks = ticks(low, high, 12 if frame.beside else 4, base=60)
    dark = True
    for at, following in zip(marks, [*marks[1:], high], strict=True):
        x = frame.x(zero + at)
        plot.rects.append(Rect("rule" if dark else "water", x, y, frame.x(zero + following) - x, 5, "rule"))
        plot.texts.append(Text(x, y + 18, _offset(at), "middle"))
        dark = not dark


def _moments(plot: Plot, frame: Frame, record: Record, until: float | None, bottom: float) -> None:
    assert record.t0 is not None
    x = frame.x(record.t0)
    lines = f"M{x:g} 18V{bottom:g}"
    plot.texts.append(Text(x, 12, f"t0, {count(len(record.killed), 'pod')} killed", strong=True))
    if until is not None and until <= frame.x.high:
        at = frame.x(until)
        lines += f"M{at:g} 18V{bottom:g}"
        if at - x > (260 if frame.beside else 210):
            plot.texts.append(Text(at, 12, f"whole, {_offset(until - record.t0)}", "end", True))
    plot.lines.append(Line("edge", lines, 1, "2 3"))


def _offset(t: float) -> str:
    if abs(t) < 1e-6:
        return f"0{NBSP}s"
    sign = "+" if t > 0 else "−"  # noqa: RUF001  # a minus sign
    value = abs(t)
    return sign + (duration(value) if value >= 60 else f"{value:.3g}{NBSP}s")


def _brief(name: str | None) -> str:
    """The end of a pod's name, which tells it from its siblings."""
    return "" if not name else name if len(name) <= 20 else f"…{name[-18:]}"
