"""What keeps a trial small: the ceiling, asked again right before each kill."""

from fairway_chaos.workload import Pod, Snapshot

NEVER = frozenset({"kube-system", "kube-public", "kube-node-lease", "fairway", "fairway-system"})
"""Namespaces that are no targets, whoever asks."""


def ceiling(desired: int) -> int:
    """Most pods of a workload that may be away at once without `allow_outage`: half, and one stays."""
    return max(0, min(desired // 2, desired - 1))


def objection(snapshot: Snapshot, taking: int) -> str:
    """Why taking so many more pods would go beyond the ceiling; empty when it does not."""
    desired, ready = snapshot.workload.desired, len(snapshot.ready)
    left = ready - taking
    if left < 1:
        return f"no ready pod of {snapshot.workload.name} would be left: its whole service goes down"
    if desired - left > ceiling(desired):
        return f"{desired - left} of {desired} pods would be away, {ceiling(desired)} is the most"
    return ""


def objection_to(snapshot: Snapshot, pod: Pod) -> str:
    """The same for one pod: one that is not ready takes nothing away."""
    return objection(snapshot, 1 if pod.uid in {p.uid for p in snapshot.ready} else 0)


def takes_all_down(snapshot: Snapshot, taking: int) -> bool:
    return len(snapshot.ready) - taking < 1
