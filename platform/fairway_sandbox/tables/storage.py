"""Columns of claims, their volumes and the classes of these."""

from fairway_sandbox.objects import Json, dig
from fairway_sandbox.tables.column import AGE, NAME, Column, Columns, at

MODES = {"ReadWriteOnce": "RWO", "ReadWriteMany": "RWX", "ReadOnlyMany": "ROX", "ReadWriteOncePod": "RWOP"}
DEFAULT = "storageclass.kubernetes.io/is-default-class"


def phase(obj: Json) -> str:
    return "Terminating" if obj["metadata"].get("deletionTimestamp") else str(dig(obj, "status.phase", ""))


def _modes(found: list[str]) -> str:
    return ",".join(MODES.get(mode, mode) for mode in found)


def claimed(volume: Json) -> str:
    claim = dig(volume, "spec.claimRef")
    return f"{claim.get('namespace')}/{claim.get('name')}" if claim else ""


def class_name(obj: Json) -> str:
    by_default = (obj["metadata"].get("annotations") or {}).get(DEFAULT) == "true"
    return f"{obj['metadata']['name']}{' (default)' if by_default else ''}"


ATTRIBUTES = at("VolumeAttributesClass", "spec.volumeAttributesClassName", "<unset>")
MODE = at("VolumeMode", "spec.volumeMode", "<unset>", wide=True)
COLUMNS: dict[str, Columns] = {
    "PersistentVolumeClaim": (
        *(NAME, Column("Status", phase), at("Volume", "spec.volumeName"), at("Capacity", "status.capacity.storage")),
        Column("Access Modes", lambda o: _modes(dig(o, "status.accessModes", []))),
        *(at("StorageClass", "spec.storageClassName"), ATTRIBUTES, AGE, MODE),
    ),
    "PersistentVolume": (
        *(NAME, at("Capacity", "spec.capacity.storage")),
        Column("Access Modes", lambda o: _modes(dig(o, "spec.accessModes", []))),
        *(at("Reclaim Policy", "spec.persistentVolumeReclaimPolicy"), Column("Status", phase)),
        *(Column("Claim", claimed), at("StorageClass", "spec.storageClassName"), ATTRIBUTES),
        *(at("Reason", "status.reason"), AGE, MODE),
    ),
    "StorageClass": (
        *(
            Column("Name", class_name, format="name"),
            at("Provisioner", "provisioner"),
            at("ReclaimPolicy", "reclaimPolicy", "Delete"),
        ),
        at("VolumeBindingMode", "volumeBindingMode", "Immediate"),
        *(at("AllowVolumeExpansion", "allowVolumeExpansion", False), AGE),
    ),
}
