"""Kubernetes: one client per cluster, their registry, and the watch caches that keep `observation` up to date."""

from fairway.kube import kinds
from fairway.kube.cluster import Cluster
from fairway.kube.kinds import Kind
from fairway.kube.registry import Clusters, register
from fairway.kube.stream import Stream
from fairway.kube.values import Change, ClusterEvent, Container, Listing, Owner, Pod, Workload
from fairway.kube.watch_cache import WatchCache
from fairway.kube.watching import Watching

__all__ = [
    "Change",
    "Cluster",
    "ClusterEvent",
    "Clusters",
    "Container",
    "Kind",
    "Listing",
    "Owner",
    "Pod",
    "Stream",
    "WatchCache",
    "Watching",
    "Workload",
    "kinds",
    "register",
]
