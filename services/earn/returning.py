"""Returns: what goes back of a purchase, by rule, wallet and account; and what its limits and history count less. Pure.

Nothing is half done: a return that asks for too much is refused before anything changes. What is entitled to go back
is the difference between what stood and what the rules give for what is left (`shared.rules.returning`); what does go
back the wallet's `on_return` decides, where the member has spent it. No wallet is credited by a return.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
import orjson

from services.earn import accounts
from services.earn import ended as ended_points
from services.earn.ended import ENDED, Own
from shared.events.decode import Refused
from shared.events.light import Occurrence, Returned
from shared.ledger import lots
from shared.ledger.kin import Journal
from shared.ledger.recalling import as_of, recalled
from shared.ledger.returned import activity, said
from shared.ledger.terms import FREE, Terms, milestone
from shared.rules import leftover, membership
from shared.rules.effects import Award
from shared.rules.facts import Facts
from shared.rules.learning import utc
from shared.rules.leftover import Leaves
from shared.rules.matching import Passed
from shared.rules.returning import Key, as_given, changed, goes_back, left_to_keep, let_keep
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.usage import Usage
from shared.rules.wallets import Wallet

Document = dict[str, Any]
KIND = "earn"
NOTHING_ENDED: Final[Mapping[tuple[str, Terms], int]] = {}


def leaves(bought: Document, earlier: Iterable[Document], back: Returned) -> Leaves | Refused:
    """What a return leaves of a purchase, or why it cannot be. earlier: entries of its returns before."""
    return leftover.leaves(activity(bought).event, [said(each) for each in earlier], back)


@dataclass(slots=True)
class Then:
    """The rules and the member as they were when a purchase was decided, and how its facts looked.

    rules: in the versions that gave, whatever has been published since.
    """

    rules: Ruleset
    member: Mapping[str, Any]
    bought: Document

    def facts(self, event: Occurrence) -> Facts:
        """What is left of the purchase, as rules see it."""
        return recalled(event, self.member, self.rules, self.rules.rules(KIND, "purchase"), self.bought["facts"])


def then(bought: Document, journal: Journal, book: Rulebook) -> Then:
    """journal: of the buyer and their kin, where rules ask about the member; nothing needs it otherwise."""
    return Then(versions(bought, book), as_of(bought["member"], bought["seq"], journal, book), bought)


def versions(bought: Document, book: Rulebook) -> Ruleset:
    """The rules of a purchase's time, as they were known when it was posted, and in the versions that gave."""
    gave = {each["rule"]: each["version"] for each in (*bought["awards"], *bought.get("passed", ()))}
    return as_given(book.as_known(bought.get("posted_at"), activity(bought).event.time), gave, book)


@dataclass(slots=True)
class Back:
    """What goes back: `awards` as the member's account has it, `entitled` by rule and wallet whatever the wallets'
    policies say; `spared`: points by wallet that the policies leave to the member, `places`: the lots that they may be
    taken from should they come back (None: any); `ended`: what had expired, and comes from breakage, see
    `services.earn.ended`; `told`: what campaigns hear of it; `priced_at`: when what it takes back was posted, as
    far as that is known: by what was published then a point is settled;
    `bought_by`: of a grant that is taken back, who had it, where that is one who was merged into the member."""

    postings: list[accounts.Posting] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)
    entitled: dict[Key, int] = field(default_factory=dict)
    lifetime: dict[str, int] = field(default_factory=dict)
    spared: dict[str, int] = field(default_factory=dict)
    places: dict[str, Own | None] = field(default_factory=dict)
    ended: list[list[Any]] = field(default_factory=list)
    told: Document = field(default_factory=dict)
    priced_at: datetime | None = None
    bought_by: str | None = None

    @property
    def left(self) -> dict[Key, int]:
        """What is not taken from the member, by rule and wallet."""
        return left_to_keep(self.entitled, self.awards) if self.spared or self.ended else {}

    @property
    def uncounted(self) -> dict[str, int]:
        """The same by rule, for those who count what rules gave: the goods came back, whoever spent their points."""
        found: dict[str, int] = {}
        for (rule, _, _), points in self.left.items():
            found[rule] = found.get(rule, 0) + points
        return found

    def kept(self) -> Document:
        """What the journal keeps of it, for the next return and for whoever counts again."""
        back = [[*key, points] for key, points in self.entitled.items()]
        kept: Document = {"back": back, "lifetime": self.lifetime} if back else {"back": back}
        return {**kept, **self.left_over()}

    def left_over(self) -> Document:
        """The same of what the policies leave to the member."""
        found: Document = {"spared": self.spared} if self.spared else {}
        found |= {ENDED: self.ended} if self.ended else {}
        found |= {"uncounted": self.uncounted} if found else {}
        found |= {} if self.bought_by is None else {"bought_by": self.bought_by}
        return found if self.priced_at is None else {**found, "priced_at": self.priced_at}

    @property
    def kept_by_member(self) -> dict[Key, int]:
        """What the policies leave of what is spent, by rule and wallet: without what had expired."""
        found = dict(self.left)
        for each in self.out_of_breakage():
            found[each.rule, each.version, each.wallet] += each.points
        return {key: points for key, points in found.items() if points}

    def out_of_breakage(self) -> list[Award]:
        """What had expired, of each rule; the first rules' points first."""
        rest: dict[str, int] = {}
        for wallet, *_, points in self.ended:
            rest[wallet] = rest.get(wallet, 0) + points
        found: list[Award] = []
        for (rule, version, wallet), points in self.left.items():
            part = min(points, rest.get(wallet, 0))
            if part:
                rest[wallet] -= part
                found.append(Award(rule, version, wallet, -part))
        return found


