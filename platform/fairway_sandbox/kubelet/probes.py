"""Startup, readiness and liveness: asked on their period, and what follows from the answers."""

import asyncio
from collections.abc import Callable

from fairway_sandbox.kubelet.container import Container
from fairway_sandbox.objects import Json

# A container that has not been ready yet is asked this often, so that its first yes is not a period late.
EAGER = 0.25
Told = Callable[[str, str], None]


async def ask(container: Container, probe: Json) -> tuple[bool, str]:
    try:
        async with asyncio.timeout(probe.get("timeoutSeconds", 1)):
            if "exec" in probe:
                code, output = await container.execute(probe["exec"]["command"])
                return code == 0, output.decode(errors="replace").strip()[:500]
            if "httpGet" in probe:
                status = await _get(container, probe["httpGet"])
                return 200 <= status < 400, f"HTTP probe failed with statuscode: {status}"
            if "tcpSocket" in probe:
                _, writer = await asyncio.open_connection(*_place(container, probe["tcpSocket"]))
                writer.close()
    except TimeoutError:
        return False, f"command timed out after {probe.get('timeoutSeconds', 1)}s"
    except (OSError, IndexError, ValueError) as error:
        return False, str(error)
    return True, ""


def _place(container: Container, target: Json) -> tuple[str, int]:
    port = target["port"]
    if isinstance(port, str) and not port.isdigit():
        ports = container.spec.get("ports") or []
        port = next((p["containerPort"] for p in ports if p.get("name") == port), 0)
    host = target.get("host") or container.address
    return (container.address if host in ("localhost", "127.0.0.1") else host), int(port)


async def _get(container: Container, target: Json) -> int:
    host, port = _place(container, target)
    reader, writer = await asyncio.open_connection(host, port)
    try:
        headers = "".join(f"{h['name']}: {h['value']}\r\n" for h in target.get("httpHeaders") or [])
        head = f"GET {target.get('path') or '/'} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: kube-probe/1.34\r\n"
        writer.write(f"{head}{headers}Connection: close\r\n\r\n".encode())
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()


class Prober:
    """Asks a running container's probes until it is cancelled or has to be restarted."""

    def __init__(self, container: Container, changed: Callable[[], None], told: Told, restart: Callable[[str], None]):
        self._container, self._changed, self._told, self._restart = container, changed, told, restart

    async def run(self) -> None:
        spec, container = self._container.spec, self._container
        if spec.get("startupProbe"):
            if not await self._passes(spec["startupProbe"], "Startup"):
                self._restart("startup")
                return
            container.started = True
            container.ready = not spec.get("readinessProbe")
            self._changed()
        loops = []
        if spec.get("readinessProbe"):
            loops.append(self._keep_ready(spec["readinessProbe"]))
        if spec.get("livenessProbe"):
            loops.append(self._keep_alive(spec["livenessProbe"]))
        await asyncio.gather(*loops)

    async def _passes(self, probe: Json, title: str) -> bool:
        """Whether the probe succeeds before it has failed too often."""
        await asyncio.sleep(probe.get("initialDelaySeconds", 0))
        failures = 0
        while failures < probe["failureThreshold"]:
            good, message = await ask(self._container, probe)
            if good:
                return True
            failures += 1
            self._told("Unhealthy", f"{title} probe failed: {message}")
            await asyncio.sleep(probe["periodSeconds"])
        return False

    async def _keep_ready(self, probe: Json) -> None:
        await asyncio.sleep(probe.get("initialDelaySeconds", 0))
        container, period = self._container, float(probe["periodSeconds"])
        successes = failures = 0
        eager, waited = True, 0.0
        while True:
            good, message = await ask(container, probe)
            successes, failures = (successes + 1, 0) if good else (0, failures + 1)
            if not good and not (eager and waited < period):
                self._told("Unhealthy", f"Readiness probe failed: {message}")
                waited = 0.0
            if good and successes >= probe["successThreshold"] and not container.ready:
                container.ready, eager = True, False
                self._changed()
            elif failures >= probe["failureThreshold"] and container.ready:
                container.ready = False
                self._changed()
            pause = min(EAGER, period) if eager else period
            waited += pause
            await asyncio.sleep(pause)

    async def _keep_alive(self, probe: Json) -> None:
        await asyncio.sleep(probe.get("initialDelaySeconds", 0))
        failures = 0
        while failures < probe["failureThreshold"]:
            good, message = await ask(self._container, probe)
            failures = 0 if good else failures + 1
            if not good:
                self._told("Unhealthy", f"Liveness probe failed: {message}")
            if failures < probe["failureThreshold"]:
                await asyncio.sleep(probe["periodSeconds"])
        self._restart("liveness")
