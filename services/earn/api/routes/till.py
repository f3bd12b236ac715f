"""At a till: quote, hold, capture, release, undo."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from services.earn.api import reading
from services.earn.api.calling import Write, allowed, answered, writing
from services.earn.api.models.common import HoldId, RedemptionId
from services.earn.api.models.till import Captured, Held, Part, Quoted, Released, Spend, Undone
from services.earn.api.problems import Problem, of_denied
from services.earn.api.room import room_of
from services.earn.api.routing import router as routed
from services.earn.counter.commands import CLOSED, Capture, Denied, Hold, Release, Undo
from services.earn.counter.handler import REDEMPTION
from services.earn.counter.quoting import quote as quoted
from services.earn.counter.standing import by
from services.earn.posting import JOURNAL
from shared.access.keys import Key
from shared.access.roles import Permission

router = routed("till")
Spender = Annotated[Key, Depends(allowed(Permission.SPEND))]
Spending = Annotated[Write, Depends(writing(Permission.SPEND))]
GivingBack = Annotated[Write, Depends(writing(Permission.GIVE_BACK))]


@router.post("/quotes", operation_id="quote", response_model=Quoted)
async def quote(request: Request, key: Spender, spend: Spend) -> Response:
    """How many points could be spent now, and what they pay. It changes nothing and promises nothing."""
    room, now = room_of(request), room_of(request).clock()
    document, rules = await reading.standing(room.database, spend.member), room.book.at(now)
    if document.get("closed"):
        raise of_denied(CLOSED)
    purse = rules.programme.purses.get(spend.wallet)
    others = await reading.household(room.database, document, rules) if purse is not None and purse.pooled else []
    found = quoted([by(each, rules, now) for each in (document, *others)], spend.asked(), rules, now)
    if isinstance(found, Denied):
        raise of_denied(found)
    return answered(found.said)


@router.post("/holds", operation_id="hold", status_code=201, response_model=Held)
async def hold(write: Spending, spend: Spend) -> Response:
    """Sets points aside for this bill, until they are captured or released, or the hold ends."""
    heading = write.heading("hold", spend.model_dump())
    assert write.key.partner is not None  # a till's key has one
    command = Hold(**heading, member=spend.member, asked=spend.asked(), partner=write.key.partner)
    return await write.settle(command, 201)


@router.post("/holds/{hold}/capture", operation_id="capture", response_model=Captured)
async def capture(write: Spending, hold: HoldId, part: Part | None = None) -> Response:
    """Spends what is held, or a part of it: then the rest goes back. Of a hold that was captured before the answer is
    409 `captured_already`, with the redemption."""
    points = None if part is None else part.points
    heading = write.heading("capture", hold, points)
    return await _of_hold(write, hold, Capture(**heading, member=_whose(hold), hold=hold, points=points))


@router.post("/holds/{hold}/release", operation_id="release", response_model=Released)
async def release(write: GivingBack, hold: HoldId) -> Response:
    """Gives back what is held. Of a hold that was captured before the answer is 409 `captured_already`, with the
    redemption: its points are spent, and an undo gives them back."""
    return await _of_hold(write, hold, Release(**write.heading("release", hold), member=_whose(hold), hold=hold))


@router.post("/redemptions/{redemption}/undo", operation_id="undo", response_model=Undone)
async def undo(write: GivingBack, redemption: RedemptionId) -> Response:
    """Gives back what a capture spent; what has expired meanwhile expires again."""
    heading = write.heading("undo", redemption)
    return await write.settle(Undo(**heading, member=_whose(redemption), redemption=redemption))


async def _of_hold(write: Write, hold: str, command: Capture | Release) -> Response:
    """What is asked of a hold, done; one that is no more is told what became of it."""
    try:
        return await write.settle(command)
    except Problem as problem:
        if problem.code != "unknown_hold":
            raise
        raise await _ended(write, hold, command) or problem from None


async def _ended(write: Write, hold: str, command: Capture | Release) -> Problem | None:
    """What became of a hold of this partner's that is no more: a till that has lost the answer to its capture must
    neither spend again nor believe that the points are back."""
    redemption = "r" + hold.removeprefix("h")
    found = write.room.database[JOURNAL].find({REDEMPTION: redemption}, {"partner": 1, "kind": 1})
    entries = await found.to_list()
    if not entries or write.key.partner not in (None, entries[0]["partner"]):
        return None
    if any(each["kind"] == "undo" for each in entries):
        said = (
            f"this hold was captured before, as the redemption {redemption}, and that was undone: its points are back"
        )
    else:
        then = "do not spend again" if isinstance(command, Capture) else "to give them back, undo that"
        said = f"this hold was captured before: its points are spent, under the redemption {redemption}; {then}"
    return Problem(409, "captured_already", said, None, redemption=redemption)


def _whose(id_: str) -> str:
    """The member, whom the ids of holds and redemptions name."""
    return id_[2:24]
