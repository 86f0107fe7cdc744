"""One container: its state as the API tells it, and its process."""

import asyncio
import contextlib
import os
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import Any

from fairway_sandbox.kubelet import images, logs
from fairway_sandbox.kubelet.paths import rewritten
from fairway_sandbox.objects import Json, now
from fairway_sandbox.recipes import recipe

LINE = 2**20
AFTER_KILL = 5.0


class Container:
    def __init__(self, spec: Json, known: Json | None = None, waiting: str = "ContainerCreating") -> None:
        """`known` is its status from before the sandbox started again: it counts as a restart."""
        self.spec, self.name = spec, str(spec["name"])
        self.state: Json = {"waiting": {"reason": waiting}}
        self.last: Json = {}
        self.restarts = 0
        self.ready = self.started = self.pulled = False
        self.id = self.image_id = ""
        self.process: Process | None = None
        self.sessions: set[int] = set()
        self.environment: dict[str, str] = {}
        self.folder = "/"
        self.mounts: dict[str, str] = {}
        self.address = ""
        self.stop_signal = SIGTERM
        if known and known.get("containerID"):
            self.restarts, self.id = known.get("restartCount", 0) + 1, known["containerID"]
            self.last = known.get("lastState") or {}
            if "running" in known["state"]:
                self.last = {"terminated": self._ended(255, known["state"]["running"]["startedAt"], "Unknown")}

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    def status(self) -> Json:
        image = images.full(self.spec["image"]) if self.image_id else self.spec["image"]
        told: Json = {"name": self.name, "image": image, "imageID": self.image_id, "ready": self.ready}
        told |= {"started": self.started, "restartCount": self.restarts, "state": self.state, "lastState": self.last}
        return {**told, "containerID": self.id} if self.id else told

    async def run(self, start: recipe.Start, log: Path) -> int:
        """Start the process and wait for its end; answers the exit code."""
        streams: dict[str, Any] = {"stdin": DEVNULL, "stdout": PIPE, "stderr": STDOUT, "limit": LINE}
        folder, environment = self.folder, {**self.environment, "FAIRWAY_SANDBOX_PID": str(os.getpid())}
        began = now()
        try:
            self.process = await asyncio.create_subprocess_exec(
                *start.arguments, env=environment, cwd=folder, start_new_session=True, **streams
            )
        except OSError as error:
            self.state = {"terminated": {**self._ended(128, began, "StartError"), "message": str(error)}}
            return 128
        self.sessions.add(self.process.pid)
        self.stop_signal = start.stop
        self.id = f"process://{self.process.pid}-{time.time_ns():x}"
        self.state = {"running": {"startedAt": began}}
        return await self._follow(self.process, log, began)

    async def _follow(self, process: Process, log: Path, began: str) -> int:
        assert process.stdout is not None
        keeping = asyncio.create_task(logs.keep(process.stdout, log))
        code = await process.wait()
        self.sessions.discard(process.pid)
        self._signal_group(process, SIGKILL)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(keeping, 1)
        exit_code = 128 - code if code < 0 else code
        ended = self._ended(exit_code, began, "Completed" if exit_code == 0 else "Error")
        self.state = {"terminated": {**ended, **({"signal": -code} if code < 0 else {})}}
        self.ready = self.started = False
        return exit_code

    def _ended(self, code: int, began: str, reason: str) -> Json:
        told = {"exitCode": code, "reason": reason, "startedAt": began, "finishedAt": now()}
        return {**told, "containerID": self.id} if self.id else told

    def signal(self, number: Signals) -> None:
        """To the program itself; a kill is for its whole group."""
        if self.process is None or self.process.returncode is not None:
            return
        if number == SIGKILL:
            self._signal_group(self.process, number)
        else:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    def _signal_group(self, process: Process, number: Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)

    async def execute(self, command: list[str]) -> tuple[int, bytes]:
        """Run a command beside the process, with its variables; a cancelled one is killed."""
        words = [rewritten(w, self.mounts, self.address) for w in command]
        process = await asyncio.create_subprocess_exec(
            *recipe.run(*words),
            env=self.environment,
            cwd=self.folder,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
        )
        self.sessions.add(process.pid)
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            self._signal_group(process, SIGKILL)
            await process.wait()
            raise
        finally:
            self.sessions.discard(process.pid)
        return process.returncode or 0, output
