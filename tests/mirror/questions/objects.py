"""The objects that the questions are about, as small as they can be."""

from typing import Any

from tests.mirror.asking import NAMESPACE


def config_map(name: str, **more: Any) -> dict[str, Any]:
    labels = {"labels": more.pop("labels")} if "labels" in more else {}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **labels}, **more}


def template(
    app: str, *, image: str = "busybox:1", command: tuple[str, ...] = ("sleep", "3600"), **container: Any
) -> Any:
    main = {"name": "c", "image": image, **({"command": list(command)} if command else {}), **container}
    return {"metadata": {"labels": {"app": app}}, "spec": {"containers": [main], "terminationGracePeriodSeconds": 1}}


def deployment(name: str, replicas: int | None = 1, **more: Any) -> dict[str, Any]:
    counted = {} if replicas is None else {"replicas": replicas}
    spec = {**counted, "selector": {"matchLabels": {"app": name}}, "template": template(name, **more)}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def stateful_set(name: str, replicas: int, claim: str = "", **more: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "replicas": replicas,
        "serviceName": name,
        "selector": {"matchLabels": {"app": name}},
        "template": template(name, **more),
    }
    if claim:
        spec["volumeClaimTemplates"] = [{"metadata": {"name": claim}, "spec": claim_spec()}]
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}, "spec": spec}


def claim_spec(size: str = "1Gi") -> dict[str, Any]:
    return {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}


def claim(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": claim_spec()}


def service(name: str, app: str = "", **spec: Any) -> dict[str, Any]:
    full = {"selector": {"app": app or name}, "ports": [{"port": 80}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": full}


def pod(name: str, **container: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": template(name, **container)["spec"]}


def job(name: str, **spec: Any) -> dict[str, Any]:
    run = {
        "restartPolicy": "Never",
        "containers": [{"name": "c", "image": "busybox:1", "command": ["sh", "-c", "true"]}],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": {"spec": run}, **spec},
    }


def budget(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, **spec},
    }


def namespaced(document: dict[str, Any], namespace: str = NAMESPACE) -> dict[str, Any]:
    return {**document, "metadata": {**document["metadata"], "namespace": namespace}}
