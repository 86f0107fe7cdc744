"""Rules for what keeps data: ConfigMaps, Secrets and claims."""

from collections.abc import Iterator

from fairway_sandbox.admission import words
from fairway_sandbox.admission.words import Cause, invalid_value
from fairway_sandbox.objects import Json, dig
from fairway_sandbox.quantities import quantity

WANTED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
}
BASIC = ("username", "password")
CLAIM_MUTABLE = ("resources", "volumeAttributesClassName")
CLAIM_FORBIDDEN = (
    "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound "
    "claims"
)


def config_map(obj: Json, old: Json | None) -> Iterator[Cause]:
    yield from _immutable(obj, old)
    for field in ("data", "binaryData"):
        yield from _keys(obj, field)


def secret(obj: Json, old: Json | None) -> Iterator[Cause]:
    if old and old.get("type") and obj.get("type") != old["type"]:
        yield "type", invalid_value(obj.get("type"), "field is immutable")
    yield from _immutable(obj, old)
    yield from _keys(obj, "data")
    kind, data = obj.get("type") or "", obj.get("data") or {}
    missing = [name for name in WANTED.get(kind, ()) if name not in data]
    if kind == "kubernetes.io/basic-auth" and not any(name in data for name in BASIC):
        missing = list(BASIC)
    for name in missing:
        yield f"data[{name}]", "Required value"


def _immutable(obj: Json, old: Json | None) -> Iterator[Cause]:
    for field in ("immutable", "data", "binaryData") if old and old.get("immutable") else ():
        if obj.get(field) != (old or {}).get(field):
            yield field, "Forbidden: field is immutable when `immutable` is set"


def _keys(obj: Json, field: str) -> Iterator[Cause]:
    for key in obj.get(field) or ():
        yield from words.fits(f"{field}[{key}]", key, words.DATA, words.LONGEST_NAME)


def claim(obj: Json, old: Json | None) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    if not spec.get("accessModes"):
        yield "spec.accessModes", "Required value: at least 1 access mode is required"
    if not dig(spec, "resources.requests.storage"):
        yield "spec.resources[storage]", "Required value"
    elif old:
        yield from _claim_update(spec, old)


def _claim_update(spec: Json, old: Json) -> Iterator[Cause]:
    bound = dig(old, "status.phase") == "Bound"
    mutable = CLAIM_MUTABLE if bound else ()
    if any(spec.get(name) != old["spec"].get(name) for name in {*spec, *old["spec"]} - {*mutable}):
        yield "spec", CLAIM_FORBIDDEN
    elif quantity(spec["resources"]["requests"]["storage"]) < quantity(dig(old, "status.capacity.storage", 0)):
        yield "spec.resources.requests.storage", "Forbidden: field can not be less than status.capacity"
