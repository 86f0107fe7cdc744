"""`make real`: the end-to-end suite, the mirror, the chart and Prometheus, on a real Kubernetes.

`python -m tests.real prepare` starts the cluster alone and tells whether that is possible here; `run` does everything.
With FAIRWAY_TEST_KUBECONFIG the tests run on that cluster, from this machine's own network, and none is started.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.real import images
from tests.real.cluster import build, cluster, packages, places
from tests.real.cluster.failure import Unable

ROOT = Path(__file__).resolve().parents[2]
TESTS = ("tests/deploy", "tests/e2e", "tests/real")
OUTSIDE = "tests/real/test_from_outside.py"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.real", description=__doc__)
    parser.add_argument("verb", choices=("prepare", "run", "bench"))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="for pytest; without any, everything")
    asked = parser.parse_args()
    given = os.environ.get("FAIRWAY_TEST_KUBECONFIG")
    if given:
        return subprocess.run(_tests(asked.rest), cwd=ROOT, env=_environment(Path(given))).returncode
    try:
        ours = cluster.running() is None
        prepare()
    except Unable as error:
        print(f"The real cluster cannot run on this machine. {error}", file=sys.stderr)
        return 3
    if asked.verb == "prepare":
        return 0
    try:
        return _run(asked.verb, asked.rest) or (_end() if ours else 0)
    finally:
        if ours:
            cluster.down()


def prepare() -> None:
    """Raises Unable."""
    cluster.check()
    build.build()
    cluster.up(images.made())
    steps = ", ".join(f"{name} {seconds:g} s" for name, seconds in cluster.times().items())
    print(f"Kubernetes {build.kubernetes_version()} runs; started in: {steps}", flush=True)


def _run(verb: str, rest: Sequence[str]) -> int:
    """In the cluster's network, but for what is about its outside."""
    environment = _environment(places.kubeconfig())
    if verb == "bench":
        return _in_its_network([sys.executable, "-m", "tests.real.bench"], environment)
    outside = any(word.startswith(OUTSIDE) for word in rest)
    code = 0 if outside else _in_its_network([*_tests(rest), f"--ignore={OUTSIDE}"], environment)
    if outside or not rest:
        environment["FAIRWAY_TEST_OUTSIDE"] = "1"
        code = subprocess.run(_tests(rest or [OUTSIDE]), cwd=ROOT, env=environment).returncode or code
    return code


def _in_its_network(command: Sequence[str], environment: dict[str, str]) -> int:
    return subprocess.run(cluster.entering(command), cwd=ROOT, env=environment).returncode


def _end() -> int:
    cluster.down()
    left = cluster.left_over()
    if left:
        print(f"Left on this machine: {', '.join(left)}", file=sys.stderr)
    return 1 if left else 0


def _tests(chosen: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-rs", *(chosen or TESTS)]


def _environment(kubeconfig: Path) -> dict[str, str]:
    """With the tools that the tests call: those of the cluster, helm, and Debian's Prometheus."""
    folders = [str(build.binary(name).parent) for name in ("kubectl", "helm")]
    prometheus = packages.unpacked(["prometheus"], without=("libc6",)) / "usr/bin"
    path = os.pathsep.join([os.environ["PATH"], *folders, str(prometheus)])
    return {**os.environ, "PATH": path, "FAIRWAY_TEST_KUBECONFIG": str(kubeconfig)}


if __name__ == "__main__":
    sys.exit(main())
