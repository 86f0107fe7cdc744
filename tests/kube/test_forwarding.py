"""A forwarded port: through the API server by its WebSocket protocol, and straight to a pod's address."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection

from fairway.kube import Cluster, endpoints, errors, forwarding
from fairway.kube.endpoints import Endpoint
from fairway.kube.forwarding import Forward
from fairway.kube.transport import Transport
from tests.kube import objects
from tests.kube.fake import RESOURCE, FakeKubernetes, Running
from tests.kube.portforward import DATA, ERROR, echo, in_front_of

MEBIBYTE = 2**20


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await test()

    asyncio.run(bounded())


async def all_of(forward: Forward, size: int) -> bytes:
    found = bytearray()
    while len(found) < size and (data := await forward.receive()):
        found += data
    return bytes(found)


def test_what_is_sent_through_the_api_server_comes_back_unharmed() -> None:
    async def test() -> None:
        async with in_front_of(echo) as cluster:
            forward = await cluster.forward("shop-dev", "p", 5432)
            said = bytes(range(256)) * (10 * MEBIBYTE // 256)

            async def say() -> None:
                for start in range(0, len(said), 50_000):
                    await forward.send(said[start : start + 50_000])

            saying = asyncio.create_task(say())
            assert await all_of(forward, len(said)) == said
            await saying
            await forward.close()

    run(test)


def test_what_nobody_reads_is_not_taken_in_without_end() -> None:
    sent = 0

    async def flood(socket: ServerConnection) -> None:
        nonlocal sent
        while True:
            await socket.send(DATA + bytes(2**15))
            sent += 2**15

    async def test() -> None:
        async with in_front_of(flood) as cluster:
            forward = await cluster.forward("shop-dev", "p", 5432)
            await asyncio.sleep(1)
            before = sent
            await asyncio.sleep(0.5)
            assert sent == before < 16 * MEBIBYTE
            await all_of(forward, before + MEBIBYTE)
            await forward.close()

    run(test)


def test_a_pod_that_does_not_listen_is_told_in_the_clusters_words() -> None:
    async def refuse(socket: ServerConnection) -> None:
        await socket.send(ERROR + b"error forwarding port 5432 to pod 1f, uid : dial tcp4: connection refused")

    async def test() -> None:
        async with in_front_of(refuse) as cluster:
            forward = await cluster.forward("shop-dev", "p", 5432)
            await asyncio.sleep(0.2)
            await forward.send(b"said too late")
            with pytest.raises(errors.ClusterUnreachable, match=r"^p:5432 does not answer: connection refused$"):
                await forward.receive()
            await forward.close()

    run(test)


def test_the_end_is_empty_and_a_break_an_error() -> None:
    async def end(socket: ServerConnection) -> None:
        await socket.send(DATA + b"bye")

    async def vanish(socket: ServerConnection) -> None:
        socket.transport.abort()

    async def test() -> None:
        async with in_front_of(end) as cluster:
            forward = await cluster.forward("shop-dev", "p", 5432)
            assert [await forward.receive(), await forward.receive()] == [b"bye", b""]
        async with in_front_of(vanish) as cluster:
            forward = await cluster.forward("shop-dev", "p", 5432)
            with pytest.raises(errors.ClusterUnreachable, match="broke off"):
                await forward.receive()

    run(test)


def test_who_has_ended_is_answered_until_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "SILENCE", 0.4)

    async def late(socket: ServerConnection) -> None:
        for word in (b"one", b"two", b"three"):
            await asyncio.sleep(0.2)
            await socket.send(DATA + word)
        await socket.wait_closed()

    async def test() -> None:
        async with in_front_of(late) as cluster:
            forward = await cluster.forward("shop-dev", "p", 5432)
            ending = asyncio.create_task(forward.end())
            assert [await forward.receive() for _ in range(4)] == [b"one", b"two", b"three", b""]
            await ending

    run(test)


def test_what_the_api_server_refuses_keeps_its_kind() -> None:
    async def test() -> None:
        async with in_front_of(echo) as cluster:
            with pytest.raises(errors.ObjectNotFound, match='pods "q" not found'):
                await cluster.forward("shop-dev", "q", 5432)
        gone = Cluster("gone", Transport(FakeKubernetes().kubeconfig(1)))
        with pytest.raises(errors.ClusterUnreachable, match="p:5432 cannot be forwarded"):
            await gone.forward("shop-dev", "p", 5432)

    run(test)


def test_where_addresses_are_reached_it_is_a_plain_connection_with_half_close(
    fake: Running, api: FakeKubernetes
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read())
        writer.close()

    async def test() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            api.put("pods", objects.pod("p", ip="127.0.0.1"))
            near = Cluster("near", Transport(fake.kubeconfig), addressing="ip")
            forward = await near.forward("shop-dev", "p", port)
            await forward.send(b"said before the end")
            await forward.end()
            assert [await forward.receive(), await forward.receive()] == [b"said before the end", b""]
            await forward.close()
        with pytest.raises(errors.ClusterUnreachable, match=f"p:{port} does not answer"):
            await near.forward("shop-dev", "p", port)
        near.close()

    run(test)


def put_service(api: FakeKubernetes, *pods: tuple[str, bool], port: int = 80, target: int = 8080) -> None:
    metadata = {"name": "web", "namespace": "shop-dev", "labels": {RESOURCE: "r1"}}
    api.put("services", {"metadata": metadata, "spec": {"ports": [{"name": "http", "port": port}]}})
    ends = [
        {"conditions": {"ready": ready}, "targetRef": {"kind": "Pod", "name": name}, "addresses": ["10.0.0.1"]}
        for name, ready in pods
    ]
    labels = {"kubernetes.io/service-name": "web"}
    ports = [{"name": "metrics", "port": 9}, {"name": "http", "port": target}]
    metadata = {"name": "web-x", "namespace": "shop-dev", "labels": labels}
    api.put("endpointslices", {"metadata": metadata, "ports": ports, "endpoints": ends})


def test_a_ready_pod_is_chosen_and_its_own_port(cluster: Cluster, api: FakeKubernetes) -> None:
    put_service(api, ("p", False), ("q", True))
    labels = f"{RESOURCE}=r1"
    assert {endpoints.choose(cluster, "shop-dev", labels, 80) for _ in range(5)} == {Endpoint("q", 8080)}
    with pytest.raises(errors.ObjectNotFound, match="the port 81"):
        endpoints.choose(cluster, "shop-dev", labels, 81)
    put_service(api, ("p", False))
    with pytest.raises(errors.ClusterUnreachable, match="No pod behind web is ready"):
        endpoints.choose(cluster, "shop-dev", labels, 80)
