"""Packs of prepaid partners: drawn down, never below zero; refusing, overdrawing, alerting once; told in words."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import orjson
import pytest

from services.earn.counter.commands import Caller, Denied, Done
from services.earn.posting import JOURNAL
from shared.rules.checks.checking import check
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, Mall
from tests.unit.rulekit import rule

DOUBLE = rule("double", "then: {again: [base]}")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def journal(store: MemoryStore) -> dict[str, dict[str, Any]]:
    return store.collection(JOURNAL)


def accounts(store: MemoryStore, wallet: str = "stars") -> Counter[str]:
    """Every account's balance."""
    found: Counter[str] = Counter()
    for entry in journal(store).values():
        for posting in entry["postings"]:
            if posting["wallet"] == wallet:
                found[posting["account"]] += posting["amount"]
    return found


def alerts(mall: Mall) -> list[tuple[str, int]]:
    """Partner and points left of every alert."""
    said = [orjson.loads(each.value)["data"] for each in mall.sent if each.topic == "alerts"]
    return [(each["partner"], each["left"]) for each in said]


async def test_a_pack_is_bought_and_drawn_down(store: MemoryStore) -> None:
    mall = Mall(store)
    answer = await mall.ask(mall.pack("bakery", 100, "9050", reference="invoice 7"))
    assert isinstance(answer, Done)
    assert answer.body == {
        "partner": "bakery", "wallet": "stars", "points": 100, "money": {"amount": "9050", "currency": "VND"},
        "bought": 100,
    }  # fmt: skip
    key = await mall.buys(ANN, "bakery", 350_000)
    entry = journal(store)[key]
    assert [(each["account"], each["amount"]) for each in entry["postings"]] == [
        (f"member:{ANN}", 35), ("partner:bakery:prepaid", -35),
    ]  # fmt: skip
    assert accounts(store) == {f"member:{ANN}": 35, "partner:bakery:prepaid": 65, "programme:packs": -100}
    (bought,) = [each for each in journal(store).values() if each["kind"] == "pack"]
    assert bought["by"] == {"caller": "office", "person": "Ann"}
    assert (bought["reference"], bought["money"]) == ("invoice 7", {"amount": "9050", "currency": "VND"})


async def test_the_same_key_buys_once(store: MemoryStore) -> None:
    mall = Mall(store)
    command = mall.pack("bakery", 100)
    await mall.ask(command)
    again = await mall.ask(command)
    assert isinstance(again, Done)
    assert again.again
    assert accounts(store)["partner:bakery:prepaid"] == 100


@pytest.mark.parametrize(
    ("partner", "more", "code"),
    [
        ("grocer", {}, "not_prepaid"),
        ("bakery", {"wallet": "moons"}, "unknown_wallet"),
        ("bakery", {"caller": Caller("office")}, "no_person"),
        ("bakery", {"points": 0}, "too_little"),
        ("bakery", {"points": 10**16}, "too_much"),
    ],
)
async def test_what_is_no_pack(store: MemoryStore, partner: str, more: dict[str, Any], code: str) -> None:
    mall = Mall(store)
    points = more.pop("points", 10)
    answer = await mall.ask(mall.pack(partner, points, **more))
    assert isinstance(answer, Denied)
    assert answer.code == code
    assert not journal(store)


@pytest.mark.parametrize("partner", ["bakery", "cinema"], ids=["refuses", "overdraws"])
async def test_status_points_are_of_no_pack(store: MemoryStore, partner: str) -> None:
    """20 stars are bought and 30 earned, with 60 status points that nobody can buy: all 60 are given, by the partner
    and not from its pack. Breaks where packs do not ask `Ruleset.sold`."""
    honour = rule("honour", "then: {wallet: honour, per_amount: {per: 5000}}")
    mall = Mall(store, honour, miles="{id: honour, kind: status}")
    await mall.ask(mall.pack(partner, 20))
    key = await mall.buys(ANN, partner, 300_000)
    given = {each["rule"]: each["points"] for each in journal(store)[key]["awards"]}
    assert given == {"base": 20 if partner == "bakery" else 30, "honour": 60}
    of_honour = [each for each in journal(store)[key]["postings"] if each["wallet"] == "honour"]
    assert [(each["account"], each["amount"]) for each in of_honour] == [
        (f"member:{ANN}", 60), (f"partner:{partner}:issued", -60),
    ]  # fmt: skip
    assert [each["rule"] for each in journal(store)[key].get("passed", [])] == (["base"] if partner == "bakery" else [])


async def test_who_refuses_gives_what_is_left_and_then_nothing(store: MemoryStore) -> None:
    """50 bought: 30, then 20 of 30, then none; each says why. Another pack, and it gives again."""
    mall = Mall(store)
    await mall.ask(mall.pack("bakery", 50))
    first, second, third = [await mall.buys(ANN, "bakery", 300_000) for _ in range(3)]
    given = [[each["points"] for each in journal(store)[key]["awards"]] for key in (first, second, third)]
    assert given == [[30], [20], []]
    passed = {"rule": "base", "version": 1, "verdict": "pack", "wanted": 30}
    passed["by"] = "pack.bakery.stars:programme:pack:ever"
    assert "passed" not in journal(store)[first]
    assert journal(store)[second]["passed"] == journal(store)[third]["passed"] == [passed]
    assert accounts(store)["partner:bakery:prepaid"] == 0
    assert "partner:bakery:issued" not in accounts(store)
    await mall.ask(mall.pack("bakery", 40))
    fourth = await mall.buys(ANN, "bakery", 300_000)
    assert [each["points"] for each in journal(store)[fourth]["awards"]] == [30]
    assert accounts(store)["partner:bakery:prepaid"] == 10


