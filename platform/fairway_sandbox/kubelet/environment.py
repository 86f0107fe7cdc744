"""A container's own variables: service links, whole ConfigMaps and Secrets, single keys, fields of the pod."""

import re
from collections.abc import Iterator

from fairway_sandbox.kubelet.paths import expanded
from fairway_sandbox.kubelet.volumes import data
from fairway_sandbox.objects import Json, dig
from fairway_sandbox.quantities import quantity
from fairway_sandbox.store import Store

KEYED = re.compile(r"(metadata\.(?:labels|annotations))\['(.+)'\]")


class Unset(LookupError):
    """A variable's source is missing."""


def variables(store: Store, pod: Json, container: Json, address: str) -> dict[str, str]:
    found = dict(_links(store, pod)) if pod["spec"].get("enableServiceLinks", True) else {}
    for source in container.get("envFrom") or []:
        found.update(_whole(store, pod, source))
    for variable in container.get("env") or []:
        value = _value(store, pod, container, variable, address, found)
        if value is not None:
            found[variable["name"]] = value
    return found


def _links(store: Store, pod: Json) -> Iterator[tuple[str, str]]:
    for entry in store.every("services", pod["metadata"]["namespace"]):
        spec, name = entry.obj["spec"], entry.obj["metadata"]["name"].upper().replace("-", "_")
        if spec.get("clusterIP") not in (None, "None") and spec.get("ports"):
            yield f"{name}_SERVICE_HOST", spec["clusterIP"]
            yield f"{name}_SERVICE_PORT", str(spec["ports"][0]["port"])


def _source(store: Store, pod: Json, key: str, reference: Json) -> Json | None:
    found = store.object(key, pod["metadata"]["namespace"], reference.get("name", ""))
    if found is None and not reference.get("optional"):
        raise Unset(f'{key[:-1]} "{reference.get("name")}" not found')
    return found


def _whole(store: Store, pod: Json, source: Json) -> Iterator[tuple[str, str]]:
    for name, key in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
        if name in source:
            found = _source(store, pod, key, source[name])
            for entry, content in data(found).items() if found else ():
                yield (source.get("prefix") or "") + entry, content.decode(errors="replace")


def _value(store: Store, pod: Json, container: Json, variable: Json, address: str, known: dict[str, str]) -> str | None:
    source = variable.get("valueFrom")
    if not source:
        return expanded(variable.get("value") or "", known)
    if "fieldRef" in source:
        return _field(pod, source["fieldRef"]["fieldPath"], address)
    if "resourceFieldRef" in source:
        return str(int(quantity(dig(container, f"resources.{source['resourceFieldRef']['resource']}", 0))))
    for name, key in (("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")):
        if name in source:
            found = _source(store, pod, key, source[name])
            content = data(found).get(source[name]["key"]) if found else None
            if content is not None:
                return content.decode(errors="replace")
            if not source[name].get("optional"):
                place = f"{pod['metadata']['namespace']}/{source[name]['name']}"
                raise Unset(f"couldn't find key {source[name]['key']} in {key[:-1].title()} {place}")
    return None


def _field(pod: Json, path: str, address: str) -> str:
    if path in ("status.podIP", "status.podIPs"):
        return address
    keyed = KEYED.match(path)
    if keyed:
        return str((dig(pod, keyed.group(1), {})).get(keyed.group(2), ""))
    return str(dig(pod, path, ""))
