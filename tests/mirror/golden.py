"""The answers of the real cluster, kept with the version that gave them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "golden"


def version() -> str:
    return (FOLDER / "VERSION").read_text().strip()


def read(group: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / f"{group}.json").read_text()))


def write(group: str, answers: Mapping[str, Any]) -> None:
    text = json.dumps(answers, indent=1, sort_keys=True, ensure_ascii=False)
    (FOLDER / f"{group}.json").write_text(text + "\n")
