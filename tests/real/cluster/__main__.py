"""`python -m tests.real.cluster up | down | status | build | enter COMMAND...`"""

import argparse
import os
import subprocess
import sys

from tests.real.cluster import build, cluster, places
from tests.real.cluster.failure import Unable


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.real.cluster", description=__doc__)
    parser.add_argument("verb", choices=("up", "down", "status", "build", "enter"))
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    try:
        return {"up": up, "down": down, "status": status, "build": built, "enter": enter}[asked.verb](asked.command)
    except Unable as error:
        print(error, file=sys.stderr)
        return 3


def up(_: list[str]) -> int:
    from tests.real import images

    cluster.check()
    build.build()
    cluster.up(images.made())
    return status([])


def down(_: list[str]) -> int:
    cluster.down()
    left = cluster.left_over()
    print(f"Left on this machine: {', '.join(left)}" if left else "Nothing runs, and nothing is left.")
    return 1 if left else 0


def status(_: list[str]) -> int:
    if cluster.running() is None:
        print("No cluster runs.")
        return 1
    steps = ", ".join(f"{name} {seconds:g} s" for name, seconds in cluster.times().items())
    print(f"Kubernetes {build.kubernetes_version()} runs; started in: {steps}")
    print(f"Kubeconfig: {places.kubeconfig()}")
    print("Its network is its own: `python -m tests.real.cluster enter COMMAND...` runs a command there.")
    return 0


def built(_: list[str]) -> int:
    build.build()
    return 0


def enter(command: list[str]) -> int:
    environment = {**os.environ, "KUBECONFIG": str(places.kubeconfig())}
    kubectl = str(build.binary("kubectl").parent)
    environment["PATH"] = f"{environment['PATH']}:{kubectl}"
    return subprocess.run(cluster.entering(command or ["sh"]), env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
