"""A member's story and an event's explanation, from documents written by hand; every expected figure by hand too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from shared.ops.databases import NotThereError, rulebook
from shared.ops.explaining import Explanation, explain
from shared.ops.rebuilding import Sources
from shared.ops.rulings import Ruling
from shared.ops.story import Part, build_story
from shared.ops.telling import amount, tell_story
from shared.ops.telling_events import tell_explanation
from shared.ops.why import choose, identity_keys
from shared.rules.saying.speaking import Language, spoken, written
from tests.unit.books import (
    BOOK,
    DISTINCT,
    DOCUMENT,
    FRIDAY,
    GRANT,
    JOURNAL,
    MEMBER,
    REGISTRY,
    SAME_DAY,
    STARS,
    THURSDAY,
    TIERS,
    WEDNESDAY,
    definition,
)  # fmt: skip


def why(event: dict[str, Any]) -> Explanation:
    return explain(event, Sources(JOURNAL, BOOK))


def ruling(event: dict[str, Any], rule: str) -> Ruling:
    [found] = [each for each in why(event).rulings if each.rule == rule]
    return found


def because(event: dict[str, Any], rule: str, language: Language = "en") -> str | None:
    """Why a rule gave no more, in a sentence."""
    said = ruling(event, rule).why
    return None if said is None else spoken(said, language)


def asked(event: dict[str, Any], rule: str) -> list[tuple[str, bool, str | None]]:
    """Every comparison of a rule: as written, whether it held, what is missing."""
    explained = ruling(event, rule).explained
    assert explained is not None
    tests = [test for each in explained.findings() for test in each.tests()]
    return [(each.text, each.held, None if each.missing is None else spoken(each.missing)) for each in tests]


def test_a_story_is_told_by_event_time_with_a_running_balance() -> None:
    story = build_story(DOCUMENT, JOURNAL, TIERS, BOOK)
    assert [(written(each.what), each.balances["stars"]) for each in story.chapters] == [
        ("grocer s-7", 25),
        ("grocer basket-1", 117),
        ("grocer basket-2", 199),
        ("grocer basket-4", 211),
        ("challenge 2017-W01, by grocer basket-4", 261),
    ]
    assert story.balances == {"stars": 261}
    assert story.by_rule == {"base": 94, "double": 82, "three-days": 50, "welcome": 25, "fresh": 10}
    assert story.earned_nothing == 1


def test_a_story_as_people_read_it() -> None:
    assert tell_story(build_story(DOCUMENT, JOURNAL, TIERS, BOOK, limit=2)) == [
        f"member   {MEMBER}, joined 2017-01-01",
        "balance  261 stars",
        "tier     Gold, kept until 2018-12-31 (star-ladder; qualifying: 176 in 2017)",
        "gifts    certificate of 20.00 USD (surprise)",
        "earned   94 base, 82 double, 50 three-days, 25 welcome, 10 fresh",
        "",
        "… 3 earlier entries brought 199 stars (--limit 0 tells them all)",
        "2017-01-06  grocer basket-4                         12 stars: 12 base (v1)        = 211 stars",
        "2017-01-06  challenge 2017-W01, by grocer basket-4  50 stars: 50 three-days (v1)  = 261 stars",
        "1 event earned nothing (--event ID says why)",
    ]


def test_a_new_member_has_a_story_too() -> None:
    told = tell_story(build_story({"_id": MEMBER, "balances": {}, "joined": None}, [], None, BOOK))
    assert told[:4] == [
        f"member   {MEMBER}, joined not yet (no signup was posted)",
        "balance  nothing",
        "gifts    none",
        "earned   nothing yet",
    ]


def test_an_event_explained_names_each_rule_with_version_and_points() -> None:
    found = why(WEDNESDAY)
    assert found.parts == [Part("base", 1, "stars", 41), Part("double", 1, "stars", 41), Part("fresh", 1, "stars", 10)]
    assert [(each.rule, each.version, each.points, each.verdict) for each in found.rulings[:3]] == [
        ("base", 1, 41, "applies"),
        ("double", 1, 41, "applies"),
        ("fresh", 1, 10, "applies"),
    ]
    assert found.facts == {"event.currency": "USD", DISTINCT: "2"}
    assert [(each.product, each.eligible, each.points) for each in found.lines] == [
        ("kiwi", True, {"base": 10, "double": 10}),
        ("leek", True, {"base": 31, "double": 31}),
        ("petrol", False, {"base": 0, "double": 0}),
    ]
    assert sum(each["amount"] for each in found.postings) == 0


def test_how_points_came_about_is_said() -> None:
    explained = ruling(WEDNESDAY, "base").explained
    assert explained is not None
    [gives] = explained.gives
    assert (gives.wallet, gives.points, gives.wanted, gives.lines) == ("stars", 41, 41, (10, 31, 0))
    assert [spoken(each) for each in gives.working] == ["41.10: 1 for each 1.00, rounded down"]
    assert because(WEDNESDAY, "base") is None


def test_a_limit_says_what_used_it() -> None:
    assert ruling(SAME_DAY, "fresh").verdict == "limit"
    assert because(SAME_DAY, "fresh") == "already used this day (by basket-1); again from 2017-01-05"
    assert because(SAME_DAY, "fresh", "vi") == ("đã dùng trong ngày này (bởi basket-1); dùng lại được từ 05/01/2017")


def test_a_schedule_says_when_the_rule_runs() -> None:
    assert ruling(FRIDAY, "double").verdict == "not_scheduled"
    assert because(FRIDAY, "double") == ("only on Wednesday; this was Friday; again from Wednesday 2017-01-11 00:00")
    assert because(FRIDAY, "double", "vi") == (
        "chỉ vào thứ Tư; lần này là thứ Sáu; áp dụng lại từ 00:00 thứ Tư 11/01/2017"
    )


def test_a_condition_says_what_was_asked_what_was_there_and_what_is_missing() -> None:
    assert ruling(FRIDAY, "fresh").verdict == "condition"
    assert asked(FRIDAY, "fresh") == [(f"{DISTINCT} >= 2", False, "2 more")]
    explained = ruling(FRIDAY, "fresh").explained
    assert explained is not None
    [finding] = explained.findings()
    assert [(each.fact, each.value, each.unit) for each in finding.facts] == [(DISTINCT, 0, "times")]


def test_a_segment_shows_its_own_condition_with_the_member_as_known_then() -> None:
    assert ruling(FRIDAY, "school").verdict == "condition"
    assert asked(FRIDAY, "school") == [
        ('member.attributes.kids == "2"', False, "needs “2”; is “0”"),
        ('lines.sum(amount, department == "DRUG GM") >= 20.00', False, "8.00 more"),
    ]


def test_no_points_says_from_what_amount() -> None:
    assert ruling(THURSDAY, "base").verdict == "no_points"
    assert because(THURSDAY, "base") == "0.99: 1 for each 1.00, rounded down"


def test_a_challenge_says_how_far_it_is_and_what_it_granted() -> None:
    first, again, last, small = (ruling(each, "three-days") for each in (WEDNESDAY, SAME_DAY, FRIDAY, THURSDAY))
    assert (first.verdict, first.points) == ("counts", 0)
    assert because(WEDNESDAY, "three-days") == "2017-01-04 is day 1 of 2 in 2017-W01"
    assert again.verdict == "counts"
    assert because(SAME_DAY, "three-days") == "2017-01-04 was counted before; 1 of 2 in 2017-W01"
    assert (last.verdict, last.points) == ("applies", 50)
    assert because(FRIDAY, "three-days") == "2017-01-06 is day 2 of 2 in 2017-W01"
    assert small.verdict == "condition"
    assert asked(THURSDAY, "three-days") == [("basket.eligible >= 10.00", False, "9.01 more")]
    assert why(FRIDAY).also == [Part("three-days", 1, "stars", 50)]


def test_a_grant_is_explained_by_what_it_was_for() -> None:
    found = why(GRANT)
    assert [(each.rule, each.kind, each.points) for each in found.rulings] == [("three-days", "challenge", 50)]
    assert written(found.what) == "challenge 2017-W01, by grocer basket-4"
    assert found.lines == []


def test_what_was_posted_counts_even_when_definitions_were_published_since() -> None:
    later = [each for each in REGISTRY if each["_id"] != "fresh"] + [
        definition("earn", "new", then={**STARS, "fixed": 5})
    ]
    found = {each.rule: each for each in explain(WEDNESDAY, Sources(JOURNAL, rulebook(later))).rulings}
    assert (found["fresh"].verdict, found["fresh"].points) == ("applies", 10)
    assert (found["new"].verdict, found["new"].points) == ("not_posted", 0)
    said = found["new"].why
    assert said is not None
    # Nobody knows when it was published, so that it came too late is not said.
    assert spoken(said) == "asked again it would give 5 stars; it gave nothing, and why is not kept"


def test_an_explanation_as_people_read_it() -> None:
    told = tell_explanation(why(SAME_DAY))
    assert told[0] == "grocer basket-2, Wednesday 2017-01-04 18:00 local"
    assert "82 stars: 41 base (v1) + 41 double (v1)" in told
    at = told.index("rules")
    assert told[at : at + 8] == [
        "rules",
        "  + Base (base, v1, earn): 41 stars",
        "      41.10: 1 for each 1.00, rounded down",
        "  + Double (double, v1, earn): 41 stars",
        "      what Base (base) gave, once more",
        "  - Fresh (fresh, v1, earn): already used this day (by basket-1); again from 2017-01-05",
        "      yes: the number of different products with department PRODUCE is at least 2 (is 2)",
        "  - School (school, v1, bonus): its condition does not hold",
    ]
    assert "  3  petrol  FUEL     1 x  40.00  not eligible" in told
    assert "  partner:grocer:issued          -41 stars  double (v1)" in told


def test_an_explanation_in_vietnamese() -> None:
    told = tell_explanation(why(THURSDAY), "vi")
    at = told.index("các quy tắc")
    assert told[:2] == [
        "grocer basket-3, 09:00 thứ Năm 05/01/2017 giờ địa phương",
        f"mua hàng của {MEMBER}, mục sổ /partners/grocer|basket-3, số 4 của hội viên",
    ]
    assert told[at + 1 :] == [
        "  - Base (base, bản 1, tích điểm): 0,99: 1 cho mỗi 1,00, làm tròn xuống",
        "  - Double (double, bản 1, tích điểm): chỉ vào thứ Tư; lần này là thứ Năm; áp dụng lại từ 00:00 thứ Tư "
        "11/01/2017",
        "  - Fresh (fresh, bản 1, tích điểm): điều kiện chưa thỏa mãn",
        "      chưa đạt: số sản phẩm khác nhau có quầy PRODUCE ít nhất là 2 (là 0): còn thiếu 2",
        "  - School (school, bản 1, điểm thưởng): điều kiện chưa thỏa mãn",
        "      nhóm Families (families):",
        "        chưa đạt: kids là “2”: cần “2”; hiện là “0”",
        "      chưa đạt: tổng số tiền của các mặt hàng có quầy DRUG GM ít nhất là 20,00 (là 0,99): còn thiếu 19,01",
        "  - Three-Days (three-days, bản 1, thử thách): điều kiện chưa thỏa mãn",
        "      chưa đạt: số tiền được tính điểm ít nhất là 10,00 (là 0,99): còn thiếu 9,01",
        "",
        "các mặt hàng",
        "  1  gum  DRUG GM  1 x  0,99",
    ]


def test_the_page_shows_what_is_told() -> None:
    """Every line of the examples in docs/capabilities/explaining.md, in its order."""
    page = (Path(__file__).parent.parent.parent / "docs/capabilities/explaining.md").read_text(encoding="utf-8")
    english, vietnamese = re.findall(r"```\n(grocer basket-2.*?)\n```", page, re.DOTALL)
    for block, language in ((english, "en"), (vietnamese, "vi")):
        told = iter(tell_explanation(why(SAME_DAY), "vi" if language == "vi" else "en"))
        assert [line for line in block.splitlines() if line != "..." and line not in told] == []


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("ref:/partners/grocer:900", ["ref:/partners/grocer:900"]),
        ("grocer:900", ["ref:/partners/grocer:900"]),
        ("Ann@Example.com", ["email:ann@example.com"]),
        ("email:Ann@Example.com", ["email:ann@example.com"]),
        ("+84 901 234 567", ["phone:+84901234567"]),
        ("card: 42 ", ["card:42"]),
        ("grocer:a@b", ["ref:/partners/grocer:a@b", "email:grocer:a@b"]),
    ],
)
def test_names_that_people_use_for_a_member(name: str, keys: list[str]) -> None:
    assert identity_keys(name) == keys


def test_what_is_no_name_is_answered_with_the_forms() -> None:
    with pytest.raises(NotThereError, match=r"'900' names no member: write .*grocer:900"):
        identity_keys("900")


def test_an_event_is_found_by_id_or_key_and_never_guessed() -> None:
    keys = ["/partners/grocer|basket-1", "/partners/bakery|basket-1", "/partners/grocer|basket-11"]
    assert choose(keys, "basket-11", MEMBER) == "/partners/grocer|basket-11"
    assert choose(keys, "/partners/bakery|basket-1", MEMBER) == "/partners/bakery|basket-1"
    with pytest.raises(NotThereError, match=r"write one of: /partners/bakery\|basket-1, /partners/grocer\|basket-1"):
        choose(keys, "basket-1", MEMBER)
    with pytest.raises(NotThereError, match="has no event basket-9"):
        choose(keys, "basket-9", MEMBER)


def test_one_star_is_one_star() -> None:
    assert [amount(1, "stars"), amount(-2, "stars"), amount(1234, "miles")] == ["1 star", "-2 stars", "1,234 miles"]