async def test_a_rule_that_builds_on_another_builds_on_what_the_pack_paid(store: MemoryStore) -> None:
    """40 are left: base gives 30, the doubling only the 10 that remain."""
    mall = Mall(store, DOUBLE)
    await mall.ask(mall.pack("bakery", 40))
    key = await mall.buys(ANN, "bakery", 300_000)
    assert {each["rule"]: each["points"] for each in journal(store)[key]["awards"]} == {"base": 30, "double": 10}
    assert [each["lines"] for each in journal(store)[key]["awards"]] == [[30], [10]]


async def test_without_a_pack_who_refuses_gives_nothing(store: MemoryStore) -> None:
    mall = Mall(store)
    key = await mall.buys(ANN, "bakery", 300_000)
    assert journal(store)[key]["awards"] == []
    assert alerts(mall) == []  # nothing was drawn: it never had anything


async def test_who_overdraws_owes_what_no_pack_pays(store: MemoryStore) -> None:
    mall = Mall(store)
    await mall.ask(mall.pack("cinema", 50))
    await mall.buys(ANN, "cinema", 300_000)
    key = await mall.buys(BOB, "cinema", 300_000)
    assert [(each["account"], each["amount"]) for each in journal(store)[key]["postings"]] == [
        (f"member:{BOB}", 30), ("partner:cinema:prepaid", -20), ("partner:cinema:issued", -10),
    ]  # fmt: skip
    assert accounts(store)["partner:cinema:prepaid"] == 0


async def test_what_campaigns_won_is_never_refused(store: MemoryStore) -> None:
    """It is told already: beyond the pack it is owed; taken back, it goes into the pack as far as it came from it."""
    mall = Mall(store)
    await mall.ask(mall.pack("bakery", 50))
    await mall.granted(ANN, "partner:bakery", 60)
    found = accounts(store)
    assert (found["partner:bakery:prepaid"], found["partner:bakery:issued"]) == (0, -10)
    await mall.granted(ANN, "partner:bakery", -60, corrects="g-2")
    found = accounts(store)
    assert (found["partner:bakery:prepaid"], found["partner:bakery:issued"]) == (50, 0)
    assert sum(found.values()) == 0


async def test_one_alert_a_crossing(store: MemoryStore) -> None:
    """The bakery's level is 20: at 15 left it is told, at 5 not again; after another pack it may be told again."""
    mall = Mall(store)
    await mall.ask(mall.pack("bakery", 50))
    for amount in (290_000, 60_000, 100_000):  # 21, 15, 5 left
        await mall.buys(ANN, "bakery", amount)
    assert alerts(mall) == [("bakery", 15)]
    await mall.ask(mall.pack("bakery", 100))
    await mall.buys(ANN, "bakery", 900_000)
    assert alerts(mall) == [("bakery", 15), ("bakery", 15)]
    ids = [orjson.loads(each.value)["id"] for each in mall.sent if each.topic == "alerts"]
    assert ids == ["bakery:stars:50", "bakery:stars:150"]


async def test_the_brand_pays_for_its_own_rule_wherever_it_is_earned(store: MemoryStore) -> None:
    mall = Mall(store, rule("treat", "owner: bakery\nthen: {fixed: 7}"))
    await mall.ask(mall.pack("bakery", 10))
    keys = [await mall.buys(ANN, "grocer", 100_000) for _ in range(2)]
    assert [[each["points"] for each in journal(store)[key]["awards"]] for key in keys] == [[10, 7], [10, 3]]
    assert accounts(store)["partner:grocer:issued"] == -20


async def test_many_at_once_in_memory(store: MemoryStore) -> None:
    """60 purchases of 3 stars in six lanes at once, 100 bought: 33 whole ones and a rest of 1."""
    mall = Mall(store, partitions=6)
    await mall.ask(mall.pack("bakery", 100))
    await asyncio.gather(*(mall.buys(ANN, "bakery", 30_000, lane=number % 6) for number in range(60)))
    entries = [each for each in journal(store).values() if each["kind"] == "purchase"]
    given = Counter(sum(award["points"] for award in each["awards"]) for each in entries)
    assert given == {3: 33, 1: 1, 0: 26}
    assert accounts(store)["partner:bakery:prepaid"] == 0


def test_a_definition_is_checked_kindly() -> None:
    text = """
- id: mall
  kind: programme
  title: Mall
  time_zone: Asia/Ho_Chi_Minh
  currency: VND
  wallets: [stars]
- id: bakery
  kind: partner
  title: Bakery
  cost: {start: {amount: "90", currency: VND}}
  prepaid: {at_zero: refund}
- id: cinema
  kind: partner
  title: Cinema
  cost: {moons: {amount: "90", currency: VND}}
"""
    found = [str(each) for each in check([("f.yaml", text)]).faults]
    assert len(found) == 2, found
    assert found[0].startswith("f.yaml:12:"), found
    assert "overdraw" in found[0], found
    assert "the programme has no wallet moons; it has stars" in found[1]
