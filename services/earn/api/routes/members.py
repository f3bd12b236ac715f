"""Members: found by any name, their balance, their history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from fastapi.responses import Response

from services.earn.api import reading
from services.earn.api.calling import allowed, answered, tagged
from services.earn.api.models.common import MemberId
from services.earn.api.models.members import Balance, Found, History, Named
from services.earn.api.problems import Problem
from services.earn.api.room import room_of
from services.earn.api.routing import router as routed
from services.earn.counter.standing import Standing, standings
from shared.access.keys import Key
from shared.access.roles import OF_THE_COALITION, Permission
from shared.ledger.changes import changes
from shared.ledger.returned import by_rule, ended

router = routed("members")
Reader = Annotated[Key, Depends(allowed(Permission.READ))]


@router.post("/members/find", operation_id="find_member", response_model=Found)
async def find(request: Request, key: Reader, named: Named) -> Response:
    """Who is it? By card, phone, e-mail, app or a partner's reference: in the body, for addresses are logged."""
    partner = named.partner or key.partner
    if key.partner not in (None, partner):
        raise Problem(403, "not_yours", f"this key is {key.partner}'s: leave `partner` out, or write {key.partner}")
    if named.reference is not None and partner is None:
        raise Problem(422, "partner_missing", "a reference means something within its partner only: write `partner`")
    room = room_of(request)
    member, known = await reading.find(room.database, named, partner, room.book)
    known = known or {}
    said = {"member": member, "joined": known.get("joined"), "tiers": known.get("tiers", {})}
    return answered({**said, **_closed(known)})


@router.get("/members/{member}/balance", operation_id="read_balance", response_model=Balance)
async def balance(
    request: Request, key: Reader, member: MemberId, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """How a member stands now, wallet by wallet. It has an ETag: ask with If-None-Match, and 304 says: as before."""
    room = room_of(request)
    document = await reading.standing(room.database, member)
    now = room.clock()
    rules = room.book.at(now)
    found = standings(document, rules, now, await reading.household(room.database, document, rules))
    said = {"member": member, "wallets": [_purse(each) for each in found], **_closed(document)}
    return tagged(said, if_none_match)


@router.get("/members/{member}/history", operation_id="read_history", response_model=History)
async def history(
    request: Request,
    key: Reader,
    member: MemberId,
    cursor: Annotated[str | None, Query(max_length=1_000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """What happened, newest first. A partner's key sees what happened at the partner."""
    database = room_of(request).database
    page, following = await reading.entries(database, member, key.partner, cursor, limit)
    if not page and cursor is None:
        await reading.standing(database, member)  # nothing happened, or there is no such member
    told = [
        {
            "entry": each["_id"],
            "kind": each["kind"],
            "at": each["at"].isoformat(),
            "points": changes(member, each),
            "rules": [{name: one[name] for name in ("rule", "version", "wallet", "points")} for one in by_rule(each)],
            "partner": reading.partner_at(each),
            "by": each.get("by", {}).get("caller"),
            **(_persons(each) if key.role in OF_THE_COALITION else {}),
            "reason": each.get("reason"),
            **({"redemption": each["redemption"]} if "redemption" in each else {}),
            **({"activated": active} if (active := reading.activated(each)) else {}),
            **({"spared": each["spared"]} if "spared" in each else {}),
            **({"ended": points} if (points := ended(each)) else {}),
        }
        for each in page
    ]
    return answered({"entries": told, "next": following})


def _persons(entry: Mapping[str, Any]) -> dict[str, str]:
    """Who of the staff asked for it, and who approved it: no till, partner or app needs to know their names. An
    erasure that was begun at a terminal names its second person at once."""
    said = {
        "person": entry.get("by", {}).get("person"),
        "approved_by": entry.get("approved", {}).get("person") or entry.get("approved_by"),
    }
    return {name: person for name, person in said.items() if person}


def _closed(member: Mapping[str, Any]) -> dict[str, object]:
    """Since when the account is closed (or erased), where it is."""
    return {"closed": member["closed"]} if member.get("closed") else {}


def _purse(each: Standing) -> dict[str, object]:
    wallet, value = each.wallet, each.wallet.value
    worth = None if value is None else {"amount": f"{each.spendable * value.value:f}", "currency": value.currency}
    return {
        "wallet": wallet.id,
        "title": wallet.title or wallet.id,
        "kind": wallet.kind,
        "balance": each.balance,
        "spendable": each.spendable,
        "pending": each.pending,
        "held": each.held,
        "owed": each.owed,
        "worth": worth,
        "ends": None if each.ends is None else {"at": each.ends[0], "points": each.ends[1]},
        **({} if each.common is None else {"household": {"spendable": each.common[0], "members": each.common[1]}}),
    }
