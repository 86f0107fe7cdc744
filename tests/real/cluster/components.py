"""What runs on the node: its processes in the order of their start, and the files that they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.real.cluster import build, packages, places
from tests.real.cluster.certificates import NODE, NODE_ADDRESS

SERVICES = "10.96.0.0/16"
PODS = "10.244.0.0/16"
PAUSE_IMAGE = "registry.k8s.io/pause:3.10"
CGROUP = "fairway-real"
POLICY_QUEUE = "100"
# libc is the machine's own: two of them in one process do not go together.
NODE_PACKAGES = ("containerd", "runc", "containernetworking-plugins", "iptables", "conntrack")


@dataclass(frozen=True)
class Process:
    name: str
    command: tuple[str, ...]


def tools() -> Path:
    """A folder of Debian's packages with containerd, runc, the CNI plugins, iptables and conntrack."""
    return packages.unpacked(NODE_PACKAGES, without=("libc6",))


def environment(links: Path) -> dict[str, str]:
    """For the node's processes: the packages' commands and libraries first."""
    root = tools()
    libraries = [str(path) for path in root.glob("usr/lib/*-linux-gnu")]
    return {
        "PATH": f"{links}:{root}/usr/sbin:{root}/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LD_LIBRARY_PATH": ":".join(libraries),
        "XTABLES_LIBDIR": ":".join(f"{library}/xtables" for library in libraries),
        "HOME": str(places.state()),
    }


def containerd_socket() -> Path:
    # Short, whatever the cache's path is: a socket's address has at most 107 bytes.
    return Path("/run/fairway-real/containerd.sock")


def control_plane(keys: Path, data: Path) -> list[Process]:
    etcd = ["--name=e1", f"--data-dir={data}", "--unsafe-no-fsync", "--listen-client-urls=http://127.0.0.1:2379"]
    etcd += ["--advertise-client-urls=http://127.0.0.1:2379", "--listen-peer-urls=http://127.0.0.1:2380"]
    etcd += ["--initial-advertise-peer-urls=http://127.0.0.1:2380", "--initial-cluster=e1=http://127.0.0.1:2380"]
    return [_process("etcd", *etcd), _apiserver(keys), _controllers(keys), _scheduler(keys)]


def _apiserver(keys: Path) -> Process:
    return _process(
        "kube-apiserver",
        "--etcd-servers=http://127.0.0.1:2379",
        f"--bind-address={NODE_ADDRESS}",
        "--secure-port=6443",
        f"--advertise-address={NODE_ADDRESS}",
        f"--service-cluster-ip-range={SERVICES}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        "--anonymous-auth=true",
        f"--client-ca-file={keys}/ca.crt",
        f"--tls-cert-file={keys}/apiserver.crt",
        f"--tls-private-key-file={keys}/apiserver.key",
        f"--token-auth-file={keys}/tokens.csv",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={keys}/sa.pub",
        f"--service-account-signing-key-file={keys}/sa.key",
        f"--kubelet-client-certificate={keys}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={keys}/apiserver-kubelet-client.key",
        "--kubelet-preferred-address-types=InternalIP,Hostname",
        f"--requestheader-client-ca-file={keys}/front-proxy-ca.crt",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={keys}/front-proxy-client.crt",
        f"--proxy-client-key-file={keys}/front-proxy-client.key",
    )


def _controllers(keys: Path) -> Process:
    return _process(
        "kube-controller-manager",
        *_identity(keys, "controller-manager"),
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
        "--use-service-account-credentials=true",
        f"--root-ca-file={keys}/ca.crt",
        f"--service-account-private-key-file={keys}/sa.key",
        f"--cluster-signing-cert-file={keys}/ca.crt",
        f"--cluster-signing-key-file={keys}/ca.key",
        "--allocate-node-cidrs=true",
        f"--cluster-cidr={PODS}",
        f"--service-cluster-ip-range={SERVICES}",
        "--enable-hostpath-provisioner=true",
    )


def _scheduler(keys: Path) -> Process:
    return _process("kube-scheduler", *_identity(keys, "scheduler"), "--bind-address=127.0.0.1", "--leader-elect=false")


def _identity(keys: Path, name: str) -> list[str]:
    file = f"{keys}/{name}.kubeconfig"
    return [f"--kubeconfig={file}", f"--authentication-kubeconfig={file}", f"--authorization-kubeconfig={file}"]


def containerd(configuration: Path) -> Process:
    return Process(
        "containerd", (str(tools() / "usr/bin/containerd"), "--config", str(configuration / "containerd.toml"))
    )


