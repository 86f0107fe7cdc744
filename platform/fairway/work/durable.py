"""Durable execution by DBOS: the workflow of a run, its own database, its start and end.

DBOS is one per process. It runs on the workers' loop, keeps no secret (steps answer yes or no), and on SQLite has a
file of its own, which is set to WAL first since DBOS does not.
"""

import asyncio
import logging
import socket
import sqlite3
from pathlib import Path

from dbos import DBOS, DBOSConfig, SetWorkflowID

from fairway.db.database import Database
from fairway.settings import Settings
from fairway.work.carrier import Carrier

VERSION = "1"
"""Of the workflow's steps: raised when their order changes; a workflow of another version stays pending."""

ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

_carriers: list[Carrier] = []


@DBOS.workflow(name="fairway.run")
async def carry_out(run_id: str) -> str:
    """The whole life of a run after it was asked for."""
    try:
        for step in (plan, await_approval, apply, verify):
            if not await step(run_id):
                return "ended"
    except Exception as error:
        await give_up(run_id, error)
        return "failed"
    return "succeeded"


@DBOS.step(name="fairway.plan")
async def plan(run_id: str) -> bool:
    return await _carriers[-1].plan(run_id)


@DBOS.step(name="fairway.await_approval")
async def await_approval(run_id: str) -> bool:
    return await _carriers[-1].await_approval(run_id)


@DBOS.step(name="fairway.apply")
async def apply(run_id: str) -> bool:
    return await _carriers[-1].apply(run_id)


@DBOS.step(name="fairway.verify")
async def verify(run_id: str) -> bool:
    return await _carriers[-1].verify(run_id)


async def give_up(run_id: str, error: Exception) -> None:
    """No step: it is idempotent, and the error is the recorded one of the step before."""
    await _carriers[-1].give_up(run_id, error)


def launch(settings: Settings, database: Database, carrier: Carrier) -> None:
    """On the workers' loop: DBOS keeps to the loop that it is launched on."""
    _carriers.append(carrier)
    DBOS(config=_config(settings, database))
    logging.getLogger("dbos").setLevel(logging.ERROR)
    DBOS.launch()


async def start(run_id: str) -> None:
    """Idempotent: nothing happens when the run has a workflow already."""
    with SetWorkflowID(run_id):
        await DBOS.start_workflow_async(carry_out, run_id)


async def status(run_id: str) -> str | None:
    """DBOS's word, None when there is no workflow."""
    found = await DBOS.get_workflow_status_async(run_id)
    return found.status if found else None


async def recover(executors: list[str]) -> None:
    """Takes over what executors that are gone had begun."""
    await asyncio.to_thread(DBOS._recover_pending_workflows, executors)


def destroy() -> None:
    DBOS.destroy(workflow_completion_timeout_sec=0)
    _carriers.clear()


def executor_id(database: Database) -> str:
    """Who this is after a restart too. A SQLite file has one server, whatever its host is called today."""
    return "local" if database.dialect == "sqlite" else socket.gethostname()


def _config(settings: Settings, database: Database) -> DBOSConfig:
    config: DBOSConfig = {
        "name": "fairway",
        "application_version": VERSION,
        "executor_id": executor_id(database),
        "log_level": "ERROR",
        "enable_otlp": False,
    }
    if database.dialect == "sqlite":
        file = settings.data_dir / "work.db"
        _set_wal(file)
        config["system_database_url"] = f"sqlite:///{file}"
    else:
        config["system_database_url"] = database.url
        config["dbos_system_schema"] = "fairway_work"
        config["sys_db_pool_size"] = 5
    return config


def _set_wal(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
