"""`make real`: the end-to-end suite, the mirror, the chart and Prometheus, on a real Kubernetes.

`python -m tests.real prepare` starts the cluster alone and tells whether that is possible here; `run` does everything.
With FAIRWAY_TEST_KUBECONFIG the tests run on that cluster, from this machine's own network, and none is started.
"""

import argparse
import os
import subprocess
import sys
import tempfile
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
    with tempfile.TemporaryDirectory(prefix="fairway-bench-") as folder:
        figures = Path(folder) / "sandbox.json"
        if given:
            return _on_a_given_one(asked.verb, asked.rest, figures, _environment(Path(given)))
        return _on_our_own(asked.verb, asked.rest, figures)


def _on_a_given_one(verb: str, rest: Sequence[str], figures: Path, environment: dict[str, str]) -> int:
    commands = [_bench("sandbox", figures), _bench("real", figures)] if verb == "bench" else [_tests(rest)]
    return next((code for command in commands if (code := _here(command, environment))), 0)


def _on_our_own(verb: str, rest: Sequence[str], figures: Path) -> int:
    try:
        ours = cluster.running() is None
        archives = _built()
        if verb == "bench" and (code := _here(_bench("sandbox", figures))):  # before the cluster takes its share
            return code
        _start(archives)
    except Unable as error:
        print(f"The real cluster cannot run on this machine. {error}", file=sys.stderr)
        return 3
    if verb == "prepare":
        return 0
    try:
        environment = _environment(places.kubeconfig())
        code = _run(rest, environment) if verb == "run" else _in_its_network(_bench("real", figures), environment)
        return code or (_end() if ours else 0)
    finally:
        if ours:
            cluster.down()


def _built() -> list[Path]:
    """The archives of images. Raises Unable."""
    cluster.check()
    build.build()
    return images.made()


def _start(archives: Sequence[Path]) -> None:
    """Raises Unable."""
    cluster.up(archives)
    steps = ", ".join(f"{name} {seconds:g} s" for name, seconds in cluster.times().items())
    print(f"Kubernetes {build.kubernetes_version()} runs; started in: {steps}", flush=True)


def _run(rest: Sequence[str], environment: dict[str, str]) -> int:
    """In the cluster's network, but for what is about its outside."""
    outside = any(word.startswith(OUTSIDE) for word in rest)
    code = 0 if outside else _in_its_network([*_tests(rest), f"--ignore={OUTSIDE}"], environment)
    if outside or not rest:
        environment["FAIRWAY_TEST_OUTSIDE"] = "1"
        code = _here(_tests(rest or [OUTSIDE]), environment) or code
    return code


def _in_its_network(command: Sequence[str], environment: dict[str, str]) -> int:
    return _here(cluster.entering(command), environment)


def _here(command: Sequence[str], environment: dict[str, str] | None = None) -> int:
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


def _end() -> int:
    cluster.down()
    left = cluster.left_over()
    if left:
        print(f"Left on this machine: {', '.join(left)}", file=sys.stderr)
    return 1 if left else 0


def _tests(chosen: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-rs", *(chosen or TESTS)]


def _bench(target: str, figures: Path) -> list[str]:
    """figures: a file that the sandbox's are written to, and read from beside the real cluster's."""
    return [sys.executable, "-m", "tests.real.bench", target, str(figures)]


def _environment(kubeconfig: Path) -> dict[str, str]:
    """With the tools that the tests call: those of the cluster, helm, and Debian's Prometheus."""
    folders = [str(build.binary(name).parent) for name in ("kubectl", "helm")]
    prometheus = packages.unpacked(["prometheus"], without=("libc6",)) / "usr/bin"
    path = os.pathsep.join([os.environ["PATH"], *folders, str(prometheus)])
    return {**os.environ, "PATH": path, "FAIRWAY_TEST_KUBECONFIG": str(kubeconfig)}


if __name__ == "__main__":
    sys.exit(main())
