"""The CLI's event log: one JSON object a line, in the shape of the Automation API's EngineEvent."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ENVELOPE = "4dabf18193072939515e22adb298388d"
MASK = "[secret]"


class EventLog:
    """A log that grows while it is read. Each `read` gives the events that were completed since, without
    what only the SDK's authors want to know."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset, self._rest = path, 0, b""

    def read(self) -> Iterator[dict[str, Any]]:
        if not self._path.exists():
            return
        with self._path.open("rb") as log:
            log.seek(self._offset)
            grown = log.read()
        self._offset += len(grown)
        *lines, self._rest = (self._rest + grown).split(b"\n")
        for line in lines:
            event = json.loads(line) if line.strip() else {}
            if event and event.get("diagnosticEvent", {}).get("severity") != "debug":
                yield masked(event)


def masked(value: Any) -> Any:
    """Secrets become `[secret]`, whatever the CLI left of their envelopes."""
    if isinstance(value, Mapping):
        return MASK if ENVELOPE in value else {key: masked(part) for key, part in value.items()}
    return [masked(part) for part in value] if isinstance(value, list) else value
