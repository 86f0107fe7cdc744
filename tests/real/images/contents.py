"""What is in each image: packages, files of ours, and how it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.real.cluster import build, packages
from tests.real.cluster.components import PAUSE_IMAGE

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BASE = (
    "bash",
    "coreutils",
    "dash",
    "findutils",
    "grep",
    "gzip",
    "sed",
    "tar",
    "util-linux",
    "base-files",
    "busybox",
    "libc-bin",
)
# Debian's helpers around a server that the images call by itself, and PostgreSQL's compiler of expressions.
UNUSED = (
    *("libllvm14", "libz3-4", "perl", "perl-base", "perl-modules-5.36", "libperl5.36", "libjson-perl", "ssl-cert"),
    *("postgresql-common", "postgresql-client-common", "ucf", "adduser", "passwd", "debconf", "openssl"),
    *("lsb-base", "sysvinit-utils", "init-system-helpers", "daemonize"),
)
USERS = {"root": 0, "postgres": 999, "redis": 999, "rabbitmq": 999, "nats": 1000, "app": 1000, "nobody": 65534}
SHELL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Image:
    """names: all references under which it is known. files: path in the image -> file or folder of this machine.

    links: path in the image -> where it points. edits: path -> (old, new) text. folders: path -> whose it is; whoever
    runs the image may write there all the same, as in the official ones. alone: without Debian's base.
    """

    names: Sequence[str]
    packages: Sequence[str] = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False
    entrypoint: Sequence[str] = ()
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    directory: str = "/"
    stop: str = "SIGTERM"


def postgres() -> Image:
    release = _release("postgresql")
    programs = f"/usr/lib/postgresql/{release}/bin"
    sample = f"usr/share/postgresql/{release}/postgresql.conf.sample"
    return Image(
        names=("docker.io/library/postgres:18", "docker.io/library/postgres:16"),
        packages=(f"postgresql-{release}",),
        files={"usr/local/bin/docker-entrypoint.sh": HERE / "entrypoints" / "postgres.sh"},
        folders={"var/lib/postgresql/data": "postgres", "var/run/postgresql": "postgres"},
        edits={sample: ("#listen_addresses = 'localhost'", "listen_addresses = '*'")},
        entrypoint=("docker-entrypoint.sh",),
        command=("postgres",),
        stop="SIGINT",  # it ends without waiting for its clients to go
        environment={"PATH": f"{programs}:{SHELL_PATH}", "LANG": "C.UTF-8", "PGDATA": "/var/lib/postgresql/data"},
    )


def redis() -> Image:
    return Image(
        names=("docker.io/library/redis:8",),
        packages=("redis-server",),
        folders={"data": "redis"},
        files={"usr/local/bin/docker-entrypoint.sh": HERE / "entrypoints" / "redis.sh"},
        entrypoint=("docker-entrypoint.sh",),
        command=("redis-server",),
        directory="/data",
    )


def nats() -> Image:
    return Image(
        names=("docker.io/library/nats:2",),
        packages=("nats-server",),
        files={"usr/local/bin/docker-entrypoint.sh": HERE / "entrypoints" / "nats.sh"},
        entrypoint=("docker-entrypoint.sh",),
        command=("nats-server",),
    )


def rabbitmq() -> Image:
    home = "/var/lib/rabbitmq"
    return Image(
        names=("docker.io/library/rabbitmq:4",),
        packages=("rabbitmq-server",),
        files={
            "usr/local/bin/docker-entrypoint.sh": HERE / "entrypoints" / "rabbitmq.sh",
            "etc/rabbitmq": HERE / "rabbitmq",
        },
        folders={home.strip("/"): "rabbitmq", "etc/rabbitmq": "rabbitmq", "var/log/rabbitmq": "rabbitmq"},
        entrypoint=("docker-entrypoint.sh",),
        command=("rabbitmq-server",),
        environment={"PATH": f"/usr/lib/rabbitmq/bin:{SHELL_PATH}", "HOME": home, "LANG": "C.UTF-8"},
    )


def postgres_exporter() -> Image:
    return Image(
        names=("docker.io/prometheuscommunity/postgres-exporter:v0.18.1",),
        packages=("prometheus-postgres-exporter",),
        entrypoint=("/usr/bin/prometheus-postgres-exporter",),
        user="65534",
    )


def redis_exporter() -> Image:
    return Image(
        names=("docker.io/oliver006/redis_exporter:v1.80.0",),
        packages=("prometheus-redis-exporter",),
        entrypoint=("/usr/bin/prometheus-redis-exporter",),
        user="59000",
    )


def nats_exporter() -> Image:
    build.build(build.EXPORTER)
    return Image(
        names=("docker.io/natsio/prometheus-nats-exporter:0.18.0",),
        files={"prometheus-nats-exporter": build.binary("prometheus-nats-exporter")},
        alone=True,
        entrypoint=("/prometheus-nats-exporter",),
    )


def python() -> Image:
    return Image(
        names=("docker.io/library/python:3.12",),
        packages=("python3",),
        links={"usr/bin/python": "python3"},
        command=("python3",),
        environment={"LANG": "C.UTF-8"},
    )


def demo(release: str) -> Image:
    libraries = "usr/lib/python3/dist-packages/fairway_sandbox"
    sandbox = ROOT / "platform" / "fairway_sandbox"
    return Image(
        names=(f"docker.io/fairway/demo:{release}",),
        packages=("python3", "python3-psycopg"),
        files={f"{libraries}/__init__.py": sandbox / "__init__.py", f"{libraries}/programs": sandbox / "programs"},
        entrypoint=("python3", "-m", "fairway_sandbox.programs.demo", "--release", release),
        environment={"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        user="1000",
    )


def shell() -> Image:
    """One name alone: of several, a kubelet reports any."""
    return Image(names=("docker.io/library/busybox:1",), command=("sh",))


def pause() -> Image:
    build.build(build.PAUSE)
    return Image(
        names=(PAUSE_IMAGE,), files={"pause": build.binary("pause")}, alone=True, entrypoint=("/pause",), user="65535"
    )


def catalog() -> list[Image]:
    return [
        *(postgres(), redis(), nats(), rabbitmq(), postgres_exporter(), redis_exporter(), nats_exporter()),
        *(python(), demo("1"), demo("2"), shell()),
    ]


def _release(package: str) -> str:
    """The major version that the machine's Debian has: `postgresql` is an empty package that depends on it."""
    return next(
        name.removeprefix(f"{package}-")
        for name in packages.closure((package,))
        if name.removeprefix(f"{package}-").isdecimal()
    )
