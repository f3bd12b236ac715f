"""Rulebooks with a little of everything, in several versions, and the replay of a world's journal under them."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import Any, Final

from shared.backtest.engine import Engine
from shared.backtest.entries import Announced, Entry
from shared.backtest.journal import InOrder, changes_of, entry, grant_of, is_replayed
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from tests.simulation import books
from tests.simulation.world import World

# The worlds' events happen in September 2017 and around the turn of the year (`shopping.STARTS`).
_FIRST = """
- {id: big, kind: segment, effective: 2017-01-01T00:00:00-05:00, title: Big, when: member.lifetime.stars >= 300}
- id: silver-rate
  kind: earn
  effective: 2017-01-01T00:00:00-05:00
  title: Silver members earn half as much again
  when: member.tier == "silver"
  then: {multiply: {rules: [base], by: 1.5, rounding: half_up}}
- id: rich
  kind: earn
  effective: 2017-01-01T00:00:00-05:00
  title: Whoever has much is given
  when: member.balance.stars >= 150
  then: {fixed: 7}
  limits: [{per: member, period: week, times: 2}, {per: member, period: ever, points: 40}]
- id: pot
  kind: earn
  effective: 2017-01-01T00:00:00-05:00
  title: Until the pot is empty
  then: {per_amount: {per: 2.00}}
  budget: {points: 400}
- id: first-ten
  kind: earn
  effective: 2017-01-01T00:00:00-05:00
  title: The first ten baskets of all
  then: {fixed: 11}
  limits: [{per: programme, period: ever, times: 10}]
- id: best-a
  kind: earn
  effective: 2017-01-01T00:00:00-05:00
  title: A
  then: {fixed: 9}
  stacking: {group: best, how: best}
- id: best-b
  kind: earn
  effective: 2017-01-01T00:00:00-05:00
  title: B
  then: {per_amount: {per: 3.00}}
  stacking: {group: best, how: best, priority: 1}
- id: third-visit
  kind: bonus
  effective: 2017-01-01T00:00:00-05:00
  title: Every visit from the third of a month on, to those who have much
  segment: big
  when: history.count(this_month) >= 3
  then: [{fixed: 5}, {tag: regular}]
  limits: [{per: member, period: week, times: 2}]
- id: regulars
  kind: earn
  effective: 2017-01-01T00:00:00-05:00
  title: For regulars, and for who brought somebody
  when: '"regular" in member.tags || member.referrals >= 1'
  then: {fixed: 3}
- id: card
  kind: bonus
  effective: 2017-01-01T00:00:00-05:00
  title: A card
  when: lines.any(department == "PRODUCE")
  then: {punch: {card: green, of: 3, points: 13}}
- id: kitty
  kind: campaign
  effective: 2017-01-01T00:00:00-05:00
  title: A kitty
  budget: {points: 90}
- id: kitty-bonus
  kind: bonus
  effective: 2017-01-01T00:00:00-05:00
  title: Out of the kitty
  campaign: kitty
  then: {fixed: 20}
- id: bring-some
  kind: referral
  effective: 2017-01-01T00:00:00-05:00
  title: Who is brought and spends something
  when: basket.total >= 4.00 && !("regular" in member.tags)
  limits: [{period: month}, {per: programme, period: week, times: 2}]
  budget: {points: 100}
  advocate: {fixed: 17}
  friend: {fixed: 8}
- id: spender
  kind: challenge
  effective: 2017-01-01T00:00:00-05:00
  title: Two hundred a month
  progress: {count: amount, period: month, goal: 200}
  then: {fixed: 30}
"""
# From the end of the first stretch on: another rate, another pot, another limit, another ladder's rule.
_SECOND = """
- id: base
  kind: earn
  version: 2
  effective: 2017-09-14T00:00:00-04:00
  title: Two stars for every dollar
  then: {per_amount: {per: 1.00, give: 2}}
