"""What is refused, and in which words."""

from tests.mirror.asking import APPS, CORE, JSON, MERGE, PATCH, Asker
from tests.mirror.questions.objects import config_map, deployment

NOBODY = "00000000-0000-0000-0000-000000000000"


def questions(asker: Asker) -> None:
    _missing(asker)
    _conflicts(asker)
    _malformed(asker)
    _invalid(asker)
    _negotiation(asker)
    _access(asker)


def _missing(asker: Asker) -> None:
    asker.ask("404 object", "GET", f"{APPS}/deployments/none")
    asker.ask("404 in a missing namespace", "GET", "/apis/apps/v1/namespaces/none/deployments/none")
    asker.ask("404 create in a missing namespace", "POST", "/api/v1/namespaces/none/configmaps", config_map("x"))
    asker.ask("404 unknown resource", "GET", f"{APPS}/deploymentz")
    asker.ask("404 unknown group", "GET", "/apis/foo.example.com/v1/foos")
    asker.ask("404 unknown path", "GET", "/nothing")
    asker.ask("a list in a missing namespace", "GET", "/api/v1/namespaces/none/pods")
    asker.ask("404 delete", "DELETE", f"{CORE}/configmaps/none")
    asker.ask("404 patch", "PATCH", f"{CORE}/configmaps/none", {"data": {"a": "b"}}, MERGE)
    asker.ask("404 put", "PUT", f"{CORE}/configmaps/none", config_map("none"))
    asker.ask("404 eviction", "POST", f"{CORE}/pods/none/eviction", _eviction("none"))
    asker.ask("404 log", "GET", f"{CORE}/pods/none/log")


def _eviction(name: str) -> dict[str, object]:
    return {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}


def _conflicts(asker: Asker) -> None:
    asker.ask("201 create", "POST", f"{CORE}/configmaps", config_map("known", data={"a": "1"}))
    asker.ask("409 exists", "POST", f"{CORE}/configmaps", config_map("known"))
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    asker.ask("409 namespace exists", "POST", "/api/v1/namespaces", space)
    old = asker.get(f"{CORE}/configmaps/known")
    asker.call("PUT", f"{CORE}/configmaps/known", {**old, "data": {"a": "2"}})
    asker.ask("409 put of an old version", "PUT", f"{CORE}/configmaps/known", {**old, "data": {"a": "3"}})
    stale = {"metadata": {"resourceVersion": old["metadata"]["resourceVersion"]}, "data": {"a": "3"}}
    asker.ask("409 patch of an old version", "PATCH", f"{CORE}/configmaps/known", stale, MERGE)
    for what, value in (("uid", NOBODY), ("resourceVersion", "1")):
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {what: value}}
        asker.ask(f"409 delete with another {what}", "DELETE", f"{CORE}/configmaps/known", options)
    other = {**config_map("known"), "metadata": {"name": "known", "uid": NOBODY}}
    asker.ask("409 put with another uid", "PUT", f"{CORE}/configmaps/known", other)


def _malformed(asker: Asker) -> None:
    maps = f"{CORE}/configmaps"
    asker.ask("400 put under another name", "PUT", f"{maps}/known", config_map("other"))
    elsewhere = {**config_map("x"), "metadata": {"name": "x", "namespace": "default"}}
    asker.ask("400 another namespace", "POST", maps, elsewhere)
    asker.ask("400 another kind", "POST", maps, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}})
    asker.ask("400 half a document", "POST", maps, '{"apiVersion":"v1","kind":')
    asker.ask("400 no document", "POST", maps, "")
    mistyped = deployment("bad")
    mistyped["spec"]["replicas"] = "three"
    asker.ask("400 wrong type", "POST", f"{APPS}/deployments", mistyped)
    quantity = deployment("bad", resources={"requests": {"memory": "12XX"}})
    asker.ask("400 quantity", "POST", f"{APPS}/deployments", quantity)
    unknown = deployment("bad", imagee="x")
    unknown["spec"]["foo"] = 1
    name = "POST", f"{APPS}/deployments"
    asker.ask("400 unknown field, strict", name[0], f"{name[1]}?fieldValidation=Strict", unknown)
    for how in ("fieldValidation=Warn&", ""):
        title = f"201 unknown field, {'warn' if how else 'default'}"
        asker.ask(title, name[0], f"{name[1]}?{how}dryRun=All", unknown, only=lambda o: o["metadata"]["name"])
    asker.ask("422 fieldValidation", name[0], f"{name[1]}?fieldValidation=foo", unknown)
    asker.ask("422 dryRun", name[0], f"{name[1]}?dryRun=foo", unknown)


def _invalid(asker: Asker) -> None:
    maps, deployments = f"{CORE}/configmaps", f"{APPS}/deployments"
    asker.ask("422 no name", "POST", maps, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}})
    asker.ask("422 name", "POST", maps, config_map("Bad_Name"))
    empty = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "bad"}, "spec": {}}
    asker.ask("422 empty deployment", "POST", deployments, empty)
    crossed = deployment("bad", -1)
    crossed["spec"]["template"]["metadata"]["labels"] = {"x": "y"}
    asker.ask("422 selector and replicas", "POST", deployments, crossed)
    port, resources = [{"containerPort": 70000}], {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}
    container = deployment("bad", image="", ports=port, resources=resources)
    container["spec"]["template"]["spec"]["containers"][0]["name"] = "Bad_C"
    asker.ask("422 container", "POST", deployments, container)
    json_patch = [{"op": "test", "path": "/data/a", "value": "other"}]
    asker.ask("422 json patch, test", "PATCH", f"{maps}/known", json_patch, PATCH)
    asker.ask("422 json patch, path", "PATCH", f"{maps}/known", [{"op": "remove", "path": "/data/zz"}], PATCH)
    asker.ask("400 json patch", "PATCH", f"{maps}/known", {"a": 1}, PATCH)


def _negotiation(asker: Asker) -> None:
    asker.ask("415 post", "POST", f"{CORE}/configmaps", "hello", "text/plain")
    asker.ask("415 patch", "PATCH", f"{CORE}/configmaps/known", {"data": {"a": "b"}}, JSON)
    asker.ask("406 accept", "GET", f"{CORE}/configmaps/known", accept="text/html")
    asker.ask("405 method", "PUT", f"{CORE}/configmaps", config_map("x"))


def _access(asker: Asker) -> None:
    asker.ask("403 anonymous", "GET", f"{CORE}/pods", anonymous=True)
    asker.ask("401 token", "GET", f"{CORE}/pods", anonymous=True, headers={"Authorization": "Bearer nope"})
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
    asked = {"resourceAttributes": {"namespace": "mirror", "verb": "delete", "resource": "pods"}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    asker.ask("201 access review", "POST", path, {**review, "spec": asked}, only=lambda d: d["status"]["allowed"])
