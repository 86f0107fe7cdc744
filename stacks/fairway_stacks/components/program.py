"""A program of the service's own: replicas of an image, bound to what they need."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta
from pulumi_kubernetes.policy import v1 as policy

from fairway_stacks.components import address, marks
from fairway_stacks.components.bindings import Bindings
from fairway_stacks.components.files import Files
from fairway_stacks.components.replica import Replica
from fairway_stacks.components.request import Request, Seeds

UNPROBED = 3
"""Seconds that a program without a port must run before it counts as available: nothing else tells that it works."""
PATIENCE = pulumi.CustomTimeouts(create="5m", update="5m", delete="5m")


class Program(pulumi.ComponentResource):
    """Outputs: `host` and `port` where it listens.

    An update never has fewer replicas ready than wanted; of several, an eviction takes one at a time.
    """

    host: pulumi.Output[str] | None = None
    port: int

    def __init__(self, request: Request, seeds: Seeds) -> None:
        super().__init__("fairway:stacks:Deployment", request.name)
        self._request, self._parameters = request, request.parameters
        self.port = self._parameters["port"]
        self.bindings = Bindings(request, seeds, self)
        self.files = Files(request, self._parameters["files"], self._parameters["files_path"], self)
        self.workload = self._make_workload()
        self.budget = self._make_budget() if self._parameters["replicas"] > 1 else None
        if self.port:
            self.host = address.host(request, address.service(request, "http", self.port, self))
        self.register_outputs({"host": self.host, "port": self.port} if self.port else {})

    def _make_workload(self) -> apps.Deployment:
        request = self._request
        return apps.Deployment(
            request.name,
            metadata=marks.metadata(request, request.name),
            spec=apps.DeploymentSpecArgs(
                replicas=self._parameters["replicas"],
                min_ready_seconds=None if self._parameters["port"] else UNPROBED,
                revision_history_limit=5,
                progress_deadline_seconds=300,
                selector=meta.LabelSelectorArgs(match_labels=marks.selector(request)),
                strategy=apps.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=apps.RollingUpdateDeploymentArgs(max_surge="25%", max_unavailable=0),
                ),
                template=core.PodTemplateSpecArgs(
                    metadata=marks.pod_metadata(request, scraped(self._parameters)),
                    spec=Replica(request, self.bindings, self.files).spec(),
                ),
            ),
            opts=marks.under(self, custom_timeouts=PATIENCE),
        )

    def _make_budget(self) -> policy.PodDisruptionBudget:
        return policy.PodDisruptionBudget(
            self._request.name,
            metadata=marks.metadata(self._request, self._request.name),
            spec=policy.PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                selector=meta.LabelSelectorArgs(match_labels=marks.selector(self._request)),
            ),
            opts=marks.under(self),
        )


def scraped(parameters: Mapping[str, Any]) -> dict[str, str]:
    port, path = parameters["port"], parameters["metrics_path"]
    return marks.scraped(port, path) if port and path else {}
