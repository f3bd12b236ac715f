"""What `why` says of campaigns' rules that would give by now, of an event that campaigns has decided; by hand."""

from __future__ import annotations

from services.campaigns.domain import MEMBERS, RECORDS
from services.campaigns.giving import THINGS
from services.earn.posting import JOURNAL
from shared.ops.explaining import Standing, explain
from shared.ops.rebuilding import Sources
from shared.ops.telling_rulings import tell_ruling
from shared.rules.quotas import Quotas
from shared.rules.saying.speaking import Language
from shared.rules.usage import Ample
from shared.runtime.sharing import HOUSEHOLDS, SharedUsage
from tests.unit.partnerkit import ANN, BOB
from tests.unit.returnkit import Shop
from tests.unit.rulekit import line, rule
from tests.unit.test_undoing import Coalition
from tests.unit.test_why_merged import NOT_KEPT

ONCE = "limits: [{per: household, period: month, times: 1}]"
BONUS = rule("treat", f"then: {{fixed: 7}}\n{ONCE}", "bonus")
ON_ITS_WAY = "won 7 stars, but its grant is not posted yet: see `doublestar status` for lag"


def told(
    found: Coalition,
    event: str,
    rule_: str = "treat",
    language: Language = "en",
    *,
    posted: bool = True,
    things: bool = False,
) -> str:
    """posted: else campaigns' grants are not in the journal yet; things: whether its vouchers are there."""
    entries = found.store.collection(JOURNAL).values()
    mine = [each for each in entries if each["member"] == ANN and (posted or each["kind"] != "grant")]
    kept = found.campaigns.collection(MEMBERS).get(ANN)
    noted = [*found.campaigns.collection(RECORDS).values()]
    given = [*found.campaigns.collection(THINGS).values()] if things else []
    sources = Sources(mine, found.book, given, campaigns=kept, noted=noted)
    shared = SharedUsage(dict(found.campaigns.collection(HOUSEHOLDS)), Quotas({}, 1), packs=True).lane(0)
    entry = next(each for each in mine if each["_id"].endswith(f"|{event}"))
    [ruling] = [each for each in explain(entry, sources, Standing(Ample(), shared)).rulings if each.rule == rule_]
    return tell_ruling(ruling, language)[0].partition("): ")[2]


async def family(*rules: str) -> Coalition:
    """Ann and Bob, of one household."""
    found = Coalition(*rules)
    for who in (ANN, BOB):
        await found.joins(who, household="oak")
    await found.hear()
    return found


async def test_what_another_of_the_household_had_used_was_refused_though_it_is_free_by_now() -> None:
    """Bob has the month's one; Ann gets none; what Bob bought comes back, and the month's one is free again.
    Mechanism: `Inquiry.sent`; without it Ann's is told to be on its way, for ever."""
    found = await family(BONUS)
    first = await found.buys(line("30"), who=BOB)
    refused = await found.buys(line("30"))
    assert told(found, refused).startswith("already used up by the household this month")
    await found.returns(first, who=BOB)
    assert told(found, refused) == NOT_KEPT
    assert told(found, refused, language="vi") == (
        "hỏi lại bây giờ thì sẽ cho 7 stars; lúc đó chưa cho gì, và lý do không còn được lưu"
    )


async def test_what_campaigns_notes_to_have_given_is_on_its_way() -> None:
    """A bonus and a challenge of which the grants are not posted yet. Mechanism: `Sources.sent`; without it they are
    said to have given nothing."""
    days = rule("days", "progress: {goal: 1}\nthen: {fixed: 7}", "challenge")
    found = await family(BONUS, days)
    won = await found.buys(line("30"))
    for each in ("treat", "days"):
        assert told(found, won, each, posted=False) == ON_ITS_WAY
        assert told(found, won, each).startswith("7 stars")


async def test_what_campaigns_has_not_decided_is_on_its_way() -> None:
    """Its consumer is behind. Mechanism: `Sources.decided`."""
    found = await family(BONUS)
    bought = await Shop.buys(found, line("30"))
    assert told(found, bought) == ON_ITS_WAY
    await found.hear()
    assert told(found, bought) == "7 stars"


JOINED = "e-1"  # what comes first
UNNOTED = (
    "would give {}; campaigns decides that after the event, and its grant is not posted: it is on its way, or, where "
    "`doublestar status` shows no lag, it gave nothing"
)


async def test_of_what_campaigns_notes_nothing_it_is_said_that_the_grant_may_be_on_its_way() -> None:
    """A signup's bonus, and a tag for a purchase, which campaigns has decided and not posted. Mechanism: `_unnoted`;
    without it the member is told for a while that they got nothing, and nobody knows why."""
    hello = rule("hello", "on: signup\nthen: {fixed: 7}", "bonus")
    tagged = rule("tagged", "then: {tag: fan}", "bonus")
    found = Coalition(hello, tagged)
    await found.joins(ANN)
    await found.hear()
    bought = await found.buys(line("30"))
    assert told(found, JOINED, "hello", posted=False) == UNNOTED.format("7 stars")
    assert told(found, JOINED, "hello", language="vi", posted=False) == (
        "sẽ cho 7 stars; chiến dịch xét sau sự kiện, và chưa được ghi vào tài khoản: đang chờ ghi, hoặc đã không cho gì"
    )
    assert told(found, bought, "tagged", posted=False) == UNNOTED.format("the tag fan")
    assert told(found, JOINED, "hello") == "7 stars"
    assert told(found, bought, "tagged") == "the tag fan"


async def test_what_campaigns_keeps_a_voucher_of_is_on_its_way() -> None:
    """A signup's voucher is there, the points besides are not posted. Mechanism: `Had.kept`; without it they are said
    to have been refused."""
    gave = rule("hello", "on: signup\nthen: [{fixed: 7}, {voucher: {title: A coffee}}]", "bonus")
    found = Coalition(gave)
    await found.joins(ANN)
    await found.hear()
    assert told(found, JOINED, "hello", posted=False, things=True) == ON_ITS_WAY
    assert told(found, JOINED, "hello", posted=False) == NOT_KEPT.replace("7 stars", "7 stars, voucher A coffee")
