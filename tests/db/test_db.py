"""The database: migrations, transactions, ids, encryption."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, select

from fairway.db.clock import UtcDateTime, now
from fairway.db.crypto import CannotOpen, Vault, derive, kept_secret, load_vault
from fairway.db.database import Database, NoDatabase, one_at_a_time
from fairway.db.ids import new_id, short
from fairway.db.migrate import alembic_config, newest, open_migrated, revision
from fairway.domain import events, firsts
from fairway.models import Event, Team


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_writers_side_by_side_all_succeed(database: Database) -> None:
    failures: list[Exception] = []

    def write(number: int) -> None:
        try:
            for turn in range(5):
                with database.write() as session:
                    session.add(Team(name=f"t{number}-{turn}"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.read() as session:
        assert len(session.exec(select(Team)).all()) == 30


def test_a_failing_block_leaves_nothing(database: Database) -> None:
    with pytest.raises(KeyError), database.write() as session:
        session.add(Team(name="ghost"))
        raise KeyError
    with database.read() as session:
        assert session.exec(select(Team)).all() == []


def test_a_read_session_refuses_to_write(database: Database) -> None:
    with pytest.raises(RuntimeError, match="read session"), database.read() as session:
        session.add(Team(name="ghost"))


def test_times_come_back_in_utc(database: Database) -> None:
    before = now()
    with database.write() as session:
        session.add(Team(name="a-team", created_at=before))
    with database.read() as session:
        assert session.exec(select(Team)).one().created_at == before
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(before.replace(tzinfo=None), database.engine.dialect)


def test_ids_sort_by_time_and_are_version_7() -> None:
    made = [new_id() for _ in range(3)]
    assert {i[14] for i in made} == {"7"}
    assert {i[19] for i in made} <= set("89ab")
    assert made[0][:13] <= made[1][:13] <= made[2][:13]
    assert len({short(i) for i in made}) == 3


def test_what_is_sealed_opens_only_with_the_key_and_in_its_place(tmp_path: Path) -> None:
    vault = load_vault(tmp_path)
    sealed = vault.seal("hunter2", "resource:1")
    assert "hunter2" not in sealed
    assert load_vault(tmp_path).open(sealed, "resource:1") == "hunter2"
    with pytest.raises(CannotOpen, match="wrong place"):
        vault.open(sealed, "resource:2")
    with pytest.raises(CannotOpen, match="another key"):
        Vault([derive("other")]).open(sealed, "resource:1")


def test_an_older_key_still_opens_after_a_rotation() -> None:
    sealed = Vault([derive("old")]).seal("x", "p")
    both = Vault([derive("new"), derive("old")])
    assert both.open(sealed, "p") == "x"
    assert both.seal("x", "p").split(".")[1] != sealed.split(".")[1]


def test_a_kept_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = kept_secret(tmp_path, "one.key")
    assert kept_secret(tmp_path, "one.key") == first
    assert (tmp_path / "keys" / "one.key").stat().st_mode & 0o777 == 0o600


def test_events_are_numbered_and_ring_after_the_commit(database: Database) -> None:
    rung: list[tuple[str, int]] = []

    def ring(stream: str) -> None:
        with database.read() as session:
            rung.append((stream, len(events.after(session, stream, 0))))

    end = events.BELL.subscribe(ring)
    with database.write() as session:
        events.append(session, "run:1", "state", {"state": "queued"})
        events.append(session, "run:1", "state", {"state": "applying"})
        assert rung == []
    end()
    assert rung == [("run:1", 2)]
    with database.read() as session:
        kinds = [e.data["state"] for e in events.after(session, "run:1", 0)]
        assert kinds == ["queued", "applying"]
        assert events.last_seq(session, "run:1") == max(e.seq or 0 for e in session.exec(select(Event)).all())


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql+psycopg://me:hushhush@127.0.0.1:1/fairway", "Connection refused"),
        ("postgresql+psycopg://me:hushhush@127.0.0.1:port/fairway", "%-escapes"),
        ("sqlite:////proc/1/task/fairway.db", "unable to open"),
    ],
)
def test_an_address_without_a_database_names_the_setting(address: str, told: str) -> None:
    with pytest.raises(NoDatabase, match=told) as caught:
        open_migrated(address)
    assert str(caught.value).startswith("FAIRWAY_DATABASE_URL: ") and "hushhush" not in str(caught.value)


def test_the_newest_revision_is_the_one_that_alembic_ends_at() -> None:
    assert newest() == ScriptDirectory.from_config(alembic_config("")).get_current_head()


def test_migrating_leaves_no_alembic_in_the_server(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'fairway.db'}"
    script = (
        f"import sys; from fairway.db.migrate import *; open_migrated({address!r}); print('alembic' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    said = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False"]
    opened = open_migrated(address)
    assert revision(opened) == newest()
    opened.close()


def test_a_database_of_a_newer_version_says_so(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'fairway.db'}"
    database = open_migrated(address)
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'from-the-future'")
    database.close()
    with pytest.raises(NoDatabase, match="another version of Fairway"):
        open_migrated(address)


def test_a_refused_statement_does_not_quote_its_values(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.add_all([Team(name="hushhush"), Team(name="hushhush")])
    assert "hushhush" not in str(caught.value).partition("[SQL")[2]


def test_two_servers_that_start_at_once_make_the_first_things_once(database: Database) -> None:
    def start(_: int) -> str:
        with database.write() as session:
            one_at_a_time(session, "the start of a server")
            return firsts.settle(session).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1
