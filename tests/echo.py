"""A TCP server that says back what it hears, behind a Service of the fake Kubernetes."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fairway.domain.context import Context
from fairway.domain.wishes import Wish
from fairway.models import Operation, Resource
from tests import provisioned
from tests.cast import Cast
from tests.kube import objects
from tests.kube.assembly import point_at_text
from tests.kube.fake import RESOURCE, FakeKubernetes, Running


class _Handler(socketserver.BaseRequestHandler):
    """Ends its side when the other one has; the word `leave` ends it at once."""

    def handle(self) -> None:
        while (data := self.request.recv(65536)) and data != b"leave":
            self.request.sendall(data)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def echoing() -> Iterator[int]:
    """Its port."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@contextmanager
def database(context: Context, cast: Cast, fake: Running) -> Iterator[Resource]:
    """A Postgres of Alice's, as far as Fairway knows: what is connected to it says back what it hears."""
    point_at_text(fake.kubeconfig, context.database, context.settings.data_dir, addressing="ip").close()
    wish = Wish(Operation.CREATE, service="shop", environment="dev", name="db", offering="postgres", plan="dev")
    resource = provisioned.apply(context, cast.alice, wish)
    with echoing() as port:
        put_behind(fake.api, resource.id, 5432, port)
        yield resource
    context.clusters.close()


def put_behind(api: FakeKubernetes, resource_id: str, service_port: int, pod_port: int, *, ready: bool = True) -> None:
    """The resource's pod `db-0` at 127.0.0.1, its Service and its EndpointSlice."""
    api.put("pods", objects.pod("db-0", resource_id, ip="127.0.0.1", ready=ready))
    metadata = {"name": "db", "namespace": "shop-dev", "labels": {RESOURCE: resource_id}}
    api.put("services", {"metadata": metadata, "spec": {"ports": [{"port": service_port}]}})
    end = {"conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": "db-0"}}
    metadata = {"name": "db-x", "namespace": "shop-dev", "labels": {"kubernetes.io/service-name": "db"}}
    api.put("endpointslices", {"metadata": metadata, "ports": [{"port": pod_port}], "endpoints": [end]})
