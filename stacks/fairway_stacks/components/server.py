"""A server that keeps data: one pod on a volume, its credential, its address and its metrics."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta

from fairway_stacks.components import address, marks, network
from fairway_stacks.components.image import Image
from fairway_stacks.components.pod import Pod
from fairway_stacks.components.request import Request

PATIENCE = pulumi.CustomTimeouts(create="10m", update="10m", delete="5m")


class Server(pulumi.ComponentResource):
    """Outputs: `host`, `port`.

    The credential is a Secret with a name of its own: another credential is another Secret, to which the pod rolls.
    The volume's claim has a fixed name, and nothing in it that could force a replacement ever changes.
    """

    host: pulumi.Output[str]
    port: int

    def __init__(self, kind: str, request: Request, image: Image, credential: Mapping[str, pulumi.Input[str]]) -> None:
        super().__init__(f"fairway:stacks:{kind}", request.name)
        self._request, self._image, self.port = request, image, image.port
        self.credential = self._make_credential(credential)
        self.claim = self._make_claim()
        self.service = address.service(request, image.protocol, image.port, self)
        self.policy = network.policy(request, image, self)
        self.workload = self._make_workload()
        self.host = address.host(request, self.service)
        self.register_outputs({"host": self.host, "port": self.port})

    def _make_credential(self, entries: Mapping[str, pulumi.Input[str]]) -> core.Secret:
        return core.Secret(
            f"{self._request.name}-credential",
            metadata=marks.metadata(self._request),
            string_data=dict(entries),
            opts=marks.under(self),
        )

    def _make_claim(self) -> core.PersistentVolumeClaim:
        """Not waited for: some storage classes bind a volume only to a pod that wants it."""
        name = f"{self._request.name}-data"
        return core.PersistentVolumeClaim(
            name,
            metadata=marks.metadata(self._request, name, marks.SKIP_AWAIT),
            spec=core.PersistentVolumeClaimSpecArgs(
                access_modes=["ReadWriteOnce"],
                resources=core.VolumeResourceRequirementsArgs(requests={"storage": self._request.size.storage}),
            ),
            opts=marks.under(self),
        )

    def _make_workload(self) -> apps.StatefulSet:
        request = self._request
        pod = Pod(self._image, request.size, marks.name_of(self.credential), marks.name_of(self.claim))
        return apps.StatefulSet(
            request.name,
            metadata=marks.metadata(request, request.name),
            spec=apps.StatefulSetSpecArgs(
                replicas=1,
                service_name=request.name,
                selector=meta.LabelSelectorArgs(match_labels=marks.selector(request)),
                template=core.PodTemplateSpecArgs(
                    metadata=marks.pod_metadata(request, marks.scraped(self._image.metrics_port)),
                    spec=pod.spec(),
                ),
            ),
            opts=marks.under(self, depends_on=[self.service], custom_timeouts=PATIENCE),
        )
