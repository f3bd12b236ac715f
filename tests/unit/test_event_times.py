"""When an event happened: how it may be written, how far ahead it may be, and what it may lead to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from jsonschema import Draft202012Validator

from services.earn.consumers import IntakeHandler
from services.earn.intake import Arrival, arrival
from services.tiers.domain import Qualification
from shared.events.decode import Refused, decode_partner
from shared.events.internal import NOTIFY_INPUT, TierChanged
from shared.events.light import read
from shared.events.light_summary import AccrualSummary
from shared.runtime.records import Item, Record
from tests.simulation import books

SCHEMA = Path(__file__).parent.parent.parent / "docs" / "events" / "loyalty.purchase.v1.schema.json"
DECODER = msgspec.json.Decoder(AccrualSummary)
RECEIVED = datetime(2026, 11, 25, 12, tzinfo=UTC)


def purchase(**edits: Any) -> dict[str, Any]:
    """A purchase with its envelope edited."""
    lines = [{"product": "1", "quantity": 1, "amount": "5.00"}]
    return {
        "specversion": "1.0",
        "id": "b-1",
        "source": "/partners/grocer",
        "type": "loyalty.purchase.v1",
        "time": "2026-11-25T09:30:00+07:00",
        "data": {"member": {"reference": "7"}, "currency": "USD", "lines": lines},
        **edits,
    }


def valid(event: dict[str, Any]) -> bool:
    """Whether the published schema takes it."""
    return bool(Draft202012Validator(orjson.loads(SCHEMA.read_bytes())).is_valid(event))


def refused(event: dict[str, Any]) -> str | None:
    """The reason for which intake refuses it, with the detail."""
    answer = decode_partner(orjson.dumps(event), "grocer")
    return f"{answer.reason}: {answer.detail}" if isinstance(answer, Refused) else None


@pytest.mark.parametrize(
    "time",
    [
        "1489406400",
        1489406400,
        1489406400.5,
        "2026-11-25",
        "2026-11-25T09:30:00",
        "2026-11-25T09:30+07:00",
        "2026-11-25 09:30:00+07:00",
        "2026-11-25T09:30:00+0700",
    ],
)
def test_a_time_that_readers_take_in_several_ways_is_refused(time: Any) -> None:
    """Breaks without `_written_out`: pydantic takes seconds since 1970 for a time. The schema says the same."""
    event = purchase(time=time)
    assert refused(event) == (
        "invalid_value: time: write RFC 3339 with seconds and an offset, such as 2026-11-25T09:30:00+07:00"
    )
    assert not valid(event)


@pytest.mark.parametrize("time", ["2026-11-25T02:30:00Z", "2026-11-25t02:30:00z", "2026-11-24T21:30:00.000-05:00"])
def test_two_spellings_of_one_instant_are_the_same_content(time: str) -> None:
    """Breaks when an event is kept in its sender's offset: a retry by another library would be refused as changed."""
    event, other = purchase(), purchase(time=time)
    assert valid(other)
    first, second = (decode_partner(orjson.dumps(each), "grocer") for each in (event, other))
    assert not isinstance(first, Refused)
    assert not isinstance(second, Refused)
    assert arrival(first).hash == arrival(second).hash


def unprintable() -> Iterator[dict[str, Any]]:
    for character in ("\n", "\x00", "\x1b", "\x7f", "\x85", "\u2028"):
        yield purchase(id=f"b{character}1")


@pytest.mark.parametrize("event", unprintable(), ids=lambda each: repr(each["id"]))
def test_an_id_is_one_line_of_text(event: dict[str, Any]) -> None:
    """Breaks without the pattern of `EventId`: an id is shown in lists and logs, and named in commands."""
    assert (refused(event) or "").startswith("invalid_value: id: write words without line breaks or control characters")
    assert not valid(event)


@pytest.mark.parametrize("email", [" ann@example.com", "ann@example.com ", "ann@example"])
def test_schema_and_intake_agree_about_addresses(email: str) -> None:
    """Breaks when intake strips what the schema refuses."""
    event = purchase()
    event["data"]["member"] = {"email": email}
    assert (refused(event) or "").startswith("invalid_value: data.member.email")
    assert not valid(event)


@pytest.mark.parametrize(
    ("later_by", "taken"),
    [
        (timedelta(hours=-24 * 3650), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, seconds=1), False),
        (timedelta(days=3650), False),
    ],
)
def test_what_has_not_happened_yet_is_refused(later_by: timedelta, taken: bool) -> None:
    """By when the record came in, so that it is judged alike whenever it is read. Breaks without `too_early`."""
    value = orjson.dumps(purchase(time=(RECEIVED + later_by).isoformat()))
    record = Record("partner.grocer", 0, 0, value, timestamp_ms=round(RECEIVED.timestamp() * 1000))
    answer = IntakeHandler().decode(record)
    assert isinstance(answer, Arrival) == taken
    assert taken or isinstance(answer, Refused)
    if isinstance(answer, Refused):
        assert (answer.reason, answer.detail) == (
            "in_the_future",
            "time is more than 24 hours later than the record; send it when it has happened",
        )


def test_how_far_ahead_is_a_setting() -> None:
    value = orjson.dumps(purchase(time=(RECEIVED + timedelta(hours=30)).isoformat()))
    record = Record("partner.grocer", 0, 0, value, timestamp_ms=round(RECEIVED.timestamp() * 1000))
    assert isinstance(IntakeHandler("", timedelta(hours=48)).decode(record), Arrival)


def test_the_last_purchase_of_our_times_brings_a_tier_that_ends_after_them() -> None:
    """Breaks when services' own times are bounded as partners' are: the event would be poison to tiers."""
    accrual = {
        "specversion": "1.0",
        "id": "m-00000000000000000000-1",
        "source": "/earn",
        "type": "loyalty.accrual.v1",
        "time": "2199-12-31T12:00:00Z",
        "data": {
            "member": "m-00000000000000000000",
            "seq": 1,
            "earned": [{"rule": "base", "version": 1, "wallet": "stars", "points": 1500}],
            "balances": {"stars": 1500},
            "grant": {"source": "/campaigns", "id": "g"},
        },
    }
    event = read(orjson.dumps(accrual), DECODER)
    assert not isinstance(event, Refused)
    desk = Qualification({}, books.journey())
    desk.take(Item(Record("accruals", 0, 0, b""), event))
    [message] = desk.finish().messages
    said = NOTIFY_INPUT.validate_json(message.value)
    assert isinstance(said, TierChanged)
    assert (said.data.after, said.data.until.year) == ("silver", 2201)
