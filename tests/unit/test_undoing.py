"""What campaigns take back when goods come back: bonuses, challenges, a referral's reward, through to the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from services.campaigns.consumers import CampaignsHandler
from services.campaigns.domain import RECORDS
from services.tiers.consumers import TiersHandler
from shared.ops.rebuilding import Sources
from shared.ops.rule_uses import uses_of
from shared.runtime.batch import BatchLoop
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from tests.unit.campaignkit import relayed
from tests.unit.partnerkit import ANN, BOB
from tests.unit.returnkit import NOON, Shop
from tests.unit.rulekit import book, line, rule

BASE = rule("base", "then: {per_amount: {per: 10}}")


class Coalition(Shop):
    """A shop with campaigns and tiers, which hear of everything at once."""

    def __init__(self, *rules: str) -> None:
        super().__init__(book(*rules))
        self.campaigns, self.tiers = MemoryStore(), MemoryStore()
        self._campaigns = BatchLoop(CampaignsHandler(), self.campaigns, self._publish, lambda: self.book)
        self._tiers = BatchLoop(TiersHandler(), self.tiers, self._publish, lambda: self.book)
        self._heard = 0

    async def hear(self) -> None:
        """Accruals to campaigns and tiers, grants to the ledger, until nothing is left to say."""
        loops: dict[str, list[BatchLoop[Any, Any]]] = {
            "accruals": [self._campaigns, self._tiers],
            "grants": [self.loop],
        }
        self._heard = await relayed(self.sent, self._heard, loops)

    async def buys(self, *lines: dict[str, Any], who: str = ANN, **more: Any) -> str:
        id_ = await super().buys(*lines, who=who, **more)
        await self.hear()
        return id_

    async def returns(self, purchase: str, *lines: tuple[int, int], who: str = ANN, **more: Any) -> str:
        id_ = await super().returns(purchase, *lines, who=who, **more)
        await self.hear()
        return id_

    async def refers(self, who: str, advocate: str) -> None:
        """Somebody brought them."""
        said = {"advocate": {"reference": "a"}, "friend": {"reference": "f"}}
        record, _ = self._event("referral", who, said, {})
        value = record.value.replace(b'"origin"', b'"advocate":"%b","origin"' % advocate.encode())
        await self.loop.run([record._replace(value=value)])
        await self.hear()

    def counted(self, who: str = ANN) -> dict[str, Any]:
        """What campaigns keep of a member."""
        return dict(self.campaigns.collection("members")[who])

    def granted(self, who: str = ANN) -> dict[str, int]:
        """Points of grants by rule."""
        found: dict[str, int] = {}
        for entry in self.store.collection("journal").values():
            for each in entry["awards"] if entry["kind"] == "grant" and entry["member"] == who else ():
                found[each["rule"]] = found.get(each["rule"], 0) + each["points"]
        return found


async def test_a_bonus_goes_back_as_its_rule_says_for_what_is_left() -> None:
    """By line, and for a least spend; a use of its limit goes back with the last of it."""
    lines = rule("lines", "then: {per_amount: {per: 5}}\nlimits: [{period: day}]", kind="bonus")
    least = rule("least", "when: basket.total >= 50\nthen: {fixed: 30}\nbudget: {points: 100}", kind="bonus")
    found = Coalition(lines, least)
    bought = await found.buys(line("30"), line("25"))
    assert found.granted() == {"lines": 11, "least": 30}
    await found.returns(bought, (1, 1))
    assert found.granted() == {"lines": 6, "least": 0}
    assert (await found.buys(line("10"))) and found.granted()["lines"] == 6  # its use of the day is used
    await found.returns(bought)
    assert found.granted() == {"lines": 0, "least": 0}
    assert (await found.buys(line("10"))) and found.granted()["lines"] == 2
    assert found.campaigns.collection(RECORDS)[f"/partners/grocer|{bought}"]["back"]
    assert found.balance() == 2
    offers = [each for each in found.sent if each.topic == "offers"]
    assert len(offers) == 3  # nobody is written to about what goes back


async def test_of_a_bonus_that_a_budget_cut_no_more_goes_back_than_it_gave() -> None:
    pot = rule("pot", "then: {per_amount: {per: 1}}\nbudget: {points: 25}", kind="bonus")
    found = Coalition(pot)
    bought = await found.buys(line("20"), line("20"))
    assert found.granted() == {"pot": 25}
    await found.returns(bought, (0, 1))
    assert found.granted() == {"pot": 20}
    await found.returns(bought)
    assert found.granted() == {"pot": 0}
    await found.buys(line("90"))
    assert found.granted() == {"pot": 25}


async def test_a_challenge_counts_what_is_left_and_its_reward_goes_back_and_may_be_won_again() -> None:
    """Mechanism: `challenges.returned`; without it the second purchase of 60 would complete nothing."""
    much = rule("much", "progress: {count: amount, period: month, goal: 100}\nthen: {fixed: 50}", kind="challenge")
    found = Coalition(much)
    first = await found.buys(line("40"), line("20"))
    await found.buys(line("50"))
    assert (found.granted(), found.counted()["progress"]) == ({"much": 50}, {"much": {"2017-03": 110}})
    await found.returns(first, (1, 1))
    assert (found.granted(), found.counted()["progress"]) == ({"much": 0}, {"much": {"2017-03": 90}})
    await found.returns(first)
    await found.buys(line("60"))
    assert (found.granted(), found.counted()["progress"]) == ({"much": 50}, {"much": {"2017-03": 110}})
    assert found.balance() == 50


async def test_a_day_counts_until_all_of_it_has_come_back() -> None:
    days = rule("days", "progress: {count: days, period: month, goal: 2}\nwhen: basket.total >= 10\nthen: {fixed: 9}",
                kind="challenge")  # fmt: skip
    found = Coalition(days)
    first, second = await found.buys(line("10")), await found.buys(line("15"), line("5"))
    await found.returns(first)
    await found.returns(second, (1, 1))  # 15 are left: the day still counts
    await found.buys(line("10"), at=NOON + timedelta(days=1))
    assert found.granted() == {"days": 9}
    await found.returns(second)
    assert found.granted() == {"days": 0}


async def test_a_referral_is_rewarded_for_the_first_purchase_that_is_kept() -> None:
    refer = rule("refer", "advocate: {fixed: 20}\nfriend: {fixed: 10}", kind="referral")
    found = Coalition(refer)
    await found.refers(BOB, ANN)
    bought = await found.buys(line("30"), line("10"), who=BOB)
    assert (found.granted(), found.granted(BOB)) == ({"refer": 20}, {"refer": 10})
    await found.returns(bought, (0, 1), who=BOB)
    assert (found.granted(), found.granted(BOB)) == ({"refer": 20}, {"refer": 10})
    await found.returns(bought, who=BOB)
    assert (found.granted(), found.granted(BOB)) == ({"refer": 0}, {"refer": 0})
    assert found.member()["referrals"] == 0
    await found.buys(line("30"), who=BOB)
    assert (found.granted(), found.granted(BOB)) == ({"refer": 20}, {"refer": 10})


async def test_tiers_fall_with_the_points_of_the_purchases_year() -> None:
    """Returned in the next year; the status was of the year before, and ends by the ladder's own rules."""
    ladder = rule("l", "qualifying: [base]\ntiers: [{id: silver, title: S, reached_from: 10}]", kind="ladder")
    gift = rule("g", "ladder: l\ntier: silver\ngift: cup\nannounced: false", kind="gift")
    found = Coalition(BASE, ladder, gift)
    bought = await found.buys(line("100"), line("20"))
    held = found.tiers.collection("members")[ANN]["ladders"]["l"]
    assert (held["tier"], held["years"]) == ("silver", {"2017": 12})
    await found.returns(bought, (1, 1), at=NOON + timedelta(days=330))
    await found.returns(bought, (0, 1), at=NOON + timedelta(days=330))
    member = found.tiers.collection("members")[ANN]
    assert (member["ladders"]["l"]["tier"], member["ladders"]["l"]["years"]) == (None, {"2017": 0})
    assert member["gifts"] == ["g"]  # a gift that was given stays given


