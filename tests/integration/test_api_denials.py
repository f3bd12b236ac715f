"""Who may not: keys that are no good, roles that do not allow it, what is another partner's; and clear words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import httpx
import pytest

from shared.access import keyring
from shared.access.keyring import Keyring, KeyringError
from shared.access.roles import OF_A_PARTNER, Role
from shared.settings import Settings
from tests.integration.apikit import BILL, Api, Asker, api, somebody
from tests.integration.pipeline import until

_ID: Final = "a" * 20
MEMBER, HOLD, REDEMPTION = f"m-{_ID}", f"h-m-{_ID}-{_ID}", f"r-m-{_ID}-{_ID}"
APPROVAL: Final = f"a-{_ID}"
_SPEND: Final = {"member": MEMBER, "wallet": "stars", "points": 5, "bill": BILL}
_GIVE: Final = {"member": MEMBER, "wallet": "stars", "points": 5, "reason": "because"}
_BILL: Final = {"member": MEMBER, "bill": "b-1", "currency": "VND", "lines": [{"amount": "1000"}]}
_PACK: Final = {"partner": "kiosk", "wallet": "stars", "points": 5, "money": {"amount": "1", "currency": "VND"}}
ALL: Final = frozenset(Role)
# Every operation, with a good request and the roles that may do it, written by hand.
OPERATIONS: Final[dict[str, tuple[str, str, Any, frozenset[Role]]]] = {
    "find_member": ("POST", "/members/find", {"card": "1"}, ALL),
    "read_balance": ("GET", f"/members/{MEMBER}/balance", None, ALL),
    "read_history": ("GET", f"/members/{MEMBER}/history", None, ALL),
    "explain_entry": ("GET", f"/members/{MEMBER}/why?entry=x", None, ALL),
    "quote": ("POST", "/quotes", _SPEND, frozenset({Role.till})),
    "hold": ("POST", "/holds", _SPEND, frozenset({Role.till})),
    "capture": ("POST", f"/holds/{HOLD}/capture", {}, frozenset({Role.till})),
    "release": ("POST", f"/holds/{HOLD}/release", None, frozenset({Role.till, Role.back_office})),
    "undo": ("POST", f"/redemptions/{REDEMPTION}/undo", None, frozenset({Role.till, Role.back_office})),
    "list_vouchers": ("GET", f"/members/{MEMBER}/vouchers", None, ALL),
    "redeem_voucher": ("POST", "/vouchers/AAA/redeem", _BILL, frozenset({Role.till})),
    "undo_voucher": ("POST", "/vouchers/AAA/undo", {"member": MEMBER}, frozenset({Role.till, Role.back_office})),
    "report_return": (
        "POST", "/returns", {"member": {"card": "1"}, "purchase": "b-1", "time": "2026-01-01T00:00:00Z"},
        frozenset({Role.till, Role.partner}),
    ),
    "send_events": ("POST", "/events", {}, frozenset({Role.till, Role.partner})),
    "ask_event": ("GET", "/events?event=b-1", None, frozenset({Role.till, Role.partner})),
    "adjust": ("POST", "/adjustments", _GIVE, frozenset({Role.back_office})),
    "transfer": ("POST", "/transfers", {**_GIVE, "to": f"m-{'b' * 20}"}, frozenset({Role.back_office})),
    "read_statement": (
        "GET", "/statements?from=2026-03-01&to=2026-04-01", None,
        frozenset({Role.partner, Role.back_office, Role.auditor}),
    ),
    "read_liability": ("GET", "/liability", None, frozenset({Role.back_office, Role.auditor})),
    "list_packs": ("GET", "/packs", None, frozenset({Role.partner, Role.back_office, Role.auditor})),
    "book_pack": ("POST", "/packs", _PACK, frozenset({Role.back_office})),
    "merge_members": (
        "POST", "/merges", {"member": MEMBER, "into": f"m-{'b' * 20}", "reason": "because"},
        frozenset({Role.back_office}),
    ),
    "unmerge_member": ("POST", f"/members/{MEMBER}/unmerge", {"reason": "because"}, frozenset({Role.back_office})),
    "close_account": ("POST", f"/members/{MEMBER}/close", {"reason": "because"}, frozenset({Role.back_office})),
    "erase_member": ("POST", f"/members/{MEMBER}/erase", {"reason": "because"}, frozenset({Role.back_office})),
    "read_erasure": ("GET", f"/members/{MEMBER}/erasure", None, frozenset({Role.back_office, Role.auditor})),
    "list_approvals": ("GET", "/approvals?state=pending", None, frozenset({Role.back_office, Role.auditor})),
    "show_approval": ("GET", f"/approvals/{APPROVAL}", None, frozenset({Role.back_office, Role.auditor})),
    "approve": ("POST", f"/approvals/{APPROVAL}/approve", None, frozenset({Role.back_office})),
    "refuse": ("POST", f"/approvals/{APPROVAL}/refuse", {"reason": "because"}, frozenset({Role.back_office})),
    "list_dead_letters": ("GET", "/dead-letters", None, frozenset({Role.back_office, Role.auditor})),
    "show_dead_letter": ("GET", "/dead-letters/letter?letter=x", None, frozenset({Role.back_office, Role.auditor})),
    "replay_dead_letters": ("POST", "/dead-letters/replay", {"ids": ["x"]}, frozenset({Role.back_office})),
    "read_audit": ("GET", "/audit", None, frozenset({Role.auditor})),
}  # fmt: skip


async def ask(asker: Asker, method: str, path: str, body: Any) -> httpx.Response:
    if method == "GET":
        return await asker.http.get(f"/v1{path}", headers=asker.key)
    return await asker.post(path, body, Person="staff-7")


async def test_every_operation_of_the_document_is_in_the_table(shop: Api) -> None:
    """Or a new one would go untested."""
    paths = (await shop.http.get("/openapi.json")).json()["paths"].values()
    assert {each["operationId"] for path in paths for each in path.values()} == set(OPERATIONS)


@pytest.mark.parametrize("role", Role)
async def test_a_role_may_do_what_is_its_and_nothing_else(shop: Api, role: Role) -> None:
    """Breaks where a route forgets its permission, or a role has one too many."""
    asker = await shop.asker(role, "bakery" if role in OF_A_PARTNER else None)
    for operation, (method, path, body, roles) in OPERATIONS.items():
        answer = await ask(asker, method, path, body)
        if role in roles:
            assert answer.status_code not in (401, 403, 405, 500, 503), (operation, answer.text)
            continue
        said = answer.json()
        assert (answer.status_code, said["code"], set(said["roles"])) == (403, "not_allowed", set(roles)), operation
        assert said["request"] == answer.headers["x-request-id"]


async def test_no_key_or_one_that_is_no_good_opens_nothing(shop: Api) -> None:
    ring = Keyring(shop.database)
    key, token = await ring.create("short-lived", Role.reader, None, timedelta(seconds=-1))
    _, gone = await ring.create("gone", Role.reader, None, None)
    await ring.revoke("gone")
    wrong_secret = token[:-1] + ("A" if token[-1] != "A" else "B")
    for given, code in (
        (None, "key_missing"),
        ("Basic abc", "key_missing"),
        ("Bearer", "key_missing"),
        ("Bearer ds_nonsense", "key_unknown"),
        (f"Bearer {wrong_secret}", "key_unknown"),
        (f"Bearer ds_{'0' * 12}_{'a' * 43}", "key_unknown"),
        (f"Bearer {token}", "key_expired"),
        (f"Bearer {gone}", "key_revoked"),
    ):
        headers = {} if given is None else {"Authorization": given}
        for path in (f"/v1/members/{MEMBER}/balance", "/v1/nothing-of-the-kind"):
            answer = await shop.http.get(path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, code)
            assert answer.headers["www-authenticate"] == "Bearer"
    assert token.partition("_")[2].partition("_")[2] not in str(await ring.list()), "the secret is kept nowhere"
    assert key.hash not in token


async def test_keys_rotate_without_a_gap_and_keep_the_callers_memory(shop: Api) -> None:
    """Breaks where a key's id, not its caller's name, stands before the Idempotency-Key."""
    old = await shop.asker(Role.till, "bakery", "rotating")
    member = await shop.member(10)
    spend = {"member": member, "wallet": "stars", "points": 5, "bill": BILL}
    first = await old.post("/holds", spend, once="before")
    _, token, before = await shop.keyring.rotate("rotating", timedelta(days=1), None)
    new = Asker(shop.http, token, "rotating")
    again = await new.post("/holds", spend, once="before")
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert (await old.get(f"/members/{member}/balance")).status_code == 200, "both are good meanwhile"
    await shop.keyring.revoke(before[0].id)

    async def refused() -> bool:
        return (await old.get(f"/members/{member}/balance")).status_code == 401

    await until(refused, "the revoked key to be refused", keyring.TRUST_S + 5)
    assert (await new.get(f"/members/{member}/balance")).status_code == 200


async def test_a_callers_name_means_one_caller_for_ever(shop: Api) -> None:
    """Else a later caller of that name would be answered what an earlier one did."""
    await shop.keyring.create("till-of-bakery", Role.till, "bakery", None)
    for role, partner in ((Role.till, "grocer"), (Role.partner, "bakery")):
        with pytest.raises(KeyringError, match="till-of-bakery is the name of a till of bakery"):
            await shop.keyring.create("till-of-bakery", role, partner, None)
    with pytest.raises(KeyringError, match="belongs to a partner"):
        await shop.keyring.create("nobodys", Role.till, None, None)
    with pytest.raises(KeyringError, match="the coalition's own"):
        await shop.keyring.create("office", Role.back_office, "bakery", None)


async def test_a_partner_touches_only_its_own(shop: Api) -> None:
    bakery, grocer = [await shop.asker(Role.till, each) for each in ("bakery", "grocer")]
    member = await shop.member(100, "ref:/partners/bakery:7", "card:c-7")
    hold = await bakery.held(member, 10)
    for what in ("capture", "release"):
        answer = await grocer.post(f"/holds/{hold}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_hold")
    captured = (await bakery.post(f"/holds/{hold}/capture")).json()["redemption"]
    answer = await grocer.post(f"/redemptions/{captured}/undo")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_redemption")
    mine = (await bakery.get(f"/members/{member}/history")).json()["entries"]
    assert [(each["kind"], each["points"], each["partner"]) for each in mine] == [
        ("redemption", {"stars": -10}, "bakery")
    ]
    assert (await grocer.get(f"/members/{member}/history")).json()["entries"] == []
    why = await grocer.get(f"/members/{member}/why", entry=mine[0]["entry"])
    assert (why.status_code, why.json()["code"]) == (404, "unknown_entry")
    assert (await bakery.get(f"/members/{member}/why", entry=mine[0]["entry"])).json()["explained"][
        "kind"
    ] == "redemption"
    # A reference is its partner's; a card is the coalition's.
    assert (await bakery.post("/members/find", {"reference": "7"}, once=None)).json()["member"] == member
    assert (await grocer.post("/members/find", {"reference": "7"}, once=None)).status_code == 404
    assert (await grocer.post("/members/find", {"card": "c-7"}, once=None)).json()["member"] == member
    other = await grocer.post("/members/find", {"reference": "7", "partner": "bakery"}, once=None)
    assert (other.status_code, other.json()["code"]) == (403, "not_yours")
    reader = await shop.asker(Role.reader)
    assert (await reader.post("/members/find", {"reference": "7"}, once=None)).json()["code"] == "partner_missing"
    asked = {"reference": "7", "partner": "bakery"}
    assert (await reader.post("/members/find", asked, once=None)).json()["member"] == member


async def test_whatever_cannot_be_read_is_a_problem_that_says_what_to_do(shop: Api) -> None:
    till = await shop.asker(Role.till, "bakery")
    json_, text = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}

    async def send(method: str, path: str, content: bytes | None = None, **headers: str) -> tuple[int, str, Any]:
        answer = await shop.http.request(method, path, content=content, headers={**till.key, **headers})
        assert answer.headers["content-type"] == "application/problem+json"
        said = answer.json()
        assert (said["status"], said["type"]) == (answer.status_code, f"urn:problem-type:doublestar:{said['code']}")
        assert said["title"] and len(said["detail"]) > 20
        return answer.status_code, said["code"], answer.headers

    assert (await send("GET", "/v1/nothing"))[:2] == (404, "not_found")
    status, code, headers = await send("GET", "/v1/holds")
    assert (status, code, headers["allow"]) == (405, "wrong_method", "POST")
    assert (await send("POST", "/v1/quotes", b"{", **json_))[:2] == (400, "not_json")
    assert (await send("POST", "/v1/quotes", b"[]", **json_))[:2] == (422, "invalid_request")
    assert (await send("POST", "/v1/quotes", b"\xff", **json_))[:2] == (400, "not_json")
    assert (await send("POST", "/v1/quotes", b"{}", **text))[:2] == (415, "wrong_media_type")
    assert (await send("POST", "/v1/quotes", b"x" * 65_537, **json_))[:2] == (413, "too_large")
    assert (await send("GET", "/v1/members/ann@example.com/balance"))[:2] == (422, "invalid_request")
    assert (await send("GET", f"/v1/members/{somebody()}/balance"))[:2] == (404, "unknown_member")
    assert (await send("GET", f"/v1/members/{somebody()}/history"))[:2] == (404, "unknown_member")
    assert (await send("GET", f"/v1/members/{await shop.member()}/history?cursor=abc"))[:2] == (422, "invalid_cursor")
    unknown = await till.post("/members/find", {"email": "nobody@example.com"}, once=None)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_member")
    assert "nobody@" not in unknown.text


async def test_request_ids_are_taken_or_made(shop: Api) -> None:
    till = await shop.asker(Role.till, "bakery")
    path = f"/members/{await shop.member()}/balance"
    assert (await till.get(path, {"X-Request-Id": "till-7.42"})).headers["x-request-id"] == "till-7.42"
    for given in ({}, {"X-Request-Id": "a b"}, {"X-Request-Id": "x" * 65}):
        assert len((await till.get(path, given)).headers["x-request-id"]) == 32
    log = shop.pipeline.worker("api-0").log.read_text()
    line = next(each for each in log.splitlines() if '"till-7.42"' in each)
    assert '"/v1/members/{member}/balance"' in line
    assert till.token not in log


async def test_who_asks_too_often_is_told_when_to_ask_again(settings: Settings) -> None:
    """Breaks without the limiter; another caller is not held up."""
    async with api(settings.model_copy(update={"rate": "5/hour"})) as slow:
        eager, other = [await slow.asker(Role.reader) for _ in range(2)]
        path = f"/members/{await slow.member(1)}/balance"
        answers = [await eager.get(path) for _ in range(7)]
        assert [each.status_code for each in answers] == [200] * 5 + [429] * 2
        assert [each.headers["ratelimit"].partition(";t=")[0] for each in answers[:3]] == [
            '"caller";r=4', '"caller";r=3', '"caller";r=2',
        ]  # fmt: skip
        assert answers[-1].headers["ratelimit-policy"] == '"caller";q=5;w=3600'
        assert answers[-1].json()["code"] == "too_many_requests"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 3600
        assert (await other.get(path)).status_code == 200


async def test_a_balance_is_not_sent_twice(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(10)
    path = f"/members/{member}/balance"
    tag = (await till.get(path)).headers["etag"]
    for said in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = await till.get(path, {"If-None-Match": said})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert (await till.get(path, {"If-None-Match": '"other"'})).status_code == 200
    await till.held(member, 5)
    changed = await till.get(path, {"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_history_is_read_page_by_page_newest_first(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(100)
    for points in range(2, 9):
        await till.post(f"/holds/{await till.held(member, points)}/capture")
    found, cursor = [], None
    for _ in range(4):
        query: dict[str, Any] = {"limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = (await till.get(f"/members/{member}/history", **query)).json()
        found += [each["points"]["stars"] for each in page["entries"]]
        cursor = page["next"]
    assert (found, cursor) == ([-8, -7, -6, -5, -4, -3, -2], None)


async def test_a_key_is_listed_without_its_secret_and_revoked_by_name(shop: Api) -> None:
    _, token = await shop.keyring.create("listed", Role.reader, None, None)
    await shop.keyring.create("listed", Role.reader, None, None)
    assert len(await shop.keyring.revoke("listed")) == 2
    assert {each.revoked is not None for each in await shop.keyring.list("listed")} == {True}
    with pytest.raises(KeyringError, match="no key that is not revoked"):
        await shop.keyring.revoke("listed")
    with pytest.raises(KeyringError, match="has no key that is good"):
        await shop.keyring.rotate("listed", timedelta(days=1), None)
    stored = await shop.database[keyring.KEYS].find({"name": "listed"}).to_list()
    assert all(token.rpartition("_")[2] not in str(each) for each in stored)
