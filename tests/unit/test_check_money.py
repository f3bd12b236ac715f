"""Money in definitions, checked: currencies, and amounts that nobody can pay."""

from __future__ import annotations

import pytest

from tests.unit.marked import PROGRAMME, rule, told

DONG = PROGRAMME.replace("currency: USD", "currency: VND")


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("{voucher: {title: v, value: {amount: '5', currency: ▶USD}}}",
         "the voucher's value is in USD, and the programme in VND; write the amount in VND"),
        ("{voucher: {title: v, percent_off: 5, minimum: {amount: '5', currency: ▶EUR}}}",
         "the voucher's minimum is in EUR, and the programme in VND"),
        ("{gift: {title: g, value: {amount: '5', currency: ▶EUR}}}", "the gift's value is in EUR"),
        ("{voucher: {title: v, value: {amount: ▶'5.5', currency: VND}}}",
         "nobody can pay 5.5 VND, which has no decimals; write a whole amount"),
        ("{voucher: {title: v, value: {amount: ▶'0', currency: VND}}}",
         "a voucher of 0 VND buys nothing; write what it is worth, or leave `value` out"),
    ],
)  # fmt: skip
def test_what_things_are_worth_can_be_paid_here(then: str, words: str) -> None:
    [said] = told(rule("x", "", "bonus", then), DONG)
    assert said.startswith(words)


def test_a_dollar_has_cents() -> None:
    assert told(rule("x", "", "bonus", "{gift: {title: g, value: {amount: '5.50', currency: USD}}}")) == []
    [said] = told(rule("x", "", "bonus", "{gift: {title: g, value: {amount: ▶'5.500', currency: USD}}}"))
    assert said == "USD has 2 decimals, and 5.500 is 5.50; write 5500 if the point is between thousands, or 5.50"
    [said] = told(rule("x", "", "bonus", "{gift: {title: g, value: {amount: ▶'5.505', currency: USD}}}"))
    assert said.startswith("nobody can pay 5.505 USD, which has 2 decimals; write 5505 if the point is between")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("XYZ", "no currency has the code XYZ; write an ISO 4217 code, such as VND"),
        ("VDN", "no currency has the code VDN; did you mean VND?"),
    ],
)
def test_a_currency_that_there_is_not(code: str, words: str) -> None:
    """Breaks where any three capitals are a currency."""
    assert told("", PROGRAMME.replace("currency: USD", f"currency: ▶{code}")) == [words]


@pytest.mark.parametrize("code", ["EUR", "JPY", "KWD", "ZWG", "HRK"])
def test_currencies_of_today_and_of_some_years_ago(code: str) -> None:
    """Breaks where the table lacks a currency in use, or one that was in use a few years ago."""
    assert told("", PROGRAMME.replace("currency: USD", f"currency: {code}")) == []
