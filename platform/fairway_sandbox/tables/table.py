"""Columns by kind, and the table that they make."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fairway_sandbox.kinds import Kind
from fairway_sandbox.objects import Json, dig
from fairway_sandbox.tables import cells


@dataclass(frozen=True)
class Column:
    name: str
    cell: Callable[[Json], Any]
    type: str = "string"
    priority: int = 0


def at(name: str, path: str, default: Any = "", *, type: str = "string", wide: bool = False) -> Column:
    """A column that shows the value at a path."""
    return Column(name, lambda obj: dig(obj, path, default), type, int(wide))


def wide(name: str, cell: Callable[[Json], Any]) -> Column:
    return Column(name, cell, priority=1)


def count(name: str, path: str) -> Column:
    return at(name, path, 0, type="integer")


NAME = Column("Name", lambda obj: obj["metadata"]["name"])
AGE = Column("Age", cells.age)
IMAGES = (wide("Containers", cells.containers), wide("Images", cells.images))
SELECTOR = wide("Selector", cells.selector)
READY = Column("Ready", cells.ready_of_wanted)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "Pod": (
        NAME,
        Column("Ready", cells.pod_ready),
        Column("Status", cells.pod_status),
        Column("Restarts", cells.restarts),
        AGE,
        at("IP", "status.podIP", "<none>", wide=True),
        at("Node", "spec.nodeName", "<none>", wide=True),
        wide("Nominated Node", lambda obj: "<none>"),
        wide("Readiness Gates", lambda obj: "<none>"),
    ),
    "Deployment": (
        *(NAME, READY, count("Up-to-date", "status.updatedReplicas"), count("Available", "status.availableReplicas")),
        *(AGE, *IMAGES, SELECTOR),
    ),
    "ReplicaSet": (
        *(NAME, count("Desired", "spec.replicas"), count("Current", "status.replicas")),
        *(count("Ready", "status.readyReplicas"), AGE, *IMAGES, SELECTOR),
    ),
    "StatefulSet": (NAME, READY, AGE, *IMAGES),
    "DaemonSet": (
        *(NAME, count("Desired", "status.desiredNumberScheduled"), count("Current", "status.currentNumberScheduled")),
        *(count("Ready", "status.numberReady"), count("Up-to-date", "status.updatedNumberScheduled")),
        *(count("Available", "status.numberAvailable"), AGE, *IMAGES, SELECTOR),
    ),
    "Service": (
        *(NAME, at("Type", "spec.type"), at("Cluster-IP", "spec.clusterIP", "<none>")),
        *(Column("External-IP", lambda obj: "<none>"), Column("Port(s)", cells.ports), AGE, SELECTOR),
    ),
    "Endpoints": (NAME, Column("Endpoints", cells.endpoints), AGE),
    "EndpointSlice": (
        *(NAME, at("AddressType", "addressType")),
        Column("Ports", lambda o: ",".join(str(p.get("port")) for p in o.get("ports") or []) or "<unset>"),
        Column(
            "Endpoints", lambda o: ",".join(a for e in o.get("endpoints") or [] for a in e["addresses"]) or "<unset>"
        ),
        AGE,
    ),
    "ConfigMap": (NAME, Column("Data", lambda obj: str(len(obj.get("data") or {}))), AGE),
    "Secret": (NAME, at("Type", "type"), Column("Data", lambda obj: len(obj.get("data") or {}), "integer"), AGE),
    "Namespace": (NAME, at("Status", "status.phase"), AGE),
    "Node": (
        *(NAME, Column("Status", cells.node_status), Column("Roles", cells.roles), AGE),
        at("Version", "status.nodeInfo.kubeletVersion"),
        wide("Internal-IP", lambda o: next((a["address"] for a in dig(o, "status.addresses", [])), "<none>")),
    ),
    "PersistentVolumeClaim": (
        *(NAME, Column("Status", cells.claim_status), at("Volume", "spec.volumeName")),
        *(at("Capacity", "status.capacity.storage"), Column("Access Modes", cells.access_modes)),
        *(at("StorageClass", "spec.storageClassName"), AGE),
    ),
    "PersistentVolume": (
        *(NAME, at("Capacity", "spec.capacity.storage"), Column("Access Modes", cells.access_modes)),
        *(at("Reclaim Policy", "spec.persistentVolumeReclaimPolicy"), at("Status", "status.phase")),
        Column("Claim", lambda o: f"{dig(o, 'spec.claimRef.namespace')}/{dig(o, 'spec.claimRef.name')}"),
        *(at("StorageClass", "spec.storageClassName"), AGE),
    ),
    "Job": (
        *(NAME, Column("Status", cells.job_status)),
        Column("Completions", lambda o: f"{dig(o, 'status.succeeded', 0)}/{dig(o, 'spec.completions', 1)}"),
        *(Column("Duration", cells.job_duration), AGE),
    ),
    "CronJob": (
        *(NAME, at("Schedule", "spec.schedule"), at("Suspend", "spec.suspend", False, type="boolean")),
        *(Column("Active", lambda o: len(dig(o, "status.active", [])), "integer"), AGE),
    ),
    "PodDisruptionBudget": (
        *(NAME, Column("Min Available", lambda o: str(dig(o, "spec.minAvailable", "N/A")))),
        Column("Max Unavailable", lambda o: str(dig(o, "spec.maxUnavailable", "N/A"))),
        *(count("Allowed Disruptions", "status.disruptionsAllowed"), AGE),
    ),
    "Event": (
        *(Column("Last Seen", cells.last_seen), at("Type", "type"), at("Reason", "reason")),
        *(Column("Object", cells.involved), at("Message", "message")),
    ),
    "CustomResourceDefinition": (NAME, at("Created At", "metadata.creationTimestamp", type="date")),
}


def table(kind: Kind, objects: list[Json], include: str, meta: Json, *, columns: bool = True) -> Json:
    """`include` is None, Metadata or Object: what of each object comes along with its row."""
    chosen = COLUMNS.get(kind.kind, (NAME, AGE))
    definitions = [
        {
            "name": c.name,
            "type": c.type,
            "format": "name" if c.name == "Name" else "",
            "description": c.name,
            "priority": c.priority,
        }
        for c in chosen
    ]
    made: Json = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
    rows = [_row(chosen, obj, include) for obj in objects]
    return {**made, "columnDefinitions": definitions if columns else [], "rows": rows}


def _row(columns: tuple[Column, ...], obj: Json, include: str) -> Json:
    row: Json = {"cells": [column.cell(obj) for column in columns]}
    if include == "Object":
        row["object"] = obj
    elif include != "None":
        row["object"] = partial(obj)
    return row


def partial(obj: Json) -> Json:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}