async def test_bought_and_brought_back_in_one_batch() -> None:
    pot = rule("pot", "then: {per_amount: {per: 1}}", kind="bonus")
    found = Coalition(pot)
    bought, id_ = found.purchase(line("20"), line("20"))
    back, _ = found.back(id_, (0, 1))
    await found.loop.run([bought, back])
    accruals = [Record("accruals", 0, n, each.value) for n, each in enumerate(found.sent) if each.topic == "accruals"]
    await found._campaigns.run(accruals)
    await found.hear()
    assert found.granted() == {"pot": 20}


THINGS = """
- {id: big-draw, kind: draw, effective: 2017-01-01T00:00:00-05:00, title: A draw, draws_at: 2017-06-01T00:00:00-04:00,
   prizes: [{title: A bicycle}]}
"""


def things(found: Coalition) -> dict[str, bool]:
    """What campaigns keep of vouchers and tickets: whether they are withdrawn, by rule."""
    return {each["rule"]: "withdrawn" in each for each in found.campaigns.collection("things").values()}


def withdrawn(found: Coalition) -> list[tuple[str, str]]:
    """Rule and kind of what was told to be withdrawn."""
    offers = [orjson.loads(each.value)["data"] for each in found.sent if each.topic == "offers"]
    return [(each["rule"], each["thing"]["kind"]) for each in offers if each.get("thing", {}).get("withdrawn")]


