"""Backtests and returns: a replay takes back what the ledger took back, and says what a draft costs net of returns."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from shared.backtest import page, text
from shared.backtest.engine import Engine
from shared.backtest.entries import Announced, Back, Entry
from shared.backtest.exported import Export
from shared.backtest.journal import entry, is_replayed
from shared.rules.rulebook import Rulebook
from tests.unit.backtesting import compared_with, written
from tests.unit.partnerkit import ANN
from tests.unit.returnkit import Shop
from tests.unit.rulekit import PROGRAMME, book, line, rule

RULES = (
    rule("base", "then: {per_amount: {per: 10}}"),
    rule("once", "when: basket.total >= 50\nthen: {fixed: 25}\nlimits: [{period: month}]"),
)
Points = list[tuple[str, int]]


def stored(shop: Shop) -> list[Entry]:
    """The journal, in order."""
    journal = sorted(shop.store.collection("journal").values(), key=lambda each: int(each["seq"]))
    return [entry(each) for each in journal if is_replayed(each)]


def points(path: Path, rules: Rulebook) -> list[Points]:
    """What a replay of a file posts, entry by entry."""
    export = Export(path)
    engine = Engine(rules, export.announced)
    return [[(a.rule, a.points) for p in engine.take(each) for a in p.awards] for each in export.entries()]


def live(entries: list[Entry]) -> list[Points]:
    """What the ledger posted."""
    backs = [() if each.taken is None else each.taken.awards for each in entries]
    return [[(a.rule, a.points) for a in (*e.awards, *back)] for e, back in zip(entries, backs, strict=True)]


async def test_a_replay_takes_back_what_the_ledger_took_back(tmp_path: Path) -> None:
    """By line, by amount, the rest; a purchase that is cancelled; and the limit is there again for the next one. What
    the file has is what the journal had."""
    found = Shop(book(*RULES))
    bought = await found.buys(line("30"), line("40"))
    await found.returns(bought, (0, 1))
    await found.returns(bought, amount="5.50")
    await found.returns(bought)
    await found.reports(await found.buys(line("60")), "cancelled")
    await found.buys(line("50"))
    entries = stored(found)
    file = written(tmp_path / "activity.zip", entries, found.book)
    posted = points(file, found.book)
    assert posted == [
        [("base", 7), ("once", 25)],
        [("base", -3), ("once", -25)],
        [],
        [("base", -4)],
        [("base", 6), ("once", 25)],
        [("base", -6), ("once", -25)],
        [("base", 5), ("once", 25)],
    ]
    assert posted == live(entries)
    read = list(Export(file).entries())
    assert [each.event for each in read[1:4]] == [each.event for each in entries[1:4]]  # what each return is of
    assert [each.back for each in read] == [each.back for each in entries]
    assert [each.taken for each in read] == [each.taken for each in entries]


async def test_a_draft_takes_back_what_it_would_have_given(tmp_path: Path) -> None:
    """A draft that gives for a higher least spend has nothing to take back of the first purchase, and all of the
    second's; the live rules take back both."""
    found = Shop(book(*RULES))
    for amount in ("60", "90"):
        await found.returns(await found.buys(line(amount)))
    file = written(tmp_path / "activity.zip", stored(found), found.book)
    draft = book(RULES[0], rule("once", "when: basket.total >= 80\nthen: {fixed: 40}"))
    assert points(file, draft) == [
        [("base", 6)],
        [("base", -6)],
        [("base", 9), ("once", 40)],
        [("base", -9), ("once", -40)],
    ]


async def test_points_that_a_wallet_let_the_member_keep_stay_in_the_replay(tmp_path: Path) -> None:
    """`zero` took what was there: 40 of 70 had been given away at a till, which no replay knows of."""
    wallet = PROGRAMME.replace("[stars, miles, cash]", "[{id: stars, on_return: zero}]")
    found = Shop(book(rule("base", "then: {per_amount: {per: 1}}"), programme=wallet))
    bought = await found.buys(line("70"))
    member = found.store.documents["members", ANN]
    member["balances"]["stars"] -= 40  # as a redemption leaves it
    member["lots"][0]["points"] -= 40
    await found.returns(bought)
    file = written(tmp_path / "activity.zip", stored(found), found.book)
    assert points(file, found.book) == [[("base", 70)], [("base", -30)]]


