"""Kubernetes: one client per cluster, their registry, and the watch caches that keep `observation` up to date."""

from fairway.kube import kinds
from fairway.kube.cluster import Cluster
from fairway.kube.kinds import Kind
from fairway.kube.registry import Clusters, register
from fairway.kube.values import Change, ClusterEvent, Container, Listing, Owner, Pod, Workload

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
    "Workload",
    "kinds",
    "register",
]
