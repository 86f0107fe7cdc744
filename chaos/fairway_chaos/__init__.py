"""Chaos trials: kill pods of one workload on purpose, and measure what its users noticed.

Pure: what it needs of the world it declares in `ports` (Cluster, Prober, Clock, Record). Durations are in seconds of
a monotonic clock; a trial that cannot say something says nothing rather than a guess.
"""

from fairway_chaos.engine import Trial, World
from fairway_chaos.experiment import Action, Experiment, Hypothesis, Method, Mode, Order, Probe, ProbeKind
from fairway_chaos.probing import NoProber, ProbeProcess, default_probe
from fairway_chaos.result import Result
from fairway_chaos.verdict import Verdict

__all__ = [
    "Action",
    "Experiment",
    "Hypothesis",
    "Method",
    "Mode",
    "NoProber",
    "Order",
    "Probe",
    "ProbeKind",
    "ProbeProcess",
    "Result",
    "Trial",
    "Verdict",
    "World",
    "default_probe",
]
