"""The folder of one operation, removed after it: project, settings with encrypted secrets, kubeconfig, passphrase."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

from fairway_stacks.port import EngineError, Stack
from fairway_stacks.state.passphrase import Passphrase

FILES, MASK = "file://", "***"
SCHEMES = ("file", "s3", "gs", "azblob", "postgres")


@dataclass(frozen=True)
class Backend:
    """Where the state is. home: where the CLI keeps its plugins; empty for the user's own. Raises EngineError for an
    address that the CLI does not know."""

    url: str = field(repr=False)
    passphrase: str = field(repr=False)
    home: str = ""

    def __post_init__(self) -> None:
        scheme = self.url.partition("://")[0]
        if scheme not in SCHEMES:
            known = ", ".join(f"{s}://..." for s in SCHEMES)
            raise EngineError(f"FAIRWAY_STATE_URL: the state of the Pulumi CLI is at one of {known}")

    @property
    def address(self) -> str:
        """The URL as the CLI gets it. In files it keeps attributes in a second file beside each, written in place
        (gocloud.dev/blob/fileblob): half-written by a kill, it makes the stack unreadable. So they are left out."""
        if not self.url.startswith(FILES) or "metadata=" in self.url:
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}metadata=skip"

    def masked(self, text: str) -> str:
        """Without the password of the address, which the CLI quotes when it cannot open it."""
        password = urlsplit(self.url).password
        for secret in {password, unquote(password)} if password else ():
            text = text.replace(secret, MASK)
        return text

    def prepare(self) -> None:
        if self.url.startswith(FILES):
            folder = self.url.removeprefix(FILES).partition("?")[0]
            Path(folder).expanduser().mkdir(parents=True, exist_ok=True, mode=0o700)


@contextmanager
def opened(stack: Stack, backend: Backend, box: Passphrase) -> Iterator[Path]:
    """Nobody else may enter the folder, and nothing in it outlives the operation."""
    folder = Path(tempfile.mkdtemp(prefix="fairway-run-"))
    try:
        _write(folder / "Pulumi.yaml", yaml.safe_dump(project(stack)))
        _write(folder / f"Pulumi.{stack.name}.yaml", yaml.safe_dump(settings(stack, box)))
        _write(folder / "kubeconfig", stack.kubeconfig)
        _write(folder / "passphrase", backend.passphrase)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def project(stack: Stack) -> dict[str, object]:
    return {"name": stack.project, "runtime": "python"}


def settings(stack: Stack, box: Passphrase) -> dict[str, object]:
    """Secrets are encrypted before anybody else sees them: never in arguments, never in the clear on a disk."""
    secrets = {key: {"secure": box.encrypt(value)} for key, value in stack.secrets.items()}
    return {"encryptionsalt": box.salt, "config": {**stack.config, **secrets}}


def environment(folder: Path, backend: Backend) -> dict[str, str]:
    """What the CLI gets beside its own environment. A kubeconfig that happens to lie around is not used."""
    home = {"PULUMI_HOME": backend.home} if backend.home else {}
    return {
        **home,
        "KUBECONFIG": str(folder / "kubeconfig"),
        "PULUMI_BACKEND_URL": backend.address,
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(folder / "passphrase"),
        "PULUMI_DEBUG_COMMANDS": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def _write(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