async def test_points_of_a_bonus_that_a_wallet_let_the_member_keep_stay_in_the_replay(tmp_path: Path) -> None:
    """Campaigns takes back a bonus of 25 of which 20 are spent: the ledger posts -5, and so does a replay that decides
    the bonus, and its end, itself. Mechanism: `spared` of the grant's entry, in the file too."""
    wallet = PROGRAMME.replace("[stars, miles, cash]", "[{id: stars, on_return: zero}]")
    found = Shop(book(rule("large", "when: basket.total >= 50\nthen: {fixed: 25}", kind="bonus"), programme=wallet))
    bought = await found.buys(line("70"))
    back, _ = found.back(bought)
    [given] = [p for p in Engine(found.book, Announced()).take(stored(found)[0]) if p.grant is not None]
    await found.is_granted(str(given.grant), given.awards[0].points, rule="large", time=given.time)
    member = found.store.documents["members", ANN]
    member["balances"]["stars"] -= 20  # as a redemption leaves it
    member["lots"][0]["points"] -= 20
    await found.loop.run([back])
    whole = frozenset({Back(ANN, f"/partners/grocer|{bought}")})
    engine = Engine(found.book, Announced(frozenset({str(given.grant)}), returns=whole))
    [undone] = [p for each in stored(found) for p in engine.take(each) if p.grant not in (None, given.grant)]
    await found.is_granted(str(undone.grant), undone.awards[0].points, rule="large", time=undone.time, corrects="g")
    file = written(tmp_path / "activity.zip", stored(found), found.book)
    assert [each for each in points(file, found.book) if each] == [[("large", 25)], [("large", -5)]]
    assert points(file, found.book) == live(stored(found))
    assert found.balance() == 0


async def test_a_return_counts_when_its_purchase_did(tmp_path: Path) -> None:
    """What was bought in March is net of what came back in April; April's report has nothing of it."""
    found = Shop(book(*RULES))
    kept, gone = await found.buys(line("70")), await found.buys(line("40"))
    april = datetime.fromisoformat("2017-04-03T12:00:00-04:00")
    await found.returns(gone, at=april)
    await found.returns(kept, amount="10", at=april)
    await found.buys(line("20"), at=april)
    file = written(tmp_path / "activity.zip", stored(found), found.book)
    draft = "id: base\nkind: earn\neffective: 2017-01-01T00:00:00-05:00\ntitle: Base\nthen: {per_amount: {per: 5}}\n"
    march = compared_with(tmp_path, file, draft, ("2017-03-01", "2017-03-31"))
    assert (march.total.draft.points, march.total.other.points) == (12 + 25, 6 + 25)
    assert (march.total.draft.taken, march.total.other.taken) == (10, 5)
    base = next(each for each in march.rules if each.rule == "base").sums
    assert (base.draft.points, base.draft.taken, base.draft.times, base.draft.members) == (12, 10, 2, 1)
    assert march.total.draft.money == "0.37"  # net
    told = list(text.lines(march))
    assert told[told.index("points              37    31          +6") :][1:3] == [
        "  given             47    36         +11",
        "  taken back        10     5          +5",
    ]
    assert "47 given, 10 taken back by returns" in page.rendered(march)
    later = compared_with(tmp_path, file, draft, ("2017-04-01", "2017-04-30"))
    assert (later.total.draft.points, later.total.other.points, later.total.draft.taken) == (4, 2, 0)


async def test_things_that_a_return_withdraws_are_not_counted(tmp_path: Path) -> None:
    """Of two purchases with a voucher each one comes back below the least spend: one voucher of 5 dollars is left."""
    voucher = 'when: basket.total >= 50\nthen: {voucher: {title: Five off, value: {amount: "5.00", currency: USD}}}'
    found = Shop(book(*RULES, rule("five", voucher, kind="bonus")))
    await found.buys(line("60"))
    await found.returns(await found.buys(line("40"), line("20")), (1, 1))
    file = written(tmp_path / "activity.zip", stored(found), found.book)
    draft = "id: base\nkind: earn\neffective: 2017-01-01T00:00:00-05:00\ntitle: Base\nthen: {per_amount: {per: 5}}\n"
    told = compared_with(tmp_path, file, draft)
    assert [(each.thing, each.draft, each.other) for each in told.things] == [("voucher", 1, 1)]
    five = next(each for each in told.rules if each.rule == "five").sums
    assert (five.draft.money, five.draft.members) == ("5.00", 1)
