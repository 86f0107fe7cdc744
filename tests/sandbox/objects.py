"""The objects that the tests apply."""

from typing import Any


def deployment(name: str, image: str = "fairway/demo:1", replicas: int = 1) -> dict[str, Any]:
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1}
    container = {"name": "main", "image": image, "ports": [{"containerPort": 8080}], "readinessProbe": probe}
    spec = {"containers": [container], "terminationGracePeriodSeconds": 2}
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    body = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": body}


def service(name: str, port: int) -> dict[str, Any]:
    spec = {"selector": {"app": name}, "ports": [{"port": port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def postgres(name: str) -> dict[str, Any]:
    probe = {"exec": {"command": ["pg_isready", "-h", "127.0.0.1", "-U", "app"]}, "periodSeconds": 2}
    variables = {"POSTGRES_USER": "app", "POSTGRES_DB": "app", "POSTGRES_PASSWORD": "secret"}
    container = {
        "name": "main",
        "image": "postgres:18",
        "env": [{"name": k, "value": v} for k, v in variables.items()],
        "readinessProbe": probe,
        "volumeMounts": [{"name": "data", "mountPath": "/var/lib/postgresql"}],
    }
    exporter_variables = {"DATA_SOURCE_URI": "localhost:5432/app", "DATA_SOURCE_USER": "app"}
    exporter_variables["DATA_SOURCE_PASS"] = "secret"
    exporter = {
        "name": "exporter",
        "image": "prometheuscommunity/postgres-exporter:v0.18.1",
        "env": [{"name": k, "value": v} for k, v in exporter_variables.items()],
    }
    storage = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    spec = {
        "serviceName": name,
        "replicas": 1,
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container, exporter]}},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": storage}],
    }
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}, "spec": spec}
