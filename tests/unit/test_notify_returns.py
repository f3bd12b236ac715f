"""Members are told of returns where the programme has a message for them: by hand, from the ledger's own accruals."""

from __future__ import annotations

from services.notify.consumers import NotifyHandler
from services.notify.domain import MEMBERS
from shared.events.internal import Notification
from shared.rules.rulebook import Rulebook
from shared.runtime.batch import BatchLoop
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from tests.unit.partnerkit import ANN
from tests.unit.returnkit import Shop
from tests.unit.rulekit import PROGRAMME, book, line, rule

BASE = rule("base", "then: [{per_amount: {per: 10}}, {wallet: miles, per_amount: {per: 2}}]")
TEXT = (
    'reason: return\ntexts: {en: {subject: "Back", text: "{{ points }} {{ wallet }}'
    '{% if others %}, {{ others }}{% endif %}{% if whole %}: all{% endif %}"}}'
)
TOLD = rule("message-return", TEXT, "message")
MILES = PROGRAMME.replace("[stars, miles, cash]", "[stars, {id: miles, title: Air miles}, cash]")


async def told(shop: Shop, rules: Rulebook) -> list[str]:
    """The texts of what notify writes of all that the ledger announced; how many members' news wait stays nought."""
    store, sent = MemoryStore(), list[str]()

    async def publish(messages: object) -> None:
        assert isinstance(messages, list)
        sent.extend(Notification.model_validate_json(each.value).data.text.strip() for each in messages)

    loop = BatchLoop(NotifyHandler(), store, publish, lambda: rules)
    accruals = [each for each in shop.sent if each.topic == "accruals"]
    for _ in range(2):  # once more: it is written once
        for number, each in enumerate(accruals):
            await loop.run([Record("accruals", 0, number, each.value, headers=(("kind", each.kind.encode()),))])
    assert not store.collection(MEMBERS)[ANN]["held"]
    return sent


async def test_the_member_is_told_what_went_back_at_once() -> None:
    """Of the wallet that lost most, and of the others; a part, a return that takes nothing, the rest, a cancellation;
    milestones that cancel nothing are nobody's news."""
    rules = book(BASE, TOLD, programme=MILES)
    shop = Shop(rules)
    await shop.joins()
    bought = await shop.buys(line("30"), line("40"), line("1"))
    await shop.reports(bought, "delivered")
    await shop.returns(bought, (0, 1))
    await shop.returns(bought, (2, 1))
    await shop.returns(bought)
    await shop.reports(await shop.buys(line("10")), "cancelled")
    assert await told(shop, rules) == [
        "15 Air miles, 3 stars",
        "20 Air miles, 4 stars: all",
        "5 Air miles, 1 stars: all",
    ]


async def test_without_a_message_for_it_nobody_is_told() -> None:
    rules = book(BASE)
    shop = Shop(rules)
    await shop.joins()
    await shop.returns(await shop.buys(line("30")))
    assert await told(shop, rules) == []
