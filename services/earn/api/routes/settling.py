"""Settlement: statements of a period, the liability, partners' packs."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from services.earn.api.accepting import wanted
from services.earn.api.calling import Write, allowed, answered, writing
from services.earn.api.cloudevents import JSON
from services.earn.api.models.common import Slug
from services.earn.api.models.settling import Booked, Booking, Liability, Packs, Statement
from services.earn.api.problems import Problem
from services.earn.api.room import Room, room_of
from services.earn.api.routing import router as routed
from services.earn.counter.commands import BuyPack
from shared.access.keys import Key
from shared.access.roles import Permission
from shared.events.values import Day
from shared.ops.databases import NotThereError
from shared.ops.known_partners import is_known
from shared.ops.owing import owed
from shared.ops.packs import standings
from shared.ops.settling import stated, zone_of
from shared.publishing.moments import read_moment
from shared.publishing.registry import RefusedError
from shared.settlement import liability_writing
from shared.settlement import writing as statement_writing

router = routed("settlement")
Settling = Annotated[Key, Depends(allowed(Permission.STATEMENTS))]
Owing = Annotated[Key, Depends(allowed(Permission.LIABILITY))]
Selling = Annotated[Write, Depends(writing(Permission.PACKS))]
CSV: Final = "text/csv"
MOST_DAYS: Final = 366
_AS: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {CSV: {"schema": {"type": "string"}}}}}


@router.get("/statements", operation_id="read_statement", response_model=Statement, responses=_AS)
async def statement(
    request: Request,
    key: Settling,
    begin: Annotated[Day, Query(alias="from", description="first day, local in the programme's zone")],
    end: Annotated[Day, Query(alias="to", description=f"the day after the last; {MOST_DAYS} days at most")],
    partner: Annotated[Slug | None, Query(description="only this one's part; a partner's key has its own only")] = None,
) -> Response:
    """What partners owe the coalition, or are owed, for the points given and spent in a period; as JSON or CSV.

    By when entries were posted: once `closed`, it never changes.
    """
    only, form = await _own(room_of(request), key, partner), wanted(request.headers.get("accept", ""), (JSON, CSV))
    first, last, room = date.fromisoformat(begin), date.fromisoformat(end), room_of(request)
    if not 1 <= (last - first).days <= MOST_DAYS:
        said = f"query.to: it is exclusive: write a day from 1 to {MOST_DAYS} days after {first}"
        raise Problem(422, "invalid_request", said)
    found = await room.sums.ask(lambda: stated(room.database, room.book, first, last, room.clock(), room.published))
    if form == JSON:
        return answered(await asyncio.to_thread(statement_writing.as_json, found, only))
    if found.off:
        raise Problem(500, "not_in_balance", "the books do not sum to zero, which no table can say: tell the operator")
    return _table(await asyncio.to_thread(statement_writing.as_csv, found, only))


@router.get("/liability", operation_id="read_liability", response_model=Liability, responses=_AS)
async def liability(
    request: Request,
    _: Owing,
    at: Annotated[str, Query(max_length=64, description="2026-04-01 (its first local instant), an instant, or now")] = (
        "now"
    ),
) -> Response:
    """What the programme owes its members at an instant, in points and money, and what of it will never be spent."""
    room, form = room_of(request), wanted(request.headers.get("accept", ""), (JSON, CSV))
    now = room.clock()
    try:
        moment = read_moment(at, zone_of(room.book, now)) or now
    except RefusedError as error:
        raise Problem(422, "invalid_request", f"query.at: {error}") from None
    try:
        found = await room.sums.ask(lambda: owed(room.database, room.book, moment, room.published, now=now))
    except NotThereError as error:
        raise Problem(404, "no_programme", str(error)) from None
    if form == JSON:
        return answered(await asyncio.to_thread(liability_writing.as_json, found, moment, to_come=moment > now))
    return _table(await asyncio.to_thread(liability_writing.as_csv, found))


@router.get("/packs", operation_id="list_packs", response_model=Packs)
async def packs(
    request: Request, key: Settling, partner: Annotated[Slug | None, Query(description="only this one's")] = None
) -> Response:
    """What prepaid partners have bought, and what of it is left."""
    only, found = await _own(room_of(request), key, partner), await standings(room_of(request).database)
    return answered({"packs": [each.said for each in found if only in (None, each.partner)]})


@router.post("/packs", operation_id="book_pack", status_code=201, response_model=Booked)
async def book(write: Selling, asked: Booking) -> Response:
    """Books that a prepaid partner has bought points, and what was paid for them; they add to what is left."""
    command = BuyPack(
        **write.heading("book_pack", asked.model_dump()), partner=asked.partner, wallet=asked.wallet,
        points=asked.points, money=asked.money.value, currency=asked.money.currency, reference=asked.reference,
    )  # fmt: skip
    return await write.settle(command, 201)


async def _own(room: Room, key: Key, partner: str | None) -> str | None:
    """Whose part is told: of a partner's key its own, whatever is asked. Raises Problem where it is another's, or
    nobody's: an empty statement would say that a partner whose name is misspelt owes nothing."""
    if key.partner not in (None, partner) and partner is not None:
        raise Problem(403, "not_yours", f"this key is {key.partner}'s: leave `partner` out, or write {key.partner}")
    if key.partner is None and partner is not None and not await is_known(room.database, room.book, partner):
        said = f"query.partner: no partner {partner} has an agreement, a key or an event here; check how it is written"
        raise Problem(422, "invalid_request", said)
    return key.partner or partner


def _table(text: str) -> Response:
    return Response(text, 200, {"Cache-Control": "no-store"}, f"{CSV}; charset=utf-8")