def standing(bought: Document, earlier: Iterable[Document]) -> dict[Key, int]:
    """What a purchase gave and still stands, by rule, version and wallet."""
    found: dict[Key, int] = {}
    for each in bought["awards"]:
        key = (each["rule"], each["version"], each["wallet"])
        found[key] = found.get(key, 0) + each["points"]
    for entry in earlier:
        for rule, version, wallet, points in entry["back"]:
            found[rule, version, wallet] = found.get((rule, version, wallet), 0) + points
    return found


def difference(stood: Mapping[Key, int], case: Leaves, at: Then, usage: Usage) -> dict[Key, int]:
    """By how much each rule's points change; of each wallet together never up. usage: what limits have left now."""
    facts = None if (left := case.now) is None else at.facts(left)
    awards = [_award(each) for each in at.bought["awards"]]
    passed = [Passed(**each) for each in at.bought.get("passed", ())]
    return changed(KIND, stood, facts, case.after.parts, at.rules, awards, passed, usage)


def told(case: Leaves, at: Then) -> Document:
    """What campaigns are told: the purchase as it was and is, and their rules' questions about the member then."""
    original = orjson.loads(at.bought["event"])["data"]["event"]
    found: Document = {
        "was": _written(original, case.was),
        "parts": [str(each) for each in case.after.parts],
        "facts": membership.answers(at.facts(case.was), at.rules),
        "posted_at": at.bought.get("posted_at"),
    }
    if (left := case.now) is not None:
        found |= {"left": _written(original, left), "left_facts": membership.answers(at.facts(left), at.rules)}
    return found


def _written(original: Mapping[str, Any], event: Occurrence) -> Document:
    """A purchase's event with what is left of its lines."""
    lines = [
        {name: value for name, value in msgspec.to_builtins(each).items() if value is not None}
        for each in event.data.lines
    ]
    data = {**original["data"], "lines": lines}
    if (paid := event.data.paid_with_points) is not None:
        data["paid_with_points"] = {**data["paid_with_points"], "amount": f"{paid.amount:f}"}
    return {**original, "data": data}


def take_back(
    member: Document, changes: Mapping[Key, int], at: datetime, purses: Mapping[str, Wallet], own: Mapping[str, Own],
    unspent: Mapping[tuple[str, Terms], int] = NOTHING_ENDED,
) -> Back:  # fmt: skip
    """Changes the member's lots; what goes back, without its postings. at: of the return; own: see `lots_of`; unspent:
    what of these lots has expired."""
    back = Back(entitled=dict(changes))
    lifetime, short = member.setdefault("lifetime", {}), dict[str, int]()
    for wallet, net in goes_back(changes).items():
        policy, mine = purses.get(wallet, Wallet(id=wallet)).on_return, own.get(wallet, ())
        there = sum(lot["points"] for lot in lots.of(member, wallet) if (lot["activates"], lot["expires"]) in mine)
        ended = ended_points.take(unspent, wallet, max(0, net - there))
        back.ended += ended
        asked = net - sum(each[-1] for each in ended)
        taken = lots.claw(member, wallet, asked, utc(at), policy=policy, own=mine)
        back.lifetime[wallet] = -net
        lifetime[wallet] = lifetime.get(wallet, 0) - net
        short[wallet] = net - taken
        if taken < asked:
            back.spared[wallet] = asked - taken
            back.places[wallet] = mine if policy == "pending" else None
    back.awards = let_keep(changes, short)
    return back


def lots_of(bought: Document, milestones: Iterable[Document], now: str) -> dict[str, Own]:
    """By wallet, the lots that points of a purchase can be in: the one that they went into, and once they are active
    the one that they are in since. While they are not, that one has other purchases' points only.

    milestones: entries of those that were reported of it; now: until when lots may have been swept, as text in UTC.
    """
    come = {milestone(bought["_id"], each["milestone"]) for each in milestones}
    found: dict[str, Own] = {}
    for each in bought["postings"]:
        if each["account"].startswith("member:"):
            terms = Terms(*each.get("terms", FREE))
            waits = terms.activates is not None and terms.activates > now and terms.activates not in come
            found[each["wallet"]] = (terms,) if waits else (terms, terms._replace(activates=None))
    return found


def payers(bought: Document, earlier: Iterable[Document]) -> dict[tuple[str, str], dict[str, int]]:
    """Of each rule and wallet, what accounts other than the member's have paid so far, by account."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    rules = {(each["rule"], each["wallet"]) for entry in (bought, *earlier) for each in entry["awards"]}
    for entry in (bought, *earlier):
        for each in entry["postings"]:
            key = (each["rule"], each["wallet"])
            if key in rules and not each["account"].startswith("member:"):
                paid = found.setdefault(key, {})
                paid[each["account"]] = paid.get(each["account"], 0) - each["amount"]
    return found


def _award(each: Mapping[str, Any]) -> Award:
    lines = each.get("lines")
    return Award(each["rule"], each["version"], each["wallet"], each["points"], None if lines is None else tuple(lines))
