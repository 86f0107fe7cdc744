"""Where the platform of a test provisions: its own sandbox, or with FAIRWAY_TEST_KUBECONFIG a real cluster."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """kubeconfig: None where each platform brings a sandbox of its own."""

    kubeconfig: Path | None

    @property
    def name(self) -> str:
        return "real" if self.kubeconfig else "sandbox"

    def settings(self) -> dict[str, str]:
        return {"FAIRWAY_KUBECONFIG": str(self.kubeconfig)} if self.kubeconfig else {}


def chosen() -> Target:
    path = os.environ.get("FAIRWAY_TEST_KUBECONFIG")
    return Target(Path(path).absolute() if path else None)


TARGET = chosen()
