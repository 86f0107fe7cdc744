"""Columns of the cluster's own things: nodes, namespaces, events, and what configures."""

from collections.abc import Callable
from dataclasses import replace

from fairway_sandbox.objects import Json, dig, is_ready, seconds_since
from fairway_sandbox.tables import cells
from fairway_sandbox.tables.column import AGE, CREATED, NAME, Column, Columns, at, wide

ROLE = "node-role.kubernetes.io/"


def node_status(node: Json) -> str:
    return ("Ready" if is_ready(node) else "NotReady") + (
        ",SchedulingDisabled" if dig(node, "spec.unschedulable") else ""
    )


def roles(node: Json) -> str:
    found = [k.removeprefix(ROLE) for k in node["metadata"].get("labels") or {} if k.startswith(ROLE)]
    return ",".join(sorted(found)) or "<none>"


def _address(name: str, kind: str) -> Column:
    def cell(node: Json) -> str:
        found = [a["address"] for a in dig(node, "status.addresses", []) if a["type"] == kind]
        return str(found[0]) if found else "<none>"

    return wide(name, cell)


def _ago(field: str) -> Callable[[Json], str]:
    """How long ago: by the field, or by what newer events have in its place."""

    def cell(event: Json) -> str:
        moment = event.get(field) or event.get("eventTime") or event["metadata"]["creationTimestamp"]
        return cells.duration(seconds_since(moment))

    return cell


def involved(event: Json) -> str:
    about = event["involvedObject"]
    return f"{about.get('kind', '').lower()}/{about.get('name')}"


def source(event: Json) -> str:
    told = event.get("source") or {}
    both = told.get("component") or event.get("reportingComponent"), told.get("host") or event.get("reportingInstance")
    return ", ".join(part for part in both if part)


def _size(*fields: str) -> Column:
    return Column("Data", lambda obj: sum(len(obj.get(field) or ()) for field in fields))


COLUMNS: dict[str, Columns] = {
    "ConfigMap": (NAME, _size("data", "binaryData"), AGE),
    "Secret": (NAME, at("Type", "type"), _size("data"), AGE),
    "ServiceAccount": (NAME, Column("Secrets", lambda obj: len(obj.get("secrets") or ())), AGE),
    "Namespace": (NAME, at("Status", "status.phase"), AGE),
    "Node": (
        *(NAME, Column("Status", node_status), Column("Roles", roles), AGE),
        at("Version", "status.nodeInfo.kubeletVersion"),
        *(_address("Internal-IP", "InternalIP"), _address("External-IP", "ExternalIP")),
        at("OS-Image", "status.nodeInfo.osImage", "<unknown>", wide=True),
        at("Kernel-Version", "status.nodeInfo.kernelVersion", "<unknown>", wide=True),
        at("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", "<unknown>", wide=True),
    ),
    "Event": (
        *(
            Column("Last Seen", _ago("lastTimestamp")),
            at("Type", "type"),
            at("Reason", "reason"),
            Column("Object", involved),
        ),
        *(at("Subobject", "involvedObject.fieldPath", wide=True), wide("Source", source), at("Message", "message")),
        wide("First Seen", _ago("firstTimestamp")),
        *(at("Count", "count", 1, wide=True), replace(NAME, priority=1)),
    ),
    "Lease": (NAME, at("Holder", "spec.holderIdentity"), AGE),
    "LimitRange": (NAME, CREATED),
    "PriorityClass": (
        *(NAME, at("Value", "value", 0), at("Global-Default", "globalDefault", False), AGE),
        at("PreemptionPolicy", "preemptionPolicy"),
    ),
    "CustomResourceDefinition": (NAME, at("Created At", "metadata.creationTimestamp", type="date")),
}
