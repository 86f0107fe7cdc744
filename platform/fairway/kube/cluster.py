"""One cluster: objects, watches, logs, events, evictions, metrics: blocking and thread-safe; and forwarded ports."""

import asyncio
import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote

from fairway.kube import errors, forwarding, kinds
from fairway.kube.forwarding import Forward
from fairway.kube.kinds import Kind
from fairway.kube.stream import Stream
from fairway.kube.transport import ANSWER, Query, Transport
from fairway.kube.values import Change, ClusterEvent, Document, Listing, Pod

PatchKind = Literal["merge", "strategic", "json", "apply"]
CONTENT_TYPES = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}
WATCH_SECONDS = 240
MANAGER = "fairway"


class Cluster:
    """addressing `ip`: pods are reached at their own addresses; `dns`: through the API server."""

    def __init__(self, name: str, transport: Transport, addressing: str = "dns", sandbox: bool = False) -> None:
        self.name = name
        self.addressing = addressing
        self.sandbox = sandbox
        self._transport = transport

    def version(self, timeout: float = 5.0) -> str:
        """Such as `v1.34.2`; also the cheapest way to see whether it answers."""
        return str(self._transport.json("GET", "/version", timeout=timeout).get("gitVersion", ""))

    def get(self, kind: Kind, name: str, namespace: str = "") -> Document:
        """Raises ObjectNotFound."""
        return self._transport.json("GET", kind.path(namespace, name))

    def list(self, kind: Kind, namespace: str = "", labels: str = "", fields: str = "") -> Listing:
        """labels and fields: selectors such as `a=b,c!=d`. Without a namespace: of all of them."""
        items: list[Document] = []
        token: str | None = None
        while True:
            query: Query = {"labelSelector": labels, "fieldSelector": fields, "limit": 500, "continue": token}
            page = self._transport.json("GET", kind.path(namespace), query)
            items += page.get("items") or []
            metadata = page.get("metadata") or {}
            token = metadata.get("continue")
            if not token:
                return Listing(tuple(items), str(metadata.get("resourceVersion", "")))

    def create(self, kind: Kind, document: Document, namespace: str = "", *, dry_run: bool = False) -> Document:
        namespace = namespace or document["metadata"].get("namespace", "")
        query = {"dryRun": "All" if dry_run else None, "fieldManager": MANAGER}
        body = {"apiVersion": kind.api_version, "kind": kind.name, **document}
        return self._transport.json("POST", kind.path(namespace), query, body)

    def patch(
        self,
        kind: Kind,
        name: str,
        namespace: str,
        patch: Any,
        *,
        how: PatchKind = "merge",
        subresource: str = "",
        dry_run: bool = False,
    ) -> Document:
        query = {"dryRun": "All" if dry_run else None, "fieldManager": MANAGER}
        path = kind.path(namespace, name, subresource)
        return self._transport.json("PATCH", path, query, patch, CONTENT_TYPES[how])

    def delete(
        self,
        kind: Kind,
        name: str,
        namespace: str = "",
        *,
        uid: str = "",
        grace: int | None = None,
        dry_run: bool = False,
    ) -> Document:
        """uid: this very object only, another one is an ObjectConflict. grace: seconds, the object's own by default."""
        options: Document = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        return self._transport.json("DELETE", kind.path(namespace, name), body=_options(options, uid, grace, dry_run))

    def evict(
        self, name: str, namespace: str, *, uid: str = "", grace: int | None = None, dry_run: bool = False
    ) -> None:
        """Raises RefusedByBudget when a PodDisruptionBudget forbids it now."""
        options = _options({}, uid, grace, dry_run)
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
            "deleteOptions": options or None,
        }
        self._transport.json("POST", kinds.POD.path(namespace, name, "eviction"), body=body)

    def watch(
        self,
        kind: Kind,
        namespace: str = "",
        labels: str = "",
        resource_version: str = "",
        *,
        fields: str = "",
        seconds: int = WATCH_SECONDS,
    ) -> Stream[Change]:
        """Changes after resource_version, until the server ends the stream after `seconds`. Raises Expired on a 410."""
        query: Query = {
            "watch": True,
            "labelSelector": labels,
            "fieldSelector": fields,
            "resourceVersion": resource_version,
            "allowWatchBookmarks": True,
            "timeoutSeconds": seconds,
        }
        return Stream(self._transport.open("GET", kind.path(namespace), query, timeout=seconds + 15), _change)

    def pods(self, namespace: str = "", labels: str = "") -> Sequence[Pod]:
        return [Pod.of(document) for document in self.list(kinds.POD, namespace, labels).items]

    def logs(
        self,
        namespace: str,
        pod: str,
        container: str = "",
        *,
        follow: bool = False,
        previous: bool = False,
        tail: int | None = None,
        timestamps: bool = False,
        timeout: float = ANSWER,
    ) -> Stream[str]:
        """Lines without their line ends. Close the stream to stop following."""
        query: Query = {
            "container": container,
            "follow": follow,
            "previous": previous,
            "tailLines": tail,
            "timestamps": timestamps,
        }
        silence = 3600.0 if follow else timeout
        opened = self._transport.open("GET", kinds.POD.path(namespace, pod, "log"), query, timeout=silence)
        return Stream(opened, lambda line: line.decode(errors="replace"))

    def events(self, namespace: str, *, about: str = "", limit: int = 200) -> Sequence[ClusterEvent]:
        """Newest last. about: the name of one object."""
        fields = f"involvedObject.name={about}" if about else ""
        found = [ClusterEvent.of(document) for document in self.list(kinds.EVENT, namespace, fields=fields).items]
        return sorted(found, key=lambda e: e.at.timestamp() if e.at else 0.0)[-limit:]

    def scrape(
        self, namespace: str, pod: str, port: int, path: str = "/metrics", *, ip: str = "", timeout: float = 5.0
    ) -> str:
        """The text of a GET on the pod's port. ip: the pod's address when it is known, to spare a request."""
        if self.addressing == "ip":
            return _fetch(ip or self._address(namespace, pod), port, path, timeout)
        name = f"{quote(pod, safe='')}:{port}"
        return self._transport.text(f"/api/v1/namespaces/{quote(namespace)}/pods/{name}/proxy{path}", timeout=timeout)

    async def forward(self, namespace: str, pod: str, port: int) -> Forward:
        """A connection to the pod's port: direct where its address is reachable, else through the API server."""
        where = f"{pod}:{port}"
        if self.addressing == "ip":
            address = await asyncio.to_thread(self._address, namespace, pod)
            return await forwarding.direct(address, port, where)
        path = kinds.POD.path(namespace, pod, "portforward")
        return await forwarding.through(self._transport, path, port, where)

    def review(self, verb: str, resource: str, namespace: str = "") -> bool:
        """May Fairway's own credentials do it? resource: `pods`, `pods/eviction`, `deployments.apps`."""
        plural, _, group = resource.partition(".")
        plural, _, subresource = plural.partition("/")
        attributes = {
            "verb": verb,
            "resource": plural,
            "subresource": subresource,
            "group": group,
            "namespace": namespace,
        }
        answer = self.create(kinds.SUBJECT_ACCESS_REVIEW, {"metadata": {}, "spec": {"resourceAttributes": attributes}})
        return bool((answer.get("status") or {}).get("allowed"))

    def close(self) -> None:
        self._transport.close()

    def _address(self, namespace: str, pod: str) -> str:
        found = Pod.of(self.get(kinds.POD, pod, namespace)).ip
        if not found:
            raise errors.ClusterUnreachable(f"Pod {pod} has no address yet")
        return found


def _options(options: Document, uid: str, grace: int | None, dry_run: bool) -> Document:
    extra: Mapping[str, Any] = {
        "preconditions": {"uid": uid} if uid else None,
        "gracePeriodSeconds": grace,
        "dryRun": ["All"] if dry_run else None,
    }
    return {**options, **{name: value for name, value in extra.items() if value is not None}}


def _change(line: bytes) -> Change:
    document = json.loads(line)
    if document["type"] == "ERROR":
        status = document.get("object") or {}
        raise errors.of(int(status.get("code") or 500), json.dumps(status))
    return Change(document["type"], document["object"])


def _fetch(host: str, port: int, path: str, timeout: float, largest: int = 2**23) -> str:
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Accept": "text/plain;version=0.0.4", "User-Agent": "fairway"})
        answer = connection.getresponse()
        body = answer.read(largest)
    except (OSError, http.client.HTTPException) as error:
        raise errors.ClusterUnreachable(f"{host}:{port} does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise errors.ClusterFailed(f"{host}:{port}{path} answered {answer.status}")
    return body.decode(errors="replace")
