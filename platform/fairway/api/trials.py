"""Experiments, trials and the kill switch. The SSE stream of a trial: state, victim, ready, probes, done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import ServerSentEvent
from litestar.types import ControllerRouterHandler

from fairway.api import stream
from fairway.api.dependencies import AContext, AnActor
from fairway.api.etags import AVersion, etag
from fairway.api.paging import check_limit, page, read_cursor
from fairway.domain import experiments, kill_switch, resources, trials
from fairway.domain.trial_documents import ExperimentDocument, TrialDocument, TrialPreviewDocument
from fairway.models import KillSwitch
from fairway_chaos import junit


@dataclass(frozen=True)
class NewExperiment:
    name: str
    definition: dict[str, Any]


@dataclass(frozen=True)
class ExperimentChange:
    definition: dict[str, Any]


@dataclass(frozen=True)
class Abort:
    reason: str = ""


@dataclass(frozen=True)
class Switch:
    halted: bool
    reason: str = ""


@dataclass(frozen=True)
class SwitchDocument:
    """set_by: the id of the person who set it; null until somebody did."""

    halted: bool
    reason: str
    set_at: datetime
    set_by: str | None


class ExperimentController(Controller):
    path = "/experiments"
    tags = ("chaos",)

    @get("/", sync_to_thread=True)
    def list_experiments(
        self, context: AContext, actor: AnActor, resource: FromQuery[str] = ""
    ) -> list[ExperimentDocument]:
        """By name. resource: only those of this one, by id or name."""
        with context.database.read() as session:
            about = resources.named(session, actor, resource) if resource else None
            return [experiments.document(row) for row in experiments.visible(session, actor, about)]

    @post("/", sync_to_thread=True)
    def create_experiment(
        self, context: AContext, actor: AnActor, data: JSONBody[NewExperiment]
    ) -> Response[ExperimentDocument]:
        """definition: as in docs/chaos.md; `resource` names what is to be hit."""
        with context.database.write() as session:
            row = experiments.create(session, actor, data.name, data.definition)
            headers = {**etag(row.version), "Location": f"/api/v1/experiments/{row.id}"}
            return Response(experiments.document(row), status_code=201, headers=headers)

    @get("/{ref:str}", sync_to_thread=True)
    def get_experiment(self, context: AContext, actor: AnActor, ref: FromPath[str]) -> Response[ExperimentDocument]:
        with context.database.read() as session:
            row = experiments.named(session, actor, ref)
            return Response(experiments.document(row), headers=etag(row.version))

    @put("/{ref:str}", sync_to_thread=True)
    def change_experiment(
        self,
        context: AContext,
        actor: AnActor,
        version: AVersion,
        ref: FromPath[str],
        data: JSONBody[ExperimentChange],
    ) -> Response[ExperimentDocument]:
        """The whole definition anew; the resource stays."""
        with context.database.write() as session:
            row = experiments.named(session, actor, ref)
            experiments.change(session, actor, row, data.definition, version)
            return Response(experiments.document(row), headers=etag(row.version))

    @delete("/{ref:str}", sync_to_thread=True)
    def delete_experiment(self, context: AContext, actor: AnActor, ref: FromPath[str]) -> None:
        """Its trials stay on record."""
        with context.database.write() as session:
            experiments.delete(session, actor, experiments.named(session, actor, ref))


class TrialController(Controller):
    path = "/trials"
    tags = ("chaos",)

    @get("/", sync_to_thread=True)
    def list_trials(
        self,
        context: AContext,
        actor: AnActor,
        request: Request[Any, Any, Any],
        resource: FromQuery[str] = "",
        cursor: FromQuery[str | None] = None,
        limit: FromQuery[int] = 50,
    ) -> Response[list[TrialDocument]]:
        """Newest first."""
        with context.database.read() as session:
            about = resources.named(session, actor, resource) if resource else None
            before = read_cursor(cursor)
            found = trials.visible(session, actor, resource=about, before=before, limit=check_limit(limit) + 1)
            rows, link = page(request, found, limit, lambda row: row.created_at)
            return Response(trials.documents(session, rows), headers=link)

    @post("/", sync_to_thread=True, status_code=202)
    def start_trial(self, context: AContext, actor: AnActor, data: JSONBody[dict[str, Any]]) -> Response[TrialDocument]:
        """A definition, or `experiment` with the id of a kept one; `confirm`: the resource's name if all pods go."""
        with context.database.write() as session:
            trial = trials.request(context, session, actor, data)
            headers = {"Location": f"/api/v1/trials/{trial.id}"}
            return Response(trials.document(session, trial), status_code=202, headers=headers)

    @get("/{ref:str}", sync_to_thread=True)
    def get_trial(self, context: AContext, actor: AnActor, ref: FromPath[str]) -> TrialDocument:
        with context.database.read() as session:
            return trials.document(session, trials.named(session, actor, ref))

    @post("/{ref:str}/abort", sync_to_thread=True, status_code=202)
    def abort_trial(
        self, context: AContext, actor: AnActor, ref: FromPath[str], data: JSONBody[Abort]
    ) -> Response[TrialDocument]:
        """No further pod is killed; asking twice, or after its end, changes nothing."""
        with context.database.write() as session:
            trial = trials.abort(session, actor, trials.named(session, actor, ref), data.reason)
            return Response(trials.document(session, trial), status_code=202)

    @get("/{ref:str}/journal", sync_to_thread=True)
    def get_journal(self, context: AContext, actor: AnActor, ref: FromPath[str]) -> dict[str, Any]:
        """Everything that the trial saw, every probe and pod; 404 before its end."""
        with context.database.read() as session:
            return trials.journal(trials.named(session, actor, ref))

    @get("/{ref:str}/junit", sync_to_thread=True, media_type="application/xml")
    def get_junit(self, context: AContext, actor: AnActor, ref: FromPath[str]) -> str:
        """The verdict as JUnit XML, for pipelines."""
        with context.database.read() as session:
            return junit.report([trials.document(session, trials.named(session, actor, ref))])

    @get("/{ref:str}/events", sync_to_thread=True, media_type=stream.MEDIA_TYPE)
    def follow_trial(
        self,
        context: AContext,
        actor: AnActor,
        request: Request[Any, Any, Any],
        ref: FromPath[str],
        since: FromQuery[int] = 0,
    ) -> ServerSentEvent:
        """Server-sent events: state, victim, ready, probes, done."""
        with context.database.read() as session:
            trial = trials.named(session, actor, ref)
        return stream.tail(context.database, f"trial:{trial.id}", stream.last_event_id(request, since))


