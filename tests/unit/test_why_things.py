"""What `why` says of rules that give things: how often, what, and in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shared.ops.explaining import Standing, explain
from shared.ops.rebuilding import Sources
from shared.ops.rule_story import rule_named, story_of
from shared.ops.story import build_story
from shared.ops.telling import tell_story
from shared.ops.telling_rule import tell_rule
from shared.ops.telling_rulings import tell_ruling
from shared.rules.saying.speaking import Language
from shared.rules.usage import Ample
from shared.rules.wins import event_scope
from tests.unit.rulekit import book, rule
from tests.unit.test_rebuilding import ME, Books, at

HELLO = rule("hello", "reason: custom\ntexts: {en: {subject: Hello, text: Hello}}", "message")
RULES = book(
    HELLO,
    rule("coffee", "then: [{fixed: 5}, {voucher: {title: A coffee}}, {tickets: {draw: car, count: 3}}]", "bonus"),
    rule("mug", "when: basket.total >= 30\nthen: {gift: {title: A mug}}", "bonus"),
    rule("wine", "when: basket.total >= 30\nthen: {tag: wine}", "bonus"),
    rule("card", "then: {punch: {card: tenth, of: 2, points: 30}}", "bonus"),
    rule("news", "then: {message: hello}", "bonus"),
    rule("car", "draws_at: 2018-01-01T00:00:00-05:00\nprizes: [{title: A car}]", "draw").replace(
        "A title", "Win a car"
    ),
)
STANDING = Standing(Ample(), Ample())


def thing(rule_: str, scope: str, number: int, **said: Any) -> dict[str, Any]:
    """As campaigns keeps it."""
    when = datetime.fromisoformat(at(2)).astimezone(UTC)
    return {"_id": f"{rule_}:{ME}:{scope}:t{number}", "member": ME, "rule": rule_, "version": 1, "at": when, **said}


def story() -> Sources:
    """Two baskets; the second fills the card."""
    books = Books(RULES)
    books.send("signup", "s", at(1, 8))
    books.buy("b-0", at(2), "35.00")
    books.grant("coffee", "b-0", at(2), points=5)
    books.grant("wine", "b-0", at(2), tag="wine")
    books.buy("b-1", at(3), "2.00")
    books.grant("card", "b-1", at(3), points=30)
    things = (
        thing("coffee", "b-0", 0, kind="voucher", title="A coffee"),
        thing("coffee", "b-0", 1, kind="tickets", title="T", draw="car", count=3),
        thing("mug", "b-0", 0, kind="gift", title="A mug"),
    )
    return replace(books.sources, things=things)


def told(rule_: str, language: Language = "en") -> list[str]:
    """From the line that says what it gave."""
    found = story_of(ME, rule_named(rule_, RULES), story(), STANDING, datetime.fromisoformat(at(9)))
    return tell_rule(found, language)[2:5]


def test_a_rule_that_gave_points_and_things_for_one_basket_gave_once() -> None:
    assert told("coffee")[:2] == [
        "given once: 5 stars, voucher A coffee, 3 tickets for Win a car",
        "  2017-03-02  bonus, by grocer b-0  5 stars: 5 coffee (v1), voucher A coffee, 3 tickets for Win a car",
    ]
    assert told("coffee", "vi")[0] == "đã cho 1 lần: 5 stars, phiếu A coffee, 3 vé cho Win a car"


def test_gifts_tags_and_filled_cards_were_given_too() -> None:
    assert told("mug")[0] == "given once: gift A mug"
    assert told("mug", "vi")[0] == "đã cho 1 lần: quà A mug"
    assert told("wine")[0] == "given once: the tag wine"
    assert told("card")[0] == "given once: 30 stars"


def test_things_name_their_event_and_are_counted() -> None:
    """Campaigns keeps them under the `event_scope` of its key. Two mugs are two, and five tickets five."""
    sources = story()
    scopes = [event_scope(f"/partners/grocer|b-{number}") for number in (0, 1)]
    things = [thing("mug", scope, 0, kind="gift", title="A mug") for scope in scopes]
    things += [
        thing("coffee", scope, 1, kind="tickets", title="T", draw="car", count=count)
        for scope, count in zip(scopes, (2, 3), strict=True)
    ]
    sources, now = replace(sources, journal=[e for e in sources.journal if e["kind"] != "grant"], things=things), at(9)
    mug, coffee = (
        tell_rule(story_of(ME, rule_named(each, RULES), sources, STANDING, datetime.fromisoformat(now)))[2:5]
        for each in ("mug", "coffee")
    )
    assert mug == [
        "given 2 times: 2 × gift A mug",
        "  2017-03-02  bonus, by grocer b-0  gift A mug",
        "  2017-03-02  bonus, by grocer b-1  gift A mug",
    ]
    assert coffee[0] == "given 2 times: 5 tickets for Win a car"


def test_what_nobody_keeps_is_not_said_to_be_nothing() -> None:
    assert told("news")[0] == "how often it gave is not known: messages, and punches that fill no card, are not kept"


def test_a_filled_card_is_no_sign_of_a_later_publication() -> None:
    """Mechanism: `rulings._alike` counts the points of cards; without it the line tells of later publications."""
    sources = story()
    last = next(each for each in sources.journal if each["_id"].endswith("b-1"))
    [card] = [each for each in explain(last, sources).rulings if each.rule == "card"]
    assert (card.verdict, card.points, card.why) == ("applies", 30, None)
    assert tell_ruling(card)[0] == "  + A title (card, v1, bonus): 30 stars, a punch on the card tenth"
    assert tell_ruling(card, "vi")[0] == "  + A title (card, bản 1, điểm thưởng): 30 stars, một dấu trên thẻ tenth"


def test_a_story_names_draws_by_their_title() -> None:
    sources = story()
    document: dict[str, Any] = {"_id": ME, "balances": {}, "joined": None}
    lines = tell_story(build_story(document, [], None, RULES, 1, sources.things or ()))
    assert "won      3 tickets for Win a car (coffee, 2017-03-02)" in lines
