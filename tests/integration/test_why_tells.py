"""`why` over real servers: stories, explanations and rules as they are posted, in English, Vietnamese and as data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from shared.ops.databases import NotThereError
from shared.ops.rulings import Ruling
from shared.ops.telling_rulings import tell_ruling
from shared.ops.why import about_rule, explanation, story, told
from shared.publishing.edition import draft
from shared.publishing.office import opened
from shared.publishing.plan import Request
from shared.rules.definition import DEFINITION
from shared.rules.saying.speaking import spoken, written
from shared.settings import Settings
from tests.integration.flow import Flow, purchase


async def test_a_story_adds_up_to_the_balance(flow: Flow) -> None:
    found = await story(flow.settings, "grocer:900")
    assert [(written(each.what), sum(part.points for part in each.parts)) for each in found.chapters] == [
        ("grocer signup-900", 25),
        ("grocer basket-1", 90),
        ("grocer basket-2", 80),
        ("grocer basket-4", 11),
        ("grocer basket-5", 11),
        ("challenge 2017-W01, by grocer basket-5", 50),
    ]
    assert found.balances == found.chapters[-1].balances == {"stars": 267}
    assert found.tiers[0].qualifying == {"2017": 182}
    assert await story(flow.settings, "ANN@example.com") == await story(flow.settings, found.member) == found
    assert "90 stars: 40 base (v1) + 40 double-star-wednesday (v1) + 10 fresh (v1)" in await told(
        flow.settings, "grocer:900"
    )


async def test_an_explanation_asks_the_rules_that_decided(flow: Flow) -> None:
    found = await explanation(flow.settings, "grocer:900", "basket-2")
    whys = {each.rule: spoken(each.why) for each in found.rulings if each.verdict != "applies" and each.why is not None}
    assert whys == {
        "fresh": "already used this day (by basket-1); again from 2017-01-05",
        "families-back-to-school": "only from Tuesday 2017-08-01 00:00 on; this was Wednesday 2017-01-04 18:00",
        "three-days": "2017-01-04 was counted before; 1 of 3 in 2017-W01",
    }
    last = await explanation(flow.settings, "grocer:900", "basket-5")
    assert [each.eligible for each in last.lines] == [True, False]
    assert {each.rule: each.points for each in last.rulings if each.verdict == "applies"} == {
        "base": 11,
        "three-days": 50,
    }
    assert last.origin == f"{flow.partner}:0:5"


async def test_what_is_unknown_is_said_to_be(flow: Flow) -> None:
    with pytest.raises(
        NotThereError, match="nobody has signed up as ref:/partners/grocer:901 yet; events that wait for the signup: 1"
    ):
        await story(flow.settings, "grocer:901")
    with pytest.raises(NotThereError, match="no member is known as ref:/partners/grocer:7"):
        await story(flow.settings, "grocer:7")
    with pytest.raises(NotThereError, match="has nothing of m-00000000000000000000"):
        await story(flow.settings, "m-" + "0" * 20)
    with pytest.raises(NotThereError, match="has no event basket-3"):
        await explanation(flow.settings, "grocer:900", "basket-3")


async def test_an_empty_namespace_is_said_to_be(settings: Settings) -> None:
    with pytest.raises(NotThereError, match="no programme is published"):
        await story(settings, "grocer:900")


async def test_the_why_command(command: Any) -> None:
    shown = await command("why", "--member", "grocer:900", "--limit", "1")
    assert shown.exit_code == 0, shown.output
    assert "balance  267 stars" in shown.output
    assert "… 5 earlier entries brought 217 stars" in shown.output
    data = orjson.loads((await command("why", "-m", "grocer:900", "-e", "basket-1", "--json")).stdout)
    assert [each["rule"] for each in data["parts"]] == ["base", "double-star-wednesday", "fresh"]
    failed = await command("why", "--member", "grocer:7")
    assert (failed.exit_code, failed.stdout) == (1, "")


async def test_why_tells_of_a_rule_what_it_gave_and_what_is_missing(flow: Flow) -> None:
    fresh = await about_rule(flow.settings, "grocer:900", "fresh")
    assert (fresh.times, fresh.points, [written(each.what) for each in fresh.latest]) == (
        1, {"stars": 10}, ["grocer basket-1"],
    )  # fmt: skip
    assert fresh.what == "grocer basket-5"
    assert fresh.ruling is not None and fresh.ruling.explained is not None
    [finding] = fresh.ruling.explained.findings()
    assert [spoken(each) for each in finding.lacking()] == ["3 more"]
    challenge = await about_rule(flow.settings, "grocer:900", "three-days")
    assert (challenge.times, challenge.points) == (1, {"stars": 50})
    with pytest.raises(NotThereError, match="no rule is called frehs; did you mean fresh"):
        await about_rule(flow.settings, "grocer:900", "frehs")
    with pytest.raises(NotThereError, match="families is a segment, which gives nothing by itself"):
        await about_rule(flow.settings, "grocer:900", "families")


async def test_the_why_command_speaks_vietnamese_and_to_programs(command: Any) -> None:
    told_ = await command("why", "-m", "grocer:900", "-e", "basket-2", "--language", "vi")
    assert told_.exit_code == 0, told_.output
    assert (
        "(fresh, bản 1, tích điểm): đã dùng trong ngày này (bởi basket-1); dùng lại được từ 05/01/2017" in told_.output
    )
    shown = await command("why", "-m", "grocer:900", "--rule", "fresh", "-l", "vi")
    assert shown.exit_code == 0, shown.output
    assert "sự kiện mới nhất được xét: grocer basket-5" in shown.output
    assert "còn thiếu 3" in shown.output
    data = orjson.loads((await command("why", "-m", "grocer:900", "-e", "basket-5", "--json")).stdout)
    base = next(each for each in data["rulings"] if each["rule"] == "base")
    [gives] = base["explained"]["gives"]
    assert (gives["points"], gives["lines"]) == (11, [11, 0])
    assert gives["working"][0]["values"]["total"] == "11.99"
    assert gives["working"][0]["text"] == "11.99: 1 for each 1.00, rounded down"
    assert (await command("why", "-m", "grocer:900", "-r", "fresh", "-e", "basket-1")).exit_code == 2
    assert (await command("why", "-m", "grocer:900", "-r", "frehs")).exit_code == 1


async def publish_into_the_past(flow: Flow, *bodies: dict[str, Any]) -> None:
    """For the time from the year's beginning on, with another's versions of them."""
    drafts = [draft(DEFINITION.validate_python({"title": body["id"], **body})) for body in bodies]
    since = datetime(2017, 1, 1, 5, tzinfo=UTC)
    async with opened(flow.settings) as office:
        request = Request(drafts, since, "Ann", "late", retroactive=True)
        assert len((await office.publish(request, datetime.now(UTC))).new) == len(bodies)


async def headlines(flow: Flow, event: str) -> dict[str, str]:
    """What each rule is said to have given for an event, or why not."""

    def told_of(each: Ruling) -> str:
        return tell_ruling(each)[0].partition("): ")[2]

    found = await explanation(flow.settings, "grocer:900", event)
    return {each.rule: told_of(each) for each in found.rulings}


async def test_what_was_published_later_is_not_said_to_have_given(flow: Flow) -> None:
    """Of bonuses, vouchers, segments and challenges. Breaks where what decided is chosen by event time alone: then
    grants that never were are on their way, and a voucher that nobody has is shown."""
    before = await headlines(flow, "basket-5")
    await publish_into_the_past(
        flow,
        {"id": "thanks", "kind": "bonus", "then": {"fixed": 33}},
        {"id": "coffee", "kind": "bonus", "then": {"voucher": {"title": "A coffee"}}},
        {"id": "three-days", "kind": "challenge", "when": "basket.eligible >= 10.00", "progress": {"goal": 2},
         "then": {"fixed": 60}},
    )  # fmt: skip
    later = "but was published after this was decided: it gave nothing"
    new = {
        "thanks": f"version 1 would give 33 stars, {later}",
        "coffee": f"version 1 would give voucher A coffee, {later}",
    }
    # Won by its first version, which is told of; its second was reached the day before.
    won = {"three-days": "50 stars; 2017-01-06 is day 3 of 3 in 2017-W01"}
    assert await headlines(flow, "basket-5") == before | new | won
    assert (await headlines(flow, "basket-4"))["three-days"] == f"version 2 would give 60 stars, {later}"
    assert (await about_rule(flow.settings, "grocer:900", "thanks")).times == 0


async def test_what_campaigns_has_not_decided_yet_is_on_its_way(flow: Flow) -> None:
    """A purchase of August, which wins 100 stars of families; campaigns has fallen behind, and something is published
    for that time meanwhile. Breaks where only the time of posting tells what campaigns knew."""
    flow.send(purchase("basket-8", "2017-08-02T12:00:00-04:00", ("soap", "DRUG GM", "25.00")))
    await flow.rest(without="campaigns")
    await publish_into_the_past(flow, {"id": "thanks", "kind": "bonus", "then": {"fixed": 33}})
    said = await headlines(flow, "basket-8")
    assert said["families-back-to-school"].startswith("won 100 stars, but its grant is not posted yet")
    assert said["thanks"].startswith("won 33 stars, but its grant is not posted yet")
    await flow.rest()  # with the rulebook of before: as a worker that did not know of it yet
    said = await headlines(flow, "basket-8")
    assert said["families-back-to-school"] == "100 stars"
    assert said["thanks"].startswith("version 1 would give 33 stars, but was published after")
