"""Publishing over real Kafka and mongod: the commands, workers that follow, publishers at once, crashes, the past."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from services.campaigns.publishing import publish_programme
from shared.backtest.result import Report
from shared.ops.retroactive import effects, would_be
from shared.publishing.edition import draft
from shared.publishing.office import Office, UnannouncedError, opened
from shared.publishing.plan import Request, plan
from shared.publishing.registry import REGISTRY
from shared.rules.definition import DEFINITION
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.records import Message
from shared.runtime.service import database_name
from shared.runtime.store import OutageError
from shared.settings import Settings
from tests.integration.flow import Flow, event, purchase
from tests.integration.pipeline import Pipeline, running, until
from tests.integration.rules import BASE, PROGRAMME, SIGNED, commands, file, on_topic, rule, versions
from tests.integration.test_pipeline_partners import purchase as bought
from tests.integration.test_pipeline_partners import signup


async def test_a_change_reaches_every_worker_of_every_service_within_five_seconds(
    settings: Settings, tmp_path: Path
) -> None:
    """Nobody restarts, and events are decided by the version of their time. Breaks without `Follower`'s polling."""
    command = commands(settings)
    async with running(settings, workers={"earn": 2, "tiers": 2}) as pipeline:
        before = await revisions(pipeline)
        assert len(before) == 6
        assert len(set(before.values())) == 1
        published = await command("publish", file(tmp_path, BASE, points=3), "--effective", "now", *SIGNED)
        assert published.exit_code == 0, published.output

        async def all_follow() -> bool:
            now = await revisions(pipeline)
            return len(set(now.values())) == 1 and now["earn-0"] not in (None, before["earn-0"])

        await until(all_follow, "every worker to have the new rulebook", 5)
        assert [each.restarts for each in pipeline.supervisor.workers] == [0] * 6
        effective = datetime.fromisoformat((await versions(settings))[1]["effective"])
        await pipeline.open_topic("florist")
        times = (effective - timedelta(seconds=1), effective, effective + timedelta(hours=1))
        baskets = [bought("florist", f"p-{n}", at.isoformat(), "1", "10.00") for n, at in enumerate(times)]
        await pipeline.send([signup("florist", "s-1", reference="1"), *baskets], "florist")
        await until(lambda: posted(pipeline, 3), "the purchases to be posted", 30)
        entries = await pipeline.database("earn").journal.find({"kind": "purchase"}).sort("at", 1).to_list()
        base = [[(a["version"], a["points"]) for a in each["awards"] if a["rule"] == "base"] for each in entries]
        assert base == [[(1, 10)], [(2, 30)], [(2, 30)]]


async def posted(pipeline: Pipeline, number: int) -> bool:
    """So many purchases are in the journal."""
    return await pipeline.database("earn").journal.count_documents({"kind": "purchase"}) == number


async def revisions(pipeline: Pipeline) -> dict[str, str | None]:
    """Each worker's rulebook, as it tells of itself."""
    return {each.name: (await pipeline.status(each)).get("rulebook") for each in pipeline.supervisor.workers}


async def test_publishers_at_once_lose_and_double_no_version(settings: Settings) -> None:
    """Four offices on real transactions: each publishes a definition of its own, and all the same one. Breaks without
    the head that every publication writes, and without deciding again."""
    async with (
        opened(settings) as first,
        opened(settings) as second,
        opened(settings) as third,
        opened(settings) as last,
    ):
        shop = draft(DEFINITION.validate_python({
            "id": "shop", "kind": "programme", "title": "Shop", "time_zone": "UTC", "currency": "USD",
            "wallets": ["stars"], "effective": "2026-01-01T00:00:00Z",
        }))  # fmt: skip
        offices = (first, second, third, last)
        await first.start([shop], datetime.now(UTC))
        later = datetime.now(UTC) + timedelta(days=1)
        for turn in range(3):
            await asyncio.gather(*(
                office.publish(
                    Request([rule(f"own-{n}", turn + 1), rule("shared", 10 * turn + n + 1)], later, f"P{n}", "at once"),
                    datetime.now(UTC),
                )
                for n, office in enumerate(offices)
            ))  # fmt: skip
        registry = await first.registry()
    for n in range(4):
        assert [v["version"] for v in registry[f"own-{n}"]["versions"]] == [1, 2, 3]
        assert [v["body"]["then"]["fixed"] for v in registry[f"own-{n}"]["versions"]] == [1, 2, 3]
    shared = registry["shared"]["versions"]
    assert [v["version"] for v in shared] == list(range(1, 13))
    assert sorted(v["body"]["then"]["fixed"] for v in shared) == [1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24]
    assert await on_topic(settings, "shared") == list(range(1, 13))
    assert await on_topic(settings, "own-3") == [1, 2, 3]


@pytest_asyncio.fixture
async def store(settings: Settings) -> AsyncIterator[MongoStore]:
    """campaigns' database."""
    client = connect(settings.mongo_url())
    yield MongoStore(client, database_name("campaigns", settings))
    await client.close()


