"""Rules that nothing reaches, names nobody defines, versions, budgets."""

from __future__ import annotations

import pytest

from shared.rules.checks.checking import check
from tests.unit.marked import HEAD, PROGRAMME, found, rule, told

CAMPAIGN = f"- id: summer\n  kind: campaign\n  {HEAD}  schedule: {{from: 2017-06-01, until: 2017-09-01}}\n"
SEGMENT = f"- id: rich\n  kind: segment\n  {HEAD}  when: member.balance.stars >= 1000\n"
LADDER = (
    f"- id: stars-ladder\n  kind: ladder\n  {HEAD}  qualifying: [base]\n  tiers: [{{id: gold, title: Gold, from: 9}}]\n"
)
ALONE = (
    "a challenge builds on no other rule: its reward comes with its own goal, and not with what {} gives; write out "
    "here what it is to give, such as {}"
)
TWELVE = rule("twelve", "progress: {goal: 2}", "challenge", "{fixed: 12}")
BASE = rule("base", "")
MULTIPLY_VV = "{wallet: stars, multiply: {rules: [▶vv], by: 2}}"


def said(text: str) -> str:
    """The one fault of a file."""
    [words] = told(text)
    return words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("on: signup\nwhen: ▶basket.total >= 5", "never true: basket.total is never known here (a signup"),
        ("on: signup\nwhen: ▶lines.any(brand == 'a')", "never true: lines.any(brand == \"a\") is false here (a signup"),
        ("on: signup\nwhen: ▶lines.count() > 0", "never true: lines.count() is 0 here (a signup has no basket"),
        ("on: return\nwhen: ▶event.attributes.x == 1", "never true: event.attributes.x is never known here (a return"),
        ("when: ▶event.kind == 'signup'", "never true: event.kind is purchase (the rule looks at purchases alone)"),
        ("when: ▶event.kind == 'purchase'", "warning: always true here: event.kind is purchase (the rule looks at"),
        ("on: referral\nwhen: ▶event.kind != 'referral'", "never true: event.kind is referral (a referral has no"),
        ("when: ▶history.count(this_month) >= 1", "warning: always true here: history.count(this_month) is 1 time or "
                                                 "more (the event itself is counted too); leave it out"),
        ("when: ▶history.count(last_days(7)) < 1", "never true: history.count(last_days(7)) is 1 time or more (the "),
        ("when: ▶history.count(ever, event.kind == 'purchase') == 0", "never true: history.count(ever"),
        ("on: signup\nwhen: ▶history.count(ever, event.kind == 'signup') < 1", "never true: history.count(ever"),
        ("when: ▶lines.count() > 0", "warning: always true here: lines.count() is 1 time or more (a purchase has a "
                                     "line at least); leave it out"),
        ("when: ▶lines.count() == 0", "never true: lines.count() is 1 time or more (a purchase has a line at least); "),
        ("when: ▶history.streak(week) >= 1", "warning: always true here: history.streak(week) is 1 time or more"),
        ("schedule: {until: 2017-06-01}\nwhen: history.count(▶since('2017-06-01')) > 2",
         "nothing is ever counted: the rule does not run on 2017-06-01 or later; write an earlier date"),
        ("when: history.sum(basket.total, ▶since('2099-01-01')) > 2",
         "warning: nothing is counted before 2099-01-01, more than 50 years ahead; write an earlier date"),
        (
            "schedule: {weekdays: [wednesday]}\nwhen: basket.total > 5 && ▶calendar.weekday == 'friday'",
            "`schedule` leaves no time at which `calendar.weekday == \"friday\"` holds: calendar.weekday is wednesday "
            "while it runs; change one of the two",
        ),
        ("schedule: {hours: [09:00-12:00]}\nwhen: ▶calendar.hour == 12", "`schedule` leaves no time at which"),
        ("schedule: {until: 2017-06-01}\nwhen: ▶calendar.date >= '2017-06-01'", "`schedule` leaves no time at which"),
        ("schedule: ▶{dates: [2017-03-12], hours: ['02:00-03:00']}", "it never runs: the local time 2017-03-12 02:00"),
        ("schedule: ▶{from: 2017-03-12T02:15, until: 2017-03-12T02:45}", "it never runs: the local time 2017-03-12"),
        ("schedule: {dates: [2017-06-01]}\nwhen: ▶calendar.date == '2017-06-02'", "`schedule` leaves no time at"),
    ],
)  # fmt: skip
def test_a_rule_that_nothing_reaches(body: str, words: str) -> None:
    assert said(rule("x", body)).startswith(words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("when: ▶event.kind == 'referral'", ["never true: event.kind is purchase (the rule looks at purchases alone)"]),
        ("when: ▶basket.quantity < 0", ["never true: basket.quantity is 0 pieces or more"]),
        ("when: member.balance.stars < 1000\nsegment: ▶rich", ["nobody in the segment rich ever meets the condition"]),
        ("segment: ▶poor", ["no segment is called poor; there are: rich"]),
        ("▶campaign: x", ["`campaign`: no such field"]),
        ("budget: ▶{money: {amount: '9.00', currency: USD}}", ["`budget` counts money, and x gives points; write its"]),
        ("budget: {money: {amount: '9.00', currency: ▶EUR}, cost_per_point: 0.01}", ["the budget is in EUR"]),
        ("limits: [{period: day}, {period: ever, times: 3}, {per: programme, period: ever, times: 9}]", []),
        ("limits: [{period: month, times: 2}, ▶{period: day, times: 3}]", ["warning: it is never reached: 2 times a"]),
        # The schedule is about the referral: the friend may buy on any day, and when another version is in force.
        ("schedule: {weekdays: [monday]}\nwhen: calendar.weekday == 'tuesday'", []),
        ("schedule: {until: 2017-06-01}\nwhen: calendar.date >= '2017-06-01'", []),
        ("when: basket.total >= 20 && member.age >= 18\nlimits: [{period: month, times: 10}]", []),
        ("when: basket.total > 5 && ▶history.count(ever) >= 2", ["warning: `history.count(ever) >= 2` holds only"]),
        ("when: ▶has(history.first(ever))", ["warning: `has(history.first(ever))` holds only where a later purchase"]),
        ("when: ▶history.streak(day) >= 3", ["warning: `history.streak(day) >= 3` holds only where a later purchase"]),
        ("when: ▶days_since(history.last(ever)) > 3", ["warning: `days_since(history.last(ever)) > 3` holds"]),
        ("when: history.count(ever, event.store == '1') == 1 && !has(history.last(ever))", []),
        ("when: history.count(ever, event.kind == 'referral') >= 2", []),
        ("when: history.count(ever) >= 2 || basket.total > 5", []),
    ],
)  # fmt: skip
def test_what_a_referral_asks_of_the_friend_and_what_holds_it_back(body: str, words: list[str]) -> None:
    """Breaks when a referral's fields are not looked at as a rule's are, or its schedule as one of purchases."""
    sides = "advocate: {fixed: 2}\nfriend: {fixed: 1}"
    found = told(SEGMENT + rule("x", f"{body}\n{sides}", "referral", then=""))
    assert len(found) == len(words)
    assert all(each.startswith(said) for each, said in zip(found, words, strict=True)), found


