"""Small objects in, whole ones out."""

from typing import Any

from tests.mirror.asking import APPS, BATCH, CORE, POLICY, Asker
from tests.mirror.questions.objects import budget, claim, config_map, deployment, job, pod, service, stateful_set

PROBE = {"httpGet": {"path": "/", "port": 80}}


def questions(asker: Asker) -> None:
    full = {
        "ports": [{"containerPort": 80}],
        "readinessProbe": PROBE,
        "volumeMounts": [{"name": "v", "mountPath": "/v"}],
    }
    whole = deployment("d", None, **full)
    template = whole["spec"]["template"]["spec"]
    template["volumes"] = [{"name": "v", "configMap": {"name": "m"}}, {"name": "e", "emptyDir": {}}]
    del template["terminationGracePeriodSeconds"]
    asker.ask("deployment", "POST", f"{APPS}/deployments?dryRun=All", whole)
    asker.ask("stateful set", "POST", f"{APPS}/statefulsets?dryRun=All", stateful_set("s", 0, "data"))
    daemons = {**deployment("ds", None), "kind": "DaemonSet"}
    asker.ask("daemon set", "POST", f"{APPS}/daemonsets?dryRun=All", daemons)
    limits = {"limits": {"memory": "64Mi", "cpu": "100m"}}
    asker.ask(
        "pod", "POST", f"{CORE}/pods?dryRun=All", pod("p", resources=limits, livenessProbe=PROBE), only=_without_volumes
    )
    asker.ask("service", "POST", f"{CORE}/services?dryRun=All", service("c"))
    asker.ask("node port", "POST", f"{CORE}/services?dryRun=All", service("n", type="NodePort"))
    asker.ask("headless service", "POST", f"{CORE}/services?dryRun=All", service("h", clusterIP="None"))
    asker.ask("config map", "POST", f"{CORE}/configmaps?dryRun=All", config_map("c", data={"a": "1"}))
    asker.ask("claim", "POST", f"{CORE}/persistentvolumeclaims?dryRun=All", claim("c"))
    asker.ask("job", "POST", f"{BATCH}/jobs?dryRun=All", job("j"))
    cron = {"schedule": "* * * * *", "jobTemplate": {"spec": job("j")["spec"]}}
    named = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c"}, "spec": cron}
    asker.ask("cron job", "POST", f"{BATCH}/cronjobs?dryRun=All", named)
    asker.ask("budget", "POST", f"{POLICY}/poddisruptionbudgets?dryRun=All", budget("b", minAvailable=1))
    policy = {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]}
    network = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "n"}, "spec": policy}
    asker.ask(
        "network policy", "POST", "/apis/networking.k8s.io/v1/namespaces/mirror/networkpolicies?dryRun=All", network
    )


def _without_volumes(found: Any) -> dict[str, Any]:
    """Without the token's volume, whose name is made up."""
    spec = {**found["spec"], "volumes": len(found["spec"].get("volumes") or [])}
    spec["containers"] = [{k: v for k, v in c.items() if k != "volumeMounts"} for c in spec["containers"]]
    metadata = {k: v for k, v in found["metadata"].items() if k != "managedFields"}
    return {**found, "spec": spec, "metadata": metadata}
