"""Rules for pods and for the templates that make them."""

from collections.abc import Iterable, Iterator

from fairway_sandbox.admission import words
from fairway_sandbox.admission.words import Cause, invalid_value
from fairway_sandbox.objects import Json
from fairway_sandbox.quantities import quantity

PROTOCOLS, PULLS = ("SCTP", "TCP", "UDP"), ("Always", "IfNotPresent", "Never")
RESTARTS = ("Always", "OnFailure", "Never")
HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def pod_spec(spec: Json, path: str, more_volumes: Iterable[str] = ()) -> Iterator[Cause]:
    """more_volumes: those that come from elsewhere, as a StatefulSet's claims."""
    volumes = [volume.get("name") or "" for volume in spec.get("volumes") or []]
    yield from _names(volumes, f"{path}.volumes")
    known = {*volumes, *more_volumes}
    if not spec.get("containers"):
        yield f"{path}.containers", "Required value"
    for kind in ("containers", "initContainers"):
        found = spec.get(kind) or []
        for at, container in enumerate(found):
            names = [c.get("name") for c in found[:at]]
            yield from _container(container, f"{path}.{kind}[{at}]", names, known)
    yield from words.one_of(f"{path}.restartPolicy", spec.get("restartPolicy"), RESTARTS)
    yield from words.not_negative(f"{path}.terminationGracePeriodSeconds", spec.get("terminationGracePeriodSeconds"))


def _names(names: list[str], path: str) -> Iterator[Cause]:
    for at, name in enumerate(names):
        place = f"{path}[{at}].name"
        if not name:
            yield place, "Required value"
        elif name in names[:at]:
            yield place, f'Duplicate value: "{name}"'
        else:
            yield from words.fits(place, name, words.LABEL)


def _container(container: Json, path: str, before: list[str | None], volumes: set[str]) -> Iterator[Cause]:
    name = container.get("name")
    if not name:
        yield f"{path}.name", "Required value"
    elif name in before:
        yield f"{path}.name", f'Duplicate value: "{name}"'
    else:
        yield from words.fits(f"{path}.name", name, words.LABEL)
    if not container.get("image"):
        yield f"{path}.image", "Required value"
    for at, port in enumerate(container.get("ports") or []):
        yield from _port(port, f"{path}.ports[{at}]")
    for at, variable in enumerate(container.get("env") or []):
        if not variable.get("name"):
            yield f"{path}.env[{at}].name", "Required value"
        if variable.get("valueFrom") and variable.get("value"):
            why = "may not be specified when `value` is not empty"
            yield f"{path}.env[{at}].valueFrom", invalid_value("", why)
    yield from _mounts(container.get("volumeMounts") or [], f"{path}.volumeMounts", volumes)
    yield from words.one_of(f"{path}.imagePullPolicy", container.get("imagePullPolicy"), PULLS)
    yield from _resources(container.get("resources") or {}, f"{path}.resources")
    for probe in PROBES:
        if container.get(probe) is not None:
            yield from _probe(container[probe], f"{path}.{probe}", once=probe != "readinessProbe")


def _port(port: Json, path: str) -> Iterator[Cause]:
    if not port.get("containerPort"):
        yield f"{path}.containerPort", "Required value"
    else:
        yield from words.port(f"{path}.containerPort", port["containerPort"])
    if port.get("hostPort"):
        yield from words.port(f"{path}.hostPort", port["hostPort"])
    yield from words.one_of(f"{path}.protocol", port.get("protocol"), PROTOCOLS)


def _mounts(mounts: list[Json], path: str, volumes: set[str]) -> Iterator[Cause]:
    for at, mount in enumerate(mounts):
        if not mount.get("name"):
            yield f"{path}[{at}].name", "Required value"
        elif mount["name"] not in volumes:
            yield f"{path}[{at}].name", f'Not found: "{mount["name"]}"'
        where = mount.get("mountPath")
        if not where:
            yield f"{path}[{at}].mountPath", "Required value"
        elif where in [m.get("mountPath") for m in mounts[:at]]:
            yield f"{path}[{at}].mountPath", invalid_value(where, "must be unique")


def _resources(resources: Json, path: str) -> Iterator[Cause]:
    limits = resources.get("limits") or {}
    for name, asked in (resources.get("requests") or {}).items():
        if name in limits and quantity(asked) > quantity(limits[name]):
            why = f"must be less than or equal to {name} limit of {limits[name]}"
            yield f"{path}.requests", invalid_value(str(asked), why)


def _probe(probe: Json, path: str, *, once: bool) -> Iterator[Cause]:
    if not any(probe.get(handler) is not None for handler in HANDLERS):
        yield path, "Required value: must specify a handler type"
    for handler in ("httpGet", "tcpSocket"):
        if probe.get(handler):
            yield from words.port(f"{path}.{handler}.port", probe[handler].get("port"))
    for name in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        yield from words.not_negative(f"{path}.{name}", probe.get(name))
    if once and probe.get("successThreshold") not in (None, 1):
        yield f"{path}.successThreshold", invalid_value(probe["successThreshold"], "must be 1")
