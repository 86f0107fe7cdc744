"""The resource monitor: what a Pulumi program talks to, by the SDK's own protocol (`pulumi/resource.proto`)."""

import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2

from fairway_stacks.embedded import reading, registering, wire
from fairway_stacks.embedded.deployment import PARALLEL, Deployment
from fairway_stacks.embedded.errors import BadRequest, Closing
from fairway_stacks.embedded.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc
from fairway_stacks.port import ClusterUnreachable

THREADS = 128
LARGEST_MESSAGE = 64 * 2**20
FEATURES = ("secrets", "resourceReferences", "deletedWith")
SEVERITIES = ("debug", "info", "warning", "error")


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """A call of the program stays in its thread until the step is done, whether or not the program still lives."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:
        found = self._deployment
        return resource_pb2.DeploymentInfo(
            project=found.project,
            stack=found.stack,
            organization="organization",
            config=dict(found.config),
            configSecretKeys=list(found.secret_keys),
            dryRun=found.planning,
            parallel=PARALLEL,
            supportedFeatures=[
                resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
                resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
                resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
            ],
        )

    def SupportsFeature(self, request: Any, context: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in FEATURES)

    def RegisterResource(self, request: Any, context: Any) -> Any:
        return self._answer(context, lambda: self._register(request))

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        return self._answer(context, lambda: self._take_outputs(request))

    def ReadResource(self, request: Any, context: Any) -> Any:
        return self._answer(context, lambda: reading.read(self._deployment, request))

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:
        """The engine ends the operation once the program has exited; nothing is to be waited for here."""
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the embedded engine has no function {request.tok}")

    def Call(self, request: Any, context: Any) -> Any:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the embedded engine has no method {request.tok}")

    def _register(self, request: Any) -> Any:
        deployment = self._deployment
        deployment.check_open()
        wanted = registering.read_request(deployment, request)
        new = wanted.resource
        with deployment.lock:
            if new.urn in deployment.seen or new.urn in deployment.claimed:
                raise BadRequest(f"{new.urn} is registered twice; give one of them another name")
            deployment.claimed.add(new.urn)
        record = registering.register(deployment, wanted)
        outputs = record.outputs if record.custom else record.inputs
        return resource_pb2.RegisterResourceResponse(
            urn=record.urn,
            id=record.id,
            object=wire.write(outputs, secrets=request.acceptSecrets),
            result=resource_pb2.SUCCESS,
        )

    def _take_outputs(self, request: Any) -> Any:
        deployment = self._deployment
        record = deployment.seen.get(request.urn)
        if record is None:
            raise BadRequest(f"{request.urn} is not registered")
        with deployment.lock:
            record.outputs = wire.read(request.outputs)
        deployment.commit()
        return empty_pb2.Empty()

    def _answer(self, context: Any, call: Callable[[], Any]) -> Any:
        deployment = self._deployment
        deployment.enter()
        try:
            return call()
        except BadRequest as error:
            deployment.fail("", str(error))
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except Closing as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        except ClusterUnreachable as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, str(deployment.lose_cluster(error)))
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            deployment.fail("", f"the engine met {type(error).__name__} in {place.name}, line {place.lineno}")
            context.abort(grpc.StatusCode.UNAVAILABLE, "the engine failed")
        finally:
            deployment.leave()


class Log(engine_pb2_grpc.EngineServicer):
    """What the program says by `pulumi.log`."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    def Log(self, request: Any, context: Any) -> Any:
        severity = SEVERITIES[request.severity]
        if severity == "error":
            self._deployment.fail(request.urn, request.message)
        elif severity != "debug":
            self._deployment.events.tell(request.message, severity, request.urn, request.ephemeral)
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any, context: Any) -> Any:
        return engine_pb2.RequirePulumiVersionResponse()


class Listening:
    """A monitor on a loopback port while the block runs."""

    def __init__(self, deployment: Deployment) -> None:
        options = [("grpc.max_receive_message_length", LARGEST_MESSAGE)]
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="monitor")
        self._server = grpc.server(self._pool, options=options)
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(Monitor(deployment), self._server)
        engine_pb2_grpc.add_EngineServicer_to_server(Log(deployment), self._server)

    def __enter__(self) -> str:
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return f"127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.stop(0).wait()
        self._pool.shutdown()
