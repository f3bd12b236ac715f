"""What points cost in a backtest: each at the price of the version that gave it, by hand."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest

from shared.backtest import page, text
from shared.backtest.entries import Entry, Taken
from shared.backtest.exported import Export
from shared.backtest.republished import republished
from shared.backtest.result import Report
from shared.rules.effects import Award
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from tests.unit.backtesting import Story, compared, compared_with, posted, written
from tests.unit.rulekit import PROGRAMME, basket, book, event, line, rule

GIVES = "then: {per_amount: {per: 1}}\n"
POINTS = GIVES + "budget: {points: 1050}"
DEAR = GIVES + "budget: {points: 1050, cost_per_point: 100}"


def versions(id_: str, *said: tuple[str, str], kind: str = "earn") -> list[str]:
    """A definition's versions, each from the first of its month on."""
    return [
        rule(id_, f"version: {number}\n{body}", kind).replace("2017-01-01T00:00:00-05:00", f"2017-{month}-01T00:00:00Z")
        for number, (month, body) in enumerate(said, 1)
    ]


def told(*definitions: str) -> Rulebook:
    """A rulebook of files, as each version is published in its own."""
    found = list(read_all([("programme.yaml", PROGRAMME)]))
    for number, each in enumerate(definitions):
        found += read_all([(f"{number}.yaml", each)], found)
    return Rulebook(found)


def story(*bought: tuple[str, str]) -> Story:
    """Ann's baskets, each on a day; she has children."""
    joins = event("signup", "2017-01-05T12:00:00-05:00", "s1", attributes={"kids": "2"})
    baskets = [basket(line(amount), time=f"2017-{day}T12:00:00-05:00", id_=day) for day, amount in bought]
    return [("m-ann", joins), *(("m-ann", each) for each in baskets)]


BRING = versions("bring", ("01", POINTS), ("11", DEAR), ("12", POINTS))
FAMILIES = rule("families", "when: has(member.attributes.kids)", "segment")
LIVE = told(*BRING, FAMILIES)
YEAR = story(("03-02", "20.00"), ("11-10", "5.00"), ("12-10", "3.00"))
OTHER = rule("big", "when: basket.total >= 20\nthen: {fixed: 10}")  # leaves `bring` alone


def row(found: Report, id_: str = "bring") -> tuple[str, str, str]:
    """What the draft's points of a rule cost, the other side's, and each."""
    [mine] = [each for each in found.rules if each.rule == id_]
    return mine.sums.draft.money, mine.sums.other.money, mine.cost_per_point


@pytest.mark.parametrize(
    ("days", "costs"),
    [
        (("2017-03-01", "2017-05-31"), ("0.20", "0.20", "0.01")),
        (("2017-11-01", "2017-11-30"), ("500.00", "500.00", "100")),
        (("2017-12-01", "2017-12-31"), ("0.03", "0.03", "0.01")),
        ((None, None), ("500.23", "500.23", "0.01 or 100")),  # 20 + 3 at a cent, 5 at a hundred
    ],
)
@pytest.mark.parametrize("against", [None, rule("small", "when: basket.total < 1\nthen: {fixed: 1}")])
def test_a_later_version_prices_nothing_of_the_past(
    days: tuple[str | None, str | None], costs: tuple[str, str, str], against: str | None, tmp_path: Path
) -> None:
    """As posted and as decided. Breaks when a side's newest version of a rule prices what earlier ones gave."""
    assert row(compared(tmp_path, YEAR, LIVE, OTHER, days, against)) == costs


def test_totals_days_and_segments_are_at_the_price_of_their_time(tmp_path: Path) -> None:
    """Ten points more at a cent in March. Breaks when days or segments know one price of a rule for all time."""
    found = compared(tmp_path, YEAR, LIVE, OTHER)
    read = json.loads(orjson.dumps(found.data()))
    total = read["total"]
    assert [total[side]["money"] for side in ("draft", "other", "more")] == ["500.33", "500.23", "0.10"]
    days = {each["day"]: (each["draft_money"], each["other_money"]) for each in read["days"] if each["draft"]}
    assert days == {"2017-03-02": ("0.30", "0.20"), "2017-11-10": ("500.00", "500.00"), "2017-12-10": ("0.03", "0.03")}
    [families] = read["segments"]
    assert [families["sums"][side]["money"] for side in ("draft", "other")] == ["500.33", "500.23"]
    assert {each["rule"]: each["cost_per_point"] for each in read["rules"]} == {"bring": "0.01 or 100", "big": "0.01"}
    lines = [" ".join(each.split()) for each in text.lines(found)]
    assert "cost, USD 500.33 500.23 +0.10" in lines
    assert "bring 28 28 0 0.00 1 1 0.01 or 100" in lines
    assert "0.01 or 100" in page.rendered(found)


