"""The chaos pages against a Kubernetes API: preview, start, the page of a trial, abort, and the kill switch."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain import kill_switch, slos, trial_progress
from fairway.domain.context import Context
from fairway.models import Experiment, Resource, Trial, TrialState
from fairway.work.trials import Trials
from tests.cast import Cast
from tests.kube.fake import Running
from tests.kube.objects import workload
from tests.kube.placed import place_deployment
from tests.ui.browser import Browser
from tests.ui.trial import finish

Open = Callable[[str], Browser]
FORM = {"action-mode": "fixed", "action-count": "1", "action-method": "evict", "baseline": "0", "after": "0"}


@pytest.fixture
def web(database: Database, context: Context, cast: Cast, fake: Running) -> Resource:
    """A deployment of three in dev, whose cluster is the fake."""
    outputs = {"host": "127.9.0.1", "port": 80}
    return place_deployment(database, context, cast, fake, offering_version="1.0", plan="nano", outputs=outputs)


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(drawn|shown)" value="([^"]+)"', page))


def test_the_preview_names_the_victims_and_what_was_shown_is_started(
    open_as: Open, web: Resource, database: Database
) -> None:
    bob, path = open_as("bob"), f"/resources/{web.id}/chaos"
    assert f'hx-post="{path}/preview"' in bob.get(path).text
    panel = bob.send(f"{path}/preview", **FORM).text
    assert panel.count('class="victim"') == 1 and "Would kill 1 of 3" in panel
    again = bob.send(f"{path}/preview", **FORM, drawn=hidden(panel)["drawn"]).text
    victim = re.compile(r'class="victim">.*?<code>([^<]+)')
    assert victim.findall(again) == victim.findall(panel)
    page = bob.submit(path, **FORM, **hidden(panel)).text
    assert "Queued" in page and "Nobody was killed yet" in page and ">Abort</button>" in page
    with database.read() as session:
        trial = session.exec(select(Trial)).one()
    assert str(trial.seed) == hidden(panel)["drawn"]
    assert trial.definition["action"]["count"] == 1 and trial.definition["baseline"] == 0


def test_without_script_the_form_leads_over_the_preview(open_as: Open, web: Resource, database: Database) -> None:
    bob, path = open_as("bob"), f"/resources/{web.id}/chaos"
    page = bob.send(path, **FORM)
    assert page.status_code == 201 or page.status_code == 200
    assert "Would kill 1 of 3" in page.text and page.text.count("<h1") == 1
    with database.read() as session:
        assert not session.exec(select(Trial)).all()
    assert bob.send(path, **FORM, **hidden(page.text)).status_code == 303


def test_a_form_that_was_changed_after_its_preview_starts_nothing(
    open_as: Open, web: Resource, database: Database
) -> None:
    bob, path = open_as("bob"), f"/resources/{web.id}/chaos"
    shown = hidden(bob.send(f"{path}/preview", **FORM).text)
    answer = bob.send(path, **{**FORM, "action-method": "force"}, **shown)
    assert answer.status_code == 409 and "changed after the preview" in answer.text
    with database.read() as session:
        assert not session.exec(select(Trial)).all()


def test_taking_all_of_it_down_needs_an_owner_and_the_typed_name(
    open_as: Open, web: Resource, database: Database
) -> None:
    path, form = f"/resources/{web.id}/chaos", {**FORM, "action-mode": "all"}
    member = open_as("bob").send(f"{path}/preview", **form).text
    assert "It cannot start" in member and "allow_outage" not in member
    alice = open_as("alice")
    assert "This takes all of web down" in alice.send(f"{path}/preview", **form).text
    form["allow_outage"] = "yes"
    panel = alice.send(f"{path}/preview", **form).text
    assert "Type <code>web</code>" in panel and "Kill 3" in panel
    refused = alice.send(path, **form, **hidden(panel), confirm="no")
    assert refused.status_code == 422 and 'id="confirm-error"' in refused.text
    assert alice.send(path, **form, **hidden(panel), confirm="web").status_code == 303
    with database.read() as session:
        assert session.exec(select(Trial)).one().definition["allow_outage"] is True


def test_what_is_wrong_is_said_beside_the_field(open_as: Open, web: Resource) -> None:
    bob, path = open_as("bob"), f"/resources/{web.id}/chaos"
    wrong = {**FORM, "action-count": "many", "baseline": "-3", "hypothesis-availability": "99"}
    panel = bob.send(f"{path}/preview", **wrong).text
    assert 'href="#action-count"' in panel and 'href="#baseline"' in panel
    assert "0 to 100" in bob.send(f"{path}/preview", **{**FORM, "hypothesis-availability": "900"}).text
    page = bob.send(path, **wrong, shown="x", drawn="1")
    assert page.status_code == 422 and 'id="action-count-error"' in page.text and 'value="many"' in page.text


def test_an_unreachable_cluster_is_said_and_hides_nothing_else(open_as: Open, web: Resource, fake: Running) -> None:
    fake.stop()
    panel = open_as("bob").send(f"/resources/{web.id}/chaos/preview", **FORM)
    assert panel.status_code == 200 and "cannot be asked" in panel.text
    fake.start()


def test_viewers_and_forbidden_places_see_why_there_is_no_form(open_as: Open, web: Resource, cast: Cast) -> None:
    assert "As viewer you may not start trials" in open_as("vera").get(f"/resources/{web.id}/chaos").text
    assert open_as("charlie").get(f"/resources/{web.id}/chaos").status_code == 404


def test_a_finished_trial_shows_its_verdict_recovery_and_interval(
    open_as: Open, context: Context, web: Resource, cast: Cast
) -> None:
    trial = finish(context, cast.bob, web)
    page = open_as("vera").get(f"/trials/{trial.id}").text
    for said in ("Fail", "11.84", "95.0", "0.40", "web-9", "67", "asked for at least 99 %", "86.3", "Not evaluated"):
        assert said.replace(" %", "\u00a0%") in page or said in page, said
    assert "Run again" not in page and "Abort" not in page
    assert page.count('<svg class="plot') == 5
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script>", page)
    journal = open_as("vera").get(f"/trials/{trial.id}/journal")
    assert journal.json()["verdict"] == "FAIL" and "attachment" in journal.headers["content-disposition"]
    assert "<testsuites" in open_as("vera").get(f"/trials/{trial.id}/junit").text
    assert open_as("charlie").get(f"/trials/{trial.id}").status_code == 404


def test_a_finished_trial_says_what_it_cost_of_the_error_budget(
    open_as: Open, context: Context, web: Resource, cast: Cast
) -> None:
    with context.database.write() as session:
        slos.put(session, cast.bob, web, 99.9)
    trial = finish(context, cast.bob, web)
    page = open_as("vera").get(f"/trials/{trial.id}").text
    assert "0.60\u00a0s, 0.02\u00a0% of the 40\u00a0min 19\u00a0s" in page


def test_run_again_begins_with_the_same_definition(open_as: Open, context: Context, web: Resource, cast: Cast) -> None:
    trial = finish(context, cast.bob, web)
    bob = open_as("bob")
    assert f"/resources/{web.id}/chaos?trial={trial.id}" in bob.get(f"/trials/{trial.id}").text
    page = bob.get(f"/resources/{web.id}/chaos?trial={trial.id}").text
    assert re.search(r'id="hypothesis-availability"[^>]* value="99"', page)
    assert re.search(r'id="baseline"[^>]* value="0"', page)
    assert re.search(r'value="evict" checked', page)


def test_a_definition_is_kept_as_an_experiment(
    open_as: Open, context: Context, web: Resource, cast: Cast, database: Database
) -> None:
    trial = finish(context, cast.bob, web)
    bob = open_as("bob")
    assert "Not A Name" in bob.send(f"/trials/{trial.id}/experiment", name="Not A Name").text
    assert "lose-one" in bob.submit(f"/trials/{trial.id}/experiment", name="lose-one").text
    with database.read() as session:
        kept = session.exec(select(Experiment)).one()
    assert "seed" not in kept.definition["action"]
    assert re.search(r'value="evict" checked', bob.get(f"/resources/{web.id}/chaos?experiment={kept.id}").text)


def test_a_running_trial_streams_its_figure_and_ends_with_the_report(
    open_as: Open, context: Context, web: Resource, cast: Cast, database: Database
) -> None:
    trial = finish(context, cast.bob, web)
    text = open_as("bob").get(f"/trials/{trial.id}/events?since=0").text
    for name in ("ladder", "figure", "pods", "report", "findings", "acts", "done"):
        assert f"event: {name}\r\n" in text or f"event: {name}\n" in text, name
    assert text.count("event: figure") > 5


def test_a_running_trial_is_aborted_once(open_as: Open, web: Resource, database: Database, context: Context) -> None:
    bob, path = open_as("bob"), f"/resources/{web.id}/chaos"
    shown = hidden(bob.send(f"{path}/preview", **FORM).text)
    where = bob.send(path, **FORM, **shown).headers["location"]
    with database.write() as session:
        trial_progress.claim(session, where.rpartition("/")[2], "here")
        trial_progress.enter(session, where.rpartition("/")[2], "here", TrialState.BASELINE, 0.1)
    assert "Measuring the baseline" in bob.get(where).text
    page = bob.submit(f"{where}/abort", reason="wrong service").text
    assert "bob: wrong service" in page and ">Aborting</button>" in page
    assert open_as("vera").send(f"{where}/abort").status_code == 403


def test_the_kill_switch_is_a_members_and_resuming_an_admins(open_as: Open, web: Resource, cast: Cast) -> None:
    vera = open_as("vera")
    assert "Stop all trials</button>" not in vera.get("/chaos").text
    assert vera.send("/chaos/halt", reason="x").status_code == 403
    bob = open_as("bob")
    assert "Say why" in bob.send("/chaos/halt", reason=" ").text
    page = bob.submit("/chaos/halt", reason="outage of checkout").text
    assert "All trials are halted" in page and "outage of checkout" in page and "By bob" in page
    assert "Resume trials</button>" not in page
    for path in (f"/resources/{web.id}/chaos",):
        assert "outage of checkout" in bob.get(path).text
    assert "All trials halted" in bob.get("/").text
    assert "kill switch: outage of checkout" in bob.send(f"/resources/{web.id}/chaos/preview", **FORM).text
    assert bob.send("/chaos/resume").status_code == 403
    assert "All trials are halted" not in open_as("ada").submit("/chaos/resume").text


def test_trials_are_listed_and_an_unchanged_list_is_not_sent_again(
    open_as: Open, context: Context, web: Resource, cast: Cast
) -> None:
    finish(context, cast.bob, web)
    bob = open_as("bob")
    page = bob.get("/chaos").text
    assert "Lose one" in page and "11.84" in page and "Fail" in page
    (path,) = re.findall(r'hx-get="(/chaos/trials\?seen=[^"]+)"', page)
    assert bob.get(path).status_code == 204
    assert "Lose one" in bob.get("/search?q=lose").text
    assert "Break something in web" in bob.get("/search?q=break").text
    charlie = open_as("charlie")
    assert "Lose one" not in charlie.get("/chaos").text and "Lose one" not in charlie.get("/search?q=lose").text


def run(context: Context, trial_id: str) -> None:
    worker = Trials(context)
    worker.wake(trial_id)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with context.database.read() as session:
            if session.get_one(Trial, trial_id).ended_at is not None:
                break
        time.sleep(0.05)
    worker.stop()


def start(open_as: Open, web: Resource, **fields: str) -> str:
    """By the form; answers where it leads."""
    bob, path, form = open_as("bob"), f"/resources/{web.id}/chaos", {**FORM, "duration": "1", **fields}
    shown = hidden(bob.send(f"{path}/preview", **form).text)
    return bob.send(path, **form, **shown).headers["location"]


def test_what_a_worker_writes_is_what_the_page_shows(open_as: Open, web: Resource, context: Context) -> None:
    where = start(open_as, web)
    run(context, where.rpartition("/")[2])
    page = open_as("bob").get(where).text
    assert "1\u00a0pod killed at t0" in page and "over 1\u00a0s" in page and "Fail" in page
    assert "Interval" in page and "Ready pods" in page and "not back yet" in page
    stream = open_as("bob").get(f"{where}/events").text
    assert "event: report" in stream and "event: figure" in stream


def test_a_trial_that_was_refused_says_by_what(open_as: Open, web: Resource, context: Context, fake: Running) -> None:
    where = start(open_as, web)
    fake.api.put("deployments", workload("web", web.id, replicas=4, ready=3))
    run(context, where.rpartition("/")[2])
    page = open_as("bob").get(where).text
    assert "Refused" in page and "3 of 4 pods are ready" in page and "Nobody was killed." in page


def test_a_trial_that_was_aborted_says_by_whom(open_as: Open, web: Resource, context: Context) -> None:
    where = start(open_as, web, baseline="600")
    open_as("alice").send(f"{where}/abort", reason="not now")
    run(context, where.rpartition("/")[2])
    page = open_as("bob").get(where).text
    assert "Aborted" in page and "Alice: not now" in page and "not reached" in page


def test_a_trial_whose_process_died_shows_what_is_known(
    open_as: Open, web: Resource, context: Context, database: Database
) -> None:
    where = start(open_as, web)
    trial_id = where.rpartition("/")[2]
    with database.write() as session:
        trial_progress.claim(session, trial_id, "dead")
        trial_progress.enter(session, trial_id, "dead", TrialState.PREFLIGHT, 0.0)
        trial_progress.intend(session, trial_id, "dead", ("web-9", "uid-gone"), "evict", 60)
        session.get_one(Trial, trial_id).lease_expires_at = now() - timedelta(minutes=1)
    run(context, trial_id)
    page = open_as("bob").get(where).text
    assert "Interrupted" in page and "killed inferred" in page


@pytest.mark.parametrize("order", ["random", "oldest"])
def test_a_trial_of_a_kept_experiment_is_its_own_until_the_form_differs(
    open_as: Open, context: Context, web: Resource, cast: Cast, database: Database, order: str
) -> None:
    bob, path = open_as("bob"), f"/resources/{web.id}/chaos"
    bob.send(f"/trials/{finish(context, cast.bob, web).id}/experiment", name="lose-one")
    with database.read() as session:
        kept = session.exec(select(Experiment)).one()
    page = bob.get(f"{path}?experiment={kept.id}").text
    form = dict(re.findall(r'<input id="([^"]+)" name="[^"]+"[^>]* value="([^"]*)"', page))
    form |= {"action-mode": "fixed", "action-method": "evict", "action-order": order, "experiment": kept.id}
    panel = bob.send(f"{path}/preview", **form).text
    answer = bob.send(path, **form, **hidden(panel))
    assert answer.status_code == 303, panel
    with database.read() as session:
        trial = session.get_one(Trial, answer.headers["location"].rpartition("/")[2])
    assert trial.experiment_id == (kept.id if order == "random" else None)
    assert trial.definition["hypothesis"]["recovery"] == 15 and trial.definition["title"] == "Lose one"


def test_the_page_of_a_trial_shows_the_banner_while_halted(
    open_as: Open, context: Context, web: Resource, cast: Cast, database: Database
) -> None:
    trial = finish(context, cast.bob, web)
    with database.write() as session:
        kill_switch.halt(session, cast.bob, f"outage at {now():%H}")
    assert "All trials are halted" in open_as("bob").get(f"/trials/{trial.id}").text
