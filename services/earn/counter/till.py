"""At the till: hold, capture, release, undo. Points are set aside out of their lots: none is spent twice. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.earn import accounts
from services.earn.counter.commands import Answer, Capture, Denied, Hold, Release, Undo, digest
from services.earn.counter.quoting import quote
from services.earn.counter.working import Working
from shared.ledger import due, lots
from shared.ledger.terms import Terms
from shared.rules.learning import utc
from shared.rules.spans import later


def hold(command: Hold, at: Working) -> Answer:
    """Sets points aside; the hold's id tells whose it is."""
    member = at.member(command.member)
    found = quote(member, command.asked, at.rules, at.now)
    if isinstance(found, Denied):
        return found
    wallet = at.rules.programme.purses[found.wallet]
    assert wallet.redemption is not None
    slices = lots.take(member, wallet.id, found.points, utc(at.now))
    assert slices is not None  # the quote is of the same document and instant
    id_ = f"h-{member['_id']}-{digest(command.key)}"
    until = later(at.now, wallet.redemption.hold, at.rules.zone)
    member.setdefault("holds", {})[id_] = {
        "wallet": wallet.id,
        "points": found.points,
        "worth": f"{found.worth:f}",
        "currency": found.currency,
        "slices": slices,
        "until": utc(until),
        "partner": command.partner,
    }
    body = {"hold": id_, "member": member["_id"], **found.said, "until": until.isoformat()}
    body["spendable"] = found.spendable - found.points
    return at.noted(command, member, body, wallet=wallet.id, points=found.points)


def capture(command: Capture, at: Working) -> Answer:
    """Spends what is held; a part of it, and the rest goes back to its lots."""
    member = at.member(command.member)
    held = _held(member, command.hold, command.caller.partner)
    if isinstance(held, Denied):
        return held
    points = held["points"] if command.points is None else command.points
    if points > held["points"]:
        return Denied(
            "more_than_held",
            f"the hold is of {held['points']} points; {points} were to be captured",
            {"held": held["points"]},
        )
    del member["holds"][command.hold]
    used, rest = lots.part_of(held["slices"], points)
    wallet, partner = held["wallet"], held["partner"]
    lots.back(member, wallet, rest)
    lots.spend(member, wallet, used)
    due.touch(member, at.rules.programme.purses, at.now, at.rules.zone)
    mine, theirs = accounts.of_member(member["_id"]), accounts.redeemed(partner)
    postings = accounts.moved(wallet, points, mine, theirs, "redemption")
    id_ = "r" + command.hold.removeprefix("h")
    worth = Decimal(held["worth"]) * points / held["points"]
    body: dict[str, object] = {
        "redemption": id_,
        "member": member["_id"],
        "wallet": wallet,
        "points": points,
        "worth": {"amount": f"{worth:f}", "currency": held["currency"]},
        "released": held["points"] - points,
        "spendable": lots.spendable(member, wallet, utc(at.now)),
    }
    more = {"redemption": id_, "slices": used, "partner": partner}
    return at.posted(command, member, postings, body, wallet=wallet, points=-points, more=more, partner=partner)


def release(command: Release, at: Working) -> Answer:
    """Gives back what is held."""
    member = at.member(command.member)
    held = _held(member, command.hold, command.caller.partner)
    if isinstance(held, Denied):
        return held
    del member["holds"][command.hold]
    lots.back(member, held["wallet"], held["slices"])
    there = lots.spendable(member, held["wallet"], utc(at.now))
    body: dict[str, object] = {"hold": command.hold, "released": held["points"], "spendable": there}
    return at.noted(command, member, body, wallet=held["wallet"], points=held["points"])


def undo(command: Undo, at: Working) -> Answer:
    """Gives back what a capture spent, into the lots that it came from: what has expired meanwhile expires again."""
    member = at.member(command.member)
    entries = at.entries_of(command.redemption)
    captured = next((each for each in entries if each["kind"] == "redemption"), None)
    if captured is None or not _may(captured["partner"], command.caller.partner):
        return Denied("unknown_redemption", "no such redemption; use the id that capture answered")
    if any(each["kind"] == "undo" for each in entries):
        return Denied("undone_already", "this redemption is undone already; its points are back")
    slices: list[lots.Slice] = captured["slices"]
    wallet, partner, points = captured["postings"][0]["wallet"], captured["partner"], lots.points_of(slices)
    for activates, expires, part in slices:
        lots.add(member, wallet, part, Terms(activates, expires))
    postings = accounts.moved(wallet, points, accounts.redeemed(partner), accounts.of_member(member["_id"]), "undo")
    body: dict[str, object] = {
        "redemption": command.redemption,
        "member": member["_id"],
        "wallet": wallet,
        "points": points,
        "spendable": lots.spendable(member, wallet, utc(at.now)),
    }
    # Settled as the capture was, whatever a point is worth by now.
    more = {"redemption": command.redemption, "partner": partner, "counts_at": captured["at"]}
    return at.posted(command, member, postings, body, wallet=wallet, points=points, more=more, partner=partner)


def _held(member: Mapping[str, Any], id_: str, partner: str | None) -> dict[str, Any] | Denied:
    found: dict[str, Any] | None = member.get("holds", {}).get(id_)
    if found is None or not _may(found["partner"], partner):
        return Denied("unknown_hold", "no such hold: it was captured, released, or timed out; quote and hold again")
    return found


def _may(owner: str, partner: str | None) -> bool:
    """A partner touches only its own; the coalition's own callers all."""
    return partner is None or owner == partner
