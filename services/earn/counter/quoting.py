"""How many points a bill may be paid with, and what they are worth: a till's quote. Pure, exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.earn.counter.commands import Asked, Denied
from shared.ledger import pools
from shared.rules.learning import utc
from shared.rules.rulebook import Ruleset
from shared.rules.wallets import Redemption, Wallet


@dataclass(frozen=True, slots=True)
class Quote:
    """Points that may be spent, what they pay, and whether that is less than was asked."""

    wallet: str
    points: int
    worth: Decimal
    currency: str
    clamped: bool
    spendable: int

    @property
    def said(self) -> dict[str, object]:
        """As it is answered."""
        return {
            "wallet": self.wallet,
            "points": self.points,
            "worth": {"amount": f"{self.worth:f}", "currency": self.currency},
            "clamped": self.clamped,
            "spendable": self.spendable,
        }


def quote(members: Sequence[Mapping[str, Any]], asked: Asked, rules: Ruleset, now: datetime) -> Quote | Denied:
    """What a member, or a household in common, may spend now of what is asked; points only ever round down to the
    wallet's step."""
    wallet = rules.programme.purses.get(asked.wallet)
    if wallet is None:
        known = ", ".join(rules.programme.purses)
        return Denied("unknown_wallet", f"the programme has no wallet {asked.wallet}; it has {known}")
    terms, value = wallet.redemption, wallet.value
    if terms is None or value is None:
        return Denied("not_spendable", f"points of {wallet.id} cannot be spent: the programme says no `redemption`")
    if asked.currency is not None and asked.currency != value.currency:
        return Denied("wrong_currency", f"points of {wallet.id} are worth {value.currency}, not {asked.currency}")
    if terms.at_most_percent < 100 and asked.bill is None:
        said = f"points may pay at most {terms.at_most_percent} % of the bill: send `bill`, what there is to pay"
        return Denied("bill_needed", said, {"at_most_percent": terms.at_most_percent})
    wanted = asked.points if asked.points is not None else int((asked.amount or Decimal(0)) // value.value)
    there = pools.spendable(members, wallet.id, utc(now))
    payable = _payable(asked.bill, wallet, terms)
    fits = min(wanted, there) if payable is None else min(wanted, there, payable)
    found = fits - fits % terms.step
    whole = wanted - wanted % terms.step
    if terms.too_much == "refuse" and (wanted > fits or asked.points not in (None, whole)):
        return _refused(wanted, fits, there, wallet, terms)
    if found < _fewest(terms):
        return _too_few(wanted, there, payable, wallet, terms)
    return Quote(wallet.id, found, found * value.value, value.currency, found < wanted, there)


def part_refused(points: int, held: int, wallet: Wallet | None) -> Denied | None:
    """Why a part of a hold cannot be captured by itself; None where it can. A redemption is what is captured: a part of
    a hold is bound as the hold was, or `at_least` and `step` could be got round by holding more. All of a hold can be
    captured, whatever terms the wallet has got since."""
    terms = None if wallet is None else wallet.redemption
    if wallet is None or terms is None or points == held:
        return None
    more: dict[str, object] = {"held": held, "asked": points}
    if points % terms.step:
        said = f"{wallet.id} are spent in multiples of {terms.step}; {points} is none"
        return Denied("wrong_step", said, more)
    if points < terms.at_least:
        said = f"at least {terms.at_least} {wallet.id} are spent at once; capture as many, or release the hold"
        return Denied("too_little", said, more)
    return None


def _payable(bill: Decimal | None, wallet: Wallet, terms: Redemption) -> int | None:
    """The most points that the bill allows; None where none was said."""
    if bill is None or wallet.value is None:
        return None
    return int(bill * terms.at_most_percent / 100 // wallet.value.value)


def _fewest(terms: Redemption) -> int:
    """The fewest points that can be spent at once: a multiple of the step."""
    return -(-terms.at_least // terms.step) * terms.step


def _too_few(wanted: int, there: int, payable: int | None, wallet: Wallet, terms: Redemption) -> Denied:
    """What may be spent is less than the fewest. Each cause is told that took so much away by itself: what there is,
    the bill, and the step where more than `at_least` was left."""
    fewest, causes, short = _fewest(terms), list[str](), list[int]()
    if there < fewest:
        causes.append(f"there are {there} {wallet.id}")
        short.append(there)
    if payable is not None and payable < min(wanted, fewest):
        causes.append(f"{_of_the_bill(terms)}: {payable} {wallet.id}")
        short.append(payable)
    if not causes:
        causes.append(f"that makes {wanted} points of {wallet.id}")
        short.append(wanted)
    if any(terms.at_least <= each for each in short):
        causes.append(f"{wallet.id} are spent in multiples of {terms.step}")
    said = f"{'; '.join(causes)}; at least {fewest} are spent at once"
    return Denied("too_few_points" if there < fewest else "too_little", said, {"spendable": there})


def _refused(wanted: int, fits: int, there: int, wallet: Wallet, terms: Redemption) -> Denied:
    # A number that cannot be spent would be asked for next, and refused again.
    least, most = _fewest(terms), fits - fits % terms.step
    most = most if most >= least else 0
    more: dict[str, object] = {"spendable": there, "asked": wanted, "most": most}
    these = f"{most} {wallet.id}" if most else f"fewer than the {least} {wallet.id} that are at least spent"
    bill = f"{_of_the_bill(terms)}: {these}"
    if wanted > there:
        said = f"there are {there} {wallet.id} to spend"
        if fits < there:
            said = f"{said}, and {bill}"
        elif most < there:
            said = f"{said}, {f'{most} in multiples of {terms.step}' if most else these}"
        return Denied("too_few_points", f"{said}; {wanted} were asked for", more)
    if wanted > fits:
        return Denied("too_much_of_the_bill", f"{bill}; {wanted} were asked for", more)
    return Denied("wrong_step", f"{wallet.id} are spent in multiples of {terms.step}; {wanted} is none", more)


def _of_the_bill(terms: Redemption) -> str:
    return f"points may pay at most {terms.at_most_percent} % of the bill"
