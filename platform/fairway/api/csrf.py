"""A change asked for by cookie must carry the session's token, in the header or in the form."""

import hmac

from litestar import Request
from litestar.datastructures import State
from litestar.enums import RequestEncodingType

from fairway.domain.actor import Actor
from fairway.domain.signin import SignedIn
from fairway.errors import Refused

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = (RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART)


async def check(request: Request[Actor | None, SignedIn | None, State]) -> None:
    """Litestar's before_request hook. Bearer tokens are not sent by browsers unasked, so they need none."""
    session = request.scope.get("auth")
    if not isinstance(session, SignedIn):
        if request.method not in SAFE and request.headers.get("sec-fetch-site", "") == "cross-site":
            raise Refused("This form was sent from another site", hint="Open the page here and send it again.")
        return
    request.state.csrf = session.csrf
    if request.method in SAFE:
        return
    given = request.headers.get("x-csrf-token", "")
    if not given and request.content_type[0] in FORMS:
        given = str((await request.form()).get("csrf", ""))
    if not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise Refused("The form is from another session or too old", hint="Reload the page and send it again.")
