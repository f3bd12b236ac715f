"""Reads docs/capabilities/rules.md: its examples, and the tables of events and outcomes that follow them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shared.events.light import Occurrence
from shared.rules.challenges import completed
from shared.rules.matching import Outcome, decide, facts_of
from shared.rules.member import PROFILE, attribute_fact
from shared.rules.referrals import rewards
from shared.rules.referring import Uses
from shared.rules.rulebook import Rulebook
from shared.rules.usage import Bound, MemberUsage
from shared.rules.yamlfile import read_all
from tests.unit.rulekit import Till, event, line

PAGE = Path(__file__).parents[2] / "docs" / "capabilities" / "rules.md"
ZONE = ZoneInfo("America/New_York")
BOOKED = "is booked"
_BLOCK = re.compile(r"```yaml\n(?P<yaml>- id: .*?)```\n(?P<table>(?:\|[^\n]*\n)*)", re.DOTALL)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}")


class Row(NamedTuple):
    """What happens to whom, and what it gives: `base 12`, `spend 3 miles`, `coffee voucher`."""

    event: str
    member: str
    gives: list[str]


class Example(NamedTuple):
    """One example: its definitions, and what is said of events."""

    yaml: str
    rows: list[Row]
    line: int
    published: str  # what a new version takes the place of: the example before
    booked: bool  # its table says what is booked, not only what rules give

    @property
    def has_programme(self) -> bool:
        """Whether it stands in a programme of its own."""
        return "\n  kind: programme\n" in self.yaml


def examples() -> list[Example]:
    """All of the page; the first is the programme that the others stand in."""
    text = PAGE.read_text(encoding="utf-8")
    found: list[Example] = []
    for each in _BLOCK.finditer(text):
        published = found[-1].yaml if "\n  version: " in each["yaml"] else ""
        line = text.count("\n", 0, each.start()) + 1
        booked = f"| {BOOKED} |" in each["table"]
        found.append(Example(each["yaml"], list(_rows(each["table"])), line, published, booked))
    return found


def _rows(table: str) -> Iterator[Row]:
    lines = [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in table.splitlines()]
    if not lines:
        return
    names = lines[0]
    for cells in lines[2:]:
        row = dict(zip(names, cells, strict=True))
        given = row.get("gives") or row[BOOKED]
        gives = [] if given == "nothing" else [each.strip() for each in given.split(",")]
        yield Row(row["event"], row.get("member", "ann"), gives)


def happened(text: str, number: int) -> Occurrence:
    """`purchase 2017-03-01 12:00 store=9: 12.34 × 2 category=wine; 0.66`"""
    head, _, lines = text.partition(": ")
    stamp = _TIME.search(head)
    local = "2017-03-01 12:00" if stamp is None else stamp.group()
    kind, *words = head.replace(local, "").split()
    data = fields(words)
    if "paid_with_points" in data:
        data["paid_with_points"] = {"wallet": "stars", "amount": data["paid_with_points"]}
    if kind == "purchase":
        data |= {"currency": data.get("currency", "USD"), "lines": [goods(each) for each in lines.split(";")]}
    time = f"{local.replace(' ', 'T')}:00"
    offset = "-04:00" if "2017-03-12T02" < time < "2017-11-05T02" else "-05:00"
    return event(kind, time + offset, f"e-{number}", **data)


def goods(text: str) -> dict[str, Any]:
    """`12.34 × 2 category=wine`"""
    amount, *words = text.replace("× ", "pieces=").split()
    said = fields(words)
    return line(amount, int(said.pop("pieces", 1)), **said)


def fields(words: list[str]) -> dict[str, Any]:
    """`store=9 attributes.organic=true` as an event and its lines have it."""
    found: dict[str, Any] = {}
    for name, value in (word.split("=") for word in words):
        if name.startswith("attributes."):
            found.setdefault("attributes", {})[name.removeprefix("attributes.")] = _said(value)
        else:
            found[name] = value
    return found


def _said(value: str) -> str | bool:
    return {"true": True, "false": False}.get(value, value)


@dataclass
class Counted:
    """What members share, counted in the plainest way: how much of each bound is used."""

    used: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def left(self, scope: str, bound: Bound, want: int) -> int:
        return max(0, min(want, bound.most - self.used.get((scope, bound.key, bound.bucket), 0)))

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        key = (scope, bound.key, bound.bucket)
        self.used[key] = self.used.get(key, 0) + amount

    def unuse(self, scope: str, bound: Bound, amount: int) -> None:
        self.use(scope, bound, -amount)


def played(programme: str, example: Example) -> list[tuple[str, list[str]]]:
    """What each row's event gives, decided by the rules."""
    before = read_all([("published.md", programme + example.published)]) if example.published else []
    book = Rulebook([*before, *read_all([("rules.md", programme + example.yaml)])])
    members: dict[str, Till] = {}
    shared = Counted()
    advocate: dict[str, Any] = {}  # one brings all friends of an example
    uses = Uses(lambda _: MemberUsage(advocate, shared), shared)
    found = []
    for number, row in enumerate(example.rows):
        name, *known = row.member.split()
        till = members.setdefault(name, Till(book, "earn", shared, _id=name, progress={}))
        for word in known:
            _learn(till.document, *word.split("=", 1))
        found.append((row.event, sorted(_given(book, till, happened(row.event, number), uses))))
    return found


def _learn(document: dict[str, Any], name: str, value: str) -> None:
    if name == "tier":
        document["tiers"] = {"stars-ladder": value}
    elif name == "tags":
        document["tags"] = value.split("+")
    elif name == "joined":
        document["joined"] = f"{value}T12:00:00-05:00"
    elif name == "referrals":
        document["referrals"] = int(value)
    else:
        said = value.split("+") if name == "consents" else _said(value)
        of_partners = name.startswith("attributes.")
        fact = attribute_fact(name.removeprefix("attributes.")) if of_partners else PROFILE + name
        document.setdefault("known", {})[fact] = ["", "", said]


def _given(book: Rulebook, till: Till, now: Occurrence, uses: Uses) -> Iterator[str]:
    rules = book.at(now.time)
    facts = facts_of(now, till.document, rules)
    usage = MemberUsage(till.document, till.shared, facts.member.profile("household"))
    plausible = rules.matcher.plausible("bonus", facts)
    outcomes: list[Outcome] = list(decide(plausible, facts, rules, usage, plausible=True).outcomes)
    challenges = rules.matcher.plausible("challenge", facts)
    outcomes += [outcome for outcome, _ in completed(till.document, challenges, facts, rules, usage)]
    for reward in rewards(till.document, facts, "advocate", book, uses):
        yield f"{reward.rule.id} {reward.points}"
    outcomes += till.decide(now).outcomes  # last: it counts the event in the member's history
    for outcome in outcomes:
        for award in outcome.awards:
            for held in ("balances", "lifetime"):
                sums = till.document.setdefault(held, {})
                sums[award.wallet] = sums.get(award.wallet, 0) + award.points
            yield f"{award.rule} {award.points}" + ("" if award.wallet == "stars" else f" {award.wallet}")
        for thing in outcome.rule.things:
            yield f"{outcome.rule.id} {thing.name}"
