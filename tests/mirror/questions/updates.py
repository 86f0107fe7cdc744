"""What may change, what never does, and what a change does to version and generation."""

from typing import Any

from tests.mirror.asking import APPS, BATCH, CORE, MERGE, STRATEGIC, Asker
from tests.mirror.questions.objects import claim, config_map, deployment, job, pod, service, stateful_set


def questions(asker: Asker) -> None:
    asker.make(f"{APPS}/deployments", deployment("imm", 0))
    other = {"selector": {"matchLabels": {"app": "zz"}}, "template": {"metadata": {"labels": {"app": "zz"}}}}
    asker.ask("422 selector", "PATCH", f"{APPS}/deployments/imm", {"spec": other}, MERGE)
    asker.make(f"{CORE}/services", service("imm"))
    asker.ask("422 cluster address", "PATCH", f"{CORE}/services/imm", {"spec": {"clusterIP": "10.96.99.99"}}, MERGE)
    asker.ask("422 service without ports", "POST", f"{CORE}/services", service("imm2", ports=[]))
    bad = service("imm2", type="NodePort", ports=[{"port": 80, "nodePort": 80}])
    asker.ask("422 node port", "POST", f"{CORE}/services", bad)
    asker.ask("422 service type", "POST", f"{CORE}/services", service("imm2", type="Other"))
    asker.make(f"{APPS}/statefulsets", stateful_set("imm", 0))
    asker.ask("422 stateful set", "PATCH", f"{APPS}/statefulsets/imm", {"spec": {"serviceName": "other"}}, MERGE)
    asker.make(f"{CORE}/pods", pod("imm"))
    changed = {"spec": {"containers": [{"name": "c", "command": ["sleep", "1"]}]}}
    asker.ask("422 pod", "PATCH", f"{CORE}/pods/imm", changed, STRATEGIC, only=None)
    _secrets(asker)
    _jobs(asker)
    asker.make(f"{CORE}/persistentvolumeclaims", claim("imm"))
    less = {"spec": {"resources": {"requests": {"storage": "500Mi"}}}}
    asker.ask("422 smaller claim", "PATCH", f"{CORE}/persistentvolumeclaims/imm", less, MERGE)
    asker.make(f"{CORE}/configmaps", {**config_map("fixed", data={"a": "1"}), "immutable": True})
    asker.ask("422 immutable map", "PATCH", f"{CORE}/configmaps/fixed", {"data": {"a": "2"}}, MERGE)
    _versions(asker)
    _strategic(asker)


def _secrets(asker: Asker) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "imm"}, "stringData": {"a": "b"}}
    asker.ask("201 secret, text becomes data", "POST", f"{CORE}/secrets", secret)
    asker.ask("422 secret type", "PATCH", f"{CORE}/secrets/imm", {"type": "kubernetes.io/basic-auth"}, MERGE)
    asker.ask(
        "422 basic auth", "POST", f"{CORE}/secrets", {**secret, "metadata": {"name": "b"}, "type": "kubernetes.io/tls"}
    )


def _jobs(asker: Asker) -> None:
    asker.make(f"{BATCH}/jobs", job("imm", suspend=True))
    changed = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "busybox:2"}]}}}}
    asker.ask("422 job template", "PATCH", f"{BATCH}/jobs/imm", changed, STRATEGIC, only=None)
    lasting = {"template": {"spec": {"containers": [{"name": "c", "image": "busybox:1"}]}}}
    asker.ask("422 job that restarts", "POST", f"{BATCH}/jobs", job("imm3", **lasting))


def _versions(asker: Asker) -> None:
    """Whether version and generation move."""
    path = f"{APPS}/deployments/imm"
    for title, change in (
        ("the same again", {"spec": {"replicas": 0}}),
        ("a label", {"metadata": {"labels": {"x": "y"}}}),
        ("the specification", {"spec": {"minReadySeconds": 1}}),
    ):
        before = asker.get(path)["metadata"]
        after = asker.get_of(asker.call("PATCH", path, change, MERGE))["metadata"]
        moved = {key: before[key] != after[key] for key in ("resourceVersion", "generation")}
        asker.note(f"what moves: {title}", {f"{key} moves": value for key, value in moved.items()})


def _strategic(asker: Asker) -> None:
    """Lists that are merged by a key, and directives."""
    path = f"{APPS}/deployments/imm"
    container: dict[str, Any] = {"name": "c", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}
    steps = (
        ("variables", {"containers": [container]}),
        ("a second container", {"containers": [{"name": "d", "image": "busybox:1"}]}),
        ("one variable less", {"containers": [{"name": "c", "env": [{"name": "A", "$patch": "delete"}]}]}),
        ("a list replaced", {"containers": [{"name": "c", "command": ["true"]}]}),
        ("one container less", {"containers": [{"name": "d", "$patch": "delete"}]}),
    )
    for title, spec in steps:
        body = {"spec": {"template": {"spec": spec}}}
        asker.ask(
            f"strategic: {title}",
            "PATCH",
            path,
            body,
            STRATEGIC,
            only=lambda d: d["spec"]["template"]["spec"]["containers"],
        )