async def test_what_a_crash_left_unannounced_is_announced_by_the_next_publication_or_start(
    settings: Settings, store: MongoStore, tmp_path: Path
) -> None:
    """Breaks when only new versions are announced."""
    command = commands(settings)
    async with opened(settings):
        pass
    await publish_programme(store, settings)

    async def dies(_: Sequence[Message]) -> None:
        raise OutageError("killed")

    async def crash(points: int) -> None:
        later = datetime.now(UTC) + timedelta(days=1)
        with pytest.raises(UnannouncedError):
            await Office(store, dies, settings.prefix).publish(
                Request([rule("extra", points)], later, "Ann", "n"), datetime.now(UTC)
            )

    await crash(1)
    assert (len(await versions(settings, "extra")), await on_topic(settings, "extra")) == (1, [])
    await publish_programme(store, settings)
    assert await on_topic(settings, "extra") == [1]
    await crash(2)
    assert await on_topic(settings, "extra") == [1]
    text = "id: extra\nkind: earn\ntitle: extra\nthen: {{fixed: 2}}\n"
    again = await command("publish", file(tmp_path, text, "extra.yaml"), "--effective", "now", *SIGNED)
    assert (again.exit_code, "nothing is new" in again.output) == (0, True)
    assert await on_topic(settings, "extra") == [1, 2]


async def test_an_empty_registry_learns_who_published_what(
    settings: Settings, store: MongoStore, tmp_path: Path
) -> None:
    command = commands(settings)
    file(tmp_path, PROGRAMME, "shop.yaml", approvals=0)
    one = file(tmp_path, BASE, points=1)
    await command("publish", str(tmp_path), "--effective", "2026-01-01", *SIGNED)
    file(tmp_path, BASE, points=2)
    await command("publish", one, "--effective", "2030-01-01", *SIGNED)
    before = await store.database[REGISTRY].find({}).sort("_id", 1).to_list()
    await store.client.drop_database(store.database.name)
    file(tmp_path, BASE, points=3)
    assert (await command("publish", one, "--effective", "2031-01-01", *SIGNED)).exit_code == 0
    after = await store.database[REGISTRY].find({}).sort("_id", 1).to_list()
    assert [each["versions"][: len(old["versions"])] for each, old in zip(after, before, strict=True)] == [
        old["versions"] for old in before
    ]
    assert [each["version"] for each in await versions(settings)] == [1, 2, 3]


async def test_the_past_is_counted_from_the_journal_and_replayed(settings: Settings) -> None:
    """Two members' week, counted by hand: what base, what it is repeated by, and what a segment's rule decided."""
    client = connect(settings.mongo_url())
    flow = await Flow(settings, client).start()
    other = {"member": {"reference": "901", "email": "bob@example.com"}}
    fruit = (("kiwi", "PRODUCE", "10.50"),)
    flow.send(
        event("signup", "s-900", "2017-01-01T00:00:00-05:00"),
        event("signup", "s-901", "2017-01-01T00:00:00-05:00", **other),
        purchase("b-1", "2017-01-03T12:00:00-05:00", *fruit),  # Tuesday: 10 base
        purchase("b-2", "2017-01-04T12:00:00-05:00", *fruit),  # Wednesday: 10 base, 10 again
        purchase("b-3", "2017-01-05T12:00:00-05:00", ("gum", "GROCERY", "0.40")),  # nothing
        purchase("b-4", "2017-01-05T13:00:00-05:00", *fruit).replace(b'"900"', b'"901"').replace(b"ann@", b"bob@"),
    )
    await flow.rest()
    async with opened(settings) as office:
        registry = await office.registry()
        since = datetime(2017, 1, 4, 5, tzinfo=UTC)  # Wednesday's midnight in New York
        base = draft(DEFINITION.validate_python({
            "id": "base", "kind": "earn", "title": "Two stars", "then": {"per_amount": {"per": "1.00", "give": 2}},
        }))  # fmt: skip
        hi = registry["message-welcome"]["versions"][0]["body"]
        message = draft(DEFINITION.validate_python({k: v for k, v in hi.items() if k != "effective"} | {"title": "Hi"}))
        now = datetime.now(UTC)
        planned = plan(Request([base, message], since, "Ann", "n", retroactive=True), registry, now)
        found = await effects(settings, planned.past, registry, now)
    would = await would_be(settings, planned.new, now)
    await client.close()
    rows = [(r.rule, r.because, r.events, r.entries, r.members, r.points) for r in found.rules]
    assert rows == [
        ("base", "base v2", 3, 2, 2, {"stars": 20}),
        ("double-star-wednesday", "base v2", 3, 1, 1, {"stars": 10}),
    ]
    assert (found.entries, found.members, found.elsewhere) == (2, 2, ["message-welcome v2 (message)"])
    # Two stars for each of Wednesday's and Thursday's ten whole dollars, and Wednesday's again.
    assert isinstance(would, Report)
    assert {r.rule: (r.sums.other.points, r.sums.draft.points) for r in would.rules} == {
        "base": (20, 40), "double-star-wednesday": (10, 20),
    }  # fmt: skip
    assert [(each.wallet, each.winning, each.losing) for each in would.wallets] == [("stars", 2, 0)]
