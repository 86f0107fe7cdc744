"""Dry run, server-side apply, and who owns what."""

from typing import Any

from tests.mirror.asking import APPLY, APPS, CORE, MERGE, Asker
from tests.mirror.questions.objects import config_map, deployment

PULUMI = "pulumi-kubernetes-0123abcd"


def questions(asker: Asker) -> None:
    _dry(asker)
    path = f"{APPS}/deployments/ssa"
    mine = f"{path}?fieldManager={PULUMI}"
    one, two = deployment("ssa", 0), deployment("ssa", 2)
    asker.ask("400 without a manager", "PATCH", path, one, APPLY)
    asker.ask("dry", "PATCH", f"{mine}&dryRun=All&fieldValidation=Warn", one, APPLY)
    asker.ask("create", "PATCH", f"{mine}&fieldValidation=Warn&force=false", one, APPLY)
    asker.until(lambda: asker.get(path)["status"].get("observedGeneration") == 1, "the controller to have seen it")
    before = asker.get(path)["metadata"]["resourceVersion"]
    again = asker.get_of(asker.call("PATCH", mine, one, APPLY))
    asker.note("the same again moves the version", again["metadata"]["resourceVersion"] != before)
    asker.ask("409 one field", "PATCH", f"{path}?fieldManager=other", two, APPLY)
    asker.ask("409 two fields", "PATCH", f"{path}?fieldManager=other", deployment("ssa", 2, image="busybox:2"), APPLY)
    short = {**one, "spec": {"replicas": 2}}
    asker.ask("forced", "PATCH", f"{path}?fieldManager=other&force=true", short, APPLY, only=_owners)
    asker.call("PATCH", f"{path}?fieldManager=kubectl-edit", {"spec": {"replicas": 0}}, MERGE)
    asker.ask("409 with an update", "PATCH", mine, deployment("ssa", 1), APPLY)
    owned = {**one, "metadata": {"name": "ssa", "managedFields": [{"manager": "x", "operation": "Apply"}]}}
    asker.ask("400 managed fields", "PATCH", f"{path}?fieldManager=m", owned, APPLY)
    asker.ask(
        "nothing any more", "PATCH", f"{path}?fieldManager=other&force=true", {**one, "spec": {}}, APPLY, only=_owners
    )
    _lists(asker)
    _refused(asker, one)


def _dry(asker: Asker) -> None:
    asker.ask("dry create", "POST", f"{CORE}/configmaps?dryRun=All&fieldManager=m1", config_map("dry", data={"a": "1"}))
    asker.ask("404 after a dry create", "GET", f"{CORE}/configmaps/dry")


def _lists(asker: Asker) -> None:
    """Two managers in one list, each with its own entry."""
    path = f"{CORE}/services/shared"

    def applied(*ports: int) -> dict[str, Any]:
        listed = [{"name": f"p{port}", "port": port} for port in ports]
        return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shared"}, "spec": {"ports": listed}}

    asker.call("PATCH", f"{path}?fieldManager=a", applied(80), APPLY)
    asker.ask("a second port", "PATCH", f"{path}?fieldManager=b", applied(81), APPLY, only=_ports)
    asker.ask("another port of the first", "PATCH", f"{path}?fieldManager=a", applied(82), APPLY, only=_ports)


def _refused(asker: Asker, one: dict[str, Any]) -> None:
    path = f"{APPS}/deployments/ssa2?fieldManager=m"
    named = {**one, "metadata": {"name": "ssa2"}}
    asker.ask("422 invalid", "PATCH", path, {**named, "spec": {}}, APPLY)
    asker.ask("unknown field", "PATCH", path, {**named, "spec": {"foo": 1}}, APPLY)
    asker.ask("400 no kind", "PATCH", path, {"metadata": {"name": "ssa2"}}, APPLY)


def _owners(found: Any) -> Any:
    return {"replicas": found["spec"]["replicas"], "managers": [_owner(m) for m in found["metadata"]["managedFields"]]}


def _owner(entry: Any) -> Any:
    return {key: entry.get(key) for key in ("manager", "operation", "subresource", "fieldsV1")}


def _ports(found: Any) -> Any:
    return found["spec"]["ports"]
