"""What people give, take and pass on: adjustments, goodwill, transfers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.earn import accounts
from services.earn.counter.commands import Adjust, Answer, Denied, Goodwill, Transfer
from services.earn.counter.working import Working
from shared.ledger import due, lots
from shared.ledger.bounds import too_many
from shared.ledger.terms import Terms, given
from shared.rules.learning import utc


def adjust(command: Adjust, at: Working) -> Answer:
    """Points given by the terms of their wallet, as if earned now; points taken from what is there, not below 0: from
    what can be spent first, then from what is pending."""
    member, wallet = at.member(command.member), at.rules.programme.purses.get(command.wallet)
    if wallet is None:
        return unknown_wallet(command.wallet, at)
    account = accounts.GOODWILL if isinstance(command, Goodwill) else accounts.ADJUSTMENT
    mine = accounts.of_member(member["_id"])
    if command.points > 0:
        if wrong := too_many(member, wallet.id, command.points):
            return Denied("too_many_points", wrong)
        lots.add(member, wallet.id, command.points, given(wallet, at.now, at.rules.zone))
        due.begin(member, at.rules.programme.purses, at.now, at.rules.zone)
        postings = accounts.moved(wallet.id, command.points, account, mine, command.kind)
    else:
        slices = lots.withdraw(member, wallet.id, -command.points, utc(at.now))
        if slices is None:
            return _too_few_to_take(member, wallet.id, -command.points, utc(at.now))
        lots.spend(member, wallet.id, slices)
        postings = accounts.moved(wallet.id, -command.points, mine, account, command.kind)
    body: dict[str, object] = {
        "member": member["_id"],
        "wallet": wallet.id,
        "points": command.points,
        "balance": member["balances"][wallet.id],
    }
    return at.posted(
        command, member, postings, body, wallet=wallet.id, points=command.points, reason=command.reason,
        more={"reason": command.reason},
    )  # fmt: skip


def transfer(command: Transfer, at: Working) -> Answer:
    """From one member to another. Points keep their expiry; each side has an entry of its own, and both sum to zero."""
    if command.member == command.to:
        return Denied("same_member", "points go from one member to another")
    if command.wallet not in at.rules.programme.purses:
        return unknown_wallet(command.wallet, at)
    if at.rules.programme.purses[command.wallet].kind == "status":
        return Denied(
            "status_wallet", f"{command.wallet} are status points: they are earned, and nobody passes them on"
        )
    giver, taker, moment = at.member(command.member), at.member(command.to), utc(at.now)
    if wrong := too_many(taker, command.wallet, command.points):
        return Denied("too_many_points", wrong)
    slices = lots.take(giver, command.wallet, command.points, moment)
    if slices is None:
        return _too_few_to_give(giver, command.wallet, command.points, moment)
    lots.spend(giver, command.wallet, slices)
    for _, expires, points in slices:
        lots.add(taker, command.wallet, points, Terms(None, expires))
    due.begin(taker, at.rules.programme.purses, at.now, at.rules.zone)
    sides = accounts.of_member(command.member), accounts.of_member(command.to)
    postings = accounts.moved(command.wallet, command.points, *sides, "transfer")
    body: dict[str, object] = {
        "member": command.member,
        "to": command.to,
        "wallet": command.wallet,
        "points": command.points,
        "balance": giver["balances"][command.wallet],
    }
    # The giver's entry holds both postings; the taker is told by an entry without any.
    at.told(command, taker, wallet=command.wallet, points=command.points, reason=command.reason)
    return at.posted(
        command, giver, postings, body, wallet=command.wallet, points=-command.points, reason=command.reason,
        more={} if command.reason is None else {"reason": command.reason},
    )  # fmt: skip


def unknown_wallet(wallet: str, at: Working) -> Denied:
    """No such wallet."""
    known = ", ".join(at.rules.programme.purses)
    return Denied("unknown_wallet", f"the programme has no wallet {wallet}; it has {known}")


def _too_few_to_give(giver: Mapping[str, Any], wallet: str, asked: int, at: str) -> Denied:
    there = lots.spendable(giver, wallet, at)
    return _too_few(
        f"there are {there} {wallet} to spend", giver, wallet, asked, there, lots.pending(giver, wallet, at)
    )


def _too_few_to_take(member: Mapping[str, Any], wallet: str, asked: int, at: str) -> Denied:
    there = lots.spendable(member, wallet, at)
    most = there + lots.pending(member, wallet, at)
    return _too_few(f"there are {most} {wallet} to take, pending ones included", member, wallet, asked, there, 0)


def _too_few(said: str, member: Mapping[str, Any], wallet: str, asked: int, spendable: int, pending: int) -> Denied:
    """Not enough; and where others are, which whoever asks may see in the balance."""
    more = [f"{pending} more are pending"] if pending else []
    more += [f"{held} are held at tills"] if (held := lots.held(member, wallet)) else []
    besides = f" ({', '.join(more)})" if more else ""
    return Denied("too_few_points", f"{said}{besides}; {asked} were asked for", {"spendable": spendable})
