"""Dead letters of running services: whoever refuses a record, its letter holds what its sender sent."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
import pytest

from shared.events.internal import Origin
from shared.runtime.originals import Originals
from shared.settings import Settings
from tests.integration import hooked
from tests.integration.pipeline import Pipeline, running, until
from tests.integration.test_pipeline_partners import journal_of, purchase, shop, signup  # noqa: F401  (a fixture)


async def test_what_the_ledger_refuses_is_kept_as_the_partner_sent_it(shop: Pipeline) -> None:  # noqa: F811
    """Promise 3. The ledger reads activities, not partners' records; breaks without `letters._as_sent`.

    Two records it alone can refuse: an id that came before with other content, and a purchase of 2015.
    """
    topic = await shop.open_topic("florist")
    _, first = purchase("florist", "p-1", "2017-01-05T09:00:00-05:00", "1", "3.50")
    other = spaced(first.replace(b"3.50", b"4.50"))
    early = orjson.dumps(orjson.loads(first.replace(b"2017-", b"2015-").replace(b"p-1", b"p-2")))
    records = [signup("florist", "s-1", reference="1"), ("florist", first), ("florist", other), ("florist", early)]
    await shop.send(records, "florist")

    async def refused() -> bool:
        return await shop.database("earn").dead_letters.count_documents({"origin.topic": topic}) == 2

    await until(refused, "two dead letters", 30)
    letters = await shop.database("earn").dead_letters.find({"origin.topic": topic}).sort("reason", 1).to_list()
    assert [each["reason"] for each in letters] == ["before_programme", "content_changed"]
    assert [each["value"] for each in letters] == [early, other]
    assert [each["key"] for each in letters] == [b"florist", b"florist"]
    for each in letters:
        assert each["record"] == each["origin"]
    await shop.rest()


def spaced(value: bytes) -> bytes:
    """The same event as no serialiser of ours writes it."""
    return orjson.dumps(orjson.loads(value), option=orjson.OPT_INDENT_2)


async def test_what_the_ledger_cannot_decide_is_kept_as_the_partner_sent_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 3. One event of five meets a bug in the ledger. Breaks without `letters._as_sent`, and without the
    halves (`BatchLoop._halves`), as the other four would be lost with it."""
    monkeypatch.setattr(sys, "executable", hooked.executable(tmp_path))
    ids = ["p-1", "p-2", hooked.POISON.decode(), "p-4", "p-5"]
    baskets = [spaced(purchase("florist", id_, "2017-01-05T09:00:00-05:00", "1", "3.50")[1]) for id_ in ids]
    async with running(settings, services=("campaigns", "earn")) as pipeline:
        topic = await pipeline.open_topic("florist")
        await pipeline.send(
            [signup("florist", "s-1", reference="1"), *(("florist", each) for each in baskets)], "florist"
        )

        async def all_told() -> bool:
            return await pipeline.database("earn").dead_letters.count_documents({}) == 1 and await journalled() == 5

        async def journalled() -> int:
            return len(await journal_of(pipeline, "florist"))

        await until(all_told, "a dead letter and five entries", 60)
        [letter] = await pipeline.database("earn").dead_letters.find({}).to_list()
        [identity] = await pipeline.database("earn").identities.find({}).to_list()
    assert (letter["consumer"], letter["reason"]) == ("earn-ledger", "undecidable")
    assert (letter["value"], letter["key"]) == (baskets[2], b"florist")
    assert letter["record"] == letter["origin"] == {**letter["origin"], "topic": topic, "offset": 3}
    assert (letter["event"], letter["member"]) == ("/partners/florist|p0ison", identity["member"])


async def test_a_record_whose_topic_is_gone_is_not_waited_for(settings: Settings) -> None:
    """Breaks without the look at what topics there are: a dead letter would then stop its partition for ever."""
    originals = Originals(settings.kafka_url())
    try:
        assert await originals.fetch([Origin(topic=f"{settings.prefix}partner.gone", partition=0, offset=7)]) == {}
    finally:
        await originals.close()
