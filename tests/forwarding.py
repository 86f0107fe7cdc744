"""`fairway connect --forward` as a process."""

import json
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Any


class Forwarding:
    """`said` are its lines on standard error."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=heed_ctrl_c,
        )
        self.said: list[str] = []
        assert self.process.stderr is not None
        self._listening = threading.Thread(target=self.said.extend, args=(self.process.stderr,))
        self._listening.start()

    def document(self) -> Any:
        """What it printed, with -o json."""
        assert self.process.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            line = self.process.stdout.readline()
            assert line, self.said
            text += line
        return json.loads(text)

    def ended(self) -> int:
        """Its exit code; it is waited for."""
        code = self.process.wait(20)
        self._listening.join()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code


def heed_ctrl_c() -> None:
    """As in a terminal: what a shell started in the background, tests too, passes on that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
