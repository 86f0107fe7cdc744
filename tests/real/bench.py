"""`make bench-real`: the sandbox against the real cluster in one run, and Fairway's clock against another one."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import yaml

import fairway_catalog
from tests.bench import footprint, provisioning
from tests.bench.figures import Figure, table
from tests.e2e.platform import Platform
from tests.e2e.target import Target, chosen
from tests.real.cluster import cluster
from tests.until import until

ROUNDS, KILLS, MANY, SETTLE = 3, 7, 50, 20.0
CLOCKS_APART = 0.05


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.real.bench", description=__doc__)
    parser.add_argument("target", choices=("sandbox", "real"))
    parser.add_argument("figures", type=Path, help="the sandbox's: written, then read beside the real cluster's")
    asked = parser.parse_args()
    target = chosen() if asked.target == "real" else Target(None)
    assert target.name == asked.target, "FAIRWAY_TEST_KUBECONFIG names no cluster"
    with tempfile.TemporaryDirectory(prefix="fairway-bench-") as folder:
        figures = measured(target, Path(folder))
    if asked.target == "sandbox":
        asked.figures.write_text(json.dumps([(f.name, f.value, f.unit) for f in figures]))
        return 0
    print(side_by_side([Figure(*told) for told in json.loads(asked.figures.read_text())], figures))
    if cluster.times():
        print(f"\nThe real cluster itself: started in {max(cluster.times().values()):.1f} s.")
    only = [figure for figure in figures if figure.goal]
    print("\n" + table(only))
    return 0 if all(figure.holds for figure in only) else 1


def measured(target: Target, folder: Path) -> list[Figure]:
    began = time.monotonic()
    platform = Platform(folder / "platform", scrape_seconds=15, target=target)
    platform.environment["FAIRWAY_CATALOG_DIRS"] = str(crumbs(folder / "catalog"))
    platform.start()
    figures = Figures(target.name, [Figure("start of the whole platform", time.monotonic() - began, "s")])
    try:
        platform.done("service", "create", platform.service)
        with platform.rest(described=False) as rest:
            provisioning.ask(rest, platform.service, "warm")
            times = [provisioning.provision(rest, platform.service, f"db{n}") for n in range(ROUNDS)]
            figures.append(Figure("request to a Postgres that answers", statistics.median(times), "s"))
            figures.extend(killed(platform, rest))
            for name in ("web", "warm", *(f"db{number}" for number in range(ROUNDS))):
                platform.done("destroy", name, "--confirm", name)
            figures.append(Figure(f"{MANY} Redis at once, request to the last one ready", many(platform, rest), "s"))
        time.sleep(SETTLE)
        figures.append(Figure("memory of the platform's own processes, PSS", footprint.memory(platform), "MiB"))
    finally:
        platform.leave()
    return figures


class Figures(list[Figure]):
    """Told as they come: the whole takes minutes."""

    def __init__(self, target: str, figures: list[Figure]) -> None:
        super().__init__()
        self._target = target
        self.extend(figures)

    def append(self, figure: Figure) -> None:
        print(f"{self._target}: {figure.name}: {figure.value:.3g} {figure.unit}", file=sys.stderr, flush=True)
        super().append(figure)

    def extend(self, figures: Iterable[Figure]) -> None:
        for figure in figures:
            self.append(figure)


def killed(platform: Platform, rest: httpx.Client) -> list[Figure]:
    """A pod's recovery as Fairway tells it, and as a watcher of its own saw it."""
    metrics = ["--set", "health_path=/healthz", "--set", "metrics_path=/metrics"]
    platform.done("deploy", "web", "--image", "fairway/demo:1", "--replicas", "3", *metrics, "--yes")
    web = platform.resource("web")
    told, apart = [], []
    with Watcher(platform, web["id"]) as watcher:
        for _ in range(KILLS):
            until(lambda: platform.resource("web"), lambda r: r["health"]["status"] == "healthy", 60)
            before = len(watcher.seen)
            wanted = {"resource": "web", "service": platform.service, "environment": "dev", "baseline": 1, "after": 1}
            started = rest.post("/trials", json=wanted).raise_for_status()
            path = started.headers["location"].removeprefix("/api/v1")
            trial = until(partial(read, rest, path), lambda t: t["ended_at"], 120)
            told.append(trial["victims"][0]["recovery"]["ttr"])
            apart.append(abs(told[-1] - watcher.recovery(trial["victims"][0]["uid"], before)))
    return [
        Figure("a killed pod's replacement ready", statistics.median(told), "s"),
        Figure(
            "Fairway's recovery time against the watcher's, median difference", statistics.median(apart), "s", *goal()
        ),
        Figure("the largest of these differences", max(apart), "s"),
    ]


