"""The ReplicaSets that are a Deployment's revisions."""

from fairway_sandbox.controllers.templates import HASH_LABEL
from fairway_sandbox.objects import Json, copied

REVISION = "deployment.kubernetes.io/revision"
DESIRED, MOST = "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas"
CLIENT_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def revision_of(one: Json) -> int:
    return int((one["metadata"].get("annotations") or {}).get(REVISION, 0))


def replica_set(deployment: Json, fingerprint: str, replicas: int, annotations: Json, owner: Json) -> Json:
    """A new revision's document. annotations: beside those of the Deployment itself."""
    meta, spec = deployment["metadata"], deployment["spec"]
    template, selector = copied(spec["template"]), copied(spec["selector"])
    template["metadata"].setdefault("labels", {})[HASH_LABEL] = fingerprint
    selector.setdefault("matchLabels", {})[HASH_LABEL] = fingerprint
    body: Json = {"replicas": replicas, "selector": selector, "template": template}
    if spec.get("minReadySeconds"):
        body["minReadySeconds"] = spec["minReadySeconds"]
    inherited = {k: v for k, v in (meta.get("annotations") or {}).items() if k != CLIENT_APPLIED}
    own: Json = {"name": f"{meta['name']}-{fingerprint}", "labels": dict(template["metadata"]["labels"])}
    own |= {"annotations": {**inherited, **annotations}, "ownerReferences": [owner]}
    return {"metadata": own, "spec": body}
