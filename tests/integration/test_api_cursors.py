"""Cursors over a real socket: of their own list, and of what MongoDB can hold."""

from __future__ import annotations

from typing import Any

from services.earn.api.paging import cursor, list_of
from shared.access.roles import Role
from tests.integration.apikit import Api


async def test_a_cursor_that_no_database_can_hold_is_refused_wherever_pages_are_read(shop: Api) -> None:
    """Breaks where a place goes to MongoDB as it was sent: its driver fails on such times and numbers."""
    office, member = await shop.asker(Role.back_office), await shop.member(10)
    noon, low, high = "2026-11-29T18:10:47.166000+00:00", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"
    history, paths = f"/members/{member}/history", ("/approvals", f"/members/{member}/vouchers")
    of = {history: f"history {member}", "/approvals": "approvals", paths[1]: f"vouchers {member}"}
    asked = [(history, noon, "9223372036854775808"), (history, noon, "-9223372036854775809")]
    asked += [(history, low, "1"), (history, high, "1")]
    asked += [(path, at, "x") for path in paths for at in (low, high)]
    for path, *place in asked:
        answer = await office.get(path, cursor=cursor(of[path], *place))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor"), (path, place)
    good = cursor(of[history], noon, "9223372036854775807")
    assert (await office.get(history, cursor=good)).status_code == 200
    other = f"/members/{await shop.member(10)}/history"
    assert [(await office.get(each, cursor=good)).status_code for each in (*paths, other)] == [422, 422, 422]


async def test_a_cursor_is_taken_with_the_filters_it_was_told_with_alone(shop: Api) -> None:
    """Of vouchers, dead letters, approvals, and a history as a partner sees it. Mechanism: `list_of` in each route."""
    member, noon = await shop.member(), "2026-11-29T18:10:47.166000+00:00"
    office, till = await shop.asker(Role.back_office), await shop.asker(Role.till, "bakery")
    lists: dict[str, tuple[str, dict[str, Any]]] = {
        f"/members/{member}/vouchers": (f"vouchers {member}", {"state": "valid"}),
        "/dead-letters": ("dead_letters", {"reason": "not_json", "status": "open"}),
        "/approvals": ("approvals", {"state": "pending"}),
    }
    for path, (of, filters) in lists.items():
        told = cursor(list_of(of, **filters), noon, "x")
        assert (await office.get(path, cursor=told, **filters)).status_code == 200, path
        for answer in (await office.get(path, cursor=told),
                       await office.get(path, cursor=cursor(of, noon, "x"), **filters)):  # fmt: skip
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor"), path
            assert "by other filters" in answer.json()["detail"]
    path = f"/members/{member}/history"
    all_, ours = (cursor(list_of(f"history {member}", partner=each), noon, "1") for each in (None, "bakery"))
    answers = [await asker.get(path, cursor=each) for asker in (office, till) for each in (all_, ours)]
    assert [each.status_code for each in answers] == [200, 422, 422, 200]
