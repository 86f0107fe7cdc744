"""Waiting until an object is ready, or gone, with the true cause when it does not get there."""

import time
from collections.abc import Mapping
from typing import Any

from fairway_stacks.embedded.kubernetes import readiness
from fairway_stacks.embedded.kubernetes.causes import Cause, Causes
from fairway_stacks.embedded.kubernetes.connection import Connection
from fairway_stacks.embedded.kubernetes.errors import ApiError
from fairway_stacks.embedded.kubernetes.kinds import Place
from fairway_stacks.embedded.providers import Step

Object = Mapping[str, Any]
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
LOOK_AT_PODS = 1.0


class NotReady(Exception):
    """The object is there and not ready."""

    def __init__(self, message: str, live: Object, reasons: list[str]) -> None:
        super().__init__(message)
        self.live, self.reasons = live, reasons


class Waiting:
    """patience: how long, in seconds, a hopeless cause (an image that cannot be pulled) may last before giving up."""

    def __init__(self, connection: Connection, timeout: float, patience: float) -> None:
        self._connection, self._timeout, self._patience = connection, timeout, patience
        self._causes = Causes(connection)

    def until_ready(self, step: Step, place: Place) -> Object:
        """The object when it is ready. Raises NotReady and ApiError."""
        deadline = time.monotonic() + (step.timeout or self._timeout)
        pause, hopeless_since, looked, said = FIRST_PAUSE, 0.0, time.monotonic(), ""
        while True:
            live: Object = self._connection.ask("GET", place.path)
            message = self._judge(live, place)
            if not message or self._binds_late(live, message):
                if said:
                    step.tell(f"{place.kind} initialization complete", "info", True)
                return live
            causes: list[Cause] = []
            now = time.monotonic()
            if readiness.has_pods(place.kind) and now - looked >= LOOK_AT_PODS:
                looked, causes = now, self._causes.of(live, place)
                hopeless = any(one.hopeless for one in causes)
                hopeless_since = (hopeless_since or now) if hopeless else 0.0
            shown = "; ".join([message, *(one.message for one in causes[:1])])
            if shown != said and (causes or not said):
                said = shown
                step.tell(shown, "warning" if causes else "info", True)
            if step.cancelled.is_set():
                raise NotReady(f'Resource operation was cancelled for "{place.name}"', live, [message])
            if now >= deadline or (hopeless_since and now - hopeless_since >= self._patience):
                self._give_up(live, place, message, timed_out=now >= deadline)
            step.cancelled.wait(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def until_gone(self, step: Step, place: Place, uid: str) -> None:
        deadline, pause, said = time.monotonic() + (step.timeout or self._timeout), FIRST_PAUSE, False
        while (live := self._find(place)) and (not uid or live["metadata"].get("uid") == uid):
            if not said:
                step.tell("Resource scheduled for deletion", "info", True)
                said = True
            if step.cancelled.is_set():
                raise NotReady(f'Resource operation was cancelled for "{place.name}"', live, [])
            if time.monotonic() >= deadline:
                held = ", ".join(live["metadata"].get("finalizers") or []) or "its pods are still ending"
                raise NotReady(f"'{place.name}' timed out waiting to be deleted ({held})", live, [])
            step.cancelled.wait(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _find(self, place: Place) -> Object | None:
        try:
            found: Object = self._connection.ask("GET", place.path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return found

    def _judge(self, live: Object, place: Place) -> str:
        try:
            return readiness.waiting_for(live)
        except readiness.Hopeless as error:
            self._give_up(live, place, str(error), timed_out=False)
        return ""

    def _give_up(self, live: Object, place: Place, message: str, *, timed_out: bool) -> None:
        causes = self._causes.of(live, place)[:3] if place.namespace else []
        reasons = [message, *(one.message for one in causes)]
        logged = next((one for one in causes if one.code in ("CrashLoopBackOff", "Restarted")), None)
        if logged and (log := self._causes.last_log(place, logged)):
            reasons.append(f"last log lines of {logged.pod} {logged.container}:\n{log}")
        first = f"'{place.name}' timed out waiting to be Ready" if timed_out else f"'{place.name}' cannot become ready"
        raise NotReady(first, live, reasons)

    def _binds_late(self, live: Object, message: str) -> bool:
        """A claim whose class waits for its first pod is done: nothing else will bind it."""
        if live["kind"] != "PersistentVolumeClaim" or not message:
            return False
        class_name = live["spec"].get("storageClassName")
        try:
            found = self._connection.ask("GET", f"/apis/storage.k8s.io/v1/storageclasses/{class_name}")
        except ApiError:
            return False
        return bool(found.get("volumeBindingMode") == "WaitForFirstConsumer")
