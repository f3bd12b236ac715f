"""More points than there may be, in memory and on a real mongod, which keeps no whole number of 2^63; by hand."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from services.earn.counter.commands import Adjust, Answer, Caller, Denied, Done, Transfer
from services.earn.counter.people_commands import Merge, Unmerge
from services.earn.intake import IDENTITIES
from services.earn.ledger import MEMBERS
from services.earn.packs import PACKS
from services.earn.posting import JOURNAL
from services.earn.vouchers import VOUCHERS
from shared.ledger.bounds import MOST_POINTS
from shared.runtime.quotas import QUOTAS
from shared.runtime.records import Record
from shared.runtime.store import DEAD_LETTERS, DUPLICATES, OUTBOX
from tests.contract.conftest import StoreFor
from tests.unit.partnerkit import ANN, BOB, Mall, activity
from tests.unit.rulekit import rule

COLLECTIONS: dict[str, list[str]] = {
    JOURNAL: ["redemption", "invoice"], MEMBERS: [], IDENTITIES: ["member"], OUTBOX: ["places"], QUOTAS: [], PACKS: [],
    DUPLICATES: [], DEAD_LETTERS: ["reason"], VOUCHERS: ["member"], "approvals": [], "erasures": [],
}  # fmt: skip
RULES = (
    rule("many", "then: {wallet: miles, per_amount: {per: 1, give: 1000}}"),
    rule("stairs", "then: {wallet: miles, multiply: {rules: [many], by: 1000}}"),
)
HELD_BACK = rule(
    "held-back", "then: {wallet: miles, per_amount: {per: 0.01, give: 1000000}}\nlimits: [{period: day, points: 7}]"
)
MOST_SPENT = 999_999_999_999
CLERK = Caller("office", person="staff-7")


@pytest.fixture
async def mall(store_for: StoreFor) -> Mall:
    return Mall(await store_for("bounded"), *RULES)


def bought(mall: Mall, who: str, amount: int) -> Record:
    number = mall.number()
    said = {"currency": "VND", "lines": [{"product": "p", "quantity": 1, "amount": str(amount)}]}
    return Record("activities", 0, number, activity(who, "grocer", f"b-{number}", said, offset=number))


async def documents(mall: Mall, collection: str, ids: list[str]) -> dict[str, dict[str, Any]]:
    async with mall.store.unit() as unit:
        return await unit.get(collection, ids)


async def miles(mall: Mall, *who: str) -> list[int]:
    found = await documents(mall, MEMBERS, list(who))
    return [found[each]["balances"].get("miles", 0) for each in who]


async def letters(mall: Mall) -> list[tuple[str, str]]:
    async with mall.store.unit() as unit:
        found = await unit.find(DEAD_LETTERS, "reason", ["too_many_points", "undecidable"])
    return [(each["reason"], each["detail"]) for each in found]


async def given(mall: Mall, who: str, points: int) -> Answer:
    key = {**mall.key(), "caller": CLERK}
    return await mall.ask(Adjust(**key, member=who, wallet="miles", points=points, reason="by hand"))


def code(answer: Answer) -> str:
    return answer.code if isinstance(answer, Denied) else "done"


async def test_an_event_that_earns_too_many_is_refused_alone(mall: Mall) -> None:
    """Mechanism: `too_many` in `accounts.apply`, and `RefusedError` in the batch loop. 1,000 for each of
    999,999,999,999, and 999 times as many on top. The batch's others are not to blame: 5 dong are 5,000 and
    4,995,000."""
    records = [bought(mall, BOB, 5), bought(mall, ANN, MOST_SPENT), bought(mall, ANN, 5), bought(mall, BOB, 5)]
    await mall.ledger.run(records)
    assert await letters(mall) == [(
        "too_many_points",
        "stairs: 998,999,999,999,001,000 miles at once are more than the 1,000,000,000,000,000 that there may be",
    )]  # fmt: skip
    assert await miles(mall, ANN, BOB) == [5_000_000, 10_000_000]
    found = await documents(mall, JOURNAL, ["/partners/grocer|b-1", "/partners/grocer|b-2", "/partners/grocer|b-3"])
    assert sorted(found) == ["/partners/grocer|b-1", "/partners/grocer|b-3"]


async def test_what_is_held_back_stops_no_event(store_for: StoreFor) -> None:
    """Mechanism: `_record` keeps no more than the bound. 1,000,000 for each hundredth of 999,999,999,999 are no number
    for a database, though all but 7 of them are held back."""
    mall = Mall(await store_for("held-back"), HELD_BACK)
    await mall.ledger.run([bought(mall, ANN, MOST_SPENT)])
    assert await letters(mall) == []
    assert await miles(mall, ANN) == [7]
    [entry] = (await documents(mall, JOURNAL, ["/partners/grocer|b-1"])).values()
    assert [(each["rule"], each["wanted"]) for each in entry["passed"]] == [("held-back", MOST_POINTS)]


async def test_a_grant_beyond_the_bound_is_refused(mall: Mall) -> None:
    await mall.granted(ANN, "programme", MOST_POINTS + 1, wallet="miles")
    await mall.granted(ANN, "programme", MOST_POINTS, wallet="miles")
    await mall.granted(ANN, "programme", 1, wallet="miles")
    assert [detail for _, detail in await letters(mall)] == [
        "gift: 1,000,000,000,000,001 miles at once are more than the 1,000,000,000,000,000 that there may be",
        "gift: with 1 miles more the member would have more than the 1,000,000,000,000,000 that there may be",
    ]
    assert await miles(mall, ANN) == [MOST_POINTS]


async def test_what_was_ever_earned_is_bounded_as_well(mall: Mall) -> None:
    """Points that are gone again count: what was ever earned is a number, too, and tiers are made of it."""
    await mall.granted(ANN, "programme", MOST_POINTS, wallet="miles")
    assert code(await given(mall, ANN, -MOST_POINTS)) == "done"
    await mall.granted(ANN, "programme", 1, wallet="miles")
    assert [detail for _, detail in await letters(mall)] == [
        "gift: with 1 miles more the member would have earned more than the 1,000,000,000,000,000 that there may be"
    ]


async def test_the_counter_denies_what_would_pass_the_bound(mall: Mall) -> None:
    """Mechanism: `too_many` in `adjust`, `transfer`, `merge`. Up to the bound it does, and changes nothing beyond."""
    await mall.granted(ANN, "programme", MOST_POINTS - 10, wallet="miles")
    await mall.granted(BOB, "programme", 20, wallet="miles")
    assert code(await given(mall, ANN, 11)) == "too_many_points"
    move = Transfer(**{**mall.key(), "caller": CLERK}, member=BOB, to=ANN, wallet="miles", points=11)
    assert code(await mall.ask(move)) == "too_many_points"
    merge: dict[str, Any] = {"member": BOB, "into": ANN, "reason": "the same person"}
    denied = await mall.ask(Merge(**{**mall.key(), "caller": CLERK}, **merge))
    assert isinstance(denied, Denied)
    assert denied.detail.startswith("with 20 miles more the member would have more than")
    assert await miles(mall, ANN, BOB) == [MOST_POINTS - 10, 20]
    assert code(await given(mall, ANN, 10)) == "done"
    assert code(await given(mall, ANN, 1)) == "too_many_points"
    assert await miles(mall, ANN) == [MOST_POINTS]


async def test_a_merge_up_to_the_bound_is_done_and_undone(mall: Mall) -> None:
    await mall.granted(ANN, "programme", MOST_POINTS - 20, wallet="miles")
    await mall.granted(BOB, "programme", 20, wallet="miles")
    key = {"caller": CLERK, "member": BOB, "reason": "the same person"}
    assert isinstance(await mall.ask(Merge(**{**mall.key(), **key}, into=ANN)), Done)
    assert await miles(mall, ANN, BOB) == [MOST_POINTS, 0]
    assert isinstance(await mall.ask(Unmerge(**{**mall.key(), **key})), Done)
    assert await miles(mall, ANN, BOB) == [MOST_POINTS - 20, 20]


async def test_a_pack_has_no_more_either(mall: Mall) -> None:
    assert code(await mall.ask(mall.pack("cinema", MOST_POINTS))) == "done"
    assert code(await mall.ask(mall.pack("cinema", 1))) == "too_much"


async def test_the_partner_is_told(mall: Mall) -> None:
    await mall.ledger.run([bought(mall, ANN, MOST_SPENT)])
    [rejection] = [orjson.loads(each.value) for each in mall.sent if each.topic == "rejections.grocer"]
    assert rejection["data"]["reason"] == "too_many_points"
