"""Who is written to when members are merged, and that nobody is who was erased: by hand."""

from __future__ import annotations

from typing import Any

from services.notify.delivery import DELIVERED, DeliveryHandler
from services.notify.domain import MEMBERS, Notifications, NotifyState
from shared.events.internal import NOTIFY_INPUT, Accrual, Notification, NotificationData, Offer
from shared.events.internal import Cause as CauseOf
from shared.rules.learning import utc
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Decision, Item, Record
from tests.unit.partnerkit import ANN, BOB, NOON, offer
from tests.unit.rulekit import book, rule

TEXT = 'reason: voucher\ntexts: {en: {subject: "A voucher", text: "{{ name }}: {{ code }}"}}'
BOOK = book(rule("message-voucher", TEXT, "message"))


def known(who: str, name: str) -> dict[str, Any]:
    said = {"name": name, "email": f"{name.lower()}@example.com"}
    learnt = {key: [utc(NOON), "s", value] for key, value in said.items()}
    return {"_id": who, "joined": True, "known": learnt, "held": []}


def news(*values: bytes) -> list[Item[Any]]:
    return [Item(Record("offers", 0, n, value), NOTIFY_INPUT.validate_json(value)) for n, value in enumerate(values)]


def voucher(code: str) -> bytes:
    raw = offer(BOB, code, f"o-{code}")
    assert isinstance(NOTIFY_INPUT.validate_json(raw), Offer)
    return raw


def merge() -> bytes:
    said = {"kind": "merge", "id": "k", "wallet": "none", "points": 0, "at": NOON, "survivor": ANN, "survivor_seq": 2}
    data = {"member": BOB, "seq": 2, "earned": [], "balances": {}, "entry": said}
    made = Accrual.model_validate(
        {"specversion": "1.0", "id": f"{BOB}-2", "source": "/earn", "time": NOON, "data": data}
    )
    return made.model_dump_json().encode()


def decided(members: dict[str, dict[str, Any]], *values: bytes) -> Decision:
    desk = Notifications(NotifyState(members, set()), BOOK)
    for each in news(*values):
        desk.take(each)
    return desk.finish()


def told(decision: Decision) -> list[tuple[str | None, str]]:
    """Address and text of each message."""
    found = [Notification.model_validate_json(each.value).data for each in decision.messages]
    return [(each.to_email, each.text.strip()) for each in found]


def test_from_the_merge_on_the_survivor_is_written_to() -> None:
    """Also about what was on its way to the duplicate."""
    members = {BOB: known(BOB, "Bob"), ANN: known(ANN, "Ann")}
    assert told(decided(members, voucher("AAA"), merge(), voucher("BBB"))) == [
        ("bob@example.com", "Bob: AAA"), ("ann@example.com", "Ann: BBB"),
    ]  # fmt: skip


def test_what_waited_for_the_duplicates_signup_is_told_to_the_survivor() -> None:
    members = {BOB: {"_id": BOB, "joined": False, "known": {}, "held": []}, ANN: known(ANN, "Ann")}
    assert told(decided(members, voucher("AAA"), merge())) == [("ann@example.com", "Ann: AAA")]
    assert members[BOB]["held"] == []


def test_nobody_is_written_to_who_was_erased_and_nothing_is_learnt() -> None:
    """Mechanism: the mark that the erasure leaves in notify's members."""
    members = {BOB: {"_id": BOB, "joined": False, "known": {}, "held": [], "erased": True}}
    decision = decided(members, voucher("AAA"))
    assert (decision.messages, decision.inserts, decision.replaces) == ([], {}, {})


async def test_an_email_that_was_on_its_way_is_not_delivered() -> None:
    store, handler = MemoryStore(), DeliveryHandler()
    async with store.unit() as unit:
        await unit.commit({MEMBERS: [{"_id": BOB, "erased": True}, known(ANN, "Ann")]}, {})
    items = [Item(Record("notifications", 0, n, b""), notification(who)) for n, who in enumerate((BOB, ANN))]
    async with store.unit() as unit:
        decision = handler.decide(await handler.gather(unit, items, BOOK), items, BOOK)
    assert [each.key.partition("/")[2][:22] for each in decision.messages] == [ANN]
    assert [each["channel"] for each in decision.inserts[DELIVERED]] == ["erased", "email"]


def notification(who: str) -> Notification:
    data = NotificationData(
        member=who, template="gift", definition="message-gift", version=1, language="en", channel="email",
        to_name="Somebody", to_email="somebody@example.com", subject="A gift", text="For you",
        cause=CauseOf(source="/earn", id="e"),
    )  # fmt: skip
    return Notification(specversion="1.0", id=f"n-{who}", source="/notify", time=NOON, data=data)
