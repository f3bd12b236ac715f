"""Why an entry gave what it gave: the rules, their conditions and facts, as the operator's command tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from services.earn.api import reading
from services.earn.api.calling import allowed, answered
from services.earn.api.models.common import MemberId
from services.earn.api.models.members import Why
from services.earn.api.problems import Problem
from services.earn.api.room import room_of
from services.earn.api.routing import router as routed
from shared.access.keys import Key
from shared.access.roles import Permission
from shared.ops.explaining import explain
from shared.ops.merged import Kin, kin_of, merged_now
from shared.ops.rebuilding import Sources
from shared.rules.saying.speaking import Language, data

router = routed("members")
Reader = Annotated[Key, Depends(allowed(Permission.READ))]
# What a partner may read of its own entries: what was given. Facts and conditions tell of other partners, too.
_OF_A_PARTNER = ("member", "event", "kind", "at", "what", "parts", "spared", "ended", "lines", "postings")


@router.get("/members/{member}/why", operation_id="explain_entry", response_model=Why)
async def why(
    request: Request,
    key: Reader,
    member: MemberId,
    entry: Annotated[str, Query(min_length=1, max_length=600, description="its key, as the history has it")],
    language: Annotated[Language, Query(description="of the sentences")] = "en",
) -> Response:
    """One entry, fully. Of campaigns' rules only what they gave is known here: `doublestar why` knows the rest.

    An entry of one who is merged into the member by now is explained as theirs (`merged_into`: the member). A partner's
    key is told what its own entries gave, by rule and line.
    """
    room = room_of(request)
    document = await reading.standing(room.database, member)
    journal = await reading.journal(room.database, member)
    kin = await kin_of(member, journal, lambda persons: reading.journals(room.database, persons))
    kept = {each: Kin(entries, None) for each, entries in kin.items()}
    absorbed = (each for one in merged_now(member, kept) for each in kin[one])
    found = next((each for each in (*journal, *absorbed) if each["_id"] == entry), None)
    if found is None or (key.partner is not None and not reading.is_of(key.partner, found)):
        raise Problem(404, "unknown_entry", "the member has no such entry: the history has their keys")
    if "awards" in found and found["kind"] in _DECIDED:
        sources = Sources(journal, room.book, None, document.get("tiers", {}), room.published, kin=kept)
        told = await asyncio.to_thread(_explained, found, sources, member, language)
    else:
        told = _told(found["member"], found)
    if key.partner is not None:
        told = {name: each for name, each in told.items() if name in _OF_A_PARTNER}
    return answered({"entry": entry, "explained": told})


_DECIDED = ("purchase", "signup", "referral", "return", "grant")


def _explained(entry: Mapping[str, Any], sources: Sources, member: str, language: Language) -> dict[str, Any]:
    found = explain(entry, sources)
    if entry["member"] != member:
        found = replace(found, merged_into=member)
    told: dict[str, Any] = data(found, language)
    told["rulings"] = [each for each in told["rulings"] if each["kind"] == "earn" or each["parts"]]
    return told


def _told(member: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """What the clock, a till or a person did explains itself."""
    told = {
        "member": member,
        "event": entry["_id"],
        "kind": entry["kind"],
        "at": entry["at"].isoformat(),
        "postings": entry["postings"],
        "by": entry.get("by"),
        "approved": entry.get("approved"),
        "reason": entry.get("reason"),
        "request": entry.get("request"),
        "partner": entry.get("partner"),
    }
    return {name: each for name, each in told.items() if each is not None}
