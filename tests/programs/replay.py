#!/usr/bin/env python3
"""A `pulumi` that replays recorded event logs: `script.json` beside it says what each command answers.

Each command is `{"events": file, "stdout": text, "stderr": text, "code": n, "wait": true}`; what it was called with is
added to `calls.jsonl`. One that waits does so until it is interrupted; one with `locked`, a text, says that and fails
until `pulumi cancel` was called.
"""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path


def main() -> int:
    here = Path(sys.argv[0]).parent
    arguments = [word for word in sys.argv[1:] if word != "--non-interactive"]
    if arguments == ["version"]:
        print("v3.260.0")
        return 0
    words = arguments[:2] if arguments[0] == "stack" else arguments[:1]
    settings = {path.name: path.read_text() for path in Path.cwd().iterdir()}
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in Path.cwd().iterdir()}
    told = {name: value for name, value in os.environ.items() if name.startswith(("PULUMI", "KUBE"))}
    call = {"argv": arguments, "files": settings, "modes": modes, "environment": told, "pid": os.getpid()}
    with (here / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps(call) + "\n")
    script = json.loads((here / "script.json").read_text()).get(" ".join(words), {})
    if script.get("locked") and '"argv": ["cancel"' not in (here / "calls.jsonl").read_text():
        script = {"stderr": script["locked"], "code": 1}
    return answer(script, arguments)


def answer(script: dict[str, object], arguments: list[str]) -> int:
    if script.get("wait"):
        signal.signal(signal.SIGINT, lambda *_: sys.exit(1))
        while True:
            time.sleep(0.05)
    if "--event-log" in arguments and script.get("events"):
        last = len(arguments) - arguments[::-1].index("--event-log")
        shutil.copyfile(str(script["events"]), arguments[last])
    print(script.get("stdout", ""))
    print(script.get("stderr", ""), file=sys.stderr)
    return int(str(script.get("code", 0)))


if __name__ == "__main__":
    sys.exit(main())
