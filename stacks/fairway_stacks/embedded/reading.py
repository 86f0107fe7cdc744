"""`Resource.get`: an object that somebody else made, read and never changed."""

from typing import Any

from fairway_stacks.embedded import registering, wire
from fairway_stacks.embedded.deployment import Deployment
from fairway_stacks.embedded.errors import Closing
from fairway_stacks.embedded.proto import resource_pb2
from fairway_stacks.state import urns
from fairway_stacks.state.resource import Resource, now
from fairway_stacks.state.values import UNKNOWN_TEXT, wrap


def read(deployment: Deployment, request: Any) -> Any:
    deployment.check_open()
    urn = urns.make(deployment.stack, deployment.project, request.parent, request.type, request.name)
    if request.id == UNKNOWN_TEXT:
        return resource_pb2.ReadResourceResponse(urn=urn, properties=request.properties)
    old = deployment.olds.get(urn)
    new = Resource(urn, request.type, True, id=request.id, parent=request.parent, external=True)
    new.provider = registering.provider_reference(deployment, request)
    new.dependencies = list(request.dependencies)
    deployment.events.pre("read", old, new)
    with deployment.slots:
        found = deployment.provider_of(new).read(deployment.step(new, "create"), new.type, new.id, None)
    if found is None:
        deployment.fail(urn, f"resource '{request.id}' does not exist")
        raise Closing("it does not exist")
    new.id, new.outputs = found.id, wrap(found.outputs, list(request.additionalSecretOutputs))
    new.created = old.created if old else now()
    deployment.settle(old, new)
    deployment.events.done("read", old, new)
    deployment.commit()
    properties = wire.write(new.outputs, secrets=request.acceptSecrets)
    return resource_pb2.ReadResourceResponse(urn=urn, properties=properties)
