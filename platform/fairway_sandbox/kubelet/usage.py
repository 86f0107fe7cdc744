"""What pods use of CPU and memory, measured between two questions."""

import contextlib
import os
import time
from collections.abc import Iterable

import psutil

from fairway_sandbox.kubelet.container import Container
from fairway_sandbox.kubelet.pod import Pod
from fairway_sandbox.objects import Json, now

GROUP = "metrics.k8s.io/v1beta1"
WINDOW = 15.0


class Usage:
    def __init__(self) -> None:
        self._seen: dict[int, tuple[float, float]] = {}

    def of_pods(self, pods: Iterable[Pod]) -> list[Json]:
        found = []
        for pod in pods:
            figures = [self._of(c) for c in pod.containers if c.running]
            if figures:
                labels = pod.obj["metadata"].get("labels") or {}
                meta = {"name": pod.name, "namespace": pod.namespace, "labels": labels, "creationTimestamp": now()}
                found.append(self._told("PodMetrics", meta, {"containers": figures}))
        return found

    def of_nodes(self, names: Iterable[str]) -> list[Json]:
        """Every node is this machine."""
        cores = psutil.cpu_percent() / 100 * (os.cpu_count() or 1)
        usage = {"cpu": f"{int(cores * 1e9)}n", "memory": f"{psutil.virtual_memory().used // 1024}Ki"}
        return [self._told("NodeMetrics", {"name": n, "creationTimestamp": now()}, {"usage": usage}) for n in names]

    def _told(self, kind: str, meta: Json, figures: Json) -> Json:
        return {"kind": kind, "apiVersion": GROUP, "metadata": meta, "timestamp": now(), "window": "15s", **figures}

    def _of(self, container: Container) -> Json:
        assert container.process is not None
        pid, spent, memory = container.process.pid, 0.0, 0
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(pid)
            for process in [first, *first.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    spent += times.user + times.system
                    memory += process.memory_info().rss
        at = time.monotonic()
        before = self._seen.get(pid)
        if before is None or at - before[0] > WINDOW / 3:
            self._seen[pid] = (at, spent)
        rate = max(0.0, (spent - before[1]) / max(0.01, at - before[0])) if before else 0.0
        return {"name": container.name, "usage": {"cpu": f"{int(rate * 1e9)}n", "memory": f"{memory // 1024}Ki"}}

    def forget(self, pod: Pod) -> None:
        for container in pod.containers:
            if container.process is not None:
                self._seen.pop(container.process.pid, None)
