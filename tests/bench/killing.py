"""A pod killed by the command line, from the start of the process to the cluster's answer, against Chaos Toolkit."""

import json
import os
import shutil
import statistics
import subprocess
import time
from datetime import datetime
from pathlib import Path

from tests.bench.figures import Figure
from tests.e2e.platform import Platform
from tests.until import until

ROUNDS = 5


def measure(platform: Platform) -> list[Figure]:
    platform.done("deploy", "web", "--image", "fairway/demo:1", "--replicas", "3", "--yes")
    ours = statistics.median(by_fairway(platform) for _ in range(ROUNDS))
    figures = [Figure("pod kill by the command line", ours, "s")]
    if shutil.which("chaos"):
        theirs = statistics.median(by_chaostoolkit(platform) for _ in range(ROUNDS))
        figures += [
            Figure("the same by `chaos run`, whole process", theirs, "s"),
            Figure("ratio of the two", ours / theirs, "x", "0.5", lambda v: v < 0.5),
        ]
    return figures


def by_fairway(platform: Platform) -> float:
    """Until the cluster has acknowledged the DELETE."""
    whole(platform)
    began = time.time()
    platform.done("chaos", "kill", "web", "--count", "1", "--yes", "--no-wait")
    with platform.rest(described=False) as rest:
        trial = until(lambda: rest.get("/trials?limit=1").json()[0], lambda t: t["victims"], 30)
        until(lambda: rest.get(f"/trials/{trial['id']}").json(), lambda t: t["ended_at"], 60)
    killed = datetime.fromisoformat(trial["victims"][0]["killed_at"])
    return killed.timestamp() - began


def by_chaostoolkit(platform: Platform) -> float:
    whole(platform)
    arguments = {"name_pattern": "^web-.*", "ns": platform.namespace, "rand": True, "qty": 1, "grace_period": -1}
    provider = {"type": "python", "module": "chaosk8s.pod.actions", "func": "terminate_pods", "arguments": arguments}
    experiment = {
        "title": "one bare kill",
        "description": "one bare kill",
        "method": [{"type": "action", "name": "kill", "provider": provider}],
    }
    path = Path(platform.data) / "experiment.json"
    path.write_text(json.dumps(experiment))
    environment = {**os.environ, "KUBECONFIG": str(platform.data / "sandbox" / "kubeconfig")}
    began = time.time()
    subprocess.run(
        ["chaos", "--no-version-check", "run", "--journal-path", str(path.with_suffix(".journal")), str(path)],
        env=environment,
        cwd=platform.data,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return time.time() - began


def whole(platform: Platform) -> None:
    with platform.rest(described=False) as rest:
        place = {"service": platform.service, "environment": "dev"}
        web = rest.get("/resources/web", params=place).json()["id"]
        until(lambda: rest.get(f"/resources/{web}").json(), lambda r: r["health"]["status"] == "healthy", 60)
