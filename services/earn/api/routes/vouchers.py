"""Vouchers: which a member has, redeemed at a till, undone."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Header, Query, Request
from fastapi.responses import Response

from services.earn.api import reading
from services.earn.api.calling import Write, allowed, tagged, writing
from services.earn.api.models.common import MemberId
from services.earn.api.models.vouchers import OfMember, Redeemed, Redeeming, Usable, VoucherCode, Vouchers
from services.earn.api.paging import list_of
from services.earn.api.room import room_of
from services.earn.api.routing import router as routed
from services.earn.counter.voucher_commands import BillLine, RedeemVoucher, UndoVoucher
from services.earn.counter.working import ABSORBED
from services.earn.vouchers import VOUCHERS, State, in_state, state
from shared.access.keys import Key
from shared.access.roles import Permission
from shared.rules.saying.speaking import Language, spoken
from shared.rules.voucher_terms import terms

router = routed("vouchers")
Reader = Annotated[Key, Depends(allowed(Permission.READ))]
Spending = Annotated[Write, Depends(writing(Permission.SPEND))]
GivingBack = Annotated[Write, Depends(writing(Permission.GIVE_BACK))]
Wanted = Annotated[State | None, Query(alias="state", description="only these")]


@router.get("/members/{member}/vouchers", operation_id="list_vouchers", response_model=Vouchers)
async def list_(
    request: Request,
    key: Reader,
    member: MemberId,
    wanted: Wanted = None,
    language: Annotated[Language, Query(description="of the sentences")] = "en",
    cursor: Annotated[str | None, Query(max_length=1_000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The member's vouchers, newest first, and how each stands now. It has an ETag, as the balance has."""
    room = room_of(request)
    now = room.clock()
    document = await reading.standing(room.database, member)
    persons, closed = [member, *document.get(ABSORBED, ())], bool(document.get("closed"))
    of = {"member": {"$in": persons}, **({} if wanted is None else in_state(wanted, now, closed=closed))}
    which = list_of(f"vouchers {member}", state=wanted)
    page, following = await reading.page(room.database[VOUCHERS], which, of, "given", cursor, limit)
    zone = room.book.at(now).zone
    told = [_told(each, key.partner, zone, language) | {"state": state(each, now, closed=closed)} for each in page]
    return tagged({"member": member, "vouchers": told, "next": following}, if_none_match)


@router.post("/vouchers/{voucher}/redeem", operation_id="redeem_voucher", response_model=Redeemed)
async def redeem(write: Spending, voucher: VoucherCode, asked: Redeeming) -> Response:
    """Uses it on a bill, once, and says what it takes off.

    One that was won a moment ago is known here when campaigns' offer has been read.
    """
    assert write.key.partner is not None  # a till's key has one
    command = RedeemVoucher(
        **write.heading("redeem_voucher", voucher, asked.model_dump()), member=asked.member, code=voucher,
        partner=write.key.partner, bill=asked.bill, currency=asked.currency,
        lines=tuple(BillLine(Decimal(each.amount), each.category) for each in asked.lines),
    )  # fmt: skip
    return await write.settle(command)


@router.post("/vouchers/{voucher}/undo", operation_id="undo_voucher", response_model=Usable)
async def undo(write: GivingBack, voucher: VoucherCode, asked: OfMember) -> Response:
    """The bill did not come about: the voucher can be used again."""
    heading = write.heading("undo_voucher", voucher, asked.member)
    return await write.settle(UndoVoucher(**heading, member=asked.member, code=voucher))


def _told(
    voucher: Mapping[str, Any], partner: str | None, zone: ZoneInfo, language: Language
) -> dict[str, object]:  # fmt: skip
    until, used = voucher["until"], voucher["used"]
    return {
        "voucher": voucher["_id"],
        "title": voucher["title"],
        "given": voucher["given"].isoformat(),
        "until": None if until is None else until.isoformat(),
        **{name: voucher[name] for name in ("value", "percent_off", "minimum", "categories", "alone")},
        "terms": [spoken(each, language) for each in terms(voucher, zone)],
        "used": None if used is None else _use(used, partner),
    }


def _use(used: Mapping[str, Any], partner: str | None) -> dict[str, object]:
    """Where and on which bill: for the coalition, and the partner where it was."""
    said = {name: used[name] if partner in (None, used["partner"]) else None for name in ("partner", "bill", "worth")}
    return {"at": used["at"].isoformat(), **said}