@pytest.mark.parametrize(
    "body",
    [
        "schedule: {weekdays: [friday], hours: ['22:00-02:00']}\nwhen: calendar.weekday == 'saturday'",
        "schedule: {weekdays: [friday], time_zone: Asia/Tokyo}\nwhen: calendar.weekday == 'friday'",
        "schedule: {hours: ['09:00-12:30']}\nwhen: calendar.hour == 12",
        "schedule: {until: 2017-06-01T10:00}\nwhen: calendar.date >= '2017-06-01'",
        "schedule: {dates: [2017-06-01], hours: ['22:00-02:00']}\nwhen: calendar.date == '2017-06-02'",
        "on: signup\nwhen: history.count(ever) == 0",
        "when: history.count(ever, event.store == 'a') == 0",
        "when: history.count(ever, event.kind == 'signup') == 0",
        "when: history.count(since('2017-05-01')) < 1",
        "schedule: {until: 2017-06-01}\nwhen: history.count(since('2017-05-31')) > 2",
        "on: return\nwhen: member.balance.stars > 5",
    ],
)
def test_a_rule_that_is_reached(body: str) -> None:
    assert told(rule("x", body)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            rule("x", "on: signup", then="{per_amount: ▶{per: 1.00}}"),
            "`per_amount` gives nothing on a signup, which has no basket; write `fixed`",
        ),
        (
            rule("x", "on: return\nprogress: {count: ▶amount, goal: 5}", "challenge"),
            "a return has no amount, so nothing is ever counted; count days or times",
        ),
        (
            SEGMENT + rule("x", "segment: ▶rich\nwhen: member.balance.stars < 10"),
            "nobody in the segment rich ever meets the rule's condition; change one of the two",
        ),
        (
            SEGMENT + rule("x", "when: '\"rich\" in member.segments && ▶member.balance.stars < 10'"),
            'never true together with `"rich" in member.segments`',
        ),
        (
            f"- id: c\n  kind: campaign\n  {HEAD}  when: basket.total >= 50\n"
            + rule("x", "campaign: ▶c\nwhen: basket.total < 20"),
            "no event meets both the campaign c and the rule; change the conditions of one",
        ),
        (
            "".join(
                f"- id: s{n}\n  kind: segment\n  {HEAD}  when: ▶'\"s{(n + 1) % 3}\" in member.segments'\n"
                for n in range(3)
            ),
            "segments ask for each other in a circle: s0 -> s1 -> s2 -> s0; take one of these out",
        ),
    ],
)
def test_what_the_rest_of_the_programme_makes_unreachable(text: str, words: str) -> None:
    assert told(text)[0].startswith(words)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ('▶"rihc" in member.segments', "no segment is called rihc; did you mean rich?"),
        ('▶"summer" in member.segments', "no segment is called summer; there are: rich"),
        ("▶member.balance.star > 5", "the programme has no wallet star; did you mean stars?"),
        ("▶member.lifetime.cash > 5", "the programme has no wallet cash; it has stars, miles"),
        ('member.tier == ▶"glod"', "no ladder has a tier glod; did you mean gold?"),
        ('▶"silver" in member.tiers', "no ladder has a tier silver; there are gold"),
        ('member.tier in ["gold", ▶"silver"]', "no ladder has a tier silver; there are gold"),
        ('▶"wine" in member.tags', "warning: no rule gives the tag wine; did you mean wine-club?"),
        ('calendar.holiday("US") == ▶"Chrismas Day"', "warning: US has no holiday of that name from 2000 to 2040; did"),
        ('event.currency in ["VND", ▶"UDS"]', "warning: no currency has the code UDS; did you mean USD?"),
        (
            'calendar.holiday("VN") == ▶"Xmas"',
            'warning: VN has no holiday of that name from 2000 to 2040; its holidays are called "Fifth Day of',
        ),
    ],
)
def test_a_name_within_a_condition_that_nobody_defines(when: str, words: str) -> None:
    tag = rule("tags", "", "bonus", "{tag: wine-club}")
    assert said(BASE + SEGMENT + CAMPAIGN + LADDER + tag + rule("x", f"when: '{when}'")).startswith(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (rule("x", "segment: ▶rihc") + SEGMENT, "no segment is called rihc; did you mean rich?"),
        (rule("c", "segment: ▶rihc", "campaign", "") + SEGMENT, "no segment is called rihc; did you mean rich?"),
        (rule("x", "campaign: ▶sumer") + CAMPAIGN, "no campaign is called sumer; did you mean summer?"),
        (rule("x", "", "bonus", "{tickets: {draw: ▶d}}"), "no draw is called d"),
        (rule("x", "", "bonus", "{message: ▶m}"), "no message is called m"),
        (rule("x", "", "bonus", "{punch: {card: c, of: 3, points: 5, wallet: ▶gold}}"), "the programme has no"),
        (rule("x", "", then="[{wallet: ▶cash, fixed: 1}]"), "the programme has no wallet cash; it has stars, miles"),
        (BASE + rule("x", "", then="{again: [▶bsae]}"), "it builds on the points of bsae, which no earn rule"),
        (
            BASE + rule("x", "on: signup", then="{multiply: {rules: [▶base], by: 2}}"),
            "it builds on the points of base, which looks at another event (`on: purchase`, here signup); write `on: ",
        ),
        (BASE + rule("x", "on: signup", then="{again: [▶base]}"), "it builds on the points of base, which looks at"),
        (BASE + rule("x", "", "bonus", "{again: [▶base]}"), "base is of kind earn, and a bonus can build on bonus "
         "rules only; write `kind: earn` for this rule"),
        (BASE + rule("x", "", "bonus", "[{again: [▶base]}, {tag: t}]"), "base is of kind earn, and a bonus can build "
         "on bonus rules only; write out what this rule is to give, such as `fixed`"),
        (BASE + rule("x", "progress: {goal: 3}", "challenge", "{multiply: {rules: [▶base], by: 2}}"),
         ALONE.format("base", "`fixed: 1`")),
        (TWELVE + rule("x", "progress: {goal: 2}", "challenge", "{again: [▶twelve]}"),
         ALONE.format("twelve", "`fixed: 12`")),
        (TWELVE + rule("x", "progress: {goal: 2}", "challenge", "{multiply: {rules: [▶twelve], by: 3}}"),
         ALONE.format("twelve", "`fixed: 24`")),
        (rule("x", "progress: {goal: 2}", "challenge", "{again: [▶gone]}"),
         ALONE.format("gone", "`fixed` or `per_amount`")),
        (TWELVE + rule("x", "progress: {goal: 2}", "challenge", "{wallet: miles, again: [▶twelve]}"),
         ALONE.format("twelve", "`fixed: 12`")),
        (rule("vip", "", "bonus") + rule("x", "", then="{again: [▶vip]}"), "vip is of kind bonus, and an earn rule can "
         "build on earn rules only; write `kind: bonus` for this rule"),
        (BASE + rule("x", "", then="{wallet: miles, multiply: {rules: [▶base], by: 2}}"), "base gives no miles but"),
        (rule("vv", "", "bonus", "{voucher: {title: A tea, valid_days: 30}}") + rule("x", "", "bonus", MULTIPLY_VV),
         "vv gives no points, and no stars; name a rule that does"),
        (
            rule("a", "", then="{again: [▶b]}") + rule("b", "", then="{again: [▶a]}"),
            "rules build on each other's points in a circle: a -> b -> a; take one of them out",
        ),
        (
            rule("x", "budget: {money: {amount: '5.00', currency: ▶EUR}, cost_per_point: 0.01}"),
            "the budget is in EUR, and the programme in USD; write the amount in USD",
        ),
        (rule("x", "budget: {money: ▶{amount: '5.00'}, cost_per_point: 0.01}"), "`budget.money.currency` is missing"),
        (rule("x", "budget: {money: ▶5.00, cost_per_point: 0.01}"),
         'budget.money: write its fields: amount, currency; such as `money: {amount: "5.00", currency: USD}`'),
        (rule("x", "schedule: {time_zone: ▶Europe/Lodon}"), "schedule.time_zone: no such time zone: Europe/Lodon; did"),
        (
            rule("x", "") + rule("x", "version: ▶1"),
            "version 1 of x is written in rules.yaml:8 already; ",
        ),
        (
            rule("x", "version: 2") + rule("x", "").replace("effective: ", "effective: ▶"),
            "version 1 (this one) is not effective before version 2, and so never in force; keep one of them",
        ),
        (
            rule("x", "") + rule("x", "version: ▶2").replace("2017-01-01T", "2017-03-01T"),
            "version 1 of x is in rules.yaml:8: versions are published one after the other; publish version 1 first, "
            "then write version 2 in its place: it stays published",
        ),
        (rule("x", "") + rule("x", "version: 2", "▶bonus"), "x is a earn in rules.yaml:8; give the bonus another `id`"),
    ],
)  # fmt: skip
def test_what_definitions_say_of_each_other(text: str, words: str) -> None:
    assert told(text)[0].startswith(words)


