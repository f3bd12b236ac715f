"""Vouchers at the till: redeemed once, by their own terms; undone. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from services.earn.counter.bills import bill_id, is_same
from services.earn.counter.commands import Answer, Denied
from services.earn.counter.voucher_commands import BillLine, RedeemVoucher, UndoVoucher
from services.earn.counter.working import NO_WALLET, Working
from services.earn.vouchers import state
from shared.settlement.money import rounded

Voucher = dict[str, Any]


def redeem(command: RedeemVoucher, at: Working) -> Answer:
    """Uses a voucher on a bill, and answers what it takes off; changes nothing where its terms do not allow that."""
    voucher = at.voucher(command.member, command.code)
    if voucher is None:
        return Denied("unknown_voucher", "this member has no such voucher; check the code, and whose it is")
    refused = _state(voucher, at) or _with_others(voucher, command, at)
    if refused is not None:
        return refused
    counted = _counted(voucher, command.lines)
    refused = _terms(voucher, counted, command.currency, at.rules.programme.currency)
    if refused is not None:
        return refused
    worth = _worth(voucher, counted, command.currency)
    on = bill_id(command.partner, command.bill)
    voucher["used"] = {"partner": command.partner, "bill": command.bill, "at": at.now, "worth": _text(worth), "on": on}
    if voucher["member"] != command.member:  # of one who was merged: whoever has used it has it, also apart again
        voucher["used"]["of"], voucher["member"] = voucher["member"], command.member
    at.bills.use(on, command.code, at.now, alone=voucher["alone"])
    at.touched_vouchers.add(command.code)
    body: dict[str, object] = {
        "voucher": command.code,
        "member": command.member,
        "title": voucher["title"],
        "bill": command.bill,
        "counted": f"{counted:f}",
        "worth": None if worth is None else {"amount": f"{worth:f}", "currency": command.currency},
    }
    return _posted(command, at, body, command.partner)


def undo(command: UndoVoucher, at: Working) -> Answer:
    """The voucher can be used again, until it expires; the bill that it was used on did not come about."""
    voucher = at.voucher(command.member, command.code)
    used = None if voucher is None else voucher["used"]
    if voucher is None or used is None or command.caller.partner not in (None, used["partner"]):
        return Denied("not_used", "no voucher with this code was redeemed here; nothing is to be undone")
    voucher["used"] = None
    if used.get("of") in at.persons(command.member):  # they are one still, and may be taken apart
        voucher["member"] = used["of"]
    if "on" in used:  # of one that was redeemed before bills were kept there is nothing to take off
        at.bills.take_off(used["on"], command.code)
    at.touched_vouchers.add(command.code)
    body: dict[str, object] = {"voucher": command.code, "member": command.member, "bill": used["bill"]}
    return _posted(command, at, body, used["partner"])


def part(survivor: str, gone: Collection[str], at: Working) -> None:
    """An unmerge: what the survivor has used of those who are gone is theirs, also where it is undone, or these are
    merged again."""
    for voucher in at.vouchers_of(survivor):
        if voucher["member"] not in gone and voucher["used"] is not None and voucher["used"].get("of") in gone:
            del voucher["used"]["of"]
            at.touched_vouchers.add(voucher["_id"])


def _posted(
    command: RedeemVoucher | UndoVoucher, at: Working, body: dict[str, object], partner: str
) -> Answer:  # fmt: skip
    """An entry that moves no points and is announced: the member's document is written with it, so that two vouchers of
    one member are never decided past each other."""
    more = {"voucher": command.code, "partner": partner}
    member = at.member(command.member)
    return at.posted(command, member, [], body, wallet=NO_WALLET, points=0, more=more, partner=partner)


def _state(voucher: Voucher, at: Working) -> Denied | None:
    match state(voucher, at.now):
        case "used":
            used_at = voucher["used"]["at"].isoformat()
            return Denied("used_already", "this voucher was used before", {"used_at": used_at})
        case "withdrawn":
            said = "this voucher was withdrawn: what it was given for came back to the shop"
            return Denied("voucher_withdrawn", said, {"withdrawn_at": voucher["withdrawn"].isoformat()})
        case "expired":
            return Denied("voucher_expired", f"this voucher was valid until {voucher['until'].isoformat()}")
    return None


def _with_others(voucher: Voucher, command: RedeemVoucher, at: Working) -> Denied | None:
    """Whoever's the others on the bill are. Of what was redeemed before bills were kept the member's own are known."""
    place, mine = (command.partner, command.bill), at.vouchers_of(command.member)
    used = [each for each in mine if each["used"] and is_same(each["used"]["at"], at.now)]
    before = [each for each in used if (each["used"]["partner"], each["used"]["bill"]) == place]
    others = at.bills.used_on(bill_id(*place), at.now) | {each["_id"]: each["alone"] for each in before}
    if others and (voucher["alone"] or any(others.values())):
        said = "is not used with others" if voucher["alone"] else "cannot join one that is not used with others"
        first = next(code for code, alone in others.items() if alone or voucher["alone"])
        return Denied("not_with_others", f"this voucher {said}: on this bill {first} was used already")
    return None


def _counted(voucher: Voucher, lines: Iterable[BillLine]) -> Decimal:
    """The sum of the lines that the voucher is for."""
    only = voucher["categories"]
    return sum((line.amount for line in lines if only is None or line.category in only), Decimal(0))


def _terms(voucher: Voucher, counted: Decimal, currency: str, home: str) -> Denied | None:
    if voucher["percent_off"] is not None and currency != home:
        said = f"a part is taken off bills in {home} only, the programme's currency; this one is in {currency}"
        return Denied("wrong_currency", said)
    for said in (voucher["value"], voucher["minimum"]):
        if said is not None and said["currency"] != currency:
            return Denied("wrong_currency", f"this voucher is in {said['currency']}, the bill in {currency}")
    only = "" if voucher["categories"] is None else f" of {', '.join(voucher['categories'])}"
    if counted <= 0:
        return Denied("nothing_counts", f"there is nothing{only} on this bill: the voucher takes nothing off")
    if voucher["minimum"] is not None and counted < (least := Decimal(voucher["minimum"]["amount"])):
        said = f"the voucher wants at least {least:f} {currency}{only}; the bill has {counted:f}"
        return Denied("spend_more", said, {"missing": f"{least - counted:f}"})
    return None


def _worth(voucher: Voucher, counted: Decimal, currency: str) -> Decimal | None:
    """What it takes off: never more than what it is for; None of one that is for a thing."""
    if voucher["value"] is not None:
        return min(counted, Decimal(voucher["value"]["amount"]))
    if voucher["percent_off"] is not None:
        return rounded(counted * Decimal(voucher["percent_off"]) / 100, currency)
    return None


def _text(worth: Decimal | None) -> str | None:
    return None if worth is None else f"{worth:f}"
