"""The messages of the SDK's protocol, from the SDK's own files, without importing the SDK: an engine needs none of the
150 modules that come with `import pulumi`."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

_sdk = find_spec("pulumi")
assert _sdk is not None and _sdk.origin is not None
__path__ = [str(Path(_sdk.origin).parent / "runtime" / "proto")]

if TYPE_CHECKING:
    from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc
else:
    from fairway_stacks.embedded.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

__all__ = ["engine_pb2", "engine_pb2_grpc", "resource_pb2", "resource_pb2_grpc"]
