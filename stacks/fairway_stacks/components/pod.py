"""The pod of a server that keeps data: the server, its exporter if it needs one, and what they mount."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core import v1 as core

from fairway_stacks.components import probes, resources, security, variables
from fairway_stacks.components.image import Image
from fairway_stacks.components.request import Size


@dataclass(frozen=True)
class Pod:
    """credential and claim are the names of its Secret and its volume claim."""

    image: Image
    size: Size
    credential: pulumi.Output[str]
    claim: pulumi.Output[str]

    def spec(self) -> core.PodSpecArgs:
        return core.PodSpecArgs(
            automount_service_account_token=False,
            security_context=security.pod(self.image.user),
            termination_grace_period_seconds=60,
            init_containers=[self._preparation()] if self.image.preparation else None,
            containers=[self._main(), *self._exporter()],
            volumes=self._volumes(),
        )

    def _main(self) -> core.ContainerArgs:
        return core.ContainerArgs(
            name="main",
            image=self.image.reference,
            args=list(self.image.args),
            env=self._variables() or None,
            ports=[core.ContainerPortArgs(name=n, container_port=p) for n, p in self.image.ports.items()],
            startup_probe=probes.startup(self.image.ready, seconds=300),
            readiness_probe=probes.readiness(self.image.ready),
            liveness_probe=probes.liveness(self.image.ready),
            resources=resources.sized(self.size),
            security_context=security.container(),
            volume_mounts=self._mounts(),
        )

    def _exporter(self) -> list[core.ContainerArgs]:
        return [self.image.exporter.container(self.credential)] if self.image.exporter else []

    def _preparation(self) -> core.ContainerArgs:
        return core.ContainerArgs(
            name="prepare",
            image=self.image.reference,
            command=["sh", "-c", self.image.preparation],
            env=[*self._variables(), core.EnvVarArgs(name="CREDENTIAL", value=self.credential)],
            resources=resources.sized(self.size),
            security_context=security.container(),
            volume_mounts=self._mounts(),
        )

    def _variables(self) -> list[core.EnvVarArgs]:
        address = core.EnvVarSourceArgs(field_ref=core.ObjectFieldSelectorArgs(field_path="status.podIP"))
        return [
            core.EnvVarArgs(name="POD_IP", value_from=address),
            *variables.plain(self.image.variables),
            *variables.secret(self.image.secrets, self.credential),
        ]

    def _mounts(self) -> list[core.VolumeMountArgs]:
        mounts = [core.VolumeMountArgs(name="data", mount_path=self.image.data_path)]
        if self.image.credential_path:
            path = self.image.credential_path
            mounts.append(core.VolumeMountArgs(name="credential", mount_path=path, read_only=True))
        if self.image.shared_memory:
            mounts.append(core.VolumeMountArgs(name="shared-memory", mount_path="/dev/shm"))
        return mounts + [
            core.VolumeMountArgs(name="scratch", mount_path=path, sub_path=path.strip("/").replace("/", "-"))
            for path in self.image.scratch
        ]

    def _volumes(self) -> list[core.VolumeArgs]:
        claim = core.PersistentVolumeClaimVolumeSourceArgs(claim_name=self.claim)
        volumes = [core.VolumeArgs(name="data", persistent_volume_claim=claim)]
        if self.image.credential_path:
            secret = core.SecretVolumeSourceArgs(secret_name=self.credential, default_mode=0o440)
            volumes.append(core.VolumeArgs(name="credential", secret=secret))
        if self.image.shared_memory:
            memory = core.EmptyDirVolumeSourceArgs(medium="Memory")
            volumes.append(core.VolumeArgs(name="shared-memory", empty_dir=memory))
        if self.image.scratch:
            volumes.append(core.VolumeArgs(name="scratch", empty_dir=core.EmptyDirVolumeSourceArgs()))
        return volumes
