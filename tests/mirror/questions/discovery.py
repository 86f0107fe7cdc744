"""What the server says that it has: versions, groups, resources, its health."""

from typing import Any

from tests.mirror.asking import Asker

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
GROUPS = (
    "apps",
    "batch",
    "policy",
    "networking.k8s.io",
    "autoscaling",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "storage.k8s.io",
)


def questions(asker: Asker) -> None:
    asker.ask("version", "GET", "/version", only=lambda v: sorted(v))
    asker.ask("api", "GET", "/api")
    for group in GROUPS:
        asker.ask(f"group {group}", "GET", f"/apis/{group}", only=_preferred)
    for path in ("/api/v1", "/apis/apps/v1", "/apis/batch/v1", "/apis/policy/v1", "/apis/autoscaling/v2"):
        for entry in asker.get(path)["resources"]:
            asker.note(f"{path} {entry['name']}", {k: v for k, v in entry.items() if k != "storageVersionHash"})
    for path in ("/apis", "/api"):
        asker.ask(
            f"aggregated {path}",
            "GET",
            path,
            accept=AGGREGATED,
            only=lambda d: {k: d[k] for k in ("kind", "apiVersion")},
        )
    for path in ("/healthz", "/livez", "/readyz"):
        asker.ask(path, "GET", path)
    asker.ask("openapi v3 of apps", "GET", "/openapi/v3/apis/apps/v1", only=lambda d: sorted(d))


def _preferred(group: Any) -> Any:
    return {"kind": group["kind"], "name": group["name"], "preferred": group["preferredVersion"]["version"]}
