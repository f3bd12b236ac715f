"""Double-entry postings: who gets the points, whose account pays, and what that does to the member's lots. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from shared.events.decode import Refused, RefusedError
from shared.events.light import ActivityRead, GrantRead
from shared.ledger.bounds import NOBODYS, too_many
from shared.ledger.terms import FREE, Terms
from shared.rules.effects import Award
from shared.rules.learning import utc
from shared.rules.membership import credit

# The programme's own accounts.
ISSUED: Final = "programme:issued"
BREAKAGE: Final = "programme:breakage"  # points that expired
ADJUSTMENT: Final = "programme:adjustment"  # corrections by people
GOODWILL: Final = "programme:goodwill"  # gestures by people
FORGIVEN: Final = "programme:forgiven"  # debts of accounts that were closed
PACKS: Final = "programme:packs"  # points that partners have bought beforehand
Posting = dict[str, Any]
TermsOf = Callable[[str], Terms]
# Issuer, wallet, points of an award: how many of them the issuer's pack pays; negative as the points are.
Paid = Callable[[str, str, int], int]


def free(wallet: str) -> Terms:
    """Points that are active at once and never expire."""
    return FREE


def of_member(member: str) -> str:
    """A member's account."""
    return f"member:{member}"


def issued(partner: str) -> str:
    """What a partner has given."""
    return f"partner:{partner}:issued"


def prepaid(partner: str) -> str:
    """What is left of the packs that a partner has bought."""
    return f"partner:{partner}:prepaid"


def is_pack(account: str) -> bool:
    """Whether it is what is left of a partner's packs."""
    return account.endswith(":prepaid")


def partner_of(account: str) -> str:
    """The partner whose account it is."""
    return account.split(":")[1]


def redeemed(partner: str) -> str:
    """What was spent at a partner."""
    return f"partner:{partner}:redeemed"


def of(
    awards: Sequence[Award],
    account: str,
    event: ActivityRead | GrantRead,
    terms: TermsOf = free,
    paid: Paid | None = None,
) -> list[Posting]:
    """Two entries an award, summing to zero: the account that gets the points (the member's, but for what has expired)
    and its issuer's; of the latter two, where a pack pays a part."""
    entries: list[Posting] = []
    for award in awards:
        named = {"wallet": award.wallet, "rule": award.rule, "version": award.version}
        mine: Posting = {"account": account, "amount": award.points, **named}
        lot = terms(award.wallet)
        if lot is not FREE:
            mine["terms"] = list(lot)
        entries.append(mine)
        issuer, points = _issuer(award, event), award.points
        if paid is not None and (of_pack := paid(issuer, award.wallet, points)):
            entries.append({"account": f"{issuer}:prepaid", "amount": -of_pack, **named})
            points -= of_pack
            if not points:
                continue
        entries.append({"account": f"{issuer}:issued", "amount": -points, **named})
    return entries


def moved(wallet: str, points: int, debit: str, credit: str, rule: str, version: int = 0) -> list[Posting]:
    """Points from one account to another, by a rule; version 0 is the product's own."""
    named = {"wallet": wallet, "rule": rule, "version": version}
    return [{"account": debit, "amount": -points, **named}, {"account": credit, "amount": points, **named}]


def _issuer(award: Award, event: ActivityRead | GrantRead) -> str:
    """A brand pays for its own rules; for the coalition's the partner pays at whom they were earned."""
    if isinstance(event, GrantRead):
        return event.data.issuer
    if award.owner != "coalition":
        return f"partner:{award.owner}"
    return "partner:" + event.event.source.removeprefix("/partners/")


def apply(member: dict[str, Any], entries: Sequence[Posting], at: datetime) -> None:
    """The member's balances and lots after these postings. Raises RefusedError where they would be too many points."""
    for entry in entries:
        mine = entry["account"].startswith("member:")
        # What has expired as it comes is not theirs, and still a number that the books must be able to hold.
        gets = member if mine else NOBODYS
        if (points := entry["amount"]) > 0 and (wrong := too_many(gets, entry["wallet"], points, earned=mine)):
            raise RefusedError(Refused("too_many_points", f"{entry['rule']}: {wrong}"))
        if mine:
            lot = Terms(*entry["terms"]) if "terms" in entry else FREE
            # The instant only matters where something is taken back: hot paths do not write it out.
            moment = utc(at) if entry["amount"] < 0 else ""
            credit(member, entry["wallet"], entry["amount"], terms=lot, at=moment)
