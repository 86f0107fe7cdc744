"""RabbitMQ: the system's server, as an Erlang node that its own pod alone sees.

Nodes find each other by a port mapper, which the whole machine would share. Here the node has a fixed port on the pod's
address, needs no mapper, and finds its own name in a file, so that its database keeps its name whatever the address.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from fairway_sandbox.kubelet.paths import rewritten
from fairway_sandbox.recipes.recipe import NoRecipe, Setting, Start, run

SYSTEM = Path("/usr/lib/rabbitmq/bin")
COMMANDS = ("docker-entrypoint.sh", "rabbitmq-server")
HOME, FOLDER = "/var/lib/rabbitmq", "/etc/rabbitmq"
NODES = 25672
NO_MAPPER = 1  # a port on which none listens, should the machine have one
LISTENERS = re.compile(r"^([ \t]*[\w.]*listeners\.tcp\.\w+[ \t]*=[ \t]*)(\d+)(?=[ \t]*$)", re.MULTILINE)
# What the image's own files say, and the addresses of what it may listen on.
DEFAULTS = "loopback_users.guest = false\nlog.console = true\n"
BOUND = "listeners.tcp.default = {0}:5672\nprometheus.tcp.ip = {0}\nmanagement.tcp.ip = {0}\n"


def rabbitmq_programs() -> Path:
    """Debian's programs on the PATH insist on a user of their own; what they lead to does not."""
    found = shutil.which("rabbitmq-server")
    for place in (SYSTEM, *([Path(found).resolve().parent] if found else [])):
        if (place / "rabbitmq-server").exists():
            return place
    raise NoRecipe("RabbitMQ is not installed: apt-get install rabbitmq-server, or your system's package of it")


def rabbitmq(tag: str) -> Callable[[Setting], Start]:
    programs = rabbitmq_programs()

    def start(setting: Setting) -> Start:
        path = f"{programs}:{setting.environment['PATH']}"
        environment = {**_node(setting), **_files(setting), "PATH": path}
        if setting.command and Path(setting.command[0]).name not in COMMANDS:
            return Start(run(*setting.command, *setting.arguments), environment)
        words = [w for w in (*setting.command[1:], *setting.arguments) if w not in COMMANDS]
        return Start(run(str(programs / "rabbitmq-server"), *words), environment)

    return start


def _node(setting: Setting) -> dict[str, str]:
    """What the server and the programs that ask it need to know of each other."""
    name = setting.environment["HOSTNAME"].partition(".")[0]
    address = "{" + setting.address.replace(".", ",") + "}"
    names = setting.scratch / "names"
    names.write_text(f'{{host, {address}, ["{name}"]}}.\n{{lookup, [file]}}.\n')
    return {
        "ERL_INETRC": str(names),
        "ERL_FLAGS": "-start_epmd false",
        "ERL_EPMD_PORT": str(NO_MAPPER),
        "RABBITMQ_NODENAME": f"rabbit@{name}",
        "RABBITMQ_DIST_PORT": str(NODES),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-sname rabbit@{name} -erl_epmd_port {NODES}"
        f" -kernel inet_dist_use_interface {address}",
        "RABBITMQ_CTL_ERL_ARGS": f"-erl_epmd_port {NODES} -dist_listen false",
        "RUNNING_UNDER_SYSTEMD": "true",  # no shell between us and the server
    }


def _files(setting: Setting) -> dict[str, str]:
    """Where data and settings are: never this machine's own."""
    home, known = Path(setting.directory(HOME)), setting.environment
    own = setting.scratch / "rabbitmq"
    (own / "conf.d").mkdir(parents=True, exist_ok=True)
    texts = [DEFAULTS, *_configuration(setting), BOUND.format(setting.address)]
    for number, text in enumerate(texts):
        (own / "conf.d" / f"{number:02}.conf").write_text(text)
    plugins = known.get("RABBITMQ_ENABLED_PLUGINS_FILE") or _mounted(setting, f"{FOLDER}/enabled_plugins")
    if not plugins:
        plugins = str(own / "enabled_plugins")
        Path(plugins).write_text("[rabbitmq_prometheus].\n")
    return {
        "HOME": str(home),
        "RABBITMQ_MNESIA_BASE": setting.mounts.get(f"{HOME}/mnesia") or str(home / "mnesia"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_LOG_BASE": setting.directory("/var/log/rabbitmq"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": str(own / "none.conf"),
        "RABBITMQ_CONFIG_FILES": str(own / "conf.d"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": _mounted(setting, f"{FOLDER}/advanced.config") or str(own / "none.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": plugins,
    }


def _configuration(setting: Setting) -> Iterator[str]:
    """The pod's own files in the order in which they count, with the paths and addresses of this machine."""
    main = setting.environment.get("RABBITMQ_CONFIG_FILE") or _mounted(setting, f"{FOLDER}/rabbitmq.conf")
    more = setting.environment.get("RABBITMQ_CONFIG_FILES") or _mounted(setting, f"{FOLDER}/conf.d")
    files = [Path(main)] if main else []
    files += sorted(Path(more).glob("*.conf")) if more else []
    for file in files:
        if file.is_file():
            yield bound(rewritten(file.read_text(), setting.mounts, setting.address), setting.address)


def bound(text: str, address: str) -> str:
    """A listener that has a port alone gets the address."""
    return LISTENERS.sub(rf"\g<1>{address}:\2", text)


def _mounted(setting: Setting, path: str) -> str:
    """Where a path of the pod is, when it is on a volume; else empty."""
    found = rewritten(path, setting.mounts, setting.address)
    return found if found != path else ""
