"""How things go: at once, after their finalizers, with what they own, with their namespace."""

from tests.mirror.asking import APPS, CORE, MERGE, Asker
from tests.mirror.questions.objects import config_map, deployment
from tests.mirror.questions.workloads import conditions, ready

HELD = "example.com/held"


def questions(asker: Asker) -> None:
    maps = f"{CORE}/configmaps"
    asker.make(maps, config_map("gone"))
    asker.ask("at once", "DELETE", f"{maps}/gone")
    held = config_map("held")
    held["metadata"]["finalizers"] = [HELD]
    asker.make(maps, held)
    asker.ask("dry", "DELETE", f"{maps}/held?dryRun=All")
    asker.ask("held", "DELETE", f"{maps}/held")
    asker.ask("held, again", "DELETE", f"{maps}/held")
    more = {"metadata": {"finalizers": [HELD, "example.com/more"]}}
    asker.ask("422 one more finalizer", "PATCH", f"{maps}/held", more, MERGE)
    asker.ask("let go", "PATCH", f"{maps}/held", {"metadata": {"finalizers": None}}, MERGE)
    asker.ask("404 then", "GET", f"{maps}/held")
    asker.make(maps, config_map("many", labels={"many": "yes"}))
    asker.ask("many", "DELETE", f"{maps}?labelSelector=many%3Dyes", only=lambda d: d["kind"])
    _owned(asker)
    _orphans(asker)
    _namespace(asker)


def _owned(asker: Asker) -> None:
    path = f"{APPS}/deployments"
    for name, policy in (("background", None), ("foreground", "Foreground")):
        asker.make(path, deployment(name, 1))
        ready(asker, f"{path}/{name}", 1)
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": policy} if policy else None
        only = _finalizers if policy else None
        asker.ask(f"a deployment, {name}", "DELETE", f"{path}/{name}", options, only=only)
        _gone(asker, name)


def _gone(asker: Asker, name: str) -> None:
    """Waits until the deployment is, and its pods."""
    pods = f"{CORE}/pods?labelSelector=app%3D{name}"
    asker.until(lambda: not asker.get(pods)["items"], "its pods to go")
    asker.until(lambda: asker.call("GET", f"{APPS}/deployments/{name}").status == 404, "it to go")


def _finalizers(found: dict[str, dict[str, object]]) -> object:
    return found["metadata"].get("finalizers")


def _orphans(asker: Asker) -> None:
    asker.make(f"{APPS}/deployments", deployment("orphan", 1))
    ready(asker, f"{APPS}/deployments/orphan", 1)
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Orphan"}
    asker.call("DELETE", f"{APPS}/deployments/orphan", options)
    asker.until(lambda: asker.call("GET", f"{APPS}/deployments/orphan").status == 404, "it to go")
    sets = asker.get(f"{APPS}/replicasets?labelSelector=app%3Dorphan")["items"]
    asker.note("what it leaves as an orphan", [s["metadata"].get("ownerReferences") for s in sets])
    for one in sets:
        asker.call("DELETE", f"{APPS}/replicasets/{one['metadata']['name']}")


def _namespace(asker: Asker) -> None:
    path, inside = "/api/v1/namespaces/mirror-gone", "/api/v1/namespaces/mirror-gone/configmaps"
    asker.ask("403 the default namespace", "DELETE", "/api/v1/namespaces/default?dryRun=All")
    asker.make("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "mirror-gone"}})
    held = config_map("held")
    held["metadata"]["finalizers"] = [HELD]
    asker.make(inside, held)
    asker.ask("a namespace", "DELETE", path)
    asker.ask("403 into a namespace that goes", "POST", inside, config_map("late"))
    asker.until(lambda: len(asker.get(path)["status"].get("conditions") or ()) >= 5, "its conditions")
    asker.note("a namespace that is held", conditions(asker.get(path)))
    asker.call("PATCH", f"{inside}/held", {"metadata": {"finalizers": None}}, MERGE)
    asker.until(lambda: asker.call("GET", path).status == 404, "the namespace to go")
    asker.ask("404 namespace", "GET", path)