@post("/trial-previews", sync_to_thread=True, status_code=200, tags=["chaos"])
def preview_trial(context: AContext, actor: AnActor, data: JSONBody[dict[str, Any]]) -> TrialPreviewDocument:
    """What a trial would do, asked of the cluster now; nothing is touched."""
    return trials.preview(context, actor, data)


@get("/kill-switch", sync_to_thread=True, tags=["chaos"])
def get_kill_switch(context: AContext, actor: AnActor) -> SwitchDocument:
    """While it is on, no trial kills anything."""
    with context.database.read() as session:
        return _switch(kill_switch.seen(session, actor))


@put("/kill-switch", sync_to_thread=True, tags=["chaos"])
def set_kill_switch(context: AContext, actor: AnActor, data: JSONBody[Switch]) -> SwitchDocument:
    """Any member halts, with a reason; an admin lets trials go on."""
    with context.database.write() as session:
        act = kill_switch.halt if data.halted else kill_switch.resume
        return _switch(act(session, actor, data.reason))


def _switch(row: KillSwitch) -> SwitchDocument:
    return SwitchDocument(row.halted, row.reason, row.set_at, row.set_by)


routes: list[ControllerRouterHandler] = [
    ExperimentController,
    TrialController,
    preview_trial,
    get_kill_switch,
    set_kill_switch,
]
