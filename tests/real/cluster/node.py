"""The first process of the cluster's namespaces: it starts all others, and they all end with it.

Run by `unshare`, as process 1 of a PID namespace, with a network and a mount namespace of its own. When it ends,
however it ends, the kernel ends every process below it, and mounts, interfaces and packet
rules go with their namespaces.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.real.cluster import build, components, places
from tests.real.cluster.certificates import NODE, NODE_ADDRESS
from tests.real.cluster.components import Process

PATIENCE = 120.0
COMMANDS = (
    *("iptables", "iptables-save", "iptables-restore"),
    *("ip6tables", "ip6tables-save", "ip6tables-restore"),
)


class Broken(Exception):
    """The cluster cannot run; the message says why."""


class Node:
    def __init__(self, state: Path) -> None:
        self._state, self._since = state, time.monotonic()
        self._running: dict[int, str] = {}
        self._keys, self._configuration = state / "keys", state / "configuration"
        self._environment = components.environment(self._links())
        self._times: dict[str, float] = {}

    def start(self) -> None:
        """Returns when the node is Ready, its images are there, and names are answered. Raises Broken."""
        self._mounts()
        self._network()
        self._ask_about_connections()
        threading.Thread(target=self._open_volumes, daemon=True).start()
        store, server, *later = components.control_plane(self._keys, self._state / "etcd")
        for process in (store, server, components.containerd(self._configuration)):
            self._run(process)
        self._until("containerd", lambda: self._ctr("version"))
        self._import(self._state / "images" / "pause.tar")
        self._until("apiserver", lambda: self._kubectl("get", "--raw=/readyz"))
        nodes = components.node(self._keys, self._configuration, Path("/var/lib/kubelet"))
        for process in (*later, *nodes):
            self._run(process)
        for image in sorted((self._state / "images").glob("*.tar")):
            self._import(image)
        self._tell("images")
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": components.base()})
        self._until("storage", lambda: self._kubectl("apply", "-f", "-", given=listed))
        ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
        self._until("node", lambda: self._kubectl("get", "node", NODE, "-o", ready, says="True"))
        self._until("accounts", lambda: self._kubectl("-n", "default", "get", "serviceaccount", "default"))
        self._until("names", lambda: self._answers("http://127.0.0.1:8189/ready"))
        (self._state / "ready.json").write_text(json.dumps(self._times))

    def stay(self) -> None:
        """Until one of its processes ends. Raises Broken."""
        while True:
            pid, status = os.wait()
            if pid in self._running:
                name = self._running[pid]
                raise Broken(f"{name} ended with {status}: {self._last_words(name)}")

    def _links(self) -> Path:
        """Debian picks one of iptables' two back ends when it installs; here the one that this kernel has."""
        links, folder = self._state / "links", components.tools() / "usr/sbin"
        links.mkdir()
        environment = components.environment(links)
        for kind in ("nft", "legacy"):
            program = folder / f"xtables-{kind}-multi"
            asked = [str(program), "iptables", "-t", "nat", "-S"]
            if subprocess.run(asked, env=environment, capture_output=True).returncode == 0:
                for name in COMMANDS:
                    (links / name).symlink_to(program)
                return links
        raise Broken("This kernel has no packet filter that iptables can speak to")

    def _mounts(self) -> None:
        """What the node's programs write outside the cluster's folder goes to mounts that nobody else sees."""
        self._command("mount", "--make-rshared", "/")
        for hidden in ("/run", "/var/log"):
            self._command("mount", "-t", "tmpfs", "tmpfs", hidden)
        for made in ("/run/fairway-real", "/var/log/containers"):
            Path(made).mkdir()
        for path, own in covered(self._state).items():
            self._command("mount", "--bind", str(own), str(path))
        self._command("mount", "--bind", f"{self._configuration}/resolv.conf", "/etc/resolv.conf")

    def _network(self) -> None:
        """Two ends of one cable, both here: an address for the node, and a way for everything else to nowhere."""
        self._command("ip", "link", "set", "lo", "up")
        self._command("ip", "link", "add", "node0", "type", "veth", "peer", "name", "nowhere0")
        self._command("ip", "address", "add", f"{NODE_ADDRESS}/24", "dev", "node0")
        for name in ("nowhere0", "node0"):
            self._command("ip", "link", "set", name, "up")
        self._command("ip", "route", "add", "default", "dev", "node0")
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")

    def _ask_about_connections(self) -> None:
        """Each new connection between pods waits for the verdict of `policies`; what the node itself sends does not.

        The program makes rules of its own, with an expression of nftables that not every kernel has.
        """
        iptables = [str(self._state / "links" / "iptables"), "-t", "mangle", "-A", "FORWARD"]
        rule = ["-m", "conntrack", "--ctstate", "NEW", "-j", "NFQUEUE", "--queue-num", components.POLICY_QUEUE]
        if not self._does(iptables + rule):
            raise Broken(f"New connections cannot be queued: {self._said}")

    def _open_volumes(self) -> None:
        """The built-in provisioner makes folders for root alone, and a pod's fsGroup does not reach a hostPath.

        Drivers of real storage apply it. Seconds pass between a folder's making and the first container in it.
        """
        while True:
            for folder in (self._state / "volumes").iterdir():
                with contextlib.suppress(FileNotFoundError):
                    folder.chmod(0o777)
            time.sleep(0.02)

    def _run(self, process: Process) -> None:
        with (self._state / "logs" / f"{process.name}.log").open("ab") as log:
            started = subprocess.Popen(
                process.command, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._running[started.pid] = process.name

    def _import(self, image: Path) -> None:
        self._until(image.name, lambda: self._ctr("images", "import", str(image)))
        image.unlink()

    def _ctr(self, *words: str) -> bool:
        ctr = str(components.tools() / "usr/bin/ctr")
        return self._does([ctr, "-a", str(components.containerd_socket()), "-n", "k8s.io", *words])

    def _kubectl(self, *words: str, given: str = "", says: str = "") -> bool:
        command = [str(build.binary("kubectl")), f"--kubeconfig={self._keys}/admin.kubeconfig", *words]
        return self._does(command, given, says)

    def _does(self, command: list[str], given: str = "", says: str = "") -> bool:
        done = subprocess.run(command, env=self._environment, input=given, capture_output=True, text=True)
        self._said = done.stderr.strip()[-500:]
        return done.returncode == 0 and says in done.stdout

    def _answers(self, url: str) -> bool:
        return self._does([sys.executable, "-c", f"import urllib.request as r; r.urlopen({url!r}, timeout=2)"])

    def _until(self, what: str, holds: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not holds():
            for pid, name in self._running.items():
                if os.waitpid(pid, os.WNOHANG) != (0, 0):
                    raise Broken(f"{name} ended while the cluster started: {self._last_words(name)}")
            if time.monotonic() > until:
                raise Broken(f"{what} was not there after {PATIENCE:.0f} s: {self._said}")
            time.sleep(0.1)
        self._tell(what)

    def _tell(self, what: str) -> None:
        self._times[what] = round(time.monotonic() - self._since, 1)

    def _last_words(self, name: str) -> str:
        return (self._state / "logs" / f"{name}.log").read_text(errors="replace")[-1500:]

    @staticmethod
    def _command(*words: str) -> None:
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise Broken(f"{' '.join(words)}: {done.stderr.strip()}")


def covered(state: Path) -> dict[Path, Path]:
    """Places that programs name in their source and no option moves -> the folder of the cluster that stands there."""
    return {
        Path("/var/lib/kubelet"): state / "kubelet",
        Path("/tmp/hostpath_pv"): state / "volumes",
    }


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    state = places.state()
    try:
        node = Node(state)
        node.start()
        node.stay()
    except (Broken, OSError) as error:
        (state / "broken.txt").write_text(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
