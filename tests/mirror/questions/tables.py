"""What `kubectl get` prints: columns and cells, made by the server."""

from typing import Any

from tests.mirror.asking import APPS, BATCH, CORE, POLICY, TABLE, Asker
from tests.mirror.questions.objects import budget, claim, deployment, job, service
from tests.mirror.questions.workloads import ready

LISTS = {
    "deployments": f"{APPS}/deployments",
    "replicasets": f"{APPS}/replicasets",
    "statefulsets": f"{APPS}/statefulsets",
    "daemonsets": f"{APPS}/daemonsets",
    "pods": f"{CORE}/pods",
    "services": f"{CORE}/services",
    "configmaps": f"{CORE}/configmaps",
    "secrets": f"{CORE}/secrets",
    "claims": f"{CORE}/persistentvolumeclaims",
    "events": f"{CORE}/events",
    "endpoints": f"{CORE}/endpoints",
    "accounts": f"{CORE}/serviceaccounts",
    "jobs": f"{BATCH}/jobs",
    "cron jobs": f"{BATCH}/cronjobs",
    "budgets": f"{POLICY}/poddisruptionbudgets",
    "namespaces": "/api/v1/namespaces",
    "nodes": "/api/v1/nodes",
    "storage classes": "/apis/storage.k8s.io/v1/storageclasses",
}
# Their cells tell how old something is, where it runs or what else there is: no two clusters have the same.
CELLS = ("deployments", "services", "claims", "budgets", "jobs")
AGE = ("Age", "Duration", "Volume", "StorageClass", "Status", "Capacity", "Access Modes", "Cluster-IP")


def questions(asker: Asker) -> None:
    asker.make(f"{APPS}/deployments", deployment("table", 1))
    asker.make(f"{CORE}/services", service("table"))
    asker.make(f"{CORE}/persistentvolumeclaims", claim("table"))
    asker.make(f"{POLICY}/poddisruptionbudgets", budget("table", minAvailable=1))
    asker.make(f"{BATCH}/jobs", job("table", suspend=True))
    ready(asker, f"{APPS}/deployments/table", 1)
    for name, path in LISTS.items():
        only = _whole if name in CELLS else _columns
        asker.ask(f"table of {name}", "GET", path, accept=TABLE, only=only)
    asker.ask("one row", "GET", f"{APPS}/deployments/table", accept=TABLE, only=_whole)


def _columns(table: Any) -> dict[str, Any]:
    keys = ("name", "type", "format", "priority")
    return {"kind": table["kind"], "columns": [{k: c[k] for k in keys} for c in table["columnDefinitions"]]}


def _whole(table: Any) -> dict[str, Any]:
    shown = [n for n, column in enumerate(table["columnDefinitions"]) if column["name"] not in AGE]
    mine = [row for row in table["rows"] if row["object"]["metadata"]["name"] == "table"]
    return {**_columns(table), "cells": [[row["cells"][n] for n in shown] for row in mine]}
