"""What applying files would do: each resource of theirs beside the one that there is."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import click

from fairway.cli import output, previews
from fairway.cli.caller import Caller
from fairway.cli.failure import NOT_FOUND, Failure
from fairway.cli.manifests import Manifest, providers

AT_ONCE = 8
MOST = 1000


@dataclass(frozen=True)
class Planned:
    """outcome: `create`, `change` or `unchanged`. preview: None where the service is not there yet, which comes first.
    later: names that it binds as soon as they are there."""

    manifest: Manifest
    wish: Mapping[str, Any]
    outcome: str
    preview: Mapping[str, Any] | None
    later: tuple[str, ...] = ()


class Planner:
    """Looks once at what there is; a newer look needs another."""

    def __init__(self, caller: Caller, manifests: Sequence[Manifest]) -> None:
        self._caller = caller
        self._manifests = manifests

    @property
    def new_services(self) -> list[str]:
        """In the order of the files."""
        return [name for name in dict.fromkeys(m.service for m in self._manifests) if name not in self._services]

    def all(self, manifests: Sequence[Manifest]) -> tuple[list[Planned], list[tuple[Manifest, Failure]]]:
        """Computed at once; and those that would fail."""

        def one(manifest: Manifest) -> Planned | Failure:
            try:
                return self.one(manifest)
            except Failure as failure:
                return failure

        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(one, manifests))
        wrong = [(m, f) for m, f in zip(manifests, found, strict=True) if isinstance(f, Failure)]
        return [f for f in found if isinstance(f, Planned)], wrong

    def one(self, manifest: Manifest) -> Planned:
        """Raises Failure."""
        present = self._present.get(manifest.path)
        if present is not None and present["offering"] != manifest.offering:
            sentence = f"offering: it is a {present['offering']}, and cannot become a {manifest.offering}"
            raise Failure(sentence, "Choose another name, or destroy it first.")
        missing = tuple(p.name for p in providers(manifest, self._manifests) if p.path not in self._present)
        wish = self._create(manifest, missing) if present is None else self._update(manifest, present, missing)
        if present is None and manifest.service not in self._services:
            return Planned(manifest, wish, "create", None, missing)
        preview = previews.ask(self._caller, wish)
        idle = present is not None and previews.is_idle(preview) and not missing
        outcome = "create" if present is None else "unchanged" if idle else "change"
        return Planned(manifest, wish, outcome, preview, missing)

    def _create(self, manifest: Manifest, missing: Sequence[str]) -> dict[str, Any]:
        return {
            "operation": "create",
            "service": manifest.service,
            "environment": manifest.environment,
            "name": manifest.name,
            "offering": manifest.offering,
            "plan": manifest.plan,
            "parameters": dict(manifest.parameters or {}),
            "bindings": [name for name in manifest.bindings or () if name not in missing],
        }

    def _update(self, manifest: Manifest, present: Mapping[str, Any], missing: Sequence[str]) -> dict[str, Any]:
        """What the file leaves out of the parameters takes its default again, but for what is fixed once created."""
        wish: dict[str, Any] = {"operation": "update", "resource": present["id"]}
        if manifest.plan:
            wish["plan"] = manifest.plan
        if manifest.parameters is not None:
            there = {**present["parameters"], **(present.get("desired") or {}).get("parameters", {})}
            fixed = self._fixed.get(manifest.offering, ())
            dropped = [name for name in there if name not in fixed]
            wish["parameters"] = {**dict.fromkeys(dropped), **manifest.parameters}
        if manifest.bindings is not None:
            wish["bindings"] = [name for name in manifest.bindings if name not in missing]
        return wish

    @cached_property
    def _present(self) -> dict[str, Mapping[str, Any]]:
        places = dict.fromkeys((m.service, m.environment) for m in self._manifests)
        rows = [
            row
            for service, environment in places
            if service in self._services
            for row in self._caller.client.pages("/resources", MOST, service=service, environment=environment)
        ]
        return {f"{row['service']}/{row['environment']}/{row['name']}": row for row in rows}

    @cached_property
    def _services(self) -> set[str]:
        return {name for name in {m.service for m in self._manifests} if self._is_there(f"/services/{name}")}

    @cached_property
    def _fixed(self) -> dict[str, Sequence[str]]:
        return {row["name"]: row["immutable"] for row in self._caller.client.get("/offerings")}

    def _is_there(self, path: str) -> bool:
        try:
            self._caller.client.get(path)
        except Failure as failure:
            if failure.code != NOT_FOUND:
                raise
            return False
        return True


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


def _sum(planned: Sequence[Planned]) -> str:
    count = {word: sum(one.outcome == word for one in planned) for word in ("create", "change", "unchanged")}
    prices = [one.preview["price"] for one in planned if one.preview is not None]
    more = sum(price["after"] - price["before"] for price in prices)
    price = f"; {'+' if more > 0 else '-'}{output.money(abs(more))} a month" if more else ""
    return f"{count['create']} to create, {count['change']} to change, {count['unchanged']} unchanged{price}"
