"""What applying files would do: each resource of theirs beside the one that there is."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import click

from fairway.cli import output, previews, targets
from fairway.cli.caller import Caller
from fairway.cli.failure import NOT_FOUND, Failure
from fairway.cli.manifests import Manifest, providers

AT_ONCE = 8


@dataclass(frozen=True)
class Planned:
    """outcome: `create`, `change` or `unchanged`. preview: None where the service is not there yet, which comes first.
    later: names that it binds as soon as they are there."""

    manifest: Manifest
    wish: Mapping[str, Any]
    outcome: str
    preview: Mapping[str, Any] | None
    later: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planner:
    """What there was when it looked. services: those of the manifests; present: the resources in their places, by
    path; fixed: names of parameters that are fixed once created, by offering."""

    caller: Caller
    manifests: Sequence[Manifest]
    services: frozenset[str]
    present: Mapping[str, Mapping[str, Any]]
    fixed: Mapping[str, Sequence[str]]

    @property
    def new_services(self) -> list[str]:
        """In the order of the files."""
        return [name for name in dict.fromkeys(m.service for m in self.manifests) if name not in self.services]

    def all(self) -> tuple[list[Planned], list[tuple[Manifest, Failure]]]:
        """Computed at once; and those that would fail."""

        def one(manifest: Manifest) -> Planned | Failure:
            try:
                return self.one(manifest)
            except Failure as failure:
                return failure

        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(one, self.manifests))
        wrong = [(m, f) for m, f in zip(self.manifests, found, strict=True) if isinstance(f, Failure)]
        return [f for f in found if isinstance(f, Planned)], wrong

    def one(self, manifest: Manifest) -> Planned:
        """Raises Failure."""
        present = self.present.get(manifest.path)
        if present is not None and present["offering"] != manifest.offering:
            sentence = f"offering: it is a {present['offering']}, and cannot become a {manifest.offering}"
            raise Failure(sentence, "Choose another name, or destroy it first.")
        missing = tuple(p.name for p in providers(manifest, self.manifests) if p.path not in self.present)
        wish = _create(manifest, missing) if present is None else self._update(manifest, present, missing)
        if present is None and manifest.service not in self.services:
            return Planned(manifest, wish, "create", None, missing)
        preview = previews.ask(self.caller, wish)
        idle = present is not None and previews.is_idle(preview) and not missing
        outcome = "create" if present is None else "unchanged" if idle else "change"
        return Planned(manifest, wish, outcome, preview, missing)

    def _update(self, manifest: Manifest, present: Mapping[str, Any], missing: Sequence[str]) -> dict[str, Any]:
        """What the file leaves out of the parameters takes its default again, but for what is fixed once created."""
        wish: dict[str, Any] = {"operation": "update", "resource": present["id"]}
        if manifest.plan:
            wish["plan"] = manifest.plan
        if manifest.parameters is not None:
            there = {**present["parameters"], **(present.get("desired") or {}).get("parameters", {})}
            dropped = [name for name in there if name not in self.fixed.get(manifest.offering, ())]
            wish["parameters"] = {**dict.fromkeys(dropped), **manifest.parameters}
        if manifest.bindings is not None:
            wish["bindings"] = [name for name in manifest.bindings if name not in missing]
        return wish


def look(caller: Caller, manifests: Sequence[Manifest]) -> Planner:
    """Raises Failure."""
    client = caller.client
    services = frozenset(name for name in {m.service for m in manifests} if _has_service(caller, name))
    rows = [
        row
        for service, environment in dict.fromkeys((m.service, m.environment) for m in manifests)
        if service in services
        for row in client.pages("/resources", targets.MOST, service=service, environment=environment)
    ]
    present = {f"{row['service']}/{row['environment']}/{row['name']}": row for row in rows}
    fixed = {row["name"]: row["immutable"] for row in client.get("/offerings")}
    return Planner(caller, manifests, services, present, fixed)


def show(planned: Sequence[Planned], to_stderr: bool = True) -> None:
    """Each that would change with its steps, fields and price, then how many there are of each."""
    for one in planned:
        if one.outcome == "unchanged":
            continue
        head = f"{one.manifest.path}  {one.outcome} {one.manifest.offering}"
        click.echo(click.style(head, bold=True), err=to_stderr)
        if one.preview is None:
            click.echo("  after its service is made", err=to_stderr)
        else:
            previews.show(one.preview, to_stderr=to_stderr)
        if one.later:
            click.echo(f"  binds {', '.join(one.later)} as soon as that is there", err=to_stderr)
    click.echo(_sum(planned), err=to_stderr)


def _create(manifest: Manifest, missing: Sequence[str]) -> dict[str, Any]:
    return {
        "operation": "create",
        **manifest.place,
        "offering": manifest.offering,
        "plan": manifest.plan,
        "parameters": dict(manifest.parameters or {}),
        "bindings": [name for name in manifest.bindings or () if name not in missing],
    }


def _has_service(caller: Caller, name: str) -> bool:
    try:
        caller.client.get(f"/services/{name}")
    except Failure as failure:
        if failure.code != NOT_FOUND:
            raise
        return False
    return True


def _sum(planned: Sequence[Planned]) -> str:
    count = {word: sum(one.outcome == word for one in planned) for word in ("create", "change", "unchanged")}
    prices = [one.preview["price"] for one in planned if one.preview is not None]
    more = sum(price["after"] - price["before"] for price in prices)
    price = f"; {output.change(more)} a month" if more else ""
    return f"{count['create']} to create, {count['change']} to change, {count['unchanged']} unchanged{price}"