def test_without_a_programme_what_is_named_may_be_elsewhere() -> None:
    faults, places = found(BASE + rule("x", "segment: ▶rich\nwhen: '▶\"poor\" in member.segments'"), "")
    assert [(each.line, each.column) for each in faults] == places
    assert [(each.severity, each.message) for each in faults] == [
        ("warning", "no segment is called rich in these files"),
        ("warning", "no segment is called poor"),
    ]


def test_two_programmes_are_one_too_many() -> None:
    [fault], _ = found("", PROGRAMME + PROGRAMME.replace("id: shop", "id: mall"))
    assert (fault.line, fault.code, fault.message) == (9, "programme", "shop is the programme already")


def test_what_cannot_be_read_yet_may_define_what_is_named() -> None:
    broken = f"- id: rich\n  kind: segment\n  {HEAD}  when: member.balance.stars >>= 1000\n"
    checked = check([("rules.yaml", PROGRAMME + broken + rule("x", "segment: rich"))])
    assert [each.code for each in checked.faults] == ["expression"]
    assert checked.note == "references to what cannot be read yet are checked once this is mended"


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("{per_amount: {per: ▶0}}", "then.per_amount.per: write more than 0"),
        ("{per_amount: {per: 1, where: ▶amont > 3}}", "then.per_amount.where: no fact about a line is called amont"),
        ("[{fixed: 1}, {per_line: {give: ▶0}}]", "then.1.per_line.give: write 1 or more"),
        ("{fixed: 1, ▶fixd: 2}", "`then.fixd`: no such field; did you mean `fixed`?"),
        ("{voucher: {title: A, ▶valeu: 3}}", "`then.voucher.valeu`: no such field; did you mean `value`?"),
        ("▶{wallet: miles}", "then: write exactly one of `fixed`, "),
        ("▶5", "then: write what is given, such as {wallet: stars, fixed: 10}"),
    ],
)
def test_an_effect_is_named_as_it_is_written_with_a_list_or_without(then: str, words: str) -> None:
    assert said(rule("x", "", then=then)).startswith(words)


@pytest.mark.parametrize(
    ("campaign", "schedule"),
    [
        ("{hours: [09:00-09:30]}", "{hours: [09:30-10:00]}"),
        ("{recurrence: FREQ=DAILY;INTERVAL=2}", "{recurrence: FREQ=DAILY;INTERVAL=2, from: 2017-01-02}"),
    ],
)
def test_what_cannot_be_told_in_reasonable_time_is_let_be(campaign: str, schedule: str) -> None:
    """Neither pair ever meets, but that takes more beginnings than are compared: no answer is better than a wait."""
    text = f"- id: c\n  kind: campaign\n  {HEAD}  schedule: {campaign}\n"
    assert told(text + rule("x", f"campaign: c\nschedule: {schedule}")) == []
