"""A field that is written where it does not belong: the checker says where it does (proves `fields.places_of`)."""

from __future__ import annotations

import pytest

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
