"""The checker says only of what never gives anything that it does: random rules that build on each other, decided."""

from __future__ import annotations

import random

from shared.events.light import Occurrence
from shared.rules.checks.checking import check
from tests.unit.rulekit import PROGRAMME, Till, basket, book, line, rule

CONDITIONS = (
    "basket.total < 5",
    "basket.total >= 5",
    "basket.eligible > 3",
    "lines.all(department == 'FUEL')",
    "lines.none(department == 'FUEL')",
    "event.currency == 'EUR'",
    "event.currency == 'USD'",
    "calendar.weekday == 'wednesday'",
    "calendar.date <= '2017-03-02'",
    "has(calendar.holiday('US'))",
)
SCHEDULES = (
    "",
    "schedule: {weekdays: [wednesday]}\n",
    "schedule: {weekdays: [thursday]}\n",
    "schedule: {hours: ['10:00-12:30']}\n",
    "schedule: {hours: ['13:00-15:00']}\n",
    "schedule: {dates: ['2017-02-20', '2017-03-01..2017-03-02']}\n",
    "schedule: {until: 2017-03-02T12:00}\n",
    "schedule: {from: 2017-03-02T12:00}\n",
)
UNDER = (
    "{fixed: 2}",
    "{fixed: 5}",
    "{per_amount: {per: 1.00, where: department == 'FUEL'}}",
    "{per_amount: {per: 1.00, where: amount < 1.00, round: line}}",
    "{per_amount: {per: 1.00}}",
    "{cashback: {percent: 5, unit: 0.10, round: line, where: amount < 2}}",
)
OVER = (
    "{again: [u]}",
    "{multiply: {rules: [u], by: 1.2}}",
    "{multiply: {rules: [u], by: 1.4, rounding: half_even}}",
    "{multiply: {rules: [u, v], by: 1.2}}",
)
NEVER = ("it gives nothing", "it never applies", "1.2 times", "1.4 times")


def body(random_: random.Random, effects: tuple[str, ...]) -> str:
    """A random rule's own lines."""
    asks = [random_.choice(CONDITIONS) for _ in range(random_.randint(0, 2))]
    when = f'when: "{random_.choice((" && ", " || ")).join(asks)}"\n' if asks else ""
    return f"{random_.choice(SCHEDULES)}{when}then: {random_.choice(effects)}"


def events() -> list[Occurrence]:
    """Purchases on a holiday and on days of two weeks, at several hours, in two currencies. 2017-02-20 is one."""
    baskets = (
        [line("0.50", 1, department="FUEL")],
        [line("4.00", 2, brand="a")],
        [line("7.00", 1), line("3.50", 1, department="FUEL")],
    )
    return [
        basket(*lines, time=f"{day}T{hour}:00-05:00", currency=currency)
        for day in ("2017-02-20", "2017-03-01", "2017-03-02", "2017-03-03")
        for hour in ("11:00", "14:00")
        for currency in ("USD", "EUR")
        for lines in baskets
    ]


def test_what_is_said_never_to_give_anything_gives_nothing() -> None:
    """Breaks where a check says more than what it can prove, of schedules, conditions, currencies or rounding."""
    random_, happened, said = random.Random(5), events(), 0
    for _ in range(150):
        rules = {"u": body(random_, UNDER), "v": body(random_, UNDER), "o": body(random_, OVER)}
        faults = check([("f.yaml", PROGRAMME + "".join(rule(*each) for each in rules.items()))]).faults
        told = [(fault.line, fault.message) for fault in faults if fault.message.startswith(NEVER)]
        begins = [PROGRAMME.count("\n") + 1]
        for each in rules.items():
            begins.append(begins[-1] + rule(*each).count("\n"))
        never = {id_ for id_, at, end in zip(rules, begins, begins[1:], strict=False)
                 if any(at <= place < end for place, _ in told)}  # fmt: skip
        said += len(never)
        decided = book(*(rule(*each) for each in rules.items())) if never else None
        gave = {id_ for each in happened for id_ in Till(decided).points(each)} if decided is not None else set()
        assert not never & gave, (never, rules)
    assert said > 50
