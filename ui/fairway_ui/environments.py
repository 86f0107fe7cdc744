"""Environments, their policies, and the clusters below them."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Redirect, Template

from fairway.domain import environments
from fairway.domain.environments import Policy
from fairway.errors import FairwayError
from fairway_ui import shell
from fairway_ui.numbers import cents, whole
from fairway_ui.redirects import to


@get("/environments", sync_to_thread=True)
def list_environments(request: shell.ARequest, context: shell.AContext, actor: shell.AnActor) -> Template:
    return _index(request, context, actor)


@post("/environments", sync_to_thread=True)
def create_environment(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, data: shell.Form
) -> Template | Redirect:
    name = shell.text(data, "name")
    try:
        with context.database.write() as session:
            environments.create(session, actor, name, shell.text(data, "cluster"), _policy(data))
    except FairwayError as error:
        return _index(request, context, actor, data, error)
    return to(f"/environments/{name}")


@get("/environments/{name:str}", sync_to_thread=True)
def show_environment(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, name: FromPath[str]
) -> Template:
    return _show(request, context, actor, name)


@post("/environments/{name:str}/policy", sync_to_thread=True)
def set_policy(
    request: shell.ARequest, context: shell.AContext, actor: shell.AnActor, name: FromPath[str], data: shell.Form
) -> Template | Redirect:
    try:
        with context.database.write() as session:
            row = environments.named(session, actor, name)
            version = shell.text(data, "version")
            policy = _policy(data)
            environments.set_policy(session, actor, row, policy, int(version) if version.isdecimal() else None)
    except FairwayError as error:
        return _show(request, context, actor, name, error)
    return to(f"/environments/{name}")


def _policy(form: dict[str, Any]) -> Policy:
    return Policy(
        protected="protected" in form,
        approval="approval" in form,
        chaos="chaos" in form,
        quota_resources=whole(shell.text(form, "quota_resources"), "/quota_resources"),
        quota_monthly=cents(shell.text(form, "quota_monthly"), "/quota_monthly"),
    )


def _index(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    given: dict[str, Any] | None = None,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        clusters = environments.clusters(session, actor)
        return shell.page(
            request,
            session,
            "environments/index.html",
            here="Environments",
            error=error,
            environments=environments.everywhere(session, actor),
            clusters=clusters,
            cluster_names={c.id: c.name for c in clusters},
            given=given or {},
        )


def _show(
    request: shell.ARequest,
    context: shell.AContext,
    actor: shell.AnActor,
    name: str,
    error: FairwayError | None = None,
) -> Template:
    with context.database.read() as session:
        row = environments.named(session, actor, name)
        clusters = environments.clusters(session, actor)
        return shell.page(
            request,
            session,
            "environments/show.html",
            here="Environments",
            error=error,
            environment=row,
            cluster=next(c for c in clusters if c.id == row.cluster_id),
        )


handlers = [list_environments, create_environment, show_environment, set_policy]
