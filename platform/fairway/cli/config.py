"""What the command line remembers: a login, and the service and environment of `fairway use`.

One JSON file of the user's own (0600): `{login: {url, token}, use: {service, environment}}`.
"""

import json
import os
from pathlib import Path
from typing import Any

from fairway.cli.failure import Failure


def path() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "fairway" / "config.json"


def read() -> dict[str, Any]:
    file = path()
    try:
        found = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Failure(f"Cannot read {file}: {error}", "Repair it, or remove it and log in again.") from error
    return found if isinstance(found, dict) else {}


def section(name: str) -> dict[str, str]:
    found = read().get(name)
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def keep(name: str, values: dict[str, str]) -> None:
    """Replaces a section; an empty one is removed."""
    everything = {**read(), name: values}
    text = json.dumps({k: v for k, v in everything.items() if v}, indent=2) + "\n"
    write_secret(path(), text)


def write_secret(file: Path, text: str) -> None:
    """Never readable by others, not even for a moment, and never half written."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    draft.replace(file)
