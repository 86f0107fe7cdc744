"""Create, update, read and delete of Kubernetes objects, with states that Pulumi's own provider accepts."""

import secrets
from collections.abc import Mapping
from typing import Any

from fairway_stacks.embedded import diffs
from fairway_stacks.embedded.diffs import Diff
from fairway_stacks.embedded.errors import StepFailed, Unhealthy
from fairway_stacks.embedded.kubernetes import checking, immutability, ownership
from fairway_stacks.embedded.kubernetes.connection import Connection
from fairway_stacks.embedded.kubernetes.errors import ApiError
from fairway_stacks.embedded.kubernetes.kinds import Kinds, Place
from fairway_stacks.embedded.kubernetes.waiting import NotReady, Waiting
from fairway_stacks.embedded.providers import Applied, Step
from fairway_stacks.port import ClusterUnreachable
from fairway_stacks.state.resource import Resource
from fairway_stacks.state.values import UNKNOWN, Properties, Secret, has_unknown, mark, plain, shape

APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
FORCE = "pulumi.com/patchForce"
TIMEOUT, PATIENCE = 600.0, 30.0
SERVER_FIELDS = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")


class KubernetesProvider:
    def __init__(
        self, connection: Connection, namespace: str = "", timeout: float = TIMEOUT, patience: float = PATIENCE
    ) -> None:
        self._connection, self._namespace = connection, namespace
        self._kinds = Kinds(connection, namespace or "default")
        self._waiting = Waiting(connection, timeout, patience)

    def check(self, urn: str, olds: Properties, news: Properties) -> tuple[Properties, list[str]]:
        return checking.check(urn, olds, news, self._namespace)

    def diff(self, old: Resource, news: Properties) -> Diff:
        before, after = plain(old.inputs), plain(news)
        found = diffs.between(before, after).force(immutability.replacing(str(after.get("kind"))))
        old_metadata, metadata = before.get("metadata") or {}, after.get("metadata") or {}
        if metadata is not UNKNOWN:
            same = all(metadata.get(key) == old_metadata.get(key) for key in ("name", "namespace"))
            found.delete_first = found.replaces and same and not checking.is_autonamed(after)
        return found

    def create(self, step: Step, inputs: Properties) -> Applied:
        manager = f"{ownership.CREATOR}-{secrets.token_hex(4)}"
        wanted = plain(inputs)
        if step.planning:
            return self._plan_create(step, inputs, wanted, manager)
        place = self._place(wanted)
        try:
            self._connection.ask("POST", place.collection, {"fieldManager": ownership.CREATOR}, wanted)
        except ApiError as error:
            if not (error.status == 409 and error.reason == "AlreadyExists" and step.adopt):
                raise StepFailed(self._refusal(step, error)) from error
            self._adopt(step, place, wanted, manager, error)
        except ClusterUnreachable as error:
            raise StepFailed(str(error), certain=False) from error
        return self._await(step, place, inputs, manager, wanted["apiVersion"], created=True)

    def update(self, step: Step, old: Resource, inputs: Properties) -> Applied:
        before = plain(old.outputs)
        manager = before.get("__fieldManager") or f"{ownership.CREATOR}-{secrets.token_hex(4)}"
        version = before.get("__initialApiVersion") or plain(inputs).get("apiVersion")
        wanted = plain(inputs)
        if step.planning and has_unknown(wanted):
            return Applied(old.id, _outputs(inputs, {**_unknowing(wanted)}, manager, version))
        place = self._place(wanted)
        try:
            live = self._apply(place, wanted, manager, step.planning)
        except ApiError as error:
            raise StepFailed(self._refusal(step, error)) from error
        except ClusterUnreachable as error:
            raise StepFailed(str(error), certain=False) from error
        if step.planning:
            return Applied(old.id, _outputs(inputs, live, manager, version))
        return self._await(step, place, inputs, manager, version, created=False)

    def read(self, step: Step, type_: str, id_: str, known: Resource | None) -> Applied | None:
        before = plain(known.outputs) if known else {}
        place = self._kinds.place(before) if before.get("apiVersion") else self._typed(type_, id_)
        try:
            live = self._connection.ask("GET", place.path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise StepFailed(str(error)) from error
        inputs = _drifted(known.inputs, live) if known and known.inputs else _bare(live)
        manager = before.get("__fieldManager") or f"{ownership.CREATOR}-{secrets.token_hex(4)}"
        version = before.get("__initialApiVersion") or live.get("apiVersion")
        return Applied(place.id, _outputs(inputs, live, manager, version), inputs)

    def delete(self, step: Step, old: Resource) -> None:
        before = plain(old.outputs)
        place = self._place(before if before.get("apiVersion") else plain(old.inputs))
        uid = str((before.get("metadata") or {}).get("uid") or "")
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground"}
        try:
            live = self._connection.ask("GET", place.path)
            if uid and live["metadata"].get("uid") != uid:
                return
            self._connection.ask("DELETE", place.path, None, body)
            self._waiting.until_gone(step, place, uid)
        except ApiError as error:
            if error.status != 404:
                raise StepFailed(f"deletion of {place.id} was refused: {error}") from error
        except NotReady as error:
            raise StepFailed(str(error)) from error

    def _plan_create(self, step: Step, inputs: Properties, wanted: Properties, manager: str) -> Applied:
        live: Mapping[str, Any] = wanted
        if not has_unknown(wanted):
            place = self._place(wanted)
            query = {"fieldManager": ownership.CREATOR, "dryRun": "All"}
            try:
                live = self._connection.ask("POST", place.collection, query, wanted)
            except ApiError as error:
                self._judge_plan(step, place, error)
        return Applied("", _outputs(inputs, _unknowing({**live}), manager, wanted.get("apiVersion")))

    def _judge_plan(self, step: Step, place: Place, error: ApiError) -> None:
        if error.missing_namespace or error.status == 404:
            step.tell(f'{place.kind} "{place.name}": {error}', "warning", False)
        elif not (error.status == 409 and (step.adopt or step.replaces)):
            raise StepFailed(f"Preview failed: {self._refusal(step, error)}") from error

    def _adopt(self, step: Step, place: Place, wanted: Properties, manager: str, cause: ApiError) -> None:
        try:
            live = self._connection.ask("GET", place.path)
            if not ownership.made_by_us(live):
                raise StepFailed(self._refusal(step, cause)) from cause
            step.tell(f'{place.kind} "{place.name}" was made by an interrupted run; going on with it', "info", False)
            self._apply(place, wanted, manager, planning=False)
        except ApiError as error:
            raise StepFailed(self._refusal(step, error)) from error

    def _apply(self, place: Place, wanted: Properties, manager: str, planning: bool) -> Mapping[str, Any]:
        query = {"fieldManager": manager, **({"dryRun": "All"} if planning else {})}
        forced = plain(wanted)["metadata"].get("annotations") or {}
        if forced.get(FORCE) == "true":
            query["force"] = "true"
        try:
            patch = ownership.takeover(self._connection.ask("GET", place.path), manager)
        except ApiError as error:
            if error.status != 404:
                raise
            patch = None
        if patch and planning:
            query["force"] = "true"
        elif patch:
            self._connection.ask("PATCH", place.path, {"fieldManager": manager}, patch, JSON_PATCH)
        answer: Mapping[str, Any] = self._connection.ask("PATCH", place.path, query, wanted, APPLY)
        return answer

    def _await(
        self, step: Step, place: Place, inputs: Properties, manager: str, version: str, *, created: bool
    ) -> Applied:
        try:
            live = self._waiting.until_ready(step, place)
        except NotReady as error:
            said = (
                f'resource "{step.urn}" was successfully created, but the Kubernetes API server reported that it '
                "failed to fully initialize or become live"
                if created
                else f'the Kubernetes API server reported that "{place.id}" failed to fully initialize or become live'
            )
            bullets = "".join(f"\n    * {reason}" for reason in error.reasons)
            outputs = _outputs(inputs, error.live, manager, version)
            raise Unhealthy(f"{said}: {error}{bullets}", place.id, outputs, error.reasons) from error
        except ApiError as error:
            raise StepFailed(str(error), certain=False) from error
        except ClusterUnreachable as error:
            raise StepFailed(str(error), certain=False) from error
        return Applied(place.id, _outputs(inputs, live, manager, version))

    def _place(self, document: Properties) -> Place:
        try:
            return self._kinds.place(document)
        except ApiError as error:
            raise StepFailed(str(error)) from error

    def _typed(self, type_: str, id_: str) -> Place:
        """type_: `kubernetes:apps/v1:Deployment`."""
        _, version, kind = type_.split(":")
        namespace, _, name = id_.rpartition("/")
        return self._kinds.at(version.removeprefix("core/"), kind, namespace, name)

    def _refusal(self, step: Step, error: ApiError) -> str:
        if error.status == 409 and error.reason == "Conflict":
            return f"server-side apply field conflict detected: {error}"
        return f'resource "{step.urn}" was not successfully created by the Kubernetes API server: {error}'


def _outputs(inputs: Properties, live: Mapping[str, Any], manager: str, version: Any) -> Properties:
    marked: Properties = mark(dict(live), inputs)
    if live.get("kind") == "Secret" and marked.get("data") is not None:
        marked["data"] = Secret(plain(marked["data"]))
    return {**marked, "__inputs": inputs, "__initialApiVersion": version, "__fieldManager": manager}


def _unknowing(document: Properties) -> Properties:
    """A preview must not promise what only the real create decides."""
    spec = document.get("spec")
    if document.get("kind") == "Service" and isinstance(spec, dict):
        wanted = spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName"
        if not wanted:
            document["spec"] = {**spec, "clusterIP": UNKNOWN, "clusterIPs": UNKNOWN}
    if isinstance(metadata := document.get("metadata"), dict):
        document["metadata"] = {**metadata, "uid": UNKNOWN, "resourceVersion": UNKNOWN}
    return {key: value for key, value in document.items() if key != "status"}


def _drifted(inputs: Properties, live: Mapping[str, Any]) -> Properties:
    found: Properties = mark(shape(dict(live), plain(inputs)), inputs)
    if live.get("kind") == "Secret" and "data" in found:
        found["data"] = Secret(plain(found["data"]))
    return found


def _bare(live: Mapping[str, Any]) -> Properties:
    metadata = {key: value for key, value in live["metadata"].items() if key in ("name", "namespace")}
    return {"apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": metadata}
