"""A field that is written where it does not belong: the checker says where it does (proves `fields.places_of`)."""

from __future__ import annotations

import pytest

from tests.unit.marked import rule, told
from tests.unit.test_definition_files import EARN, HEAD, faults


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (EARN + "time_zone: Asia/Tokyo\n", "f.yaml:6:1: `time_zone`: no such field; write it within `schedule`"),
        (
            EARN + "rounding: up\n",
            "f.yaml:6:1: `rounding`: no such field; "
            "write it within `then.per_amount` or `then.multiply` or `then.cashback`",
        ),
        (
            HEAD + "then: {fixed: 1, limits: []}\n",
            "f.yaml:5:18: `then.limits`: no such field; write it beside `id`, not within `then`",
        ),
        (
            HEAD + "then: [{fixed: 1, limits: []}]\n",
            "f.yaml:5:19: `then.0.limits`: no such field; write it beside `id`, not within `then`",
        ),
        (EARN + "limit: []\n", "f.yaml:6:1: `limit`: no such field; did you mean `limits`?"),
    ],
)
def test_a_field_that_stands_elsewhere_is_told_where(text: str, shown: str) -> None:
    assert faults(text) == [shown]


_THEN = (
    "there are: wallet, fixed, per_amount, per_quantity, per_line, again, multiply, cashback, at_least, at_most, "
    "voucher, gift, tag, tickets, punch, message"
)
_WHOLE = "did you mean `fixed`? It takes a whole number"
_PER = "write it within `then.per_amount` or `then.per_quantity`"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        # The near spelling, rather than what is called so at the top: that checks clean, and nobody gets the tag.
        ("then: {fixed: 1, ▶tags: [vip]}", ["`then.tags`: no such field; did you mean `tag`?"]),
        ("then: {▶amount: 5}", ["`then.amount`: no such field; did you mean `per_amount`?"]),
        # Not the nearest of all that are merely somewhat alike: `campaign` and `again`, `when` and `where`.
        (
            "then: {fixed: 1, ▶campaign: x}",
            ["`then.campaign`: no such field; write it beside `id`, not within `then`"],
        ),
        (
            "then: {per_amount: {per: 1, ▶when: basket.total > 5}}",
            ["`then.per_amount.when`: no such field; write it beside `id`, not within `per_amount`"],
        ),
        # Within what it was written in, rather than the money of a budget, which is nearer to the top.
        (
            'then: {voucher: {title: V, ▶amount: "5.00", ▶currency: USD}}',
            [
                "`then.voucher.amount`: no such field; write it within `then.voucher.value` or `then.voucher.minimum`",
                "`then.voucher.currency`: no such field; write it within `then.voucher.value` or "
                "`then.voucher.minimum`",
            ],
        ),
        (
            'then: [{gift: {title: V, ▶amount: "5.00", ▶currency: USD}}]',
            [
                "`then.0.gift.amount`: no such field; write it within `then.gift.value`",
                "`then.0.gift.currency`: no such field; write it within `then.gift.value`",
            ],
        ),
        (
            "then: {wallet: stars, ▶per: 100, ▶give: 1}",
            [f"`then.per`: no such field; {_PER}", f"`then.give`: no such field; {_PER} or `then.per_line`"],
        ),
        # Of an effect that says already what it gives, only within that.
        ("then: {per_amount: {per: 1}, ▶give: 2}", ["`then.give`: no such field; write it within `then.per_amount`"]),
        ("then: {fixed: 1, ▶rounding: up}", [f"`then.rounding`: no such field; {_THEN}"]),
        ("then: {fixed: 1, ▶points: 10}", [f"`then.points`: no such field; {_THEN}"]),
        # Around what it was written in.
        (
            "then: {per_amount: {per: 1, ▶wallet: miles}}",
            ["`then.per_amount.wallet`: no such field; write it within `then`"],
        ),
        (
            'then: {voucher: {title: V, value: {amount: "5.00", currency: USD, ▶title: W}}}',
            ["`then.voucher.value.title`: no such field; write it within `then.voucher`"],
        ),
        # Nothing of what stands quite elsewhere.
        ("then: {fixed: 1, ▶money: 3}", [f"`then.money`: no such field; {_THEN}"]),
        # At the top what is called so wins: `tags: [vip]` there would give nobody the tag.
        ("▶tag: vip\nthen: {fixed: 1}", ["`tag`: no such field; write it within `then`"]),
        ("▶currency: USD\nthen: {fixed: 1}", ["`currency`: no such field; write it within `budget.money`"]),
        ("▶times: 3\nthen: {fixed: 1}", ["`times`: no such field; write it within `limits`"]),
    ],
)
def test_the_place_that_is_told_is_near_where_it_was_written(body: str, said: list[str]) -> None:
    """Mechanisms: `wording._NEARLY`, and in `fields.places_of` the order of places, with what fits beside others."""
    assert told(rule("x", body, "bonus", then="")) == said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("then: {▶points: 3.5}", [f"`then.points`: no such field; {_WHOLE}"]),
        ("then: {▶points: '10'}", [f"`then.points`: no such field; {_WHOLE}: write `fixed: 10`"]),
        ("then: {wallet: miles, ▶give: '10'}", [f"`then.give`: no such field; {_WHOLE}: write `fixed: 10`"]),
        ("then: {fixed: 1, ▶points: 3.5}", [f"`then.points`: no such field; {_THEN}"]),
        ("then: {▶points: 0}", [f"`then.points`: no such field; {_WHOLE}"]),
        (
            "then: {▶per: 100, ▶points: 1}",
            [
                f"`then.per`: no such field; {_PER}",
                "`then.points`: no such field; write `give: 1` beside `per`, in `per_amount`",
            ],
        ),
        (
            "then: {▶card: a, ▶points: 3}",
            [
                "`then.card`: no such field; write it within `then.punch`",
                "`then.points`: no such field; write it within `then.punch`",
            ],
        ),
        (
            "then: {fixed: 1, ▶if: basket.total > 5}",
            ["`then.if`: no such field; write `when` beside `id`, not within `then`"],
        ),
        (
            "then: [{fixed: 1, ▶condition: basket.total > 5}]",
            ["`then.0.condition`: no such field; write `when` beside `id`, not within `then`"],
        ),
        ("then: {▶max: 5}", ["`then.max`: no such field; did you mean `at_most`?"]),
        ("then: {per_amount: {per: 1}, ▶min: 5}", ["`then.min`: no such field; did you mean `at_least`?"]),
        ("then: {▶minimum: 5}", ["`then.minimum`: no such field; did you mean `at_least`?"]),
        (
            'then: {▶minimum: {amount: "5.00", currency: USD}}',
            ["`then.minimum`: no such field; write it within `then.voucher`"],
        ),
    ],
)
def test_a_field_of_an_effect_by_another_name(body: str, said: list[str]) -> None:
    """Mechanism: `meant_fields`; without its lines another place, or a wallet of that name, is told."""
    assert told(rule("x", body, "bonus", then="")) == said


def test_a_number_of_days_is_no_period() -> None:
    """`day` would be accepted, and be another limit. Mechanism: `wording._one_of` guesses nothing of numbers."""
    text = EARN + "limits: [{period: 7 days, times: 1}]\n"
    assert faults(text) == ["f.yaml:6:19: limits.0.period: write one of day, week, month, quarter, year, ever"]
