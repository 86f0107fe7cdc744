"""A stage for programs: they run as under an engine, against a monitor that writes down what they ask for."""

import asyncio
import importlib
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, set_all_config
from pulumi.runtime.rpc import _special_sig_key as SECRET_MARK
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret
from pulumi.runtime.stack import Stack, run_pulumi_func

import fairway_catalog
from fairway_catalog import Offering

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "rabbitmq"
CATALOG = fairway_catalog.load([EXAMPLE])
PASSWORD = "it's a/pass\"word"
CLUSTER_IP = "127.9.0.7"
RESOURCE = "01890a5d-ac96-774b-bcce-b302099a8057"


@dataclass
class Show:
    """What came out. objects: (kind, logical name) -> the Kubernetes object; options by the same key."""

    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    components: list[str] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: set[str] = field(default_factory=set)

    def only(self, kind: str) -> dict[str, Any]:
        (found,) = (o for (k, _), o in self.objects.items() if k == kind)
        return found

    def kinds(self) -> list[str]:
        return sorted(kind for kind, _ in self.objects)

    def pod(self) -> dict[str, Any]:
        (workload,) = (o for (k, _), o in self.objects.items() if k in ("StatefulSet", "Deployment"))
        template: dict[str, Any] = workload["spec"]["template"]
        return template

    def container(self, name: str = "main") -> dict[str, Any]:
        spec = self.pod()["spec"]
        return next(c for c in spec["containers"] + spec.get("initContainers", []) if c["name"] == name)

    def variables(self) -> dict[str, Any]:
        return {v["name"]: v.get("value", v.get("valueFrom")) for v in self.container().get("env", ())}


class Recorder(mocks.Mocks):
    """Names what has no name, gives Services an address, and keeps each object.

    Called from threads for each of which the SDK makes an event loop that it never closes; `close` does.
    """

    def __init__(self) -> None:
        self.show, self._lock, self._loops = Show(), threading.Lock(), set[asyncio.AbstractEventLoop]()

    def close(self) -> None:
        for loop in self._loops:
            loop.close()

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"a program calls nothing: {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        with self._lock:
            self._loops.add(asyncio.get_event_loop())
            if not args.custom:
                self.show.components.append(args.typ)
                return None, args.inputs
            state = self._reveal(args)
            state["metadata"].setdefault("name", f"{args.name}-{secrets.token_hex(4)}")
            if state["kind"] == "Service":
                state["spec"]["clusterIP"] = CLUSTER_IP
            self.show.objects[state["kind"], args.name] = state
            return f"{args.inputs['metadata'].get('namespace', '')}/{state['metadata']['name']}", state

    def _reveal(self, args: mocks.MockResourceArgs) -> dict[str, Any]:
        """Of a Secret all contents are secret, and nothing of anything else is."""
        state: dict[str, Any] = json.loads(json.dumps(args.inputs))
        contents = state.get("stringData")
        if state["kind"] == "Secret":
            assert is_rpc_secret(contents), f"{args.name} is in the clear"
            state["stringData"] = unwrap_rpc_secret(contents)
        assert SECRET_MARK not in json.dumps(state), f"{args.name} has secrets in the wrong place"
        return state


def perform(program: str, document: Mapping[str, Any], seeds: Mapping[str, Any] | None = None) -> Show:
    """Runs `package.module:function` in a stack of its own."""
    module, _, function = program.partition(":")
    main = getattr(importlib.import_module(module), function)
    recorder = Recorder()
    set_all_config(
        {"fairway:request": json.dumps(document), "fairway:seeds": json.dumps(seeds or {})}, ["fairway:seeds"]
    )
    try:
        asyncio.run(_run(main, recorder))
    finally:
        recorder.close()
    return recorder.show


async def _run(main: Callable[[], None], recorder: Recorder) -> None:
    mocks.set_mocks(recorder, project="fairway", stack="shop-dev-orders-1")
    stack = pulumi.runtime.get_root_resource()
    assert isinstance(stack, Stack)
    await run_pulumi_func(main)
    for name, value in stack.outputs.items():
        output: pulumi.Output[Any] = pulumi.Output.from_input(value)
        recorder.show.outputs[name] = await output.future()
        if await output.is_secret():
            recorder.show.secret_outputs.add(name)


def request(offering: str, *, plan: str = "", size: Mapping[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """A request with the offering's defaults; parameters are validated and filled in as the platform does it."""
    kind = CATALOG.get(offering)
    chosen = kind.plan(plan) if plan else kind.plans[0]
    assert chosen is not None
    given = {**({"image": "fairway/demo:1"} if offering == "deployment" else {}), **changes.pop("parameters", {})}
    return {
        "resource": RESOURCE,
        "name": "orders",
        "service": "shop",
        "environment": "dev",
        "team": "checkout",
        "namespace": "shop-dev",
        "addressing": "ip",
        "offering": offering,
        "version": kind.version,
        "plan": chosen.name,
        "size": {"storage": "", **chosen.resources, **(size or {})},
        "parameters": fairway_catalog.validate(kind, given),
        "bindings": [],
        **changes,
    }


def stage(offering: str, *, password: str = PASSWORD, bound: Mapping[str, Any] | None = None, **changes: Any) -> Show:
    """An offering's program with its defaults and these changes."""
    seeds = {"password": password, "bindings": bound or {}}
    return perform(kind(offering).program, request(offering, **changes), seeds)


def kind(offering: str) -> Offering:
    return CATALOG.get(offering)
