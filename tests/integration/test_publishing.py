"""Publishing over real Kafka and mongod: the commands, workers that follow, publishers at once, crashes, the past."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from click.testing import Result
from typer.testing import CliRunner

from services.campaigns.publishing import publish_programme
from shared.cli.main import app
from shared.ops.retroactive import effects
from shared.publishing.edition import draft
from shared.publishing.office import Office, UnannouncedError, opened
from shared.publishing.plan import Request, plan
from shared.publishing.registry import REGISTRY
from shared.rules.definition import DEFINITION
from shared.runtime.follower import read_shelf
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.records import Message
from shared.runtime.service import database_name
from shared.runtime.store import OutageError
from shared.settings import Settings
from tests.conftest import environment
from tests.integration.flow import Flow, event, purchase
from tests.integration.pipeline import Pipeline, running, until
from tests.integration.test_pipeline_partners import purchase as bought
from tests.integration.test_pipeline_partners import signup

Command = Callable[..., Awaitable[Result]]
BASE = """
id: base
kind: earn
title: {points} stars for every dollar
on: purchase
then: {{wallet: stars, per_amount: {{per: 1.00, give: {points}}}}}
"""
PROGRAMME = """
id: shop
kind: programme
title: Shop
time_zone: America/New_York
currency: USD
wallets: [stars]
approvals: {approvals}
"""
SIGNED = ("--author", "Ann", "--note", "a try")


@pytest.fixture
def command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `doublestar rules` in a thread, as it runs an event loop of its own; nobody is at a terminal."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["rules", *arguments])

    return run


def file(folder: Path, text: str, name: str = "base.yaml", **said: Any) -> str:
    """A definition file; its path."""
    (folder / name).write_text(text.format(**said), encoding="utf-8")
    return str(folder / name)


def rule(id_: str, points: int) -> Any:
    """A draft that leaves version and time to the publication."""
    return draft(DEFINITION.validate_python({"id": id_, "kind": "earn", "title": id_, "then": {"fixed": points}}))


async def versions(settings: Settings, id_: str = "base") -> list[dict[str, Any]]:
    """What the registry has of a definition."""
    async with opened(settings, announcing=False) as office:
        registry = await office.registry()
        return list(registry[id_]["versions"]) if id_ in registry else []


async def on_topic(settings: Settings, id_: str = "base") -> list[int]:
    """The versions that a worker that starts now would go by."""
    book = (await read_shelf(settings.kafka_url(), settings.prefix)).book
    return [each.version for each in book.versions if each.id == id_] if book is not None else []


async def test_a_change_reaches_every_worker_of_every_service_within_five_seconds(
    settings: Settings, command: Command, tmp_path: Path
) -> None:
    """Nobody restarts, and events are decided by the version of their time. Breaks without `Follower`'s polling."""
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


async def test_files_are_compared_published_rolled_back_and_told(
    settings: Settings, command: Command, tmp_path: Path
) -> None:
    """The same folder published to an empty namespace is all it takes: promotion. Nothing ran here before."""
    file(tmp_path, PROGRAMME, "shop.yaml", approvals=0)
    one = file(tmp_path, BASE, points=1)
    assert (await command("check", str(tmp_path))).output == "2 definitions, no faults\n"
    new = await command("diff", str(tmp_path))
    assert (new.exit_code, new.output) == (
        1, "+ base (earn) is not published yet\n+ shop (programme) is not published yet\n0 unchanged\n",
    )  # fmt: skip
    assert (await command("publish", str(tmp_path), "--effective", "2026-01-01", *SIGNED)).exit_code == 0
    assert (await command("diff", str(tmp_path))).output == "2 unchanged\n"
    file(tmp_path, BASE, points=2)
    changed = await command("diff", one, "--format", "json")
    assert changed.exit_code == 1
    assert orjson.loads(changed.stdout)["changed"] == [{
        "id": "base", "kind": "earn", "version": 1, "fields": [
            {"field": "title", "old": "1 stars for every dollar", "new": "2 stars for every dollar"},
            {"field": "then.per_amount.give", "old": None, "new": 2},
        ],
    }]  # fmt: skip
    dry = await command("publish", one, "--effective", "2027-03-01T09:00", *SIGNED, "--dry-run")
    assert "base (earn): version 2, effective 2027-03-01 09:00-05:00" in dry.output
    assert "nothing was published" in dry.output
    assert len(await versions(settings)) == 1
    assert (await command("publish", one, "--effective", "2027-03-01T09:00", *SIGNED)).exit_code == 0
    assert "nothing is new" in (await command("publish", one, "--effective", "now", *SIGNED)).output
    back = await command("rollback", "base", "--effective", "2027-02-01", "--author", "Bob", "--note", "too dear")
    assert back.exit_code == 0, back.output
    assert "version 3, as version 1 said, effective 2027-02-01 00:00-05:00" in back.output
    assert "version 2, which was to come later, never does" in back.output
    told = orjson.loads((await command("history", "base", "--format", "json")).stdout)
    assert [(t["version"], t["effective"], t["author"], t["note"], t.get("repeats")) for t in told] == [
        (3, "2027-02-01T05:00:00+00:00", "Bob", "too dear", 1),
        (2, "2027-03-01T14:00:00+00:00", "Ann", "a try", None),
        (1, "2026-01-01T05:00:00+00:00", "Ann", "a try", None),
    ]
    assert "too dear (repeats version 1)" in (await command("history")).output
    assert await on_topic(settings) == [1, 2, 3]


