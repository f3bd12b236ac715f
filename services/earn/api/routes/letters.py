"""earn's dead letters: what of partners' records had no effect, why, and how it is published again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from aiokafka.errors import KafkaError
from fastapi import Depends, Query, Request
from fastapi.responses import Response

from services.earn.api import reading
from services.earn.api.calling import PersonHeader, allowed, answered, must_say
from services.earn.api.models.office import LetterId, Letters, Replayed, Replaying, WholeLetter
from services.earn.api.paging import list_of
from services.earn.api.problems import Problem, unavailable
from services.earn.api.room import Room, room_of
from services.earn.api.routing import OFFICE
from services.earn.api.routing import router as routed
from shared.access.keys import Key
from shared.access.roles import Permission
from shared.events.decode import Reason
from shared.ops import deadletters
from shared.ops.databases import DEAD_LETTERS, EARN, NotThereError
from shared.ops.letter import BROKEN_OFF, REPLAYED, DeadLetter, Filter, advice, foresee, from_document, text_of

router = routed(OFFICE)
Reader = Annotated[Key, Depends(allowed(Permission.LETTERS))]
Replayer = Annotated[Key, Depends(allowed(Permission.REPLAY))]


@router.get("/dead-letters", operation_id="list_dead_letters", response_model=Letters)
async def list_(
    request: Request,
    _: Reader,
    reason: Reason | None = None,
    status: Literal["open", "replaying", "replayed", "erased"] | None = None,
    cursor: Annotated[str | None, Query(max_length=1_000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Dead letters of earn, newest first, and how many there are in all."""
    room, wanted = room_of(request), Filter(EARN, reason, status)
    page, following = await reading.page(
        room.database[DEAD_LETTERS], list_of(DEAD_LETTERS, reason=reason, status=status), wanted.query(), "received",
        cursor, limit,
    )  # fmt: skip
    counts: dict[str, dict[str, int]] = {}
    for (_service, why, state), number in (await deadletters.counts(room.settings, wanted)).items():
        counts.setdefault(why, {})[state] = number
    found = [_short(from_document(EARN, each)) for each in page]
    return answered({"letters": found, "counts": counts, "next": following})


@router.get("/dead-letters/letter", operation_id="show_dead_letter", response_model=WholeLetter)
async def show(
    request: Request, _: Reader, letter: Annotated[LetterId, Query(description="its id, as the list has it")]
) -> Response:
    """One dead letter: its bytes, and what to do next. They may name a person."""
    [found] = await _picked(room_of(request), [letter])
    how, text = text_of(found.value)
    replays = [{"at": each.at.isoformat(), "place": each.place, "corrected": each.fixed} for each in found.replays]
    whole = {"value": text, "value_encoding": how, "replays": replays, "next": advice(found)}
    return answered({**_short(found), **whole})


@router.post("/dead-letters/replay", operation_id="replay_dead_letters", response_model=Replayed)
async def replay(request: Request, key: Replayer, asked: Replaying, person: PersonHeader = None) -> Response:
    """Publishes their records again, to the topic and under the key that they had: all of them, or none."""
    must_say(key, person)
    room = room_of(request)
    letters = await _picked(room, asked.ids)
    before = [each for each in letters if each.status == REPLAYED]
    if before and not asked.again:
        raise _before(before)
    ahead, now = timedelta(hours=room.settings.ahead_h), room.clock()
    refused = {
        each.shown: f"{found.reason}: {found.detail}"
        for each in letters
        if (found := foresee(each, each.value, room.settings.prefix, ahead, now)) is not None
    }
    if refused:
        said = "some would be refused again as they are, and none was replayed: have their sender send them corrected"
        raise Problem(409, "refused_again", said, letters=refused)
    try:
        done = await deadletters.replay(room.settings, letters, again=asked.again, request=request.state.request)
    except deadletters.ReplayedBeforeError as lost:
        raise _before(lost.letters) from None
    except (KafkaError, OSError) as error:
        raise unavailable("Kafka did not take all of them", "for the same letters") from error
    return answered({"replayed": [each.place for each in done]})


def _before(letters: Sequence[DeadLetter]) -> Problem:
    said = (
        "some were replayed before or are being replayed by another, and none was now: leave them out, or say `again`; "
        f"a replay that was broken off may be asked for {BROKEN_OFF.seconds} s after it began"
    )
    return Problem(409, "replayed_before", said, letters=[each.shown for each in letters])


async def _picked(room: Room, ids: list[str]) -> list[DeadLetter]:
    """These letters of earn's. Raises Problem at the first that is not there."""
    try:
        return await deadletters.pick(room.settings, ids, [EARN])
    except NotThereError:
        raise Problem(404, "unknown_letter", "one of these is no dead letter of earn: the list has the ids") from None


def _short(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.shown,
        "reason": letter.reason,
        "detail": letter.detail,
        "status": letter.status,
        "received": letter.received.isoformat(),
        "origin": letter.origin,
        "event": letter.event,
        "member": letter.member,
    }
