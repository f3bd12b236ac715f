"""What is said of a field that an event does not have where it is written; by hand."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from shared.events.decode import Refused, decode_partner

ANN = {"card": "1"}
TEA: dict[str, Any] = {"product": "tea", "quantity": 1, "amount": "1.00"}
HERE = "no such field here; write"


def bought(**more: Any) -> dict[str, Any]:
    return {"member": ANN, "currency": "VND", "lines": [TEA], **more}


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("signup", {"member": ANN, "household": "oak"}, f"data.household: {HERE} data.profile.household"),
        ("signup", {"member": ANN, "houshold": "oak"}, f"data.houshold: {HERE} data.profile.household"),
        ("signup", {"member": {**ANN, "e-mail": "x"}}, f"data.member.e-mail: {HERE} data.member.email"),
        ("purchase", bought(curency="VND"), f"data.curency: {HERE} data.currency"),
        ("purchase", bought(brand="b"), f"data.brand: {HERE} data.lines.0.brand"),
        ("purchase", bought(lines=[TEA, {**TEA, "store": "s"}]), f"data.lines.1.store: {HERE} data.store"),
        ("purchase", bought(lines=[TEA, {**TEA, "Brand": "b"}]), f"data.lines.1.Brand: {HERE} data.lines.1.brand"),
        (
            "referral", {"advocate": ANN, "friend": ANN, "phone": "+841"},
            f"data.phone: {HERE} data.advocate.phone or data.friend.phone",
        ),
        (
            "signup", {"member": ANN, "kids": 2},
            "data.kids: no such field; there are member, profile, attributes; a fact of your own goes into "
            "data.attributes",
        ),
        (
            "milestone", {"member": ANN, "purchase": "p", "milestone": "m", "kids": 2},
            "data.kids: no such field; there are member, purchase, milestone",
        ),
    ],
)  # fmt: skip
def test_an_unknown_field_is_told_where_it_belongs(kind: str, data: dict[str, Any], said: str) -> None:
    """The same in a dead letter, on the rejections topic and over HTTP. Mechanism: `misplaced.belongs`; without it the
    library's words say that extra inputs are not permitted."""
    head = {"specversion": "1.0", "id": "e", "source": "/partners/grocer", "time": "2026-03-01T12:00:00Z"}
    found = decode_partner(orjson.dumps({**head, "type": f"loyalty.{kind}.v1", "data": data}), "grocer")
    assert found == Refused("unknown_field", said)
