"""At the till: quotes, holds, captures, releases and undoing, with expectations worked out by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.earn.counter.commands import Answer, Caller, Denied, Done, Undo
from services.earn.counter.standing import standings
from shared.ledger import lots
from shared.rules.learning import utc
from tests.unit.counterkit import ANN, NOON, PROGRAMME, SHOP, Counter


def done(answer: Answer) -> dict[str, object]:
    """What was done; fails where it was denied."""
    assert isinstance(answer, Done), answer
    return answer.body


def code(answer: Answer) -> str:
    """Why it was denied."""
    assert isinstance(answer, Denied), answer
    return answer.code


@pytest.fixture
def counter() -> Counter:
    """Ann has 30 stars, 10 of which expire in a week, and 1,250 miles."""
    found = Counter()
    found.give(20)
    found.give(10, expires="2026-03-09T00:00:00+07:00")
    found.give(1_250, "miles")
    return found


def test_hold_then_capture_spends_soonest_expiry_first(counter: Counter) -> None:
    """Mechanism: `lots.take` sorts by expiry."""
    held = done(counter.ask(counter.hold(12)))
    assert (held["points"], held["worth"], held["spendable"]) == (12, {"amount": "120000", "currency": "VND"}, 18)
    spent = done(counter.ask(counter.capture(str(held["hold"]))))
    assert (spent["points"], spent["released"], spent["spendable"]) == (12, 0, 18)
    assert [(lot["expires"], lot["points"]) for lot in lots.of(counter.members[ANN], "stars")] == [(None, 18)]
    assert counter.members[ANN]["balances"] == {"stars": 18, "miles": 1_250}
    accounts = {p["account"]: p["amount"] for e in counter.journal.values() for p in e["postings"]}
    assert accounts == {f"member:{ANN}": -12, "partner:bakery:redeemed": 12}


def test_held_points_are_nobodys_to_spend_until_released(counter: Counter) -> None:
    """Mechanism: a hold takes points out of their lots."""
    first = done(counter.ask(counter.hold(25)))
    assert code(counter.ask(counter.hold(6))) == "too_few_points"
    done(counter.ask(counter.release(str(first["hold"]))))
    assert done(counter.ask(counter.hold(30)))["spendable"] == 0


def test_a_part_is_captured_and_the_rest_returns_to_its_lots(counter: Counter) -> None:
    held = done(counter.ask(counter.hold(15)))
    spent = done(counter.ask(counter.capture(str(held["hold"]), 4)))
    assert (spent["points"], spent["released"], spent["spendable"]) == (4, 11, 26)
    assert sorted(lot["points"] for lot in lots.of(counter.members[ANN], "stars")) == [6, 20]
    assert code(counter.ask(counter.capture(str(held["hold"])))) == "unknown_hold"


def test_more_than_is_held_is_not_captured(counter: Counter) -> None:
    held = done(counter.ask(counter.hold(5)))
    assert code(counter.ask(counter.capture(str(held["hold"]), 6))) == "more_than_held"
    assert done(counter.ask(counter.capture(str(held["hold"]), 5)))["points"] == 5


def test_a_hold_times_out_by_the_clock_without_anybody_sweeping(counter: Counter) -> None:
    """Mechanism: the desk does what is due before it decides."""
    held = done(counter.ask(counter.hold(30)))
    late = NOON + timedelta(minutes=15)
    assert code(counter.ask(counter.capture(str(held["hold"])), late)) == "unknown_hold"
    assert done(counter.ask(counter.hold(30), late))["points"] == 30


def test_a_lot_past_its_expiry_is_never_spent_though_nobody_swept(counter: Counter) -> None:
    """Mechanism: `lots.is_good`, and the sweep before each command; it is breakage, dated at its expiry."""
    midnight = NOON.replace(hour=0) + timedelta(days=7)
    assert done(counter.ask(counter.hold(30), midnight - timedelta(seconds=1)))["points"] == 30
    other = Counter()
    other.give(20)
    other.give(10, expires="2026-03-09T00:00:00+07:00")
    assert code(other.ask(other.hold(21), midnight)) == "too_few_points"
    expired = next(e for e in other.journal.values() if e["kind"] == "expiry")
    assert (utc(expired["at"]), [p["amount"] for p in expired["postings"]]) == (utc(midnight), [-10, 10])
    assert other.sums() == {"stars": 0}


def test_points_come_back_with_their_expiry_when_a_capture_is_undone(counter: Counter) -> None:
    held = done(counter.ask(counter.hold(12)))
    spent = done(counter.ask(counter.capture(str(held["hold"]))))
    undo = Undo(**counter.key(), member=ANN, redemption=str(spent["redemption"]))
    assert done(counter.ask(undo))["spendable"] == 30
    assert sorted((lot["points"], lot["expires"] is None) for lot in lots.of(counter.members[ANN], "stars")) == [
        (10, False),
        (20, True),
    ]
    assert code(counter.ask(Undo(**counter.key(), member=ANN, redemption=str(spent["redemption"])))) == "undone_already"
    assert counter.sums() == {"stars": 0}


def test_a_partner_touches_only_its_own_holds_and_redemptions(counter: Counter) -> None:
    held = done(counter.ask(counter.hold(5)))
    other = Caller("till-9", partner="fuel")
    assert code(counter.ask(counter.capture(str(held["hold"]), caller=other))) == "unknown_hold"
    assert code(counter.ask(counter.release(str(held["hold"]), caller=other))) == "unknown_hold"
    spent = done(counter.ask(counter.capture(str(held["hold"]))))
    undo = Undo(**{**counter.key(), "caller": other}, member=ANN, redemption=str(spent["redemption"]))
    assert code(counter.ask(undo)) == "unknown_redemption"


def test_the_same_key_answers_the_same_and_another_request_under_it_is_refused(counter: Counter) -> None:
    """Mechanism: the journal's `_id` is the key; its hash is of the request."""
    command = counter.hold(5)
    first, again = counter.ask(command), counter.ask(command)
    assert done(first) == done(again)
    assert isinstance(again, Done)
    assert again.again
    assert lots.held(counter.members[ANN], "stars") == 5
    assert code(counter.ask(counter.hold(6, key=command.key, hash="other"))) == "key_used_before"


