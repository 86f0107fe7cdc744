"""The people of the tests: Ada the admin; of payments Alice the owner, Bob, Vera a viewer; Charlie, an outsider."""

from dataclasses import dataclass

from fairway.db.database import Database
from fairway.domain import environments, people, services, teams, tokens
from fairway.domain.actor import SYSTEM, Actor
from fairway.domain.environments import Policy
from fairway.models import Cluster, Environment, Membership, Role, Service, Team, User


@dataclass(frozen=True)
class Cast:
    """Actors are as in a browser; headers are those of a token of the person with all scopes."""

    ada: Actor
    alice: Actor
    bob: Actor
    vera: Actor
    charlie: Actor
    payments: Team
    shop: Service
    dev: Environment
    prod: Environment
    headers: dict[str, dict[str, str]]


def assemble(database: Database) -> Cast:
    with database.write() as session:
        names = ("ada", "alice", "bob", "vera", "charlie")
        users: dict[str, User] = {n: people.add(session, SYSTEM, n, admin=n == "ada") for n in names}
        payments = teams.create(session, SYSTEM, "payments")
        strangers = teams.create(session, SYSTEM, "strangers")
        roles = {"alice": Role.OWNER, "bob": Role.MEMBER, "vera": Role.VIEWER}
        for name, role in roles.items():
            session.add(Membership(team_id=payments.id, user_id=users[name].id, role=role))
        session.add(Membership(team_id=strangers.id, user_id=users["charlie"].id, role=Role.OWNER))
        cluster = Cluster(name="local", kubeconfig="sealed", addressing="ip", sandbox=True)
        session.add(cluster)
        session.flush()
        dev = environments.create(session, SYSTEM, "dev", "local", Policy(chaos=True))
        prod = environments.create(session, SYSTEM, "prod", "local", Policy(protected=True, approval=True))
        shop = services.create(session, SYSTEM, "shop", payments)
        actors = {n: people.actor_for(session, user, "web") for n, user in users.items()}
        headers = {}
        for name, actor in actors.items():
            _, secret = tokens.create(session, actor, "tests", scopes=people.ALL_SCOPES)
            headers[name] = {"Authorization": f"Bearer {secret}"}
        return Cast(**actors, payments=payments, shop=shop, dev=dev, prod=prod, headers=headers)
