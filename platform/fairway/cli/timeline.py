"""A trial, live: what happened when, and how the probes fare."""

from collections.abc import Mapping
from typing import Any

from fairway.cli import verdicts
from fairway.cli.board import Board
from fairway.cli.client import Event


class Timeline(Board):
    """Events `state`, `victim`, `ready`, `probes`; times are seconds since the start."""

    def __init__(self) -> None:
        super().__init__()
        self._state = "queued"
        self._ready = ""
        self._good = self._asked = 0

    def show(self, event: Event) -> None:
        data = event.data if isinstance(event.data, dict) else {}
        if event.kind == "state":
            self._state = str(data.get("state", ""))
            self._at(data, self._state)
        elif event.kind == "abort":
            self.line(f"abort asked for by {data.get('reason', '')}")
        elif event.kind == "victim":
            again = data.get("recovered") is not None and data["recovery"]["ttr"] is not None
            self._at({} if again else data, verdicts.victim_line(data))
        elif event.kind == "ready":
            self._ready = f"{data.get('ready')} of {data.get('desired')} ready"
            self._at(data, self._ready)
        elif event.kind == "probes":
            answers = [sample[2] for sample in data.get("samples", [])]
            self._asked += len(answers)
            self._good += answers.count("ok")
        self._sum_up()

    def _at(self, data: Mapping[str, Any], text: str) -> None:
        moment = data.get("t")
        at = f"{moment:7.1f} s" if isinstance(moment, int | float) else " " * 9
        self.line(f"{at}  {text}")

    def _sum_up(self) -> None:
        probes = f"{self._good} of {self._asked} probes good" if self._asked else ""
        self.status(", ".join(filter(None, [self._state, self._ready, probes])))