def test_what_a_bill_allows(counter: Counter) -> None:
    """Half of 350,000 is 175,000: 17 stars of 10,000, however many are asked for."""
    assert code(counter.ask(counter.hold(18, bill="350000"))) == "too_much_of_the_bill"
    assert done(counter.ask(counter.hold(17, bill="350000")))["worth"] == {"amount": "170000", "currency": "VND"}


def test_where_points_pay_a_part_of_the_bill_the_bill_is_needed(counter: Counter) -> None:
    """Else any number of stars would pay, whatever the bill. Miles may pay all of it. Mechanism: `bill_needed`."""
    refused = counter.ask(counter.hold(5, bill=None))
    assert isinstance(refused, Denied)
    assert (refused.code, refused.more) == ("bill_needed", {"at_most_percent": 50})
    assert refused.detail == "points may pay at most 50 % of the bill: send `bill`, what there is to pay"
    assert code(counter.ask(counter.hold(amount="50000", bill=None))) == "bill_needed"
    assert not counter.journal
    assert done(counter.ask(counter.hold(100, "miles", bill=None)))["points"] == 100


STEPS = (
    SHOP
    + """
    - id: stars
      value: {amount: "10000", currency: VND}
      redemption: {at_least: 10, step: 5}
"""
)


@pytest.mark.parametrize(
    ("part", "answer"),
    [(7, "wrong_step"), (12, "wrong_step"), (5, "too_little"), (1, "wrong_step"), (10, 10), (15, 15), (20, 20)],
)
def test_a_part_of_a_hold_keeps_to_the_terms_of_its_wallet(part: int, answer: str | int) -> None:
    """Of 20 held, in steps of five, at least ten; what is refused leaves the hold. Mechanism: `part_refused`."""
    counter = Counter(STEPS)
    counter.give(20)
    hold = str(done(counter.ask(counter.hold(20)))["hold"])
    found = counter.ask(counter.capture(hold, part))
    assert (found.body["points"] if isinstance(found, Done) else found.code) == answer
    if isinstance(found, Denied):
        assert lots.held(counter.members[ANN], "stars") == 20
        assert done(counter.ask(counter.capture(hold)))["points"] == 20


def test_all_of_a_hold_can_be_captured_whatever_the_terms_are_by_now() -> None:
    """It was promised. Mechanism: `points == held` in `part_refused`."""
    counter = Counter(STEPS)
    counter.give(20)
    hold = str(done(counter.ask(counter.hold(15)))["hold"])
    counter.book = Counter(STEPS.replace("at_least: 10, step: 5", "at_least: 40, step: 20")).book
    assert code(counter.ask(counter.capture(hold, 5))) == "wrong_step"
    assert done(counter.ask(counter.capture(hold, 15)))["points"] == 15