- id: pot
  kind: earn
  version: 2
  effective: 2017-12-20T00:00:00-05:00
  title: A larger pot
  then: {per_amount: {per: 1.50}}
  budget: {points: 700}
- id: third-visit
  kind: bonus
  version: 2
  effective: 2017-12-20T00:00:00-05:00
  title: Every visit from the second of a week on
  when: history.count(this_week, basket.eligible >= 5.00) >= 2
  then: {fixed: 6}
  limits: [{per: member, period: week, times: 3}]
- id: spender
  kind: challenge
  version: 2
  effective: 2017-12-20T00:00:00-05:00
  title: Fifty a week
  progress: {count: amount, period: week, goal: 50}
  then: {fixed: 30}
"""


_SERVICES: Final = ("earn", "campaigns", "tiers")
_OF_LEDGER: Final = ("balances", "lifetime", "history", "uses", "tags", "referrals")
_OF_CAMPAIGNS: Final = (
    "progress",
    "won",
    "goals",
    "again",
    "uses",
    "completed",
    "cards",
    "referral",
    "first_purchase",
    "rewarded",
)


@cache
def everything() -> Rulebook:
    """Programme `journey` with referrals, and with all that can hold a rule back or depend on what came before."""
    journey = books.journey().versions
    first = read_all([("first.yaml", _FIRST)], journey)
    return Rulebook([*journey, *first, *read_all([("second.yaml", _SECOND)], [*journey, *first])])


def stored(world: World) -> list[Entry]:
    """The world's journal, in the order in which it was posted."""
    order = InOrder()
    documents = world.stores["earn"].collection("journal").values()
    found = [entry(each) for document in documents for each in order.feed(document) if is_replayed(each)]
    order.finish()
    return found


def announced(world: World) -> Announced:
    """What reached the ledger; a change of tier after a member's last entry, too."""
    earn = world.stores["earn"]
    journal = list(earn.collection("journal").values())
    changes = [change for each in journal for change in changes_of(each, each["member"])]
    changes += [change for id_, each in earn.collection("members").items() for change in changes_of(each, id_)]
    backs = (each.back for each in stored(world))
    return Announced(frozenset(filter(None, map(grant_of, journal))), tuple(changes), frozenset(filter(None, backs)))


Posted = list[list[tuple[str, int, str, int]]]
POSTED: Final = attrgetter("rule", "version", "wallet", "points")  # of an award, whatever its lines


def replayed(world: World, entries: list[Entry]) -> tuple[Engine, Posted]:
    """What a replay posts at each entry; and the engine when it has come to rest."""
    engine = Engine(world.book, announced(world))
    return engine, [[POSTED(award) for posted in engine.take(each) for award in posted.awards] for each in entries]


def kept(ledger: dict[str, Any], campaigns: dict[str, Any], ladders: dict[str, Any]) -> dict[str, Any]:
    """What services keep of a member: all that later decisions rest on, without what is there and says nothing."""
    found: dict[str, Any] = {f"ledger {name}": ledger.get(name) for name in _OF_LEDGER}
    found |= {f"campaigns {name}": campaigns.get(name) for name in _OF_CAMPAIGNS}
    years = {id_: {year: n for year, n in each["years"].items() if n} for id_, each in ladders.items()}
    found |= {"years": years, "tiers held": {id_: each["tier"] for id_, each in ladders.items()}}
    return {name: _said(each) for name, each in found.items()}


def live(world: World, id_: str) -> dict[str, Any]:
    """What the world's services keep of a member."""
    nothing: dict[str, Any] = {}
    one, two, three = (world.stores[each].collection("members").get(id_, nothing) for each in _SERVICES)
    return kept(one, two, three.get("ladders", nothing))


def _said(value: Any) -> Any:
    if not isinstance(value, dict):
        return sorted(value) if isinstance(value, list) else value
    parts = {key: _said(each) for key, each in value.items()}
    return {key: each for key, each in parts.items() if each not in (None, 0, {}, [])}
