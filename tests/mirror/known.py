"""The differences that are known, each with its reason: what is not here must agree."""

from collections.abc import Mapping

NO_KIND = "Nothing that Fairway or its users' tools ask for; the sandbox does not have this kind."
PROTOBUF = "The real list of media types has protobuf, which the sandbox does not speak."
GO = "The message ends in a print of Go's own structures; status, reason and field agree."
CONTROLLERS = (
    "The sandbox's controllers own no fields: keeping that at each change of a status costs time and serves nobody."
)

KNOWN: Mapping[str, Mapping[str, str]] = {
    "discovery": {
        "/api/v1 bindings": "Pods have their own subresource `binding`; the old resource is not served.",
        "/api/v1 componentstatuses": NO_KIND,
        "/api/v1 nodes/proxy": "Behind a node of the sandbox there is no kubelet's server.",
        "/api/v1 pods/ephemeralcontainers": "Pods are processes: there is no container that another one could join.",
        "/api/v1 pods/resize": "Limits are figures for the scheduler, so there is nothing to resize.",
        "/api/v1 podtemplates": NO_KIND,
        "/api/v1 replicationcontrollers": NO_KIND,
        "/api/v1 replicationcontrollers/scale": NO_KIND,
        "/api/v1 replicationcontrollers/status": NO_KIND,
        "/api/v1 serviceaccounts/token": "One user may do everything, so a token of an account would mean nothing.",
    },
    "errors": {"406 accept": PROTOBUF, "415 post": PROTOBUF},
    "updates": {
        "422 pod": GO,
        "422 job template": GO,
        "422 smaller claim": "The sandbox binds a claim at once, and answers as the real one does for a bound claim.",
    },
    "apply": {"forced": CONTROLLERS, "nothing any more": CONTROLLERS},
}