@pytest.mark.parametrize(
    ("bill", "most", "said"),
    [
        ("299999", 10, "at most 50 % of the bill: 10 stars; 15 were asked for"),
        (
            "180000",
            0,
            "at most 50 % of the bill: fewer than the 10 stars that are at least spent; 15 were asked for",
        ),
    ],
)
def test_a_refusal_names_as_many_points_as_can_be_spent(bill: str, most: int, said: str) -> None:
    """Half of the bill is 14 stars, or 9, in steps of five, at least ten. Mechanism: `most` in `quoting._refused`;
    without it the words say 14."""
    counter = Counter(STEPS.replace("step: 5", "step: 5, at_most_percent: 50"))
    counter.give(30)
    refused = counter.ask(counter.hold(15, bill=bill))
    assert isinstance(refused, Denied)
    assert (refused.code, refused.more["most"]) == ("too_much_of_the_bill", most)
    assert refused.detail == f"points may pay {said}"
    assert not most or done(counter.ask(counter.hold(most, bill=bill)))["points"] == most


def test_an_amount_buys_whole_points_only(counter: Counter) -> None:
    """99,999 at 10,000 a star is 9 stars, worth 90,000; 19,999 is one, fewer than the fewest."""
    assert done(counter.ask(counter.hold(amount="99999")))["worth"] == {"amount": "90000", "currency": "VND"}
    assert code(counter.ask(counter.hold(amount="19999"))) == "too_little"


def test_too_much_is_clamped_where_the_programme_says_so(counter: Counter) -> None:
    """Miles go in hundreds: of 1,250 there are 1,200 to spend, at 2.5 each."""
    held = done(counter.ask(counter.hold(5_000, "miles")))
    assert (held["points"], held["worth"], held["clamped"]) == (
        1_200,
        {"amount": "3000.0", "currency": "VND"},
        True,
    )


def test_a_balance_shows_nothing_spendable_that_a_till_would_refuse(counter: Counter) -> None:
    """55 status points are theirs, and none can be spent. Mechanism: `redemption` in `standings`."""
    counter.give(55, "status")
    found = standings(counter.members[ANN], counter.book.at(NOON), NOON)
    assert {each.wallet.id: (each.balance, each.spendable) for each in found} == {
        "stars": (30, 30), "miles": (1_250, 1_250), "status": (55, 0),
    }  # fmt: skip


def test_status_points_and_unknown_wallets_cannot_be_spent(counter: Counter) -> None:
    assert code(counter.ask(counter.hold(1, "status"))) == "not_spendable"
    assert code(counter.ask(counter.hold(1, "moons"))) == "unknown_wallet"


def test_a_wallet_that_is_not_spent_any_more_has_nothing_to_spend_whatever_comes_back(counter: Counter) -> None:
    """What was held before is captured, released or undone, and none of it can be held again. Mechanism:
    `till._spendable` asks the programme, as a balance does."""
    one, other = (str(done(counter.ask(counter.hold(10)))["hold"]) for _ in range(2))
    counter.book = Counter(PROGRAMME.replace("redemption: {at_least: 2,", "redemption: null  # {")).book
    spent = done(counter.ask(counter.capture(one)))
    gone = counter.ask(Undo(**counter.key(), member=ANN, redemption=str(spent["redemption"])))
    back = counter.ask(counter.release(other))
    assert [spent["spendable"], done(gone)["spendable"], done(back)["spendable"]] == [0, 0, 0]
    assert code(counter.ask(counter.hold(10))) == "not_spendable"


def test_points_of_a_wallet_that_the_programme_has_left_out_are_told_all_the_same(counter: Counter) -> None:
    """They stay, and cannot be spent. Mechanism: `standing._left_out`; without it nobody would see them."""
    rules = Counter(PROGRAMME.replace("    - id: miles", "    - id: leaves")).book.at(NOON)
    found = {each.wallet.id: (each.balance, each.spendable) for each in standings(counter.members[ANN], rules, NOON)}
    assert found == {"stars": (30, 30), "leaves": (0, 0), "status": (0, 0), "miles": (1_250, 0)}