def node(keys: Path, configuration: Path, root: Path) -> list[Process]:
    kubelet = [f"--config={configuration}/kubelet.json", f"--kubeconfig={keys}/kubelet.kubeconfig"]
    kubelet += [f"--hostname-override={NODE}", f"--node-ip={NODE_ADDRESS}", f"--root-dir={root}"]
    return [
        _process("kubelet", *kubelet),
        _process("kube-proxy", f"--config={configuration}/kube-proxy.json", f"--hostname-override={NODE}"),
        _process("policies", f"-kubeconfig={keys}/admin.kubeconfig", f"-node={NODE}", f"-queue={POLICY_QUEUE}"),
        _process("coredns", "-conf", f"{configuration}/Corefile"),
    ]


def _process(name: str, *arguments: str) -> Process:
    return Process(name, (str(build.binary(name)), *arguments))


def files(keys: Path, state: Path, snapshotter: str) -> Mapping[str, object]:
    """Name -> content: text, or a document that is written as JSON."""
    return {
        "containerd.toml": _containerd_toml(state, snapshotter),
        "cni/10-bridge.conflist": _network(state),
        "kubelet.json": _kubelet(keys, state),
        "kube-proxy.json": _kube_proxy(keys),
        "Corefile": _corefile(keys),
        "resolv.conf": f"nameserver {NODE_ADDRESS}\nsearch svc.cluster.local cluster.local\noptions ndots:5\n",
    }


def _containerd_toml(state: Path, snapshotter: str) -> str:
    cri = '[plugins."io.containerd.grpc.v1.cri"'
    # restrict_oom_score_adj: without CAP_SYS_RESOURCE runc fails otherwise, with a message about a pipe.
    return f"""version = 2
root = "{state}/containerd"
state = "/run/fairway-real/containerd"
[grpc]
  address = "{containerd_socket()}"
[ttrpc]
  address = "{containerd_socket()}.ttrpc"
{cri}]
  sandbox_image = "{PAUSE_IMAGE}"
  disable_tcp_service = true
  stream_server_address = "127.0.0.1"
  disable_apparmor = true
  restrict_oom_score_adj = true
{cri}.cni]
  bin_dir = "{tools()}/usr/lib/cni"
  conf_dir = "{state}/configuration/cni"
{cri}.containerd]
  snapshotter = "{snapshotter}"
  default_runtime_name = "runc"
{cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
{cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
"""


def _network(state: Path) -> object:
    ranges = [[{"subnet": "10.244.0.0/24"}]]
    addresses = {
        "type": "host-local",
        "ranges": ranges,
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": f"{state}/addresses",
    }
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": True,
        "hairpinMode": True,
        "ipam": addresses,
    }
    return {
        "cniVersion": "0.4.0",
        "name": "pods",
        "plugins": [bridge, {"type": "portmap", "capabilities": {"portMappings": True}}],
    }


def _kubelet(keys: Path, state: Path) -> object:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_ADDRESS,
        "healthzBindAddress": "127.0.0.1",
        "containerRuntimeEndpoint": f"unix://{containerd_socket()}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{keys}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{keys}/kubelet.crt",
        "tlsPrivateKeyFile": f"{keys}/kubelet.key",
        "clusterDNS": [NODE_ADDRESS],
        "clusterDomain": "cluster.local",
        "resolvConf": f"{state}/configuration/resolv.conf",
        "podLogsDir": f"{state}/pod-logs",
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "nodeStatusUpdateFrequency": "10s",
        # A benchmark provisions fifty resources at once.
        "maxPods": 200,
        "registryPullQPS": 0,
        "kubeAPIQPS": 100,
        "kubeAPIBurst": 200,
    }


def _kube_proxy(keys: Path) -> object:
    untouched = {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"}
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "bindAddress": NODE_ADDRESS,
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        "mode": "iptables",
        "clusterCIDR": PODS,
        "clientConnection": {"kubeconfig": f"{keys}/kube-proxy.kubeconfig"},
        "conntrack": untouched,
    }


def _corefile(keys: Path) -> str:
    return f""".:53 {{
    bind {NODE_ADDRESS}
    errors
    health 127.0.0.1:8089
    ready 127.0.0.1:8189
    kubernetes cluster.local in-addr.arpa {{
        kubeconfig {keys}/admin.kubeconfig real
        pods insecure
        ttl 1
    }}
    cache 1
}}
"""


def base() -> list[object]:
    """What a cluster has from its first moment: here, a default StorageClass."""
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    return [
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "standard", "annotations": annotations},
            "provisioner": "kubernetes.io/host-path",
            "reclaimPolicy": "Delete",
        }
    ]
