"""The binaries, built from pinned Go modules into the cache: each module's folder is named by what it pins."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.real.cluster import places
from tests.real.cluster.failure import Unable

MODULES = places.HERE / "modules"
# What upstream's own build writes into the version; the date is the release's, so that a build says the same each time.
BUILT = "2025-11-11T00:00:00Z"
VERSIONS = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")


@dataclass(frozen=True)
class Module:
    """name: its folder. tools: binary -> package."""

    name: str
    tools: dict[str, str]
    versioned: bool = False


KUBERNETES = Module(
    "kubernetes",
    {
        **{
            name: f"k8s.io/kubernetes/cmd/{name}"
            for name in (
                "kube-apiserver",
                "kube-controller-manager",
                "kube-scheduler",
                "kubelet",
                "kube-proxy",
                "kubectl",
            )
        },
        "etcd": "go.etcd.io/etcd/server/v3",
    },
    versioned=True,
)
COREDNS = Module("coredns", {"coredns": "."})
PAUSE = Module("pause", {"pause": "."})
EXPORTER = Module("exporter", {"prometheus-nats-exporter": "github.com/nats-io/prometheus-nats-exporter"})
POLICIES = Module("policies", {"policies": "."})
HELM = Module("helm", {"helm": "helm.sh/helm/v3/cmd/helm"})
ALL = (KUBERNETES, COREDNS, POLICIES, PAUSE, EXPORTER, HELM)


def binary(name: str) -> Path:
    """Where it is, built or not."""
    module = next(module for module in ALL if name in module.tools)
    return _folder(module) / name


def build(*modules: Module) -> None:
    """What is not there yet, one after the other. Raises Unable."""
    for module in modules or ALL:
        for name, package in module.tools.items():
            if not binary(name).is_file():
                _build(module, name, package)


def kubernetes_version() -> str:
    text = (MODULES / "kubernetes" / "go.mod").read_text()
    found = re.search(r"^\s*(?:require )?k8s\.io/kubernetes (v\S+)", text, re.MULTILINE)
    if found is None:
        raise Unable("modules/kubernetes/go.mod requires no k8s.io/kubernetes")
    return found[1]


def _folder(module: Module) -> Path:
    files = sorted(path for path in (MODULES / module.name).iterdir() if path.suffix in (".mod", ".sum", ".go"))
    return places.cache() / "bin" / f"{module.name}-{places.digest(path.read_bytes() for path in files)}"


def _build(module: Module, name: str, package: str) -> None:
    go = shutil.which("go")
    if go is None:
        raise Unable("Go is not on the PATH; the cluster is built with it (https://go.dev/doc/install)")
    print(f"Building {name} ...", flush=True)
    target = binary(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_suffix(".half")
    done = subprocess.run(
        [go, "build", "-trimpath", "-buildvcs=false", "-ldflags", _flags(module), "-o", str(half), package],
        cwd=MODULES / module.name,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise Unable(f"go build {package} failed:\n{done.stdout[-2000:]}")
    half.rename(target)


def _flags(module: Module) -> str:
    flags = ["-s", "-w"]
    if module.versioned:
        version = kubernetes_version()
        major, minor, _ = version.removeprefix("v").split(".")
        values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitCommit": "gomod"}
        values |= {"gitTreeState": "clean", "buildDate": BUILT}
        flags += [f"-X {package}.{key}={value}" for package in VERSIONS for key, value in values.items()]
    return " ".join(flags)