async def test_things_are_withdrawn_where_their_rule_does_not_hold_for_what_is_left() -> None:
    """Half comes back: the voucher for a least spend goes, tickets for any purchase stay until all is back; then a gift
    that was handed over stays. Once withdrawn, nothing is withdrawn again."""
    voucher = rule("voucher", "when: basket.total >= 50\nthen: {voucher: {title: Coffee}}", kind="bonus")
    tickets = rule("tickets", "then: [{tickets: {draw: big-draw, count: 2}}, {fixed: 3}]", kind="bonus")
    gift = rule("gift", "then: {gift: {title: A mug}}", kind="bonus")
    found = Coalition(THINGS, voucher, tickets, gift)
    bought = await found.buys(line("30"), line("25"))
    assert things(found) == {"voucher": False, "tickets": False, "gift": False}
    await found.returns(bought, (1, 1))
    assert (things(found), found.granted()) == ({"voucher": True, "tickets": False, "gift": False}, {"tickets": 3})
    assert withdrawn(found) == [("voucher", "voucher")]
    await found.returns(bought)
    assert (things(found), found.granted()) == ({"voucher": True, "tickets": True, "gift": False}, {"tickets": 0})
    assert withdrawn(found) == [("voucher", "voucher"), ("tickets", "tickets")]


async def test_a_punch_goes_from_a_card_that_is_not_full() -> None:
    """Of three for a card the second's punch goes; then two more fill it, and no return empties a full one."""
    card = rule("card", "then: {punch: {card: green, of: 3, points: 13}}", kind="bonus")
    found = Coalition(card)
    first = await found.buys(line("5"))
    second = await found.buys(line("5"))
    await found.returns(second)
    assert found.counted()["cards"] == {"green": {"punches": 1, "filled": 0}}
    for _ in range(3):
        await found.buys(line("5"))
    assert (found.counted()["cards"], found.granted()) == ({"green": {"punches": 1, "filled": 1}}, {"card": 13})
    await found.returns(first)
    assert (found.counted()["cards"], found.granted()) == ({"green": {"punches": 1, "filled": 1}}, {"card": 13})
    assert withdrawn(found) == [("card", "punch")]


async def test_a_challenge_s_voucher_goes_with_its_reward_and_is_won_anew() -> None:
    """Another voucher: the first stays withdrawn."""
    much = rule("much", "progress: {count: amount, period: month, goal: 100}\nthen: {voucher: {title: Coffee}}",
                kind="challenge")  # fmt: skip
    found = Coalition(much)
    bought = await found.buys(line("120"))
    await found.returns(bought)
    await found.buys(line("120"))
    kept = [(each["_id"], "withdrawn" in each) for each in found.campaigns.collection("things").values()]
    assert kept == [(f"much:{ANN}:2017-03:t0", True), (f"much:{ANN}:2017-03:again2:t0", False)]
    codes = {each["code"] for each in found.campaigns.collection("things").values()}
    assert len(codes) == 2


async def test_what_is_won_once_more_is_another_win_of_each_of_its_wallets() -> None:
    """And is told as such. Mechanism: `wins.challenge_scope`; without its word the second win's first part would have
    the id of the first one's third."""
    much = rule("much", "progress: {count: amount, period: month, goal: 100}\nthen: [{fixed: 5}, "
                "{wallet: miles, fixed: 6}, {wallet: cash, fixed: 7}]", kind="challenge")  # fmt: skip
    found = Coalition(much)
    bought = await found.buys(line("120"))
    await found.returns(bought)
    again = await found.buys(line("120"))
    assert [found.balance(wallet) for wallet in ("stars", "miles", "cash")] == [5, 6, 7]
    assert found.letters() == []
    journal = sorted(found.store.collection("journal").values(), key=lambda each: int(each["seq"]))
    uses = uses_of(ANN, "much", journal, Sources(journal, found.book), ZoneInfo("UTC"))
    told = [(each.back, sum(part.points for part in each.parts)) for each in uses]
    assert told == [(False, 18), (True, -18), (False, 18)]
    assert again in str(uses[-1].what)
