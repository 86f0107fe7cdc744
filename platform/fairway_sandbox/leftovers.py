"""Processes that a killed sandbox left behind: grandchildren, which the kernel does not end with it."""

import psutil


def end(data: str) -> int:
    """Kill every process that carries this data directory's mark; answers how many."""
    count = 0
    for process in psutil.process_iter():
        try:
            if process.environ().get("FAIRWAY_SANDBOX") == data:
                process.kill()
                count += 1
        except (psutil.Error, OSError):
            continue
    return count
