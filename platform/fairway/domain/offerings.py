"""What can be provisioned."""

import builtins
from dataclasses import asdict

from sqlmodel import Session

from fairway.domain import access
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.domain.documents import OfferingDocument
from fairway.errors import NotFound
from fairway_catalog import Offering, UnknownOffering


def all(context: Context, session: Session, actor: Actor) -> list[OfferingDocument]:
    """The newest version of each, as documents."""
    access.require_scope(actor, "read", "see the catalog")
    return [document(offering) for offering in context.catalog]


def get(context: Context, session: Session, actor: Actor, name: str) -> OfferingDocument:
    access.require_scope(actor, "read", "see the catalog")
    return document(find(context, name))


def find(context: Context, name: str, version: str | None = None) -> Offering:
    try:
        return context.catalog.get(name, version)
    except UnknownOffering as error:
        sentence = str(error)
        raise NotFound(sentence[0].upper() + sentence[1:], hint="`fairway catalog` lists the offerings.") from error


def document(offering: Offering) -> OfferingDocument:
    """Prices in cents a month; parameters is a JSON Schema, `x-immutable` marks what is fixed once created."""
    return {
        "name": offering.name,
        "version": offering.version,
        "title": offering.title,
        "summary": offering.summary,
        "gives": builtins.list(offering.gives),
        "plans": [asdict(plan) | {"resources": dict(plan.resources)} for plan in offering.plans],
        "parameters": dict(offering.parameters),
        "immutable": sorted(offering.immutable),
        "outputs": dict(offering.outputs),
        "keeps_data": offering.keeps_data,
        "binds": offering.binds,
        "binding": asdict(offering.binding) if offering.binding else None,
        "storage_price": offering.storage_price,
        "charts": [{"name": c.name, "title": c.title, "unit": c.unit} for c in offering.charts],
    }
