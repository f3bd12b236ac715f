"""Dead letters of a consumer that reads what came of partners' records: each holds its partner's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from shared.events.internal import Origin
from shared.runtime.records import Message, Record
from shared.runtime.store import Document, OutageError
from tests.unit.test_batch_loop import Counting, Server, events, ids, loop, records

pytestmark = pytest.mark.usefixtures("quiet")
SENT = Record("partner.bakery", 3, 70, b'{ "id": "b-13" }', b"42", 1_400_000_000_000)


class Downstream(Counting):
    """Its record number 13 came of a partner's; it cannot be decided."""

    def __init__(self) -> None:
        super().__init__(poison=["e13"])

    def about(self, event: str) -> tuple[str | None, str | None, Origin | None]:
        return f"/partners/bakery|{event}", "m-1", SENT.origin


class Broker:
    """Partners' topics: the record above, unless retention has taken it; away for the first so many times."""

    def __init__(self, kept: bool = True, away: int = 0) -> None:
        self.kept, self.away, self.asked = kept, away, 0

    async def fetch(self, origins: Collection[Origin]) -> dict[str, Record]:
        self.asked += 1
        assert list(origins) == [SENT.origin]
        if self.asked <= self.away:
            raise OutageError("no broker")
        return {SENT.origin.key: SENT} if self.kept else {}


async def settle(server: Server, broker: Broker, offset: int = 0) -> Document:
    """Fifty records, from this offset on; the one dead letter."""
    batch = [each._replace(offset=each.offset + offset) for each in records(events(50))]
    await loop(server, Downstream(), originals=broker.fetch).run(batch)
    [letter] = server.collection("dead_letters").values()
    return letter


async def test_a_poison_is_kept_as_its_partner_sent_it() -> None:
    """Breaks without `letters._as_sent`. Its position is the partner's, too: a replay goes to the partner's topic."""
    server = Server()
    letter = await settle(server, Broker())
    assert (letter["reason"], letter["value"], letter["key"]) == ("undecidable", SENT.value, SENT.key)
    assert letter["record"] == letter["origin"] == {"topic": "partner.bakery", "partition": 3, "offset": 70}
    assert (letter["event"], letter["member"]) == ("/partners/bakery|e13", "m-1")
    assert letter["received"].timestamp() == 1_400_000_000
    assert set(server.collection("effects")) == ids(set(range(50)) - {13})


async def test_what_retention_has_taken_is_kept_as_it_was_read() -> None:
    letter = await settle(Server(), Broker(kept=False))
    assert (letter["value"], letter["key"]) == (b'{"id": "e13"}', b"key-13")
    assert letter["record"] == {"topic": "partner.grocer", "partition": 1, "offset": 6}
    assert letter["origin"] == SENT.origin.model_dump()


async def test_a_broker_that_is_away_is_waited_for() -> None:
    """Breaks when an outage is taken for a fault of the record: the letter would hold what was read, or nothing."""
    server = Server()
    letter = await settle(server, Broker(away=2))
    assert letter["value"] == SENT.value
    assert server.sent == [f"e{n}" for n in range(50) if n != 13]


async def test_a_letter_that_is_there_is_not_asked_for_again() -> None:
    server, broker = Server(), Broker()
    first = await settle(server, broker)
    assert await settle(server, broker) == first
    assert broker.asked == 1


async def test_a_replayed_letter_is_open_again_only_when_its_record_came_anew() -> None:
    """The partner's record is the same one wherever the ledger reads it; where it is gone, the activity that was
    published again is another record than before."""
    for broker, status in ((Broker(), "replayed"), (Broker(kept=False), "open")):
        server = Server()
        letter = await settle(server, broker)
        server.documents["dead_letters", letter["_id"]] = {**letter, "status": "replayed"}
        assert (await settle(server, broker, offset=100))["status"] == status


@pytest.mark.parametrize(("status", "opens"), [("open", False), ("replaying", True), ("replayed", True)])
async def test_what_was_replayed_and_is_refused_anew_is_open_again(status: str, opens: bool) -> None:
    """Also before the replay has marked it. Mechanism: `letters._SENT`; without it the mark covers up the refusal."""
    server, broker = Server(), Broker(kept=False)
    first = await settle(server, broker)
    server.documents["dead_letters", first["_id"]] = {**first, "status": status}
    again = await settle(server, broker, 100)
    assert (again["status"], again["record"]["offset"] > first["record"]["offset"]) == ("open", opens)


class Listening(Server):
    """Keeps all that is published."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Message] = []

    async def publish(self, messages: Sequence[Message]) -> None:
        self.told += messages


async def test_when_a_record_came_is_told_by_a_moved_clock() -> None:
    """The letter and the rejection. Mechanism: `moved` of the loop; without it a sandbox in next year tells of records
    that came last year, between entries of next year's."""
    server, broker, ahead = Listening(), Broker(), timedelta(days=400)
    await loop(server, Downstream(), originals=broker.fetch, moved=lambda: ahead).run(records(events(50)))
    [letter] = server.collection("dead_letters").values()
    came = datetime(2014, 5, 13, 16, 53, 20, tzinfo=UTC) + ahead  # the partner's record, and what the clock is ahead
    assert letter["received"] == came
    [told] = [orjson.loads(each.value) for each in server.told if each.kind == "rejection"]
    assert datetime.fromisoformat(told["time"]) == came
