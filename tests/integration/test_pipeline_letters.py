"""Dead letters of running services: whoever refuses a record, its letter holds what its sender sent."""

from __future__ import annotations

import orjson

from tests.integration.pipeline import Pipeline, until
from tests.integration.test_pipeline_partners import purchase, shop, signup  # noqa: F401  (a fixture)


async def test_what_the_ledger_refuses_is_kept_as_the_partner_sent_it(shop: Pipeline) -> None:  # noqa: F811
    """Promise 3. The ledger reads activities, not partners' records; breaks without `runtime.originals`.

    Two records it alone can refuse: an id that came before with other content, and a purchase of 2015.
    """
    topic = await shop.open_topic("florist")
    _, first = purchase("florist", "p-1", "2017-01-05T09:00:00-05:00", "1", "3.50")
    # Spaced and ordered as no serialiser of ours writes it.
    other = orjson.dumps(orjson.loads(first.replace(b"3.50", b"4.50")), option=orjson.OPT_INDENT_2)
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
