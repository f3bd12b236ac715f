"""Goods come back after something was published for a time past: rules are asked as they were known. By hand.

Before: who is of segment `vip` (has said so) gets 100, campaign `camp` gives 70, 20 eligible dollars give 60; so do the
same as bonuses. Published since, for a time past: vip asks for gold, camp is over, wine is not eligible.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from tests.unit.partnerkit import ANN
from tests.unit.returnkit import NOON
from tests.unit.rulekit import PROGRAMME, line, rule
from tests.unit.test_undoing import Coalition

SEGMENT = rule("vip", "when: has(member.attributes.vip)", "segment")
CAMPAIGN = rule("camp", "schedule: {until: 2017-12-20}", "campaign")


def giving(kind: str) -> str:
    """Rules of a kind."""
    return (
        rule("vipr", "segment: vip\nthen: {fixed: 100}", kind)
        + rule("campr", "campaign: camp\nthen: {fixed: 70}", kind)
        + rule("elig", "when: basket.eligible >= 20.00\nthen: {fixed: 60}", kind)
    )


SINCE = (
    rule("vip", 'version: 2\nwhen: member.attributes.vip == "gold"', "segment")
    + rule("camp", "version: 2\nschedule: {until: 2017-02-01}", "campaign")
    + PROGRAMME.replace("kind: programme", "kind: programme\n  version: 2").replace(
        'department == "FUEL"', 'department in ["FUEL", "WINE"]'
    )
)
MINUTE = timedelta(minutes=1)


async def returned(kind: str, published: timedelta) -> dict[str, int]:
    """What a return of a dollar takes of what was bought at noon, by rule. published: when the others were, after the
    ledger's clock."""
    first = read_all([("rules.yaml", PROGRAMME + SEGMENT + CAMPAIGN + giving(kind))])
    found = Coalition()
    found.book = Rulebook(first)
    await found.joins(attributes={"vip": "silver"})
    await found.hear()
    bought = await found.buys(line("30.00", department="WINE"), line("1.00"))
    before = dict(found.points(bought)) if kind == "earn" else found.granted()
    assert before == {"vipr": 100, "campr": 70, "elig": 60}
    later = read_all([("later.yaml", SINCE)], first)
    since = {(each.id, each.version): NOON + published for each in later}
    found.book = Rulebook([*first, *later], published=since)
    back = await found.returns(bought, (1, 1), at=NOON + timedelta(days=1))
    if kind == "earn":
        return found.points(back)
    after = found.granted(ANN)
    return {id_: after[id_] - points for id_, points in before.items() if after[id_] != points}


@pytest.mark.parametrize("kind", ["earn", "bonus"])
async def test_what_was_published_since_takes_nothing_back(kind: str) -> None:
    """Mechanism: `AsKnown`; without it a dollar that comes back takes 230 points along."""
    assert await returned(kind, MINUTE) == {}


@pytest.mark.parametrize("kind", ["earn", "bonus"])
async def test_what_was_known_when_it_was_posted_has_its_say(kind: str) -> None:
    """As the ledger would have decided, had it decided then: what gave nevertheless knew less."""
    assert await returned(kind, -MINUTE) == {"vipr": -100, "campr": -70, "elig": -60}


def test_where_clocks_differ_so_far_that_nothing_was_known_all_is() -> None:
    """A programme that was published after everything was posted decided it nevertheless."""
    known = read_all([("rules.yaml", PROGRAMME + SEGMENT)])
    book = Rulebook(known, published={(each.id, each.version): NOON for each in known})
    assert book.as_known(NOON - MINUTE, NOON) is book.at(NOON)
    some = Rulebook(known, published={("vip", 1): NOON})
    assert [each.id for each in some.as_known(NOON - MINUTE, NOON).definitions] == ["shop"]
    assert some.as_known(NOON, NOON) is some.as_known(None, NOON) is some.at(NOON)


ZONED = PROGRAMME.replace("America/New_York", "Asia/Ho_Chi_Minh").replace(
    "kind: programme", "kind: programme\n  version: 2"
)
NARROW = PROGRAMME.replace("kind: programme", "kind: programme\n  version: 2").replace('"FUEL"', '"WINE"')
NIGHT = datetime.fromisoformat("2017-03-01T22:00:00-05:00")  # the second of March in Vietnam


@pytest.mark.parametrize("programme", [ZONED, NARROW])
@pytest.mark.parametrize("lossy", [True, False])
async def test_history_loses_what_it_had_counted(programme: str, *, lossy: bool) -> None:
    """Zone and eligible lines are published anew for a time past, between a purchase and its return: nothing of it is
    left in any counter. Mechanism: `uncount` goes by when it was posted; without it a day, or wine, would stay."""
    asks = [
        "history.count(today) == 1", "history.sum(basket.eligible, this_month) == 5",
        *(["days_since(history.last(ever)) >= 0", "history.distinct(department, ever) >= 1"] if lossy else []),
    ]  # fmt: skip
    rules = "".join(rule(f"r-{number}", f"when: '{when}'\nthen: {{fixed: 7}}") for number, when in enumerate(asks))
    found, first = Coalition(), read_all([("rules.yaml", PROGRAMME + rules)])
    found.book = Rulebook(first)
    bought = await found.buys(line("30.00", department="WINE"), line("1.00"), at=NIGHT)
    assert all(found.member()["history"].values())
    later = read_all([("later.yaml", programme)], first)
    found.book = Rulebook([*first, *later], published={("shop", 2): NOON + MINUTE})
    await found.returns(bought, at=NIGHT + timedelta(days=1))
    assert not any(found.member()["history"].values())
