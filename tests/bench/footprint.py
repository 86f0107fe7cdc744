"""Memory and CPU of an idle platform, without the servers that it provisioned."""

import time

import psutil

from tests.bench.figures import Figure
from tests.e2e.platform import Platform

SETTLE, WATCH = 20.0, 30.0
OWN = ("fairway.cli", "fairway.serving", "fairway_sandbox", "fairway_stacks.running.zygote")


def measure(platform: Platform) -> list[Figure]:
    time.sleep(SETTLE)
    own = processes(platform)
    before = sum(seconds(process) for process in own)
    time.sleep(WATCH)
    busy = sum(seconds(process) for process in own) - before
    pss = sum(process.memory_full_info().pss for process in own if process.is_running()) / 2**20
    return [
        Figure("idle memory, PSS", pss, "MiB", "200", lambda v: v < 200),
        Figure("idle CPU", 100 * busy / WATCH, "% of a core", "2", lambda v: v < 2),
    ]


def processes(platform: Platform) -> list[psutil.Process]:
    assert platform.process is not None
    root = psutil.Process(platform.process.pid)
    return [root, *(p for p in root.children(recursive=True) if is_own(p))]


def is_own(process: psutil.Process) -> bool:
    words = process.cmdline()
    return "-m" in words and words[words.index("-m") + 1] in OWN


def seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
