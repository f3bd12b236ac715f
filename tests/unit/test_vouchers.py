"""Vouchers at the till: what campaigns gave is redeemed once, by its own terms, whoever asks at the same time."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from services.campaigns.giving import thing_data
from services.earn.counter.commands import Answer, Caller, Denied, Done
from services.earn.counter.voucher_commands import UndoVoucher
from services.earn.posting import JOURNAL
from services.earn.vouchers import VOUCHERS
from shared.events.internal import Accrual
from shared.events.values import Money
from shared.rules.rewards import Thing, Voucher
from shared.runtime.memory import MemoryStore
from tests.unit.campaignkit import Campaigning
from tests.unit.partnerkit import ANN, BOB, NOON, PROGRAMME, Mall
from tests.unit.rulekit import rule

TEN = {"amount": "10000", "currency": "VND"}


@pytest.fixture
async def mall() -> Mall:
    """Ann and Bob are members."""
    found = Mall(MemoryStore())
    for who in (ANN, BOB):
        await found.buys(who, "grocer", 10_000)
    return found


def code(answer: Answer) -> str:
    """Why not; `done` where it is."""
    return answer.code if isinstance(answer, Denied) else "done"


def documents(mall: Mall, collection: str) -> dict[str, dict[str, Any]]:
    assert isinstance(mall.store, MemoryStore)
    return mall.store.collection(collection)


async def test_redeemed_once(mall: Mall) -> None:
    await mall.offered(ANN, "AAA", value=TEN)
    done = await mall.redeems(ANN, "AAA")
    assert isinstance(done, Done)
    assert done.body == {"voucher": "AAA", "member": ANN, "title": "A voucher", "bill": "b-1", "counted": "100000",
                         "worth": TEN}  # fmt: skip
    again = await mall.redeems(ANN, "AAA", bill="b-2")
    assert isinstance(again, Denied)
    assert (again.code, again.more) == ("used_already", {"used_at": NOON.isoformat()})
    (entry,) = [each for each in documents(mall, JOURNAL).values() if each["kind"] == "voucher"]
    assert (entry["voucher"], entry["partner"], entry["postings"]) == ("AAA", "grocer", [])
    assert entry["by"] == {"caller": "till"}
    told = [orjson.loads(each.value) for each in mall.sent if each.topic == "accruals"]
    accrual = Accrual.model_validate_json(orjson.dumps(told[-1]))
    assert accrual.data.entry is not None
    assert (accrual.data.entry.kind, accrual.data.entry.partner) == ("voucher", "grocer")


async def test_an_offer_that_is_read_again_makes_nobody_s_voucher_new(mall: Mall) -> None:
    await mall.offered(ANN, "AAA", value=TEN)
    await mall.redeems(ANN, "AAA")
    await mall.offered(ANN, "AAA", value=TEN)
    assert code(await mall.redeems(ANN, "AAA", bill="b-2")) == "used_already"


async def test_one_that_is_withdrawn_is_refused_and_one_that_was_used_stays_used(mall: Mall) -> None:
    """A second one is used before its purchase comes back: it counts as used, until that bill is undone."""
    await mall.offered(ANN, "AAA", value=TEN)
    await mall.offered(ANN, "BBB", value=TEN)
    await mall.redeems(ANN, "BBB")
    for each in ("AAA", "BBB", "AAA"):
        await mall.offered(ANN, each, value=TEN, withdrawn=True)
    refused = await mall.redeems(ANN, "AAA", bill="b-2")
    assert isinstance(refused, Denied)
    assert (refused.code, refused.more) == ("voucher_withdrawn", {"withdrawn_at": NOON.isoformat()})
    assert code(await mall.redeems(ANN, "BBB", bill="b-2")) == "used_already"
    undone = UndoVoucher(**mall.key(), caller=Caller("till", partner="grocer"), member=ANN, code="BBB")
    assert isinstance(await mall.ask(undone), Done)
    assert code(await mall.redeems(ANN, "BBB", bill="b-2")) == "voucher_withdrawn"


async def test_one_that_is_heard_of_after_it_was_withdrawn_stays_so(mall: Mall) -> None:
    await mall.offered(ANN, "AAA", value=TEN, withdrawn=True)
    await mall.offered(ANN, "AAA", value=TEN)
    assert code(await mall.redeems(ANN, "AAA")) == "voucher_withdrawn"


async def test_the_same_key_redeems_once_and_answers_again(mall: Mall) -> None:
    await mall.offered(ANN, "AAA", value=TEN)
    key = mall.key()
    first, second = [await mall.redeems(ANN, "AAA", **key) for _ in range(2)]
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert (second.body, second.again) == (first.body, True)


@pytest.mark.parametrize(
    ("terms", "lines", "worth"),
    [
        ({"value": TEN}, [("4000", None)], "4000"),  # never more than the bill
        ({"percent_off": "15"}, [("33333", None)], "5000"),  # 4,999.95 in whole dong
        ({"percent_off": "12.5", "categories": ["tea"]}, [("1000", "tea"), ("9000", "rice")], "125"),
        ({"value": TEN, "categories": ["tea", "rice"]}, [("6000", "tea"), ("7000", "rice"), ("9", None)], "10000"),
        ({}, [("9000", None)], None),  # for a thing
    ],
)
async def test_what_it_takes_off(mall: Mall, terms: dict[str, Any], lines: list[Any], worth: str | None) -> None:
    await mall.offered(ANN, "AAA", **terms)
    done = await mall.redeems(ANN, "AAA", *lines)
    assert isinstance(done, Done)
    assert done.body["worth"] == (None if worth is None else {"amount": worth, "currency": "VND"})


@pytest.mark.parametrize(
    ("terms", "asked", "why", "said"),
    [
        ({"minimum": TEN}, {"lines": [("9999", None)]}, "spend_more", "at least 10000 VND; the bill has 9999"),
        ({"minimum": TEN, "categories": ["tea"]}, {"lines": [("9000", "tea"), ("9000", None)]}, "spend_more", "of tea"),
        ({"categories": ["tea"]}, {"lines": [("9000", "rice")]}, "nothing_counts", "nothing of tea on this bill"),
        ({"value": TEN}, {"lines": [("0", None)]}, "nothing_counts", "nothing on this bill"),
        ({"value": TEN}, {"currency": "USD"}, "wrong_currency", "this voucher is in VND, the bill in USD"),
        ({"until": NOON}, {}, "voucher_expired", "valid until 2026-03-02T"),
        ({"value": TEN}, {"code": "BBB"}, "unknown_voucher", "check the code"),
        ({"value": TEN}, {"who": BOB}, "unknown_voucher", "whose it is"),
    ],
)
async def test_what_its_terms_do_not_allow(
    mall: Mall, terms: dict[str, Any], asked: dict[str, Any], why: str, said: str
) -> None:
    await mall.offered(ANN, "AAA", **terms)
    asked = dict(asked)
    answer = await mall.redeems(asked.pop("who", ANN), asked.pop("code", "AAA"), *asked.pop("lines", ()), **asked)
    assert isinstance(answer, Denied)
    assert answer.code == why
    assert said in answer.detail
    assert documents(mall, VOUCHERS)["AAA"]["used"] is None
    assert not [each for each in documents(mall, JOURNAL).values() if each["kind"] == "voucher"]


@pytest.mark.parametrize(
    ("alone", "second_bill", "expected"),
    [((False, False), "b-1", "done"), ((True, False), "b-1", "not_with_others"),
     ((False, True), "b-1", "not_with_others"), ((True, True), "b-2", "done")],
)  # fmt: skip
async def test_not_with_others(mall: Mall, alone: tuple[bool, bool], second_bill: str, expected: str) -> None:
    """Whichever of the two is not used with others; on another bill it does not matter."""
    for name, its in zip(("AAA", "BBB"), alone, strict=True):
        await mall.offered(ANN, name, value=TEN, alone=its)
    assert code(await mall.redeems(ANN, "AAA")) == "done"
    assert code(await mall.redeems(ANN, "BBB", bill=second_bill)) == expected


async def test_undone_it_can_be_used_again(mall: Mall) -> None:
    await mall.offered(ANN, "AAA", value=TEN)
    await mall.redeems(ANN, "AAA")

    def undo(partner: str | None) -> UndoVoucher:
        return UndoVoucher(**mall.key(), caller=Caller("till", partner=partner), member=ANN, code="AAA")

    assert code(await mall.ask(undo("cinema"))) == "not_used"  # another partner's till
    assert code(await mall.ask(undo("grocer"))) == "done"
    assert code(await mall.ask(undo("grocer"))) == "not_used"
    assert code(await mall.redeems(ANN, "AAA", bill="b-2")) == "done"


async def test_many_tills_at_once(mall: Mall) -> None:
    """Ten tills redeem the same voucher, and each another that is not used with others on the same bill: one wins."""
    for number in range(10):
        await mall.offered(ANN, f"A{number}", value=TEN, alone=True)
    await mall.queue.start()
    try:
        one = [mall.redemption(ANN, "A0", bill=f"b-{number}") for number in range(10)]
        answers = await asyncio.gather(*(mall.queue.ask(each) for each in one))
        assert sorted(map(code, answers)) == ["done", *["used_already"] * 9]
        each = [mall.redemption(ANN, f"A{number}", bill="b-x") for number in range(1, 10)]
        answers = await asyncio.gather(*(mall.queue.ask(command) for command in each))
        assert sorted(map(code, answers)) == ["done", *["not_with_others"] * 8]
    finally:
        await mall.queue.stop()


def test_campaigns_says_the_terms() -> None:
    """What a rule writes is what an offer says."""
    said = Voucher(title="Tea", percent_off="10", minimum=Money(**TEN), categories=["tea"], alone=True)
    given = thing_data("id", None, Thing(voucher=said), ZoneInfo("UTC"))  # type: ignore[arg-type]
    assert (given.minimum, given.categories, given.alone) == (Money(**TEN), ["tea"], True)
    plain = thing_data("id", None, Thing(voucher=Voucher(title="Tea")), ZoneInfo("UTC"))  # type: ignore[arg-type]
    assert (plain.minimum, plain.categories, plain.alone) == (None, None, None)


@pytest.mark.parametrize(
    ("won", "days", "until"),
    [
        ("2026-03-20T10:00:00+01:00", 14, "2026-04-03T08:00:00+00:00"),  # ten o'clock, in summer time
        ("2026-10-20T10:00:00+02:00", 14, "2026-11-03T09:00:00+00:00"),
        ("2026-03-28T02:30:00+01:00", 1, "2026-03-29T01:30:00+00:00"),  # there is no half past two: an hour later
        ("2026-05-04T10:00:00+02:00", 14, "2026-05-18T08:00:00+00:00"),
    ],
)
async def test_a_vouchers_days_end_at_the_local_time_of_day_at_which_it_was_won(
    won: str, days: int, until: str
) -> None:
    """As points' spans do, by the programme's zone, whatever offset the event has. Mechanism: `later` in `thing_data`;
    without it a voucher would end an hour early or late where the clocks change meanwhile."""
    gives = rule("gives", f"then: {{voucher: {{title: Tea, valid_days: {days}}}}}", kind="bonus")
    found = Campaigning(gives, programme=PROGRAMME.replace("Asia/Ho_Chi_Minh", "Europe/Berlin"))
    found.clock.now = datetime.fromisoformat(won).astimezone(ZoneInfo("America/New_York"))
    await found.buys_lines(ANN, 10_000)
    [thing] = found.campaigns.collection("things").values()
    assert datetime.fromisoformat(thing["until"]) == datetime.fromisoformat(until)


async def test_a_part_is_taken_off_bills_in_the_programmes_currency_only(mall: Mall) -> None:
    """As an amount in another currency is refused: nobody has said what a dollar's tenth costs whom."""
    await mall.offered(ANN, "AAA", percent_off="10")
    assert code(await mall.redeems(ANN, "AAA", currency="USD")) == "wrong_currency"
    assert code(await mall.redeems(ANN, "AAA", currency="VND")) == "done"
