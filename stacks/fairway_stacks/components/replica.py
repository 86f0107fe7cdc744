"""The pod of a program: its image and command, its variables and files, and how its readiness is told."""

from dataclasses import dataclass

from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta

from fairway_stacks.components import marks, probes, resources, security, variables
from fairway_stacks.components.bindings import Bindings
from fairway_stacks.components.files import Files
from fairway_stacks.components.request import Request

USER = 1000
LOWEST_FREE_PORT = 1024


@dataclass(frozen=True)
class Replica:
    request: Request
    bindings: Bindings
    files: Files

    def spec(self) -> core.PodSpecArgs:
        return core.PodSpecArgs(
            automount_service_account_token=False,
            security_context=security.pod(USER, low_port=0 < self._port < LOWEST_FREE_PORT),
            termination_grace_period_seconds=30,
            topology_spread_constraints=[spread(self.request)],
            containers=[self._main()],
            volumes=[*self.bindings.volumes(), *self.files.volumes()] or None,
        )

    @property
    def _port(self) -> int:
        return int(self.request.parameters["port"])

    def _main(self) -> core.ContainerArgs:
        listens = bool(self._port)
        check = probes.Check(self._port, path=self.request.parameters["health_path"])
        return core.ContainerArgs(
            name="main",
            image=self.request.parameters["image"],
            command=list(self.request.parameters["command"]) or None,
            env=self._variables(),
            ports=[core.ContainerPortArgs(name="http", container_port=self._port)] if listens else None,
            startup_probe=probes.startup(check, seconds=120) if listens else None,
            readiness_probe=probes.readiness(check) if listens else None,
            liveness_probe=probes.liveness(check) if listens else None,
            lifecycle=farewell() if listens else None,
            resources=resources.sized(self.request.size),
            security_context=security.container(writable=True),
            volume_mounts=[*self.bindings.mounts(), *self.files.mounts()] or None,
        )

    def _variables(self) -> list[core.EnvVarArgs]:
        """Bindings first, so that the service's own may refer to them as `$(DATABASE_URL)`, or replace them."""
        own = self.request.parameters["variables"]
        given = {**told(self.request), **({"PORT": str(self._port)} if self._port else {})}
        rest = [variable for variable in self.bindings.variables() if variable.name not in own]
        return [*variables.plain({n: v for n, v in given.items() if n not in own}), *rest, *variables.plain(own)]


def told(request: Request) -> dict[str, str]:
    """Who it is, for the program's own telemetry."""
    place = f"service.namespace={request.service},deployment.environment.name={request.environment}"
    return {"OTEL_SERVICE_NAME": request.name, "OTEL_RESOURCE_ATTRIBUTES": place}


def farewell() -> core.LifecycleArgs:
    """A replica that goes still serves for a moment: until everybody has learnt that it goes."""
    return core.LifecycleArgs(pre_stop=core.LifecycleHandlerArgs(exec_=core.ExecActionArgs(command=["sleep", "2"])))


def spread(request: Request) -> core.TopologySpreadConstraintArgs:
    return core.TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key="kubernetes.io/hostname",
        when_unsatisfiable="ScheduleAnyway",
        label_selector=meta.LabelSelectorArgs(match_labels=marks.selector(request)),
    )