async def test_what_cannot_be_published_is_said_and_changes_nothing(
    settings: Settings, command: Command, tmp_path: Path
) -> None:
    file(tmp_path, PROGRAMME, "shop.yaml", approvals=0)
    one = file(tmp_path, BASE, points=1)
    await command("publish", str(tmp_path), "--effective", "2026-01-01", *SIGNED)
    file(tmp_path, BASE, points=2)
    past = await command("publish", one, "--effective", "2026-02-01", *SIGNED)
    assert (past.exit_code, "--retroactive, which first shows" in past.stderr) == (1, True)
    asked = await command("publish", one, "--effective", "2026-02-01", "--retroactive", *SIGNED)
    assert (asked.exit_code, "no terminal is here to ask on: give --yes" in asked.stderr) == (1, True)
    assert "0 journal entries of 0 members" in asked.stdout
    wrong = await command("publish", one, "--effective", "tomorrow", *SIGNED)
    assert "'tomorrow' is no time" in wrong.stderr
    assert (
        "--author must say something"
        in (await command("publish", one, "--effective", "now", "--author", " ", "--note", "n")).stderr
    )
    broken = file(tmp_path, "id: base\nkind: earn\ntitle: B\nthen: {{fixd: 1}}\n", "broken.yaml")
    assert "broken.yaml:4:8: `then.fixd`: no such field" in (await command("check", broken)).stderr
    assert (await command("diff", broken)).exit_code == 2
    assert "nothing is published as bse" in (await command("rollback", "bse", "--effective", "now", *SIGNED)).stderr
    assert "nothing is published as bse" in (await command("history", "bse")).stderr
    assert len(await versions(settings)) == 1
    done = await command("publish", one, "--effective", "2026-02-01", "--retroactive", "--yes", *SIGNED)
    assert done.exit_code == 0, done.output
    assert len(await versions(settings)) == 2


async def test_a_second_person_publishes_what_the_first_proposed(
    settings: Settings, command: Command, tmp_path: Path
) -> None:
    file(tmp_path, PROGRAMME, "shop.yaml", approvals=1)
    one = file(tmp_path, BASE, points=1)
    await command("publish", str(tmp_path), "--effective", "2026-01-01", *SIGNED)
    ids = []
    for points in (2, 3):
        file(tmp_path, BASE, points=points)
        assert (
            "is published when somebody else gives"
            in (await command("publish", one, "--effective", "2030-01-01", *SIGNED)).output
        )
        rows = orjson.loads((await command("proposals", "--format", "json")).stdout)
        ids.append(next(row["id"] for row in rows if row["id"] not in ids))
    assert len(await versions(settings)) == 1
    own = await command("approve", ids[0], "--author", "ann")
    assert (own.exit_code, "somebody else than its author approves" in own.stderr) == (1, True)
    done = await command("approve", ids[0], "--author", "Bob")
    assert done.exit_code == 0, done.output
    last = (await versions(settings))[-1]
    assert (last["author"], last["approved_by"], last["body"]["then"]["per_amount"]["give"]) == ("Ann", "Bob", 2)
    stale = await command("approve", ids[1], "--author", "Bob")
    assert (stale.exit_code, "is stale: version 2 of base was published since" in stale.stderr) == (1, True)
    assert (await command("proposals")).output == "no proposal waits\n"
    assert "stale" in (await command("proposals", "--all")).output
    off = file(tmp_path, PROGRAMME, "shop.yaml", approvals=0)
    assert (
        "is published when somebody else gives" in (await command("publish", off, "--effective", "now", *SIGNED)).output
    )
    assert await on_topic(settings) == [1, 2]


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
    settings: Settings, command: Command, store: MongoStore, tmp_path: Path
) -> None:
    """Breaks when only new versions are announced."""
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
    settings: Settings, command: Command, store: MongoStore, tmp_path: Path
) -> None:
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


async def test_the_past_is_counted_from_the_journal(settings: Settings) -> None:
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
    await client.close()
    rows = [(r.rule, r.because, r.events, r.entries, r.members, r.points) for r in found.rules]
    assert rows == [
        ("base", "base v2", 3, 2, 2, {"stars": 20}),
        ("double-star-wednesday", "base v2", 3, 1, 1, {"stars": 10}),
    ]
    assert (found.entries, found.members, found.elsewhere) == (2, 2, ["message-welcome v2 (message)"])