def read(rest: httpx.Client, path: str) -> Any:
    return rest.get(path).json()


def goal() -> tuple[str, Callable[[float], bool]]:
    return f"{CLOCKS_APART:g}", lambda value: value < CLOCKS_APART


class Watcher:
    """tests.real.watcher, and what it has seen so far."""

    def __init__(self, platform: Platform, resource: str) -> None:
        kubeconfig = platform.target.kubeconfig or platform.data / "sandbox" / "kubeconfig"
        words = [str(kubeconfig), platform.namespace, f"fairway.dev/resource={resource}"]
        self.seen: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.real.watcher", *words],
            env=platform.environment,
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None and "watching" in self._process.stdout.readline()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "Watcher":
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._reader.join(10)

    def recovery(self, victim: str, since: int) -> float:
        """Seconds from the first sight of the victim's deletion to that of a new pod that is ready."""
        changes = self.seen[since:]
        old = {change["uid"] for change in self.seen[:since]} | {victim}
        began = next(c["at"] for c in changes if c["uid"] == victim and c["deleted"])
        return float(next(c["at"] for c in changes if c["uid"] not in old and c["ready"]) - began)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout:
            for line in self._process.stdout:
                with suppress(ValueError):
                    self.seen.append(json.loads(line))


def crumbs(folder: Path) -> Path:
    """A catalog with a Redis so small that fifty of them fit on one node of two cores."""
    folder.mkdir()
    redis = Path(fairway_catalog.__file__).parent / "offerings" / "redis.yaml"
    offering = yaml.safe_load(redis.read_text())
    resources = {"cpu": "10m", "memory": "48Mi", "storage": "1Gi"}
    plan = {"name": "dev", "title": "Crumb", "summary": "For a crowd", "price": 100, "resources": resources}
    offering |= {"name": "crumb", "title": "Crumb", "plans": [plan]}
    (folder / "crumb.yaml").write_text(yaml.safe_dump(offering, sort_keys=False))
    return folder


def many(platform: Platform, rest: httpx.Client) -> float:
    """All requests at once; until the last run has succeeded."""

    def ask(number: int) -> str:
        wish = {"service": platform.service, "environment": "dev", "name": f"many{number}", "offering": "crumb"}
        answer = rest.post("/resources", json={**wish, "plan": "dev"}).raise_for_status()
        return answer.headers["location"].removeprefix("/api/v1")

    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        left = set(pool.map(ask, range(MANY)))
    while left:
        for path in list(left):
            state = rest.get(path).json()["state"]
            assert state not in ("failed", "cancelled"), rest.get(path).json()
            if state == "succeeded":
                left.discard(path)
        time.sleep(0.2)
    return time.monotonic() - began


def side_by_side(sandbox: Sequence[Figure], real: Sequence[Figure]) -> str:
    lines = ["| What | Sandbox | Real cluster | Ratio |", "|---|---:|---:|---:|"]
    for here, there in zip(sandbox, real, strict=True):
        ratio = f"{there.value / here.value:.2f}x" if here.value else ""
        lines.append(f"| {here.name} | {here.value:.3g} {here.unit} | {there.value:.3g} {there.unit} | {ratio} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
