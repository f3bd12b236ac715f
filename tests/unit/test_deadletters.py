"""Dead letters as operators see them: read from stored documents, shown, judged before a replay."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from shared.cli.letters import as_data, tell_letter, tell_list
from shared.events.decode import REASONS, Refused
from shared.events.internal import Origin
from shared.ops.databases import NotThereError
from shared.ops.letter import ADVICE, DeadLetter, Filter, advice, foresee, from_document, may_claim, one_of, text_of
from shared.runtime import letters
from shared.runtime.records import Letter, Record

DOCUMENT: dict[str, Any] = {
    "_id": "earn-intake|partner.grocer:2:17",
    "consumer": "earn-intake",
    "reason": "missing_field",
    "detail": "data.lines: Field required",
    "origin": {"topic": "partner.grocer", "partition": 2, "offset": 17},
    "record": {"topic": "partner.grocer", "partition": 2, "offset": 17},
    "key": b"900",
    "value": b'{"id":"basket-1"}',
    "event": None,
    "member": None,
    "received": datetime(2017, 1, 4, 17, 0, tzinfo=UTC),
    "status": "open",
}
REPLAY = {
    "at": datetime(2017, 1, 5, tzinfo=UTC), "topic": "partner.grocer", "partition": 2, "offset": 40, "fixed": True,
}  # fmt: skip
GOOD = (
    b'{"specversion":"1.0","id":"basket-1","source":"/partners/grocer","type":"loyalty.purchase.v1",'
    b'"time":"2017-01-04T12:00:00-05:00","data":{"member":{"reference":"900"},"currency":"USD",'
    b'"lines":[{"product":"1","quantity":1,"amount":"1.00"}]}}'
)


def letter(**changes: Any) -> DeadLetter:
    return from_document("earn", {**DOCUMENT, **changes})


def test_a_letter_is_read_as_the_runtime_stores_it() -> None:
    record = Record("partner.grocer", 2, 17, b"{", key=b"900", timestamp_ms=1_483_549_200_000)
    stored = letters.document("earn-intake", Letter(record, Refused("not_json", "broken"), record.origin, "k", "m"))
    found = from_document("earn", stored)
    assert (found.shown, found.topic, found.partition, found.offset) == (
        "earn-intake/partner.grocer:2:17", "partner.grocer", 2, 17,
    )  # fmt: skip
    assert (found.key, found.value, found.event, found.member) == (b"900", b"{", "k", "m")
    assert (found.reason, found.detail, found.status) == ("not_json", "broken", "open")
    assert found.received == datetime(2017, 1, 4, 17, 0, tzinfo=UTC)
    assert found.replays == []


def test_origin_and_record_are_told_apart() -> None:
    record = Record("activities", 0, 5, b"{}")
    origin = Origin(topic="partner.grocer", partition=2, offset=17)
    found = from_document("earn", letters.document("earn-ledger", Letter(record, Refused("undecidable", ""), origin)))
    assert (found.shown, found.origin) == ("earn-ledger/partner.grocer:2:17", "partner.grocer:2:17")
    assert (found.topic, found.partition, found.offset) == ("activities", 0, 5)


def test_bytes_are_shown_as_text_or_escaped() -> None:
    assert text_of("xin chào".encode()) == ("utf-8", "xin chào")
    assert text_of(b"\xff\x00a'") == ("escaped", "\\xff\\x00a'")
    assert text_of(b"") == ("utf-8", "")
    assert text_of(None) == ("none", "")


def test_every_reason_has_advice_that_names_the_letter() -> None:
    assert set(ADVICE) == set(REASONS)
    assert all("{" not in advice(letter(reason=reason)) for reason in REASONS)
    assert "replay earn-intake/partner.grocer:2:17 --file" in advice(letter())
    assert "replayed to partner.grocer:2:40" in advice(letter(status="replayed", replays=[REPLAY]))


def test_what_intake_would_refuse_again_is_known_before_it_is_sent() -> None:
    assert foresee(letter(), GOOD, "") is None
    again = foresee(letter(), DOCUMENT["value"], "")
    assert again is not None and again.reason == "missing_field"
    assert foresee(letter(record={**DOCUMENT["record"], "topic": "t1-partner.grocer"}), GOOD, "t1-") is None
    other = foresee(letter(record={**DOCUMENT["record"], "topic": "partner.bakery"}), GOOD, "")
    assert other is not None and other.reason == "wrong_source"
    internal = letter(record={**DOCUMENT["record"], "topic": "activities"})
    assert foresee(internal, b"{", "") is None, "only partners' contracts are checked here"


@pytest.mark.parametrize("reason", ["content_changed", "identity_conflict", "self_referral"])
def test_what_was_decided_for_ever_is_known_to_be_refused_again(reason: str) -> None:
    """Breaks when the contract alone is asked: `replay --reason content_changed --yes` would say nothing, in vain."""
    for topic in ("partner.grocer", "activities"):
        refused = letter(reason=reason, value=GOOD, detail="why", record={**DOCUMENT["record"], "topic": topic})
        assert foresee(refused, GOOD, "") == Refused(reason, "why")  # type: ignore[arg-type]
    assert foresee(letter(reason=reason), GOOD, "") is None, "other bytes may be another event"


def test_what_is_still_in_the_future_is_known_to_be_refused_again() -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=3)).isoformat().encode()
    early = GOOD.replace(orjson.loads(GOOD)["time"].encode(), tomorrow)
    again = foresee(letter(reason="in_the_future"), early, "")
    assert again is not None and again.reason == "in_the_future"


def test_a_letter_is_claimed_by_one_replay_until_that_is_broken_off() -> None:
    """Mechanism: `may_claim`; without its minute a broken-off one stays for ever, or a living one is sent twice."""
    now = datetime(2017, 1, 5, 12, 0, tzinfo=UTC)

    def may(status: str, seconds: int | None = None) -> tuple[bool, bool]:
        claim = {} if seconds is None else {"claim": {"by": "x", "at": now - timedelta(seconds=seconds)}}
        found = letter(status=status, **claim)
        return may_claim(found, now, again=False), may_claim(found, now, again=True)

    assert may("open") == (True, True)
    assert may("replayed") == (False, True)
    assert may("replaying", 59) == (False, False)
    assert may("replaying", 60) == (True, True)
    assert may("erased") == (False, False)
    assert "replaying    since 2017-01-05 11:59:00 UTC" in tell_letter(
        letter(status="replaying", claim={"by": "x", "at": now - timedelta(minutes=1)})
    )


def test_an_erased_letter_is_known_to_be_refused() -> None:
    """Mechanism: `foresee` knows the status; without it the API publishes an erased activity's empty bytes."""
    again = foresee(letter(status="erased", value=b"", record={**DOCUMENT["record"], "topic": "activities"}), b"", "")
    assert again is not None and again.reason == "empty"


