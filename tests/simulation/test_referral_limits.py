"""Limits and the budget of a referral in worlds with faults, races and lanes: never overrun, and no unit lost."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from shared.rules import referring
from tests.simulation import replaying
from tests.simulation.checks import TRIES, lived, seeds
from tests.simulation.shopping import PARTNERS, STARTS, Published, event
from tests.simulation.world import World

RULE = "bring-some"
ZONE = ZoneInfo("America/New_York")
FRIENDS = 9


def brought(seed: int) -> list[Published]:
    """Two members bring nine friends, who buy; some of it comes back, and all is heard of in about its order."""
    r = Random(f"brought {seed}")
    told: list[tuple[float, Published]] = []

    def say(at: float, kind: str, id_: str, who: int, data: dict[str, Any]) -> None:
        partner, day = PARTNERS[who % 2], STARTS[0] + timedelta(days=at)
        value = orjson.dumps(event(partner, kind, id_, day, data))
        told.append((at + r.choice((0.0, r.random() * 3)), (f"partner.{partner}", f"p{who}".encode(), value)))

    for who in range(FRIENDS + 2):
        named = {"reference": f"p{who}", "phone": f"+849000000{who:02}"}
        say(-30.0, "signup", f"signup-{who}", who, {"member": named, "profile": {"name": f"Person {who}"}})
    for who in range(2, FRIENDS + 2):
        at, friend = r.random() * 10, {"phone": f"+849000000{who:02}"}
        advocate = {"phone": f"+849000000{r.randrange(2):02}"}
        say(at, "referral", f"referral-{who}", who, {"advocate": advocate, "friend": friend})
        for number in range(r.randrange(1, 4)):
            at, id_ = at + r.random() * 10, f"purchase-{who}-{number}"
            lines = [{"product": "1", "quantity": 1, "amount": each} for each in r.choice((["3.00"], ["3.50", "2.00"]))]
            say(at, "purchase", id_, who, {"member": friend, "store": "1", "currency": "USD", "lines": lines})
            back: dict[str, Any] = {"member": friend, "purchase": id_}
            fate = r.random()
            if fate < 0.15:
                back["lines"] = [{"line": 0, "quantity": 1}]
            if fate < 0.3:
                say(at + 4, "return", f"back-{who}-{number}", who, back)
    return [each for _, each in sorted(told, key=lambda each: each[0])]


def rewarded(world: World) -> list[tuple[str, datetime, int, int]]:
    """Advocate, instant of the first purchase and points of both sides, of each pair that campaigns holds."""
    found = []
    for each in world.stores["campaigns"].collection("members").values():
        pair = each.get("rewarded")
        if isinstance(pair, dict) and RULE in pair.get("given", {}):
            named = {id_ for id_, _ in pair["rules"]}
            if RULE in named:
                at = datetime.fromisoformat(pair["purchase"]["time"]).astimezone(ZONE)
                found.append((pair["referral"]["advocate"], at, *pair["given"][RULE]))
    return found


def overrun_or_lost(world: World) -> list[str]:
    """What is not as the limits say: one reward a month and advocate, two referrals a week, a hundred points."""
    held, wrong = rewarded(world), list[str]()
    months = Counter((who, f"{at:%Y-%m}") for who, at, mine, _ in held if mine)
    weeks = Counter("{}-W{:02}".format(*at.isocalendar()[:2]) for _, at, _, theirs in held if theirs)
    points = sum(mine + theirs for _, _, mine, theirs in held)
    if max(months.values(), default=0) > 1 or max(weeks.values(), default=0) > 2 or points > 100:
        wrong.append(f"overrun: {months} {weeks} {points}")
    key, counted, shared = f"{RULE}:member:times:month", Counter[tuple[str, str]](), Counter[str]()
    campaigns = world.stores["campaigns"]
    for id_, each in campaigns.collection("members").items():
        counted.update({(id_, month): used for month, used in each.get("uses", {}).get(key, {}).items()})
    for id_, each in campaigns.collection("quotas").items():
        if id_.startswith(f"quota|{RULE}|") and "used" in each:
            shared[id_.split("|")[3]] += each["used"]
    if +counted != months or +shared != +Counter({**weeks, "ever": points}):
        wrong.append(f"counted {+counted} {+shared}, held {months} {weeks} {points}")
    return wrong


@seeds
async def test_no_limit_is_overrun_and_what_is_counted_is_what_is_held(seed: int) -> None:
    """Whoever is killed, whatever is redelivered, whatever comes back."""
    world = await lived(seed, replaying.everything(), told=brought(seed))
    assert overrun_or_lost(world) == []
    posted = Counter[str]()
    for entry in world.stores["earn"].collection("journal").values():
        posted["all"] += sum(each["points"] for each in entry["awards"] if each["rule"] == RULE)
    assert posted["all"] == sum(mine + theirs for _, _, mine, theirs in rewarded(world))


async def test_the_worlds_exercise_it() -> None:
    """A limit that nobody reaches would prove nothing."""
    held, back = set[tuple[str, str]](), 0
    for seed in range(12):
        world = await lived(seed, replaying.everything(), told=brought(seed))
        for each in world.stores["campaigns"].collection("members").values():
            pair = each.get("rewarded")
            held |= {(role, by) for _, role, _, by in pair.get("passed", ())} if isinstance(pair, dict) else set()
        journal = world.stores["earn"].collection("journal").values()
        back += sum(award["points"] < 0 for entry in journal for award in entry["awards"] if award["rule"] == RULE)
    of = f"{RULE}:programme"
    assert held >= {("advocate", f"{RULE}:member:times:month"), ("friend", f"{of}:times:week")}
    assert back > 0


async def test_it_breaks_when_uses_do_not_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mechanism: a reward that is taken back takes its uses along."""
    monkeypatch.setattr(referring, "give_back_uses", lambda *_, **__: None)
    for seed in range(TRIES):
        if overrun_or_lost(await lived(seed, replaying.everything(), told=brought(seed))):
            return
    pytest.fail(f"nothing broke in {TRIES} worlds")
