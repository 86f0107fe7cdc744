"""Signing in, joining teams, roles."""

from datetime import timedelta

import pytest
from sqlmodel import select

from fairway.db.clock import now
from fairway.db.database import Database
from fairway.domain import access, environments, firsts, invitations, people, services, signin, teams, trail
from fairway.domain.environments import Policy
from fairway.errors import Conflict, Edited, Invalid, NotFound, NotSignedIn, Refused
from fairway.models import AuditEntry, Environment, Role, SignInLink, User
from tests.cast import Cast


def test_a_sign_in_link_works_once(database: Database, cast: Cast) -> None:
    with database.write() as session:
        secret = signin.make_link(session, people.named(session, "alice"))
    with database.write() as session:
        assert signin.by_link(session, secret).actor.name == "alice"
    with database.write() as session, pytest.raises(NotSignedIn, match="used already"):
        signin.by_link(session, secret)


def test_an_expired_link_opens_nothing(database: Database, cast: Cast) -> None:
    with database.write() as session:
        secret = signin.make_link(session, people.named(session, "alice"))
        link = session.exec(select(SignInLink)).one()
        link.expires_at = now() - timedelta(seconds=1)
    with database.write() as session, pytest.raises(NotSignedIn, match="not valid"):
        signin.by_link(session, secret)


def test_a_password_opens_a_session_and_a_wrong_one_does_not(database: Database, cast: Cast) -> None:
    with database.write() as session:
        people.set_password(session, cast.bob, "correct horse battery")
    with database.write() as session:
        signed_in = signin.by_password(session, "bob", "correct horse battery")
        assert signed_in.actor.roles == {cast.payments.id: Role.MEMBER}
    with database.read() as session:
        resumed = signin.resume(session, signed_in.secret)
        assert resumed is not None and resumed.csrf == signed_in.csrf
        for name, password in (("bob", "wrong horse battery"), ("nobody", "x"), ("alice", "x")):
            with pytest.raises(NotSignedIn, match="do not match"):
                signin.by_password(session, name, password)


def test_a_short_password_is_refused_with_the_way_out(database: Database, cast: Cast) -> None:
    with database.write() as session, pytest.raises(Invalid, match="12 to 200 characters"):
        people.set_password(session, cast.bob, "short")


def test_a_disabled_person_is_signed_out(database: Database, cast: Cast) -> None:
    with database.write() as session:
        signed_in = signin.open_for(session, people.named(session, "bob"))
    with database.write() as session:
        people.disable(session, cast.ada, "bob")
    with database.read() as session:
        assert signin.resume(session, signed_in.secret) is None


def test_somebody_new_joins_by_a_link_that_works_once(database: Database, cast: Cast) -> None:
    with database.write() as session:
        _, secret = invitations.make(session, cast.alice, cast.payments, Role.MEMBER)
    with database.write() as session:
        dora = invitations.accept_new(session, secret, "Dora", "correct horse battery")
        assert people.actor_for(session, dora, "web").roles == {cast.payments.id: Role.MEMBER}
    with database.write() as session, pytest.raises(NotFound, match="not valid"):
        invitations.accept_new(session, secret, "eve", "correct horse battery")
    with database.read() as session:
        assert session.exec(select(User).where(User.name == "eve")).first() is None


def test_somebody_with_an_account_joins_too_and_keeps_a_higher_role(database: Database, cast: Cast) -> None:
    with database.write() as session:
        _, first = invitations.make(session, cast.alice, cast.payments, Role.VIEWER)
        _, second = invitations.make(session, cast.alice, cast.payments, Role.VIEWER)
    with database.write() as session:
        invitations.accept(session, cast.charlie, first)
        invitations.accept(session, cast.alice, second)
        roles = {user.name: row.role for user, row in teams.members(session, cast.ada, cast.payments)}
    assert roles["charlie"] is Role.VIEWER
    assert roles["alice"] is Role.OWNER


def test_members_do_not_invite(database: Database, cast: Cast) -> None:
    with database.write() as session, pytest.raises(Refused, match="As member you may not"):
        invitations.make(session, cast.bob, cast.payments, Role.MEMBER)


def test_what_belongs_to_another_team_is_not_found(database: Database, cast: Cast) -> None:
    with database.read() as session:
        with pytest.raises(NotFound):
            teams.named(session, cast.charlie, "payments")
        with pytest.raises(NotFound):
            services.named(session, cast.charlie, "shop")
        assert "shop" not in [s.name for s in services.visible(session, cast.charlie)]


def test_viewers_read_only(database: Database, cast: Cast) -> None:
    with database.write() as session:
        assert services.named(session, cast.vera, "shop").name == "shop"
        with pytest.raises(Refused, match="As viewer"):
            services.create(session, cast.vera, "blog", cast.payments)


def test_the_last_owner_stays_one(database: Database, cast: Cast) -> None:
    with database.write() as session:
        with pytest.raises(Conflict, match="without an owner"):
            teams.set_role(session, cast.alice, cast.payments, "alice", Role.MEMBER)
        with pytest.raises(Conflict, match="without an owner"):
            teams.remove(session, cast.alice, cast.payments, "alice")
        teams.set_role(session, cast.alice, cast.payments, "bob", Role.OWNER)
        teams.remove(session, cast.alice, cast.payments, "alice")


def test_of_two_people_who_edit_at_once_the_second_is_told(database: Database, cast: Cast) -> None:
    with database.write() as session:
        shop = services.named(session, cast.bob, "shop")
        services.change(session, cast.bob, shop, summary="sells", version=1)
    with database.write() as session:
        shop = services.named(session, cast.alice, "shop")
        with pytest.raises(Edited, match="in the meantime"):
            services.change(session, cast.alice, shop, summary="buys", version=1)


def test_only_admins_set_policies_and_the_diff_is_audited(database: Database, cast: Cast) -> None:
    with database.write() as session:
        dev = environments.named(session, cast.alice, "dev")
        with pytest.raises(Refused, match="Only an admin"):
            environments.set_policy(session, cast.alice, dev, Policy(), None)
        environments.set_policy(session, cast.ada, dev, Policy(chaos=True, quota_resources=3), None)
    with database.read() as session:
        entry = trail.entries(session, cast.ada, target_id=cast.dev.id)[0]
        assert entry.diff == {"quota_resources": [None, 3]}
        assert trail.entries(session, cast.bob, target_id=cast.dev.id) == []


def test_a_fresh_platform_gets_its_first_things_once(database: Database, cast: Cast) -> None:
    with database.write() as session:
        before = len(session.exec(select(AuditEntry)).all())
        assert firsts.settle(session).name == "ada"
        assert len(session.exec(select(AuditEntry)).all()) == before
        assert {e.name for e in session.exec(select(Environment)).all()} == {"dev", "prod"}


def test_every_role_may_what_lower_ones_may(cast: Cast) -> None:
    ranks = [
        [access.may(actor, cast.payments.id, role) for role in Role]
        for actor in (cast.charlie, cast.vera, cast.bob, cast.alice, cast.ada)
    ]
    assert [sum(row) for row in ranks] == [0, 1, 2, 3, 3]
