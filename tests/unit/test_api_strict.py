"""What no request may have: null bodies, keys that stand twice, parameters that nobody knows; by hand."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from services.earn.api.app import build
from services.earn.api.problems import Problem
from services.earn.api.strict import check_body, fault_of
from services.earn.counter.commands import Command, Done
from shared.access.roles import Role
from shared.settings import Settings
from tests.unit.partnerkit import NOON
from tests.unit.roomkit import Courier, asker, room

MEMBER = "m-" + "a" * 20
HOLD = f"h-{MEMBER}-{'b' * 20}"


class Counter:
    """Does whatever is asked."""

    def __init__(self) -> None:
        self.asked: list[Command] = []

    def stalled(self, longest_s: float) -> bool:
        return False

    async def ask(self, command: Command) -> Done:
        self.asked.append(command)
        return Done({})


class Noted:
    """An audit log that keeps what became of it."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []

    async def begin(self, *_: object) -> str:
        return "1"

    async def end(self, id_: str, outcome: str, status: int) -> None:
        self.outcomes.append(outcome)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"holds/{HOLD}/capture", None, 200),
        (f"holds/{HOLD}/capture", b"{}", 200),
        (f"holds/{HOLD}/capture", b"null", 422),
        (f"holds/{HOLD}/capture", b' {"points": 2, "points": 20}', 422),
        (f"holds/{HOLD}/capture?points=2", None, 422),
        (f"holds/{HOLD}/release", None, 200),
        (f"holds/{HOLD}/release", b"{}", 200),
        (f"holds/{HOLD}/release", b'{"points": 2}', 422),
        (f"holds/{HOLD}/release", b"null", 422),
        (f"holds/{HOLD}/release", b"2 points", 422),
    ],
)
async def test_a_till_that_means_something_else_is_not_taken_at_a_guess(
    path: str, body: bytes | None, status: int
) -> None:
    """Mechanism: `strict`; without it a capture of null would be of all points, one of points twice of the last."""
    counter = Counter()
    headers = {"Content-Type": "application/json", "Idempotency-Key": "1"}
    async with asker(build(room(Role.till, "bakery", queue=counter))) as http:
        answer = await http.post(f"/v1/{path}", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert len(counter.asked) == (status == 200)
    assert status == 200 or answer.json()["code"] == "invalid_request"


@pytest.mark.parametrize("raw", [b'{"a": {"b": 1, "b": 2}}', b'[{"a": 1, "a": 1}]'])
def test_a_key_that_stands_twice_is_told_by_its_name_wherever_it_is(raw: bytes) -> None:
    with pytest.raises(Problem, match="twice"):
        check_body(raw, taken=True)


@pytest.mark.parametrize("raw", [b"", b"  ", b"{", b'"\xff', b"[" * 60_000, b'{"a": 1, "b": {"a": 1}}'])
def test_what_is_good_or_no_json_is_left_to_the_framework(raw: bytes) -> None:
    check_body(raw, taken=True)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from=2026-01-01&to=2026-02-01&form=csv", "query.form: there is no such parameter here; it knows from"),
        ("from=2026-01-01&to=2026-02-01&to=2026-03-01", "query.to: it is given twice"),
    ],
)  # fmt: skip
async def test_a_statement_is_not_made_of_a_parameter_that_is_misspelt(query: str, says: str) -> None:
    async with asker(build(room(Role.partner, "bakery"))) as http:
        answer = await http.get(f"/v1/statements?{query}")
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


async def test_head_is_answered_as_get_is_without_the_body() -> None:
    class Identities:
        async def find_one(self, *_: Any) -> None:
            return None

    database: Any = defaultdict(Identities)
    async with asker(build(room(Role.reader, database=database, clock=None))) as http:
        got, head = [await http.request(each, f"/v1/members/{MEMBER}/balance") for each in ("GET", "HEAD")]
        refused = await http.head("/v1/holds")
    assert (got.status_code, head.status_code, head.content) == (404, 404, b"")
    assert head.headers["content-length"] == got.headers["content-length"] != "0"
    assert refused.status_code == 405


