"""How figures, times and states are written. A number never parts from its unit (U+00A0)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup

from fairway import writing
from fairway.db.clock import now

NBSP = "\u00a0"
ABSENT = "–"  # noqa: RUF001  # an en dash stands for what is not there

SHAPES = {
    "healthy": "sphere",
    "degraded": "cone",
    "failing": "can",
    "waiting": "diamond",
    "drifted": "drift",
    "working": "half",
    "unknown": "ring",
    "stopped": "dash",
    "todo": "ring",
    "pass": "sphere",
    "fail": "can",
    "inconclusive": "ring",
    "aborted": "cross",
    "refused": "barred",
    "interrupted": "bars",
    "done": "tick",
}

OPERATIONS = {
    "create": "Create",
    "update": "Update",
    "destroy": "Destroy",
    "refresh": "Refresh",
    "rotate": "Rotate the password of",
    "backup": "Back up",
    "restore": "Restore",
    "rollback": "Roll back",
}

RUN_STATES = {
    "queued": ("working", "Queued"),
    "previewing": ("working", "Previewing"),
    "awaiting_approval": ("waiting", "Waits for approval"),
    "applying": ("working", "Applying"),
    "verifying": ("working", "Verifying health"),
    "succeeded": ("healthy", "Succeeded"),
    "failed": ("failing", "Failed"),
    "cancelled": ("aborted", "Cancelled"),
    "interrupted": ("interrupted", "Interrupted"),
}

RESOURCE_STATES = {
    "requested": ("working", "Requested"),
    "awaiting_approval": ("waiting", "Waits for approval"),
    "provisioning": ("working", "Provisioning"),
    "updating": ("working", "Updating"),
    "failed": ("failing", "Failed"),
    "destroying": ("working", "Destroying"),
    "destroyed": ("stopped", "Destroyed"),
}


TRIAL_STATES = {
    "queued": ("working", "Queued"),
    "preflight": ("working", "Preflight"),
    "baseline": ("working", "Measuring the baseline"),
    "injecting": ("working", "Killing"),
    "recovering": ("working", "Recovering"),
    "settling": ("working", "Settling"),
    "aborting": ("working", "Aborting"),
}


def trial_state(document: dict[str, Any]) -> tuple[str, str]:
    """The mark's class and the word: of a trial that ended, its verdict."""
    verdict = str(document.get("verdict") or "")
    if verdict:
        return (verdict.lower(), verdict.capitalize())
    return TRIAL_STATES.get(str(document["state"]), ("unknown", str(document["state"]).capitalize()))


SLO_STATES = {
    "met": ("pass", "Met"),
    "at_risk": ("degraded", "At risk"),
    "breached": ("fail", "Breached"),
}


def slo_state(document: Mapping[str, Any]) -> tuple[str, str]:
    """The mark's class and the word."""
    return SLO_STATES.get(str(document["state"]), ("unknown", "No data"))


def run_state(state: str) -> tuple[str, str]:
    """The mark's class and the word."""
    return RUN_STATES.get(str(state), ("unknown", str(state)))


def resource_state(document: Mapping[str, Any]) -> tuple[str, str]:
    """The mark's class and the word: a ready resource is as its health is."""
    state = str(document["state"])
    if state != "ready":
        return RESOURCE_STATES.get(state, ("unknown", state))
    health = str((document.get("health") or {}).get("status") or "unknown")
    said = {"unknown": "No data yet"}.get(health, health.capitalize())
    return (health if health in SHAPES else "unknown", said)


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 service`, `3 services`, `no services`."""
    word = noun if number == 1 else plural or f"{noun}s"
    return f"{number or 'no'}{NBSP}{word}"


def money(cents: int | None) -> str:
    """Cents a month as `€29` or `€29.50`."""
    if cents is None:
        return ABSENT
    whole, rest = divmod(abs(cents), 100)
    return f"{'−' if cents < 0 else ''}€{whole:,}" + (f".{rest:02}" if rest else "")  # noqa: RUF001


def duration(seconds: float | timedelta | None) -> str:
    """`0.31 s`, `38 s`, `2 min 14 s`, `5 h 20 min`, `12 d 4 h`."""
    if seconds is None:
        return ABSENT
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    if total < 10:
        return f"{total:.2f}{NBSP}s" if total % 1 else f"{total:.0f}{NBSP}s"
    whole = round(total)
    if whole < 60:
        return f"{whole}{NBSP}s"
    for size, name, part, part_name in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            more = whole % size // part
            return f"{whole // size}{NBSP}{name}" + (f" {more}{NBSP}{part_name}" if more else "")
    return f"{whole}{NBSP}s"


def seconds(value: float | None) -> str:
    """A measured time, to the hundredth below a minute: `11.84 s`."""
    return f"{value:.2f}{NBSP}s" if value is not None and value < 60 else duration(value)


def percent(ratio: float | None, digits: int = 1) -> str:
    """A ratio as `95.0 %`; only what is whole is written as 100."""
    return ABSENT if ratio is None else writing.percent(ratio, digits, NBSP)


def budget(left: float | None) -> str:
    """What is left of one: `91.3 %`, or `overspent by 40 %`."""
    return f"overspent by {percent(-left, 0)}" if left is not None and left < 0 else percent(left)


def times(rate: float | None) -> str:
    """A burn rate as a bare number, to the tenth."""
    return ABSENT if rate is None else f"{rate:.1f}" if rate < 100 else f"{rate:,.0f}"


def since(at: datetime | None) -> str:
    """How long ago, as a duration."""
    return ABSENT if at is None else duration(max(0.0, (now() - at).total_seconds()) // 1)


def when(at: datetime | str | None) -> Markup:
    """`14:32:08` today, `Fri 16:20` this week, `18 Nov` before: in UTC, which the script turns into local time."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at) if at else None
    if at is None:
        return Markup(ABSENT)
    at = at.astimezone(UTC)
    exact = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    title = at.strftime("%a %d %b %Y, %H:%M:%S UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(exact, title, _short(at, now()))


def size(number: float | None) -> str:
    """Bytes as `509 MiB`."""
    if number is None:
        return ABSENT
    units = ["B", "KiB", "MiB", "GiB", "TiB"]
    while abs(number) >= 1024 and len(units) > 1:
        number /= 1024
        units.pop(0)
    digits = f"{number:.0f}" if number >= 10 or number == int(number) else f"{number:.1f}"
    return f"{digits}{NBSP}{units[0]}"


def quantity(text: str) -> str:
    """A Kubernetes quantity as people write it: `256Mi` is `256 MiB`, `250m` is `0.25`."""
    for suffix in ("Ki", "Mi", "Gi", "Ti"):
        if text.endswith(suffix):
            return f"{text[:-2]}{NBSP}{suffix}B"
    return f"{int(text[:-1]) / 1000:g}" if text.endswith("m") and text[:-1].isdecimal() else text


def plan_size(resources: dict[str, str]) -> str:
    """`0.25 CPU, 256 MiB, 1 GiB disk`."""
    parts = [f"{quantity(resources['cpu'])}{NBSP}CPU"] if resources.get("cpu") else []
    parts += [quantity(resources["memory"])] if resources.get("memory") else []
    parts += [f"{quantity(resources['storage'])} disk"] if resources.get("storage") else []
    return ", ".join(parts)


def _short(at: datetime, today: datetime) -> str:
    if at.date() == today.date():
        return at.strftime("%H:%M:%S")
    if timedelta(0) < today - at < timedelta(days=6):
        return at.strftime("%a %H:%M")
    return f"{at.day} {at:%b}" if at.year == today.year else f"{at.day} {at:%b %Y}"
