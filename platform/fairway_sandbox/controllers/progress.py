"""What a Deployment's status says: counts, whether it is available, whether it still moves."""

from fairway_sandbox.objects import Json, dig, now, seconds_since, with_condition

COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
MOVING = ("ReplicaSetUpdated", "NewReplicaSetCreated")


def status(obj: Json, sets: list[Json], new: Json | None, unavailable: int, *, made: bool) -> Json:
    wanted = obj["spec"]["replicas"]
    new = next((s for s in sets if new and s["metadata"]["uid"] == new["metadata"]["uid"]), new)
    counts = {name: sum(dig(s, f"status.{name}", 0) for s in sets) for name in COUNTS if name != "updatedReplicas"}
    counts["updatedReplicas"] = dig(new, "status.replicas", 0)
    counts["unavailableReplicas"] = max(0, wanted - counts["availableReplicas"])
    conditions = _availability(obj, counts["availableReplicas"] >= wanted - unavailable)
    done = all(counts[name] == wanted for name in COUNTS if name != "readyReplicas")
    conditions = _progress(obj, conditions, new, counts, done=done, made=made)
    kept = {name: count for name, count in counts.items() if count}
    return {"observedGeneration": obj["metadata"]["generation"], **kept, "conditions": conditions}


def is_waiting(status: Json) -> bool:
    """Whether the deadline may still run out."""
    return any(c["type"] == "Progressing" and c.get("reason") in MOVING for c in status["conditions"])


def _availability(obj: Json, enough: bool) -> list[Json]:
    reason = "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable"
    message = f"Deployment {'has' if enough else 'does not have'} minimum availability."
    conditions = dig(obj, "status.conditions", [])
    return with_condition(conditions, "Available", "True" if enough else "False", reason, message, updated=True)


def _progress(
    obj: Json, conditions: list[Json], new: Json | None, counts: dict[str, int], *, done: bool, made: bool
) -> list[Json]:
    named = f'ReplicaSet "{new["metadata"]["name"]}"' if new else f'Deployment "{obj["metadata"]["name"]}"'

    def put(status: str, reason: str, message: str) -> list[Json]:
        return with_condition(conditions, "Progressing", status, reason, message, updated=True)

    if done:
        return put("True", "NewReplicaSetAvailable", f"{named} has successfully progressed.")
    if obj["spec"].get("paused"):
        return put("Unknown", "DeploymentPaused", "Deployment is paused")
    current = next((c for c in conditions if c["type"] == "Progressing"), None)
    if current is None or made or _moved(obj, counts):
        found = put("True", "ReplicaSetUpdated", f"{named} is progressing.")
        if made and new:
            found = put("True", "NewReplicaSetCreated", f'Created new replica set "{new["metadata"]["name"]}"')
        return [{**c, "lastUpdateTime": now()} if c["type"] == "Progressing" else c for c in found]
    late = seconds_since(current["lastUpdateTime"]) > obj["spec"]["progressDeadlineSeconds"]
    if late and current["reason"] in MOVING:
        return put("False", "ProgressDeadlineExceeded", f"{named} has timed out progressing.")
    return conditions


def _moved(obj: Json, counts: dict[str, int]) -> bool:
    before = obj.get("status") or {}
    new_wish = obj["metadata"]["generation"] != before.get("observedGeneration", 0)
    return new_wish or any(counts[name] != before.get(name, 0) for name in COUNTS)
