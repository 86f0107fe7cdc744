"""A pod's volumes: claims, files of ConfigMaps and Secrets, the projected service account, scratch directories."""

import base64
from collections.abc import Iterator
from pathlib import Path

from fairway_sandbox.objects import Json, dig
from fairway_sandbox.store import Store

# The sandbox knows one right, its token's; what a pod finds in its account is a name without any.
POD_TOKEN = b"this-pod-has-no-rights"


class Unmountable(LookupError):
    """A volume's source is not there yet."""


def mount(store: Store, pod: Json, folder: Path) -> dict[str, str]:
    """Directories by volume name; files of ConfigMaps and Secrets are written into the pod's own folder."""
    found = {}
    for volume in pod["spec"].get("volumes") or []:
        if "persistentVolumeClaim" in volume:
            found[volume["name"]] = _claimed(store, pod, volume["persistentVolumeClaim"]["claimName"])
        elif "hostPath" in volume:
            found[volume["name"]] = volume["hostPath"]["path"]
        else:
            own = folder / volume["name"]
            own.mkdir(parents=True, exist_ok=True)
            own.chmod(0o777)
            for name, content in _files(store, pod, volume):
                (own / name).parent.mkdir(parents=True, exist_ok=True)
                (own / name).write_bytes(content)
            found[volume["name"]] = str(own)
    return found


def _claimed(store: Store, pod: Json, name: str) -> str:
    claim = store.object("persistentvolumeclaims", pod["metadata"]["namespace"], name)
    if claim is None:
        raise Unmountable(f'persistentvolumeclaim "{name}" not found')
    volume = store.object("persistentvolumes", None, claim["spec"].get("volumeName", ""))
    if volume is None or dig(claim, "status.phase") != "Bound":
        raise Unmountable(f'persistentvolumeclaim "{name}" is not bound')
    Path(volume["spec"]["hostPath"]["path"]).mkdir(parents=True, exist_ok=True)
    return str(volume["spec"]["hostPath"]["path"])


def _files(store: Store, pod: Json, volume: Json) -> Iterator[tuple[str, bytes]]:
    namespace = pod["metadata"]["namespace"]
    if "configMap" in volume:
        yield from _keys(store, namespace, "configmaps", volume["configMap"].get("name"), volume["configMap"])
    if "secret" in volume:
        yield from _keys(store, namespace, "secrets", volume["secret"].get("secretName"), volume["secret"])
    if "downwardAPI" in volume:
        yield from _downward(pod, volume["downwardAPI"])
    for source in dig(volume, "projected.sources", []):
        if "configMap" in source:
            yield from _keys(store, namespace, "configmaps", source["configMap"].get("name"), source["configMap"])
        if "secret" in source:
            yield from _keys(store, namespace, "secrets", source["secret"].get("name"), source["secret"])
        if "downwardAPI" in source:
            yield from _downward(pod, source["downwardAPI"])
        if "serviceAccountToken" in source:
            yield source["serviceAccountToken"]["path"], POD_TOKEN


def _keys(store: Store, namespace: str, key: str, name: str | None, source: Json) -> Iterator[tuple[str, bytes]]:
    found = store.object(key, namespace, name or "")
    if found is None:
        if source.get("optional"):
            return
        raise Unmountable(f'{key[:-1]} "{name}" not found')
    paths = {item["key"]: item["path"] for item in source.get("items") or []}
    for entry, content in data(found).items():
        if not paths or entry in paths:
            yield paths.get(entry, entry), content


def data(obj: Json) -> dict[str, bytes]:
    """The bytes of a ConfigMap's or Secret's keys."""
    if obj["kind"] == "Secret":
        return {k: base64.b64decode(v) for k, v in (obj.get("data") or {}).items()}
    binary = {k: base64.b64decode(v) for k, v in (obj.get("binaryData") or {}).items()}
    return {**binary, **{k: v.encode() for k, v in (obj.get("data") or {}).items()}}


def _downward(pod: Json, source: Json) -> Iterator[tuple[str, bytes]]:
    for item in source.get("items") or []:
        value = dig(pod, dig(item, "fieldRef.fieldPath", ""), "")
        if isinstance(value, dict):
            value = "".join(f'{k}="{v}"\n' for k, v in value.items())
        yield item["path"], str(value).encode()
