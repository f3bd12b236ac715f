"""What partners buy beforehand: packs of points. Pure."""

from __future__ import annotations

from services.earn import accounts, packs
from services.earn.counter.commands import Answer, BuyPack, Denied
from services.earn.counter.giving import unknown_wallet
from services.earn.counter.working import Working
from shared.ledger.bounds import MOST_POINTS
from shared.rules.packs import pack
from shared.runtime.sharing import pack_quota
from shared.settlement.money import rounded


def buy(command: BuyPack, at: Working) -> Answer:
    """Points for a prepaid partner to give, and what was paid for them. A pack adds to what is left of those before;
    what was given beyond them stays owed."""
    if command.wallet not in at.rules.programme.purses:
        return unknown_wallet(command.wallet, at)
    if command.caller.person is None:
        return Denied("no_person", "a pack is bought by a person: say who")
    if command.partner not in at.rules.prepaid:
        return Denied(
            "not_prepaid",
            f"the programme has no prepaid partner {command.partner}: give its definition (kind: partner) a `prepaid`",
        )
    refused = _figures(command, at) or _booked_before(command, at)
    if refused is not None:
        return refused
    bound, quotas = pack(command.partner, command.wallet), at.quotas
    version, total = quotas.total(pack_quota(bound))
    if total + command.points > MOST_POINTS:
        return Denied("too_much", f"all packs of a partner together have at most {MOST_POINTS} points")
    raised = pack_quota(bound, version + 1, total + command.points)
    quotas.allow(raised)
    at.bought(packs.document_id(command.partner, command.wallet), command.partner, command.wallet)
    postings = accounts.moved(
        command.wallet, command.points, accounts.PACKS, accounts.prepaid(command.partner), command.kind
    )
    money = {"amount": f"{command.money:f}", "currency": command.currency}
    body: dict[str, object] = {
        "partner": command.partner,
        "wallet": command.wallet,
        "points": command.points,
        "money": money,
        "bought": total + command.points,
    }
    more = {"partner": command.partner, "money": money, "reference": command.reference}
    if command.invoices:
        more["invoice"] = command.invoices[0]
    return at.booked(command, f"partner:{command.partner}", postings, body, more=more)


def _figures(command: BuyPack, at: Working) -> Denied | None:
    """What is wrong with what is bought, and for how much."""
    currency = at.rules.programme.currency
    if at.rules.programme.purses[command.wallet].kind == "status":
        return Denied("status_wallet", f"{command.wallet} is a wallet of status points, which nobody pays for")
    if command.points < 1 or command.money < 0:
        return Denied("too_little", "a pack has at least one point, and its price is not negative")
    if command.currency != currency:
        return Denied("wrong_currency", f"packs are paid in the programme's currency: write the price in {currency}")
    if rounded(command.money, currency) != command.money:
        return Denied("too_fine", f"{command.money:f} {currency} cannot be paid: its smallest unit is larger")
    return None


def _booked_before(command: BuyPack, at: Working) -> Denied | None:
    """An invoice that another key has booked, over HTTP or from a terminal."""
    if any(each in at.invoices for each in command.invoices):
        said = f"invoice {command.reference} of {command.partner} was booked before; each is booked once"
        return Denied("booked_before", said)
    return None
