"""`Idempotency-Key` on POST: the same request again gets the same answer for 24 hours, another one a 422."""

import asyncio
import hashlib
from datetime import timedelta
from typing import cast

from litestar.datastructures import Headers
from litestar.types import ASGIApp, HTTPReceiveMessage, Message, Receive, Scope, Send
from litestar.types.asgi_types import HTTPRequestEvent, HTTPResponseBodyEvent, HTTPResponseStartEvent
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select

from fairway.db.clock import now
from fairway.db.crypto import Vault
from fairway.db.database import Database
from fairway.domain.actor import Actor
from fairway.domain.context import Context
from fairway.errors import Busy, Invalid
from fairway.models import IdempotentReply

KEPT = timedelta(hours=24)
ABANDONED = timedelta(seconds=60)
LARGEST_BODY = 4 * 2**20


class Idempotency:
    """ASGI middleware inside of Authentication: keys are the person's own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        actor, key = scope.get("user"), Headers.from_scope(scope).get("idempotency-key")
        if not isinstance(actor, Actor) or not key or scope.get("method") != "POST":
            await self.app(scope, receive, send)
            return
        if len(key) > 200:
            raise Invalid.field(
                "/Idempotency-Key", "An Idempotency-Key has up to 200 characters; a UUID makes a good one"
            )
        body = await _read(receive)
        query = scope.get("query_string", b"")
        digest = hashlib.sha256(b"\0".join([scope["path"].encode(), bytes(query), body])).hexdigest()
        context: Context = scope["litestar_app"].state.context
        earlier = await asyncio.to_thread(_begin, context.database, actor.user_id, key, digest)
        if earlier is not None:
            await _replay(earlier, _open(context.vault, earlier), send)
            return
        await self._answer(scope, body, receive, send, context, (actor.user_id, key))

    async def _answer(
        self, scope: Scope, body: bytes, receive: Receive, send: Send, context: Context, owner: tuple[str, str]
    ) -> None:
        reply = IdempotentReply(user_id=owner[0], key=owner[1], digest="")
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                reply.status = message["status"]
                reply.location = Headers(message["headers"]).get("location", "")
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body"):
                reply.body = _seal(context.vault, reply, b"".join(parts))
                await asyncio.to_thread(_end, context.database, reply)
            await send(message)

        await self.app(scope, _once(body, receive), keep)


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if sum(map(len, parts)) > LARGEST_BODY:
            raise Invalid(f"The body is larger than {LARGEST_BODY // 2**20} MiB")
        if not message.get("more_body"):
            return b"".join(parts)


def _once(body: bytes, receive: Receive) -> Receive:
    """A receive that hands the body over again, then goes on with the connection's own messages."""
    waiting = [body]

    async def again() -> HTTPReceiveMessage:
        if waiting:
            return HTTPRequestEvent(type="http.request", body=waiting.pop(), more_body=False)
        return cast(HTTPReceiveMessage, await receive())

    return cast(Receive, again)


def _begin(database: Database, user_id: str, key: str, digest: str) -> IdempotentReply | None:
    """Claims the key, or answers the earlier reply."""
    with database.write() as session:
        session.exec(delete(IdempotentReply).where(col(IdempotentReply.created_at) < now() - KEPT))
        query = select(IdempotentReply).where(IdempotentReply.user_id == user_id, IdempotentReply.key == key)
        row = session.exec(query).first()
        if row is None:
            session.add(IdempotentReply(user_id=user_id, key=key, digest=digest))
            try:
                session.flush()
            except IntegrityError as error:
                raise Busy("The same request is being answered already") from error
            return None
        if row.digest != digest:
            raise Invalid.field(
                "/Idempotency-Key", "This Idempotency-Key was used for another request; take a new one for this"
            )
        if row.status:
            return row
        if now() - row.created_at < ABANDONED:
            raise Busy("The same request is being answered already", hint="Ask again in a moment.")
        row.created_at = now()
        session.add(row)
        return None


def _end(database: Database, reply: IdempotentReply) -> None:
    """A fault of the server is not remembered: the next try shall be a real one."""
    with database.write() as session:
        query = select(IdempotentReply).where(
            IdempotentReply.user_id == reply.user_id, IdempotentReply.key == reply.key
        )
        row = session.exec(query).first()
        if row is None:
            return
        if reply.status >= 500 or reply.status in (401, 409, 412, 429):
            session.delete(row)
            return
        row.status, row.location, row.body = reply.status, reply.location, reply.body
        session.add(row)


def _seal(vault: Vault, reply: IdempotentReply, body: bytes) -> bytes:
    """Answers may hold a secret that is told once."""
    return vault.seal(body.decode("latin-1"), f"reply:{reply.user_id}:{reply.key}").encode()


def _open(vault: Vault, reply: IdempotentReply) -> bytes:
    return vault.open(reply.body.decode(), f"reply:{reply.user_id}:{reply.key}").encode("latin-1")


async def _replay(reply: IdempotentReply, body: bytes, send: Send) -> None:
    kind = b"application/json" if reply.status < 400 else b"application/problem+json"
    headers = [(b"content-type", kind), (b"idempotent-replayed", b"true")]
    if reply.location:
        headers.append((b"location", reply.location.encode()))
    await send(HTTPResponseStartEvent(type="http.response.start", status=reply.status, headers=headers))
    await send(HTTPResponseBodyEvent(type="http.response.body", body=body, more_body=False))
