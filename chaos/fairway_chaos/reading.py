"""An experiment from YAML, JSON or a parsed document; every wrong field is named at once."""

import secrets
from collections.abc import Mapping
from typing import Any

import yaml

from fairway_chaos.errors import BadExperiment, Problem
from fairway_chaos.experiment import Action, Experiment, Hypothesis, Method, Mode, Order, Probe, ProbeKind
from fairway_chaos.fields import Fields

LONGEST = 256 * 1024
HOUR = 3600.0


def parse(text: str) -> Any:
    """The document in a YAML or JSON text (JSON is YAML). Raises BadExperiment."""
    if len(text) > LONGEST:
        raise BadExperiment([Problem("/", f"The definition is larger than {LONGEST // 1024} KiB")])
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise BadExperiment([Problem("/", f"{where}{getattr(error, 'problem', error)}")]) from error


def read(document: Mapping[str, Any]) -> Experiment:
    """Raises BadExperiment with all problems."""
    problems: list[Problem] = []
    fields = Fields(document, "", problems)
    if not fields.text("resource"):
        fields.wrong("resource", "Say which resource to try, by its id or name")
    experiment = Experiment(
        resource=fields.text("resource"),
        title=fields.text("title", longest=200),
        action=_action(fields.inner("action")),
        baseline=fields.number("baseline", 30.0, 0.0, HOUR),
        duration=fields.number("duration", 120.0, 1.0, HOUR),
        after=fields.number("after", 30.0, 0.0, HOUR),
        hypothesis=_hypothesis(fields.inner("hypothesis")),
        allow_outage=fields.flag("allow_outage"),
    )
    fields.end()
    if problems:
        raise BadExperiment(problems)
    return experiment


def new_seed() -> int:
    """Short enough to be read out and typed."""
    return secrets.randbelow(9000) + 1000


def _action(fields: Fields) -> Action:
    mode = fields.choice("mode", _default_mode(fields))
    percent = fields.number("percent", 0.0, 0.0, 100.0)
    if mode in (Mode.PERCENT, Mode.RANDOM_MAX_PERCENT) and percent <= 0:
        fields.wrong("percent", f"The mode {mode} needs a percent from 1 to 100, such as 30")
    action = Action(
        method=fields.choice("method", Method.DELETE),
        mode=mode,
        count=fields.whole("count", 1, 1, 1000),
        percent=percent,
        order=fields.choice("order", Order.RANDOM),
        seed=fields.optional_whole("seed", 0, 2**31 - 1),
        min_age=fields.number("min_age", 0.0, 0.0, 365 * 24 * HOUR),
        interval=fields.number("interval", 0.0, 0.0, HOUR),
        allow_bare=fields.flag("allow_bare"),
    )
    fields.end()
    return action


def _default_mode(fields: Fields) -> Mode:
    """What the other fields mean when no mode is said."""
    if fields.has("percent"):
        return Mode.PERCENT
    return Mode.FIXED if fields.has("count") else Mode.ONE


def _hypothesis(fields: Fields) -> Hypothesis:
    found = fields.items("probes")
    probes = [_probe(Fields(p, f"{fields.pointer}/probes/{n}", fields.problems)) for n, p in enumerate(found)]
    hypothesis = Hypothesis(
        availability=fields.optional_number("availability", 0.0, 1.0),
        recovery=fields.optional_number("recovery", 0.1, HOUR),
        latency=fields.optional_number("latency", 1.0, 1000.0),
        probe=_probe(fields.inner("probe")) if fields.has("probe") else None,
        probes=tuple(probes),
        stop_after=fields.whole("stop_after", 3, 0, 1000),
    )
    if hypothesis.probe is not None and hypothesis.probe.kind not in (ProbeKind.HTTP, ProbeKind.TCP):
        fields.wrong("probe/kind", "The probe that runs all the time is http or tcp; others go into probes")
    fields.end()
    return hypothesis


def _probe(fields: Fields) -> Probe:
    kind = fields.choice("kind", ProbeKind.HTTP)
    probe = Probe(
        kind=kind,
        name=fields.text("name", longest=100),
        address=fields.text("address"),
        path=fields.text("path", "/"),
        status=tuple(_numbers(fields, "status")) or (200, 399),
        send=fields.text("send"),
        expect=tuple(str(item) for item in fields.items("expect")),
        query=fields.text("query", longest=2000),
        low=fields.optional_number("low", -1e18, 1e18),
        high=fields.optional_number("high", -1e18, 1e18),
        ready=fields.optional_whole("ready", 0, 10000),
        command=tuple(str(item) for item in fields.items("command")),
        timeout=fields.number("timeout", 1.0, 0.05, 60.0),
    )
    if kind is ProbeKind.PROMETHEUS and not probe.query:
        fields.wrong("query", "A prometheus probe needs a query in PromQL")
    if kind is ProbeKind.COMMAND and not probe.command:
        fields.wrong("command", "A command probe needs the program and its arguments, as a list")
    if not probe.path.startswith("/"):
        fields.wrong("path", "A path starts with /")
    fields.end()
    return probe


def _numbers(fields: Fields, name: str) -> list[int]:
    """One status, or the lowest and the highest that are good."""
    value = fields.raw(name)
    values = [value] if isinstance(value, int) else fields.items(name)
    if len(values) > 2 or any(isinstance(v, bool) or not isinstance(v, int) for v in values):
        fields.wrong(name, "status is one number, or the lowest and highest that are good, such as [200, 299]")
        return []
    return values * 2 if len(values) == 1 else values
