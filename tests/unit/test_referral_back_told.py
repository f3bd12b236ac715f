"""What took a referral's reward back, as it is told: a return, or an earlier event that was heard of late; by hand."""

from __future__ import annotations

import pytest

from shared.ops.telling_rule import tell_rule
from shared.rules.saying.speaking import Language
from tests.unit.partnerkit import ANN
from tests.unit.referralkit import FIRST, Friends, on, refer
from tests.unit.rulekit import line
from tests.unit.test_referral_first_told import told


def given(found: Friends, who: str = FIRST, language: Language = "en") -> str:
    return tell_rule(told(found, who), language)[2]


async def test_an_earlier_purchase_that_was_heard_of_late_is_no_return() -> None:
    """Breaks when whatever took a reward back is told as a return, or when a return is told as anything."""
    found = Friends(refer(""))
    await found.brings(FIRST, "03-02")
    await found.buys(line("5"), who=FIRST, at=on("02-20"))
    assert given(found) == "given once: 10 stars; taken back once: 10 stars; left of it: nothing"
    assert given(found, language="vi") == "đã cho 1 lần: 10 stars; đã thu lại 1 lần: 10 stars; còn lại: không có gì"
    found = Friends(refer(""))
    bought = await found.brings(FIRST, "03-02")
    await found.returns(bought, who=FIRST, at=on("03-03"))
    assert given(found) == "given once: 10 stars; taken back once by a return: 10 stars; left of it: nothing"


async def test_several_are_told_as_returns_where_all_of_them_were() -> None:
    """Breaks when one return among them makes returns of all."""
    found = Friends(refer(""))
    await found.brings(FIRST, "03-04")
    bought = await found.buys(line("5"), who=FIRST, at=on("03-03"))
    await found.returns(bought, who=FIRST, at=on("03-05"))
    assert given(found) == "given 2 times: 20 stars; taken back 2 times: 20 stars; left of it: nothing"


@pytest.mark.parametrize("late", [True, False])
async def test_of_a_friend_s_events_their_advocate_is_told_nothing(*, late: bool) -> None:
    """What they did is in their journal alone: no words claim a return. Breaks when the grant itself is one."""
    found = Friends(refer(""))
    bought = await found.brings(FIRST, "03-02")
    if late:
        await found.buys(line("5"), who=FIRST, at=on("02-20"))
    else:
        await found.returns(bought, who=FIRST, at=on("03-03"))
    assert given(found, ANN) == "given once: 20 stars; taken back once: 20 stars; left of it: nothing"