TWICE = '{"specversion":"1.0","id":"e","id":"f","source":"/partners/grocer"}'


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (TWICE, "id: it is written twice in one object; write it once"),
        (
            '{"data":{"lines":[{"amount":"1","amount":"900"}]}}',
            "amount: it is written twice in one object; write it once",
        ),
        ('{"extra":NaN}', "NaN is no number in JSON"),
        ('{"extra":-Infinity}', "-Infinity is no number in JSON"),
        ('{"id":"e","data":{"id":"e"}}', None),
        ("{", None),  # its contract says so
        ("[" * 100_000, None),
    ],
)
def test_an_event_that_says_two_things_is_refused(body: str, fault: str | None) -> None:
    """Of two amounts the last would count. Mechanism: `strict.fault_of`, asked by the route."""
    assert fault_of(body.encode()) == fault


async def test_the_events_route_asks_for_it_in_every_mode() -> None:
    courier = Courier()
    here = room(Role.partner, "grocer", courier=courier, settings=Settings(), clock=lambda: NOON)
    good = TWICE.replace('"id":"f",', "")
    async with asker(build(here)) as http:
        for media, body in (("cloudevents+json", TWICE), ("cloudevents-batch+json", f"[{TWICE}]")):
            answer = await http.post("/v1/events", content=body, headers={"Content-Type": f"application/{media}"})
            assert answer.status_code == 422
            assert "written twice" in answer.text
        answer = await http.post("/v1/events", content=good, headers={"Content-Type": "application/cloudevents+json"})
        assert "written twice" not in answer.text
        answer = await http.post(
            "/v1/events", content="[]", headers={"Content-Type": "application/cloudevents-batch+json"}
        )
        assert answer.json()["detail"] == "a batch holds 1 to 500 events; this one has none"
    assert courier.sent == []


@pytest.mark.parametrize("name", ["Person", "Idempotency-Key", "Authorization", "Content-Type", "X-Request-Id"])
async def test_of_two_headers_none_is_taken_at_a_guess(name: str) -> None:
    """A sign-on that adds its own Person to what the client sent would let the client choose who it is. Mechanism:
    `strict.check_headers`; without it the first would count."""
    counter = Counter()
    given = {"Content-Type": "application/json", "Idempotency-Key": "1", "Person": "staff-7", "X-Request-Id": "r-1"}
    given["Authorization"] = "Bearer k"
    async with asker(build(room(Role.till, "bakery", queue=counter))) as http:
        answer = await http.post(f"/v1/holds/{HOLD}/release", headers=[*given.items(), (name, given[name])])
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
    assert "given twice" in answer.json()["detail"]
    assert counter.asked == []


async def test_another_encoding_than_utf_8_is_not_json() -> None:
    """Mechanism: `strict.check_body`; the framework would read UTF-16, too."""
    counter, headers = Counter(), {"Content-Type": "application/json", "Idempotency-Key": "1"}
    async with asker(build(room(Role.till, "bakery", queue=counter))) as http:
        body = '{"points": 2}'.encode("utf-16")
        answer = await http.post(f"/v1/holds/{HOLD}/capture", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"], counter.asked) == (400, "not_json", [])


async def test_a_replay_of_dead_letters_says_who_asks() -> None:
    """It has an effect on points. Mechanism: `calling.must_say`; without it the audit log would not know who it was."""
    log = Noted()
    async with asker(build(room(Role.back_office, audit=log))) as http:
        answer = await http.post("/v1/dead-letters/replay", json={"ids": ["earn/t:0:1"]})
    assert (answer.status_code, answer.json()["code"], log.outcomes) == (422, "person_missing", ["person_missing"])


@pytest.mark.parametrize(("path", "allow"), [("events", "GET, HEAD, POST"), ("packs", "GET, HEAD, POST")])
async def test_what_is_allowed_at_an_address_is_all_of_it(path: str, allow: str) -> None:
    """Mechanism: `problems._methods`; the framework tells the methods of one of its routes."""
    async with asker(build(room(Role.partner, "bakery"))) as http:
        answer = await http.put(f"/v1/{path}")
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


async def test_an_attribute_in_a_header_is_ascii() -> None:
    """As UTF-8 and as Latin-1 it would be two ids of one event. Mechanism: `cloudevents._unquoted`."""
    courier = Courier()
    headers = {"Content-Type": "application/json", "ce-source": "/partners/bakery", "ce-id": "café".encode()}
    async with asker(build(room(Role.partner, "bakery", courier=courier))) as http:
        answer = await http.post("/v1/events", content=b"{}", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, courier.sent) == (422, [])
    assert "write each byte of its UTF-8 in percents: é as %C3%A9" in answer.json()["detail"]
