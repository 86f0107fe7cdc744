"""Memory and CPU of an idle platform, without the servers that it provisioned."""

import time

import psutil

from tests.bench.figures import Figure
from tests.e2e.platform import Platform

SETTLE, WATCH = 90.0, 60.0  # the process that runs programs ends after an idle minute
OWN = ("fairway.cli", "fairway.serving", "fairway_sandbox", "fairway_stacks.running.zygote")


def measure(platform: Platform) -> list[Figure]:
    """After the work of the other parts, then ended and started again with all that they provisioned."""
    time.sleep(SETTLE)
    worked, busy = memory(platform), cpu(platform)
    platform.end()
    platform.start()
    time.sleep(SETTLE)
    return [
        Figure("idle memory after the work above, PSS", worked, "MiB", "200", lambda v: v < 200),
        Figure("idle memory when started again, PSS", memory(platform), "MiB", "200", lambda v: v < 200),
        Figure("idle CPU", busy, "% of a core", "2", lambda v: v < 2),
    ]


def memory(platform: Platform) -> float:
    return float(sum(process.memory_full_info().pss for process in processes(platform)) / 2**20)


def cpu(platform: Platform) -> float:
    own = processes(platform)
    before = sum(seconds(process) for process in own)
    time.sleep(WATCH)
    return 100 * (sum(seconds(process) for process in own) - before) / WATCH


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
