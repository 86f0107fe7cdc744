"""One pod from its first breath to its last: volumes, init containers, containers, restarts, and the end."""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fairway_sandbox import recipes
from fairway_sandbox.kubelet import environment, paths, volumes
from fairway_sandbox.kubelet.container import AFTER_KILL, Container
from fairway_sandbox.kubelet.probes import Prober
from fairway_sandbox.kubelet.status import status
from fairway_sandbox.objects import Json, dig, evolved, now

if TYPE_CHECKING:
    from fairway_sandbox.kubelet.kubelet import Kubelet

log = logging.getLogger(__name__)
MOUNT_RETRY, PULL_RETRY, BACK_OFF, LONGEST_BACK_OFF, FORGIVEN = 1.0, 2.0, 10.0, 300.0, 600.0


class Pod:
    def __init__(self, kubelet: "Kubelet", obj: Json) -> None:
        self.kubelet, self.obj = kubelet, obj
        meta, spec, known = obj["metadata"], obj["spec"], obj.get("status") or {}
        self.uid, self.namespace, self.name = meta["uid"], meta["namespace"], meta["name"]
        before = {c["name"]: c for c in known.get("containerStatuses") or []}
        waiting = "PodInitializing" if spec.get("initContainers") else "ContainerCreating"
        self.containers = [Container(c, before.get(c["name"]), waiting) for c in spec["containers"]]
        self.inits = [Container(c) for c in spec.get("initContainers") or []]
        self.folder = kubelet.data / "pods" / self.uid
        self.address = ""
        self.began = known.get("startTime") or now()
        self.initialized = not self.inits
        self.stopping, self.forced = False, False
        self.ended = asyncio.Event()
        self._volumes: dict[str, str] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def changed(self, obj: Json) -> None:
        self.obj = obj
        if obj["metadata"].get("deletionTimestamp"):
            self.stop()

    def stop(self, *, forced: bool = False) -> None:
        self.stopping, self.forced = True, self.forced or forced
        self.ended.set()

    def sessions(self) -> set[int]:
        """Of its processes: each is the leader's number."""
        return {number for container in [*self.containers, *self.inits] for number in container.sessions}

    def tell(self, type: str, reason: str, message: str) -> None:
        current = self.kubelet.store.object("pods", self.namespace, self.name)
        if current and current["metadata"]["uid"] == self.uid:
            self.kubelet.hub.record("pods", current, type, reason, message, "kubelet")

    def push(self) -> None:
        """Write the status where it has changed; that the sandbox itself ends changes none."""
        if self.kubelet.closing:
            return
        current = self.kubelet.store.object("pods", self.namespace, self.name)
        if current is None or current["metadata"]["uid"] != self.uid:
            return
        fresh = status(
            current,
            self.containers,
            self.inits,
            address=self.address,
            began=self.began,
            initialized=self.initialized,
            stopping=self.stopping,
        )
        if fresh != current.get("status"):
            self.kubelet.store.put("pods", evolved(current, status=fresh))

    async def run(self) -> None:
        try:
            (self.folder / "logs").mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o755)
            self.address = self.kubelet.addresses.pod(dig(self.obj, "status.podIP"))
            self.push()
            await self._mount()
            await self._initialize()
            if self.initialized and not self.stopping:
                self._tasks = [asyncio.create_task(self._keep(c)) for c in self.containers]
                done = asyncio.create_task(self._all_done())
                ended = asyncio.create_task(self.ended.wait())
                await asyncio.wait([done, ended], return_when=asyncio.FIRST_COMPLETED)
                self.push()
                await ended
            else:
                await self.ended.wait()
            await self.finish()
        except Exception:
            log.exception("pod %s/%s", self.namespace, self.name)
        finally:
            await self.kubelet.forget(self)

    async def _all_done(self) -> None:
        await asyncio.wait(self._tasks)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), seconds)

    async def _mount(self) -> None:
        while not self.stopping:
            try:
                self._volumes = volumes.mount(self.kubelet.store, self.obj, self.folder / "volumes")
                return
            except volumes.Unmountable as error:
                volume = f"MountVolume.SetUp failed: {error}"
                self.tell("Warning", "FailedMount", volume)
            await self._pause(MOUNT_RETRY)

    async def _initialize(self) -> None:
        for container in self.inits:
            while not self.stopping:
                code = await self._once(container)
                container.ready = code == 0
                self.push()
                if code == 0:
                    break
                if code is not None and self.obj["spec"]["restartPolicy"] == "Never":
                    return
                if code is not None:
                    container.last = container.state
                    container.restarts += 1
                await self._pause(BACK_OFF if code is not None else PULL_RETRY)
            if not container.ready:
                return
        self.initialized = True
        self.push()

    async def _keep(self, container: Container) -> None:
        """Run the container again and again, as its policy says and its back-off allows."""
        policy, pause = self.obj["spec"]["restartPolicy"], 0.0
        while not self.stopping:
            began = time.monotonic()
            try:
                code = await self._once(container)
            except Exception as error:
                code = None
                self._cannot_create(container, error)
            if self.stopping:
                return
            if code is None:
                await self._pause(PULL_RETRY)
                continue
            self.push()
            if policy == "Never" or (policy == "OnFailure" and code == 0):
                return
            if time.monotonic() - began > FORGIVEN:
                pause = 0.0
            container.last = container.state
            if pause:
                await self._back_off(container, pause)
            pause = min(LONGEST_BACK_OFF, pause * 2) or BACK_OFF
            container.restarts += 1

    def _cannot_create(self, container: Container, error: Exception) -> None:
        """A fault of ours; it is told, and tried again."""
        log.error("pod %s/%s, container %s", self.namespace, self.name, container.name, exc_info=error)
        why = f"{type(error).__name__}: {error}"
        container.state, container.ready = {"waiting": {"reason": "CreateContainerError", "message": why}}, False
        self.tell("Warning", "Failed", f"Error: {why}")
        self.push()

    async def _back_off(self, container: Container, pause: float) -> None:
        place = f"{self.name}_{self.namespace}({self.uid})"
        why = f"back-off {pause:.0f}s restarting failed container={container.name} pod={place}"
        container.state = {"waiting": {"reason": "CrashLoopBackOff", "message": why}}
        told = f"Back-off restarting failed container {container.name} in pod {place}"
        self.tell("Warning", "BackOff", told)
        self.push()
        await self._pause(pause)

    async def _once(self, container: Container) -> int | None:
        """One life of the container; None when it cannot even start."""
        image = container.spec["image"]
        try:
            recipe = recipes.resolve(image)
        except recipes.NoRecipe as error:
            self._cannot_pull(container, str(error))
            return None
        if not container.pulled:
            container.pulled = True
            self.tell("Normal", "Pulled", f'Container image "{image}" already present on machine')
        try:
            start = self._prepare(container, recipe)
        except environment.Unset as error:
            container.state = {"waiting": {"reason": "CreateContainerConfigError", "message": str(error)}}
            self.tell("Warning", "Failed", f"Error: {error}")
            self.push()
            return None
        container.image_id = f"sandbox://{image}"
        probed = any(container.spec.get(p) for p in ("startupProbe", "readinessProbe", "livenessProbe"))
        file = self.folder / "logs" / f"{container.name}-{container.restarts}.log"
        file.touch()
        file.with_name(f"{container.name}-{container.restarts - 2}.log").unlink(missing_ok=True)
        life = asyncio.create_task(container.run(start, file))
        while not container.running and not life.done():
            await asyncio.sleep(0)
        container.started = not container.spec.get("startupProbe")
        container.ready = container.started and not container.spec.get("readinessProbe")
        if "running" in container.state:
            self.tell("Normal", "Created", f"Created container: {container.name}")
            self.tell("Normal", "Started", f"Started container {container.name}")
        self.push()
        prober = asyncio.create_task(self._probe(container)) if probed else None
        try:
            return await life
        finally:
            container.ready = container.started = False
            if prober:
                prober.cancel()

    def _cannot_pull(self, container: Container, why: str) -> None:
        image, waiting = container.spec["image"], dig(container.state, "waiting.reason")
        told = f'Failed to pull image "{image}": {why}'
        if waiting in ("ErrImagePull", "ImagePullBackOff"):
            container.state = {
                "waiting": {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{image}": {why}'}
            }
            self.tell("Normal", "BackOff", f'Back-off pulling image "{image}"')
            self.tell("Warning", "Failed", "Error: ImagePullBackOff")
        else:
            container.state = {"waiting": {"reason": "ErrImagePull", "message": why}}
            self.tell("Normal", "Pulling", f'Pulling image "{image}"')
            self.tell("Warning", "Failed", told)
            self.tell("Warning", "Failed", "Error: ErrImagePull")
        container.ready = False
        self.push()

    def _prepare(self, container: Container, recipe: recipes.Recipe) -> recipes.Start:
        spec = container.spec
        own = environment.variables(self.kubelet.store, self.obj, spec, self.address)
        scratch = self.folder / f"files-{container.name}"
        scratch.mkdir(exist_ok=True)
        scratch.chmod(0o777)
        mounts = self._mounts(spec)
        container.mounts = paths.with_parents(mounts, str(scratch / ".root"))
        container.address = self.address

        def here(text: str) -> str:
            return paths.rewritten(paths.expanded(text, own), container.mounts, self.address)

        host, port = self.kubelet.api_address
        basic = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(scratch), "HOSTNAME": self.name}
        basic |= {"POD_IP": self.address, "TMPDIR": str(scratch), "LANG": "C.UTF-8", "PWD": str(scratch)}
        basic |= {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": str(port)}
        basic |= {"FAIRWAY_SANDBOX": str(self.kubelet.data), **{k: here(v) for k, v in own.items()}}
        ports = spec.get("ports") or []
        start = recipe.start(
            recipes.Setting(
                self.address,
                tuple(here(w) for w in spec.get("command") or ()),
                tuple(here(w) for w in spec.get("args") or ()),
                basic,
                mounts,
                scratch,
                ports[0]["containerPort"] if ports else None,
            )
        )
        container.environment = {**basic, **start.environment}
        container.folder = here(spec["workingDir"]) if spec.get("workingDir") else str(scratch)
        if not os.path.isdir(container.folder):
            container.folder = str(scratch)
        return start

    def _mounts(self, spec: Json) -> dict[str, str]:
        found = {}
        for mount in spec.get("volumeMounts") or []:
            if mount["name"] in self._volumes:
                source = Path(self._volumes[mount["name"]]) / mount.get("subPath", "")
                if not source.exists():
                    source.mkdir(parents=True)
                    source.chmod(0o777)
                found[mount["mountPath"].rstrip("/")] = str(source)
        return found

    async def _probe(self, container: Container) -> None:
        def restart(kind: str) -> None:
            told = f"Container {container.name} failed {kind} probe, will be restarted"
            self.tell("Normal", "Killing", told)
            container.signal(container.stop_signal)
            grace = self.obj["spec"].get("terminationGracePeriodSeconds", 30)
            asyncio.get_running_loop().call_later(grace, container.signal, signal.SIGKILL)

        def tell(reason: str, message: str) -> None:
            self.tell("Warning", reason, message)

        await Prober(container, self.push, tell, restart).run()

    async def finish(self) -> None:
        """Ask every process to end, kill what has not after its grace, then let the object go."""
        running = [c for c in [*self.containers, *self.inits] if c.running]
        for container in running:
            self.tell("Normal", "Killing", f"Stopping container {container.name}")
        await asyncio.gather(*(self._end(c) for c in running))
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        self.push()
        current = self.kubelet.store.object("pods", self.namespace, self.name)
        if current is None or current["metadata"]["uid"] != self.uid or self.kubelet.closing:
            return
        if current["metadata"].get("finalizers"):
            fresh = evolved(current)
            fresh["metadata"]["deletionGracePeriodSeconds"] = 0
            self.kubelet.store.put("pods", fresh)
        else:
            self.kubelet.store.remove("pods", self.namespace, self.name)

    async def _end(self, container: Container) -> None:
        process = container.process
        assert process is not None
        end = time.monotonic() + self._grace()
        before = (container.spec.get("lifecycle") or {}).get("preStop") or {}
        if before and self._grace():
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(self._grace()):
                    if "exec" in before:
                        await container.execute(before["exec"]["command"])
                    await asyncio.sleep(dig(before, "sleep.seconds", 0))
        if self._grace():
            container.signal(container.stop_signal)
        waiting = asyncio.create_task(process.wait())
        while not waiting.done() and time.monotonic() < min(end, time.monotonic() + self._grace()):
            await asyncio.wait([waiting], timeout=min(0.2, max(0.01, end - time.monotonic())))
        container.signal(signal.SIGKILL)
        await asyncio.wait([waiting], timeout=AFTER_KILL)

    def _grace(self) -> float:
        """What is left to it; a later, forced delete shortens it."""
        if self.forced:
            return 0
        return float(self.obj["metadata"].get("deletionGracePeriodSeconds", self.kubelet.closing_grace))

    async def clear(self) -> None:
        await asyncio.to_thread(shutil.rmtree, self.folder, True)
