"""Starting and ending the cluster, and running commands in its network."""

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.real.cluster import build, certificates, cgroups, components, node, places
from tests.real.cluster.failure import Unable

COMMANDS = ("unshare", "nsenter", "mount", "ip", "tar", "dpkg-deb")
NAMESPACES = ("--net", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--mount-proc", "--propagation=private")
PATIENCE = 180.0


def up(images: Sequence[Path] = ()) -> None:
    """One that runs already is left as it is. images: archives that it holds from the start. Raises Unable."""
    if running() is not None:
        return
    check()
    build.build(build.KUBERNETES, build.COREDNS)
    down()
    state = places.state()
    cgroups.make()
    _prepare(state, images)
    with (state / "logs" / "node.log").open("wb") as log:
        started = subprocess.Popen(
            ["unshare", *NAMESPACES, sys.executable, "-m", "tests.real.cluster.node"],
            cwd=places.HERE.parents[2],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _wait(state, started)


def down() -> None:
    """Ends the cluster with everything in it, and removes all that it left but what is cached. Idempotent."""
    init = running()
    if init is not None:
        parent = init.parent()
        init.kill()
        psutil.wait_procs([process for process in (init, parent) if process], timeout=30)
    cgroups.remove()
    for path in json.loads(_read(places.state() / "made.json") or "[]"):
        if Path(path).is_dir():
            Path(path).rmdir()
    shutil.rmtree(places.state(), ignore_errors=True)


def running() -> psutil.Process | None:
    """The first process of the cluster that runs."""
    told = json.loads(_read(places.state() / "process.json") or "{}")
    try:
        process = psutil.Process(told["pid"])
        return process if process.create_time() == told["started"] and process.is_running() else None
    except (KeyError, psutil.NoSuchProcess):
        return None


def entering(command: Sequence[str]) -> list[str]:
    """The command that runs `command` in the cluster's network, where its names are known. Raises Unable."""
    init = running()
    if init is None:
        raise Unable("The cluster does not run; `python -m tests.real.cluster up` starts it")
    inside = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    names = str(places.state() / "configuration" / "resolv.conf")
    return [
        *("nsenter", f"--net=/proc/{init.pid}/ns/net"),
        *("unshare", "--mount", "--propagation=private", "sh", "-c", inside, names, *command),
    ]


def load(archive: Path) -> None:
    """One more image archive into the cluster that runs. Raises Unable."""
    init = running()
    if init is None:
        raise Unable("The cluster does not run")
    ctr = [str(components.tools() / "usr/bin/ctr"), "-a", str(components.containerd_socket()), "-n", "k8s.io"]
    inside = ["nsenter", f"--mount=/proc/{init.pid}/ns/mnt"]
    done = subprocess.run([*inside, *ctr, "images", "import", str(archive)], capture_output=True, text=True)
    if done.returncode:
        raise Unable(f"The image could not be loaded: {done.stderr.strip()[-500:]}")


def times() -> dict[str, float]:
    """Seconds from the start to each step."""
    return dict(json.loads(_read(places.state() / "ready.json") or "{}"))


def left_over() -> list[str]:
    """What of a cluster is still on this machine, though none runs."""
    found = [str(path) for path in (places.state(), *cgroups.left()) if path.exists()]
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    found += [mount for mount in mounts if mount.startswith(str(places.cache()))]
    found += [name for name in ("node0", "nowhere0", "cni0") if Path("/sys/class/net", name).exists()]
    binaries = str(places.cache())
    found += [str(p.pid) for p in psutil.process_iter(["exe"]) if (p.info["exe"] or "").startswith(binaries)]
    return found


def check() -> None:
    """Raises Unable with what this machine lacks."""
    if platform.system() != "Linux":
        raise Unable("A Kubernetes node needs Linux")
    if os.geteuid() != 0:
        raise Unable("A Kubernetes node needs root")
    missing = [name for name in COMMANDS if shutil.which(name) is None]
    if missing:
        raise Unable(
            f"Not on the PATH: {', '.join(missing)} (Debian: apt-get install util-linux mount iproute2 tar dpkg)"
        )
    if not Path("/dev/kmsg").exists():
        raise Unable("There is no /dev/kmsg, which a kubelet reads; in a container, run it with --privileged")
    tried = subprocess.run(["unshare", *NAMESPACES, "true"], capture_output=True, text=True)
    if tried.returncode:
        raise Unable(f"This machine lets root make no namespaces: {tried.stderr.strip()}")


def _prepare(state: Path, images: Sequence[Path]) -> None:
    for folder in ("logs", "configuration/cni", "images", "pod-logs", "plugins"):
        (state / folder).mkdir(parents=True)
    state.chmod(0o700)
    certificates.make(state / "keys")
    for name, content in components.files(state / "keys", state, _snapshotter(state)).items():
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        (state / "configuration" / name).write_text(text)
    shutil.copy(state / "keys" / "admin.kubeconfig", places.kubeconfig())
    for image in images:
        (state / "images" / image.name).symlink_to(image)
    made = []
    for path, own in node.covered(state).items():
        own.mkdir()
        if not path.is_dir():
            path.mkdir(parents=True)
            made.append(str(path))
    (state / "made.json").write_text(json.dumps(made))


def _snapshotter(state: Path) -> str:
    """Overlays where this file system bears them (one overlay does not bear another); else plain copies."""
    folders = {name: state / "try" / name for name in ("lower", "upper", "work", "merged")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    options = f"lowerdir={folders['lower']},upperdir={folders['upper']},workdir={folders['work']}"
    mount = ["unshare", "--mount", "mount", "-t", "overlay", "overlay", "-o", options, str(folders["merged"])]
    works = subprocess.run(mount, capture_output=True).returncode == 0
    shutil.rmtree(state / "try")
    return "overlayfs" if works else "native"


def _wait(state: Path, started: subprocess.Popen[bytes]) -> None:
    """unshare's child is the first process of the namespaces."""
    until = time.monotonic() + PATIENCE
    known = False
    while not (state / "ready.json").exists():
        if not known and (children := psutil.Process(started.pid).children()):
            told = {"pid": children[0].pid, "started": children[0].create_time()}
            (state / "process.json").write_text(json.dumps(told))
            known = True
        if started.poll() is not None or time.monotonic() > until:
            said = _read(state / "broken.txt") or _read(state / "logs" / "node.log") or "it said nothing"
            kept = places.cache() / "last-logs"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(state / "logs", kept)
            down()
            raise Unable(f"The cluster did not start ({kept} has its logs): {said[-2000:]}")
        time.sleep(0.05)


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""