def test_an_id_stands_for_one_letter_or_none() -> None:
    first, second = letter(), letter(_id="earn-ledger|partner.grocer:2:17")
    assert one_of([first], "partner.grocer:2:17") is first
    with pytest.raises(NotThereError, match=r"earn-intake/partner\.grocer:2:17, earn-ledger/partner\.grocer:2:17"):
        one_of([first, second], "partner.grocer:2:17")
    with pytest.raises(NotThereError, match="no dead letter x: `doublestar deadletters list`"):
        one_of([], "x")


def test_filters_leave_out_what_is_not_asked() -> None:
    assert Filter().query() == {}
    assert Filter(reason="not_json", status="open").query() == {"reason": "not_json", "status": "open"}
    assert Filter(service="tiers").services() == ("tiers",)
    assert Filter().services() == ("earn", "tiers", "campaigns", "notify")


def test_the_list_as_people_read_it() -> None:
    counts = Counter({("earn", "missing_field", "open"): 33, ("earn", "not_json", "replayed"): 1})
    assert tell_list([letter()], counts) == [
        "id                               received (UTC)       reason         status  event",
        "earn-intake/partner.grocer:2:17  2017-01-04 17:00:00  missing_field  open    -",
        "",
        "the newest 1 of 34 (--limit 0 shows all)",
        "count  reason         service  status",
        "33     missing_field  earn     open",
        "1      not_json       earn     replayed",
    ]
    assert tell_list([], Counter()) == ["no dead letters"]


def test_a_letter_as_people_read_it() -> None:
    told = tell_letter(letter(status="replayed", replays=[REPLAY]))
    assert "key          900" in told
    assert "replayed     2017-01-05 00:00:00 UTC to partner.grocer:2:40, corrected" in told
    assert told[-4:-2] == ["value (17 bytes, utf-8)", '{"id":"basket-1"}']
    assert told[-1].startswith("next: It was replayed to partner.grocer:2:40")
    assert "(no bytes)" in tell_letter(letter(value=b"", reason="empty"))


def test_a_letter_for_programs() -> None:
    data = as_data(letter(value=b"\xff", key=None))
    assert (data["id"], data["value"], data["value_encoding"], data["key"]) == (
        "earn-intake/partner.grocer:2:17", "\\xff", "escaped", None,
    )  # fmt: skip
    assert data["received"] == "2017-01-04T17:00:00+00:00"