def test_the_drafts_version_prices_what_the_draft_gives(tmp_path: Path) -> None:
    """From March to November the draft's, at 0.5, for 25 points; what was posted stays at the price of its time. Breaks
    when the draft's side asks the version in force then."""
    draft = rule("bring", GIVES + "budget: {points: 1050, cost_per_point: 0.5}")
    found = compared(tmp_path, YEAR, LIVE, draft, ("2017-03-01", "2017-11-30"))
    assert row(found) == ("12.50", "500.20", "0.5")


def test_where_the_draft_gives_nothing_the_row_has_the_other_sides_price(tmp_path: Path) -> None:
    draft = rule("bring", "when: basket.total >= 1000\n" + GIVES)
    found = compared(tmp_path, YEAR, LIVE, draft, ("2017-11-01", "2017-11-30"))
    assert row(found) == ("0.00", "500.00", "100")


def test_a_campaign_prices_by_its_version_at_the_events_time(tmp_path: Path) -> None:
    """A rule that never changes: 20 points at 2, 5 at 3, and in December, when nobody says it any more, 3 at 0.02; a
    draft of the campaign prices all of its side at 4. Breaks when the newest version of a campaign prices the past."""
    two, three = (f"budget: {{points: 900, cost_per_point: {each}}}" for each in (2, 3))
    spring = versions("spring", ("01", two), ("11", three), ("12", "budget: {points: 900}"), kind="campaign")
    live = told(spring[0], rule("bring", "campaign: spring\n" + GIVES), *spring[1:])
    assert row(compared(tmp_path, YEAR, live, OTHER, usual="0.02")) == ("55.06", "55.06", "0.02 or 2 or 3")
    draft = rule("spring", "budget: {points: 900, cost_per_point: 4}", "campaign")
    assert row(compared(tmp_path, YEAR, live, draft, usual="0.02")) == ("112.00", "55.06", "4")


def test_what_goes_back_does_at_the_price_of_its_purchase(tmp_path: Path) -> None:
    """March's 20 points at 2 are taken back in November, when one costs 3: November's own 5 are left. Breaks when a
    return is priced by the time at which it comes."""
    two, three = (f"budget: {{points: 900, cost_per_point: {each}}}" for each in (2, 3))
    first, second = versions("spring", ("01", two), ("11", three), kind="campaign")
    live = told(first, rule("bring", "campaign: spring\n" + GIVES), second)
    entries = posted(YEAR[:3], live)
    back = event("return", "2017-11-20T12:00:00-05:00", "back", purchase="03-02")
    at = YEAR[1][1].time
    entries.append(Entry("m-ann", back.time, back, taken=Taken(at, [Award("bring", 1, "stars", -20)])))
    found = compared_with(tmp_path, written(tmp_path / "activity.zip", entries, live), OTHER)
    assert row(found) == ("15.00", "15.00", "2 or 3")
    [march] = [each for each in found.days if each.day == "2017-03-02"]
    assert (march.draft_money, march.other_money) == ("0.00", "0.00")


def test_a_publication_into_the_past_is_priced_alike(tmp_path: Path) -> None:
    """Ten points more for March's basket; all 30 at a cent, though later ones cost 100 for a month. Breaks when the
    preview prices March by a later version."""
    [new] = read_all([("new.yaml", OTHER.replace("kind: earn", "kind: earn\n  version: 1"))], LIVE.versions)
    file = written(tmp_path / "activity.zip", posted(YEAR, LIVE), LIVE)
    found = republished(Export(file), [new], YEAR[-1][1].time)
    assert found is not None
    assert row(found) == ("500.20", "500.20", "0.01 or 100")
    assert (found.total.draft.money, found.total.other.money) == ("500.30", "500.20")


@pytest.mark.parametrize(
    ("currency", "shown", "nothing"),
    [("VND", "2144", "0"), ("USD", "2143.50", "0.00"), ("KWD", "2143.500", "0.000")],
)
def test_people_read_amounts_as_they_are_paid(currency: str, shown: str, nothing: str, tmp_path: Path) -> None:
    """4,287 points at 0.5 are 2143.5, exact in JSON. Breaks when text or page write two decimals of every currency."""
    bought = basket(line("4287"), currency=currency)
    live = book(rule("bring", GIVES), programme=PROGRAMME.replace("USD", currency))
    draft = rule("bring", GIVES + "budget: {points: 9000, cost_per_point: 0.5}")
    found = compared(tmp_path, [("m-ann", bought)], live, draft, usual="0")
    assert found.data()["total"]["draft"]["money"] == "2143.50"
    lines = [" ".join(each.split()) for each in text.lines(found)]
    assert f"cost, {currency} {shown} {nothing} +{shown}" in lines
    assert f"bring 4,287 4,287 0 +{shown} 1 1 0.5" in lines
    whole = page.rendered(found)
    assert f'<div class="big">2,{shown[1:]}</div>' in whole
    assert f"+2,{shown[1:]} {currency}<" in whole  # what the chart says where one points
