"""Settings: one frozen object, read once at start from `FAIRWAY_*`.

Every secret also has a `..._FILE` variant that names a file with the value. A bad value fails at start, with the
variable's name, what is allowed, and a value that works.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

ROLES = ("all", "web", "worker", "collector")
ENGINES = ("auto", "embedded", "pulumi")
LOG_LEVELS = ("debug", "info", "warning", "error")
CLUSTER_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class BadSetting(Exception):
    """A setting has a value that cannot work; the message starts with the variable's name."""


@dataclass(frozen=True)
class Settings:
    """All that can be set from outside. Paths are absolute; durations are in seconds."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8600
    base_url: str = ""
    database_url: str = field(default="", repr=False)
    metrics_database_url: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    kubeconfigs: Mapping[str, Path] = field(default_factory=dict)
    engine: str = "auto"
    state_url: str = field(default="", repr=False)
    state_passphrase: str = field(default="", repr=False)
    prometheus_url: str = field(default="", repr=False)
    metrics_token: str = field(default="", repr=False)
    scrape_interval: float = 15.0
    catalog_dirs: tuple[Path, ...] = ()
    role: str = "all"
    log_level: str = "info"

    @property
    def sandboxed(self) -> bool:
        """True when no cluster was given: then Fairway runs its own."""
        return not self.kubeconfigs

    @property
    def engine_kind(self) -> str:
        """`auto` is the CLI for a cluster of one's own; on the sandbox it would fetch a provider first."""
        return "embedded" if self.engine == "auto" and self.sandboxed else self.engine

    @property
    def url(self) -> str:
        """Where people reach this server."""
        return self.base_url or f"http://{self.host}:{self.port}"

    def make_data_dir(self) -> None:
        """The data directory, for its owner alone. Raises BadSetting where it cannot be written to."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise BadSetting(f"FAIRWAY_DATA_DIR: cannot make {self.data_dir}: {error.strerror}") from error
        if not os.access(self.data_dir, os.W_OK | os.X_OK):
            raise BadSetting(f"FAIRWAY_DATA_DIR: {self.data_dir} cannot be written to by this user")

    def evolve(self, **changes: object) -> "Settings":
        return replace(self, **changes)  # type: ignore[arg-type]  # dataclasses.replace takes any field


def default_data_dir() -> Path:
    """`.fairway` beside a source checkout's pyproject.toml; elsewhere the user's data directory."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / "platform").is_dir():
        return checkout / ".fairway"
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "fairway"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises BadSetting."""
    env = os.environ if environ is None else environ
    data_dir = Path(env.get("FAIRWAY_DATA_DIR") or default_data_dir()).expanduser().absolute()
    database_url = _database(env, "FAIRWAY_DATABASE_URL") or f"sqlite:///{data_dir / 'fairway.db'}"
    return Settings(
        data_dir=data_dir,
        host=env.get("FAIRWAY_HOST") or "127.0.0.1",
        port=_port(env),
        base_url=_url(env, "FAIRWAY_BASE_URL", ("http", "https")).rstrip("/"),
        database_url=database_url,
        metrics_database_url=_database(env, "FAIRWAY_METRICS_DATABASE_URL"),
        secret_key=_secret(env, "FAIRWAY_SECRET_KEY"),
        kubeconfigs=_kubeconfigs(env),
        engine=_choice(env, "FAIRWAY_ENGINE", ENGINES),
        state_url=_secret(env, "FAIRWAY_STATE_URL") or _state_beside(database_url),
        state_passphrase=_secret(env, "FAIRWAY_STATE_PASSPHRASE"),
        prometheus_url=_url(env, "FAIRWAY_PROMETHEUS_URL", ("http", "https")).rstrip("/"),
        metrics_token=_secret(env, "FAIRWAY_METRICS_TOKEN"),
        scrape_interval=_seconds(env, "FAIRWAY_SCRAPE_INTERVAL", 15.0, 1.0, 3600.0),
        catalog_dirs=_directories(env, "FAIRWAY_CATALOG_DIRS"),
        role=_choice(env, "FAIRWAY_ROLE", ROLES),
        log_level=_choice(env, "FAIRWAY_LOG_LEVEL", LOG_LEVELS, "info"),
    )


def _secret(env: Mapping[str, str], name: str) -> str:
    """The value, or the content of the file that `<name>_FILE` names."""
    path = env.get(f"{name}_FILE")
    if not path:
        return env.get(name, "")
    if env.get(name):
        raise BadSetting(f"{name} and {name}_FILE are both set; keep one of them")
    try:
        return Path(path).expanduser().read_text().strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE: cannot read {path}: {error.strerror}") from error


def _port(env: Mapping[str, str]) -> int:
    raw = env.get("FAIRWAY_PORT") or "8600"
    if not raw.isdecimal() or not 1 <= int(raw) <= 65535:
        raise BadSetting(f"FAIRWAY_PORT: {raw!r} is not a port; use a number from 1 to 65535, such as 8600")
    return int(raw)


def _seconds(env: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    raw = env.get(name)
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise BadSetting(f"{name}: {raw!r} is not a number of seconds from {low:g} to {high:g}, such as {default:g}")
    return value


def _choice(env: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str = "") -> str:
    value = env.get(name) or default or allowed[0]
    if value not in allowed:
        raise BadSetting(f"{name}: {value!r} is none of {', '.join(allowed)}")
    return value


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str:
    value = env.get(name, "")
    parts = urlsplit(value)
    if value and (parts.scheme not in schemes or not parts.netloc):
        raise BadSetting(f"{name}: not a URL that starts with {' or '.join(s + '://' for s in schemes)}")
    return value


def _database(env: Mapping[str, str], name: str) -> str:
    value = _secret(env, name)
    if not value:
        return ""
    for scheme in ("postgres://", "postgresql://"):
        if value.startswith(scheme):
            return "postgresql+psycopg://" + value.removeprefix(scheme)
    if value.startswith(("sqlite:///", "postgresql+psycopg://")):
        return value
    raise BadSetting(
        f"{name}: not a database URL; use sqlite:////path/to/fairway.db or postgresql://user:password@host/db"
    )


def _state_beside(database_url: str) -> str:
    """A database that several servers share holds their state too, under the address that Pulumi would be given."""
    driver = "postgresql+psycopg://"
    return f"postgres://{database_url.removeprefix(driver)}" if database_url.startswith(driver) else ""


def _kubeconfigs(env: Mapping[str, str]) -> Mapping[str, Path]:
    """`FAIRWAY_KUBECONFIG`: one file, or several as `name=file,name=file`; a lone file is named `default`."""
    found: dict[str, Path] = {}
    for part in filter(None, (p.strip() for p in env.get("FAIRWAY_KUBECONFIG", "").split(","))):
        name, sign, path = part.partition("=")
        if not sign:
            name, path = "default", part
        if not CLUSTER_NAME.fullmatch(name):
            raise BadSetting(f"FAIRWAY_KUBECONFIG: {name!r} is no cluster name; use lower-case letters, digits and -")
        if name in found:
            raise BadSetting(f"FAIRWAY_KUBECONFIG: {name!r} is named twice; write name=file,name=file")
        file = Path(path).expanduser().absolute()
        if not file.is_file():
            raise BadSetting(f"FAIRWAY_KUBECONFIG: there is no file {file}")
        found[name] = file
    return found


def _directories(env: Mapping[str, str], name: str) -> tuple[Path, ...]:
    found = tuple(Path(p).expanduser().absolute() for p in env.get(name, "").split(os.pathsep) if p)
    for path in found:
        if not path.is_dir():
            raise BadSetting(f"{name}: there is no directory {path}")
    return found
