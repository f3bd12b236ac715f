"""The operator's commands over real servers: what they tell is what was posted, what they replay takes effect; what
`reconcile` and the metrics say of servers, folders and lag."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from socket import gethostname
from typing import Any

import orjson
import pytest
import pytest_asyncio
import typer
from aiokafka import AIOKafkaConsumer, TopicPartition
from click.testing import Result
from pymongo.asynchronous.database import AsyncDatabase
from typer.testing import CliRunner

from shared.cli import books, letters
from shared.ops import deadletters
from shared.ops.databases import NotThereError, database, opened
from shared.ops.letter import Filter
from shared.ops.reconcile import reconcile
from shared.ops.why import about_rule, explanation, story, told
from shared.rules.saying.speaking import spoken, written
from shared.runtime.mongo import connect
from shared.runtime.store import Document
from shared.settings import Settings
from shared.stack.process import free_port
from tests.conftest import environment
from tests.integration.flow import Flow, event, purchase
from tests.integration.pipeline import running

PRODUCE = (("kiwi", "PRODUCE", "10.50"), ("leek", "PRODUCE", "20.00"), ("plum", "PRODUCE", "9.60"))
app = typer.Typer()
books.register(app)
app.add_typer(letters.app, name="deadletters")


@pytest_asyncio.fixture
async def flow(settings: Settings) -> AsyncIterator[Flow]:
    """A member's first week; a broken record, a purchase by nobody known, and an id with other content."""
    client = connect(settings.mongo_url())
    flow = await Flow(settings, client).start()
    flow.send(
        event("signup", "signup-900", "2017-01-01T00:00:00-05:00", attributes={"kids_count": "2"}),
        purchase("basket-1", "2017-01-04T12:00:00-05:00", *PRODUCE),
        purchase("basket-2", "2017-01-04T18:00:00-05:00", *PRODUCE),
        b'{"specversion":"1.0","id":"basket-3"',
        purchase("basket-4", "2017-01-05T12:00:00-05:00", ("gum", "GROCERY", "11.00")),
        purchase("basket-5", "2017-01-06T12:00:00-05:00", ("gum", "GROCERY", "11.99"), ("gas", "FUEL", "30.00")),
        purchase("basket-1", "2017-01-04T12:00:00-05:00", ("kiwi", "PRODUCE", "99.00")),
        purchase("basket-9", "2017-01-06T12:00:00-05:00", *PRODUCE)
        .replace(b'"900"', b'"901"')
        .replace(b"ann@", b"bob@"),
    )
    await flow.rest()
    yield flow
    await client.close()


@pytest.fixture
def command(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `doublestar` in a thread, as it runs an event loop of its own."""
    for name, value in environment(flow.settings).items():
        monkeypatch.setenv(name, value)

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, arguments)

    return run


async def test_a_story_adds_up_to_the_balance(flow: Flow) -> None:
    found = await story(flow.settings, "grocer:900")
    assert [(written(each.what), sum(part.points for part in each.parts)) for each in found.chapters] == [
        ("grocer signup-900", 25),
        ("grocer basket-1", 90),
        ("grocer basket-2", 80),
        ("grocer basket-4", 11),
        ("grocer basket-5", 11),
        ("challenge 2017-W01, by grocer basket-5", 50),
    ]
    assert found.balances == found.chapters[-1].balances == {"stars": 267}
    assert found.tiers[0].qualifying == {"2017": 182}
    assert await story(flow.settings, "ANN@example.com") == await story(flow.settings, found.member) == found
    assert "90 stars: 40 base (v1) + 40 double-star-wednesday (v1) + 10 fresh (v1)" in await told(
        flow.settings, "grocer:900"
    )


async def test_an_explanation_asks_the_rules_that_decided(flow: Flow) -> None:
    found = await explanation(flow.settings, "grocer:900", "basket-2")
    whys = {each.rule: spoken(each.why) for each in found.rulings if each.verdict != "applies" and each.why is not None}
    assert whys == {
        "fresh": "already used this day (by basket-1); again from 2017-01-05",
        "families-back-to-school": "only from Tuesday 2017-08-01 00:00 on; this was Wednesday 2017-01-04 18:00",
        "three-days": "2017-01-04 was counted before; 1 of 3 in 2017-W01",
    }
    last = await explanation(flow.settings, "grocer:900", "basket-5")
    assert [each.eligible for each in last.lines] == [True, False]
    assert {each.rule: each.points for each in last.rulings if each.verdict == "applies"} == {
        "base": 11,
        "three-days": 50,
    }
    assert last.origin == f"{flow.partner}:0:5"


async def test_what_is_unknown_is_said_to_be(flow: Flow) -> None:
    with pytest.raises(
        NotThereError, match="nobody has signed up as ref:/partners/grocer:901 yet; events that wait for the signup: 1"
    ):
        await story(flow.settings, "grocer:901")
    with pytest.raises(NotThereError, match="no member is known as ref:/partners/grocer:7"):
        await story(flow.settings, "grocer:7")
    with pytest.raises(NotThereError, match="has nothing of m-00000000000000000000"):
        await story(flow.settings, "m-" + "0" * 20)
    with pytest.raises(NotThereError, match="has no event basket-3"):
        await explanation(flow.settings, "grocer:900", "basket-3")


async def test_an_empty_namespace_is_said_to_be(settings: Settings) -> None:
    with pytest.raises(NotThereError, match="no programme is published"):
        await story(settings, "grocer:900")


async def test_the_why_command(command: Any) -> None:
    shown = await command("why", "--member", "grocer:900", "--limit", "1")
    assert shown.exit_code == 0, shown.output
    assert "balance  267 stars" in shown.output
    assert "… 5 earlier entries brought 217 stars" in shown.output
    data = orjson.loads((await command("why", "-m", "grocer:900", "-e", "basket-1", "--json")).stdout)
    assert [each["rule"] for each in data["parts"]] == ["base", "double-star-wednesday", "fresh"]
    failed = await command("why", "--member", "grocer:7")
    assert (failed.exit_code, failed.stdout) == (1, "")


async def test_why_tells_of_a_rule_what_it_gave_and_what_is_missing(flow: Flow) -> None:
    fresh = await about_rule(flow.settings, "grocer:900", "fresh")
    assert (fresh.times, fresh.points, [written(each.what) for each in fresh.latest]) == (
        1, {"stars": 10}, ["grocer basket-1"],
    )  # fmt: skip
    assert fresh.what == "grocer basket-5"
    assert fresh.ruling is not None and fresh.ruling.explained is not None
    [finding] = fresh.ruling.explained.findings()
    assert [spoken(each) for each in finding.lacking()] == ["3 more"]
    challenge = await about_rule(flow.settings, "grocer:900", "three-days")
    assert (challenge.times, challenge.points) == (1, {"stars": 50})
    with pytest.raises(NotThereError, match="no rule is called frehs; did you mean fresh"):
        await about_rule(flow.settings, "grocer:900", "frehs")
    with pytest.raises(NotThereError, match="families is a segment, which gives nothing by itself"):
        await about_rule(flow.settings, "grocer:900", "families")


async def test_the_why_command_speaks_vietnamese_and_to_programs(command: Any) -> None:
    told_ = await command("why", "-m", "grocer:900", "-e", "basket-2", "--language", "vi")
    assert told_.exit_code == 0, told_.output
    assert "fresh (bản 1, earn): đã dùng trong ngày này (bởi basket-1); dùng lại được từ 05/01/2017" in told_.output
    shown = await command("why", "-m", "grocer:900", "--rule", "fresh", "-l", "vi")
    assert shown.exit_code == 0, shown.output
    assert "sự kiện mới nhất được xét: grocer basket-5" in shown.output
    assert "còn thiếu 3" in shown.output
    data = orjson.loads((await command("why", "-m", "grocer:900", "-e", "basket-5", "--json")).stdout)
    base = next(each for each in data["rulings"] if each["rule"] == "base")
    [gives] = base["explained"]["gives"]
    assert (gives["points"], gives["lines"]) == (11, [11, 0])
    assert gives["working"][0]["values"]["total"] == "11.99"
    assert gives["working"][0]["text"] == "11.99: 1 for each 1.00, rounded down"
    assert (await command("why", "-m", "grocer:900", "-r", "fresh", "-e", "basket-1")).exit_code == 2
    assert (await command("why", "-m", "grocer:900", "-r", "frehs")).exit_code == 1


async def test_letters_are_listed_counted_and_shown(flow: Flow, command: Any) -> None:
    counts = await deadletters.counts(flow.settings, Filter())
    assert dict(counts) == {("earn", "not_json", "open"): 1, ("earn", "content_changed", "open"): 1}
    listed = await command("deadletters", "list", "--reason", "not_json")
    assert f"earn-intake/{flow.partner}:0:3" in listed.output
    assert "content_changed" not in listed.output
    data = orjson.loads((await command("deadletters", "show", f"{flow.partner}:0:3", "--json")).stdout)
    assert (data["value"], data["key"], data["status"]) == ('{"specversion":"1.0","id":"basket-3"', "900", "open")
    wrong = await command("deadletters", "list", "--reason", "bad")
    assert wrong.exit_code == 1
    assert "there are: empty, not_json" in wrong.stderr


async def test_a_replay_sends_the_same_bytes_to_the_same_place_once(flow: Flow, command: Any) -> None:
    place = f"{flow.partner}:0:3"
    said_no = await asyncio.to_thread(CliRunner().invoke, app, ["deadletters", "replay", place], input="n\n")
    assert said_no.exit_code == 1
    assert await _on(flow, flow.partner) == []
    done = await command("deadletters", "replay", "--reason", "not_json", "--service", "earn", "--yes")
    assert done.exit_code == 0, done.output
    assert "1 of 1 would be refused again" in done.output
    assert await _on(flow, flow.partner) == [(b"900", b'{"specversion":"1.0","id":"basket-3"')]
    [letter] = await deadletters.pick(flow.settings, [place])
    assert (letter.status, [each.place for each in letter.replays]) == ("replayed", [f"{flow.partner}:0:0"])
    refused = await command("deadletters", "replay", place, "--yes")
    assert refused.exit_code == 1
    assert "--again" in refused.stderr
    assert (await command("deadletters", "replay", place, "--again", "--yes")).exit_code == 0
    assert len(await _on(flow, flow.partner)) == 2


async def test_a_corrected_replay_takes_effect(flow: Flow, command: Any, tmp_path: Path) -> None:
    place, fixed = f"{flow.partner}:0:3", tmp_path / "fixed.json"
    fixed.write_bytes(b"{}")
    assert (
        "would be refused again: missing_field"
        in (await command("deadletters", "replay", place, "--file", str(fixed))).stderr
    )
    fixed.write_bytes(purchase("basket-3", "2017-01-04T19:00:00-05:00", ("gum", "GROCERY", "7.00")))
    done = await command("deadletters", "replay", place, "--file", str(fixed), "--yes")
    assert done.exit_code == 0, done.output
    [(_, value)] = await _on(flow, flow.partner)
    flow.send(value)
    await flow.rest()
    assert (await story(flow.settings, "grocer:900")).balances == {"stars": 267 + 14}


async def test_reconcile_without_mongodb_says_so_in_a_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka is there and asked first; its clients must be closed all the same."""
    mongo = f"127.0.0.1:{free_port()}"
    for name, value in {**environment(settings), "DOUBLESTAR_MONGO": f"mongodb://{mongo}/?replicaSet=rs0"}.items():
        monkeypatch.setenv(name, value)
    shown = await asyncio.to_thread(CliRunner().invoke, app, ["reconcile"])
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert shown.stderr == (
        f"no MongoDB answers at {mongo}: start it with `doublestar up`, or set DOUBLESTAR_MONGO to one that runs\n"
    )


@pytest_asyncio.fixture
async def delivered(settings: Settings) -> AsyncIterator[AsyncDatabase[Document]]:
    """notify's database with two e-mails and a message that had no address."""
    async with opened(settings) as client:
        notify = database(client, "notify", settings)
        channels = {"welcome:m-1": "email", "tier:m-1": "email", "welcome:m-2": "none"}
        await notify["delivered"].insert_many([{"_id": id_, "channel": each} for id_, each in channels.items()])
        yield notify


def outbox(folder: Path, files: int) -> Path:
    """A folder with so many e-mails."""
    (folder / "welcome").mkdir(parents=True)
    for number in range(files):
        (folder / "welcome" / f"{number}.eml").write_text("stars")
    return folder


async def emails(settings: Settings) -> tuple[bool, str]:
    """What `reconcile` says of them."""
    [check] = [each for each in (await reconcile(settings)).checks if each.name == "emails_on_disk"]
    return check.ok, check.detail


async def test_emails_are_counted_where_notify_wrote_them(
    settings: Settings, delivered: AsyncDatabase[Document], tmp_path: Path
) -> None:
    """Breaks when the command counts in the folder of its own settings, which may be anybody's."""
    outbox(settings.outbox_folder, 7)
    folder = outbox(tmp_path / "theirs", 2)
    await delivered["folders"].insert_one({"_id": "x", "host": gethostname(), "folder": str(folder)})
    assert await emails(settings) == (True, f"2 e-mails delivered, 2 files in {folder}")
    (folder / "welcome" / "0.eml").unlink()
    assert await emails(settings) == (False, f"2 e-mails delivered, 1 files in {folder}")


async def test_emails_on_another_machine_are_not_counted(
    settings: Settings, delivered: AsyncDatabase[Document]
) -> None:
    outbox(settings.outbox_folder, 7)
    await delivered["folders"].insert_one({"_id": "x", "host": "another", "folder": "/outbox"})
    assert await emails(settings) == (
        True,
        "2 e-mails delivered; files not counted, they are elsewhere: another:/outbox",
    )


async def test_emails_of_services_that_noted_no_folder(settings: Settings, delivered: AsyncDatabase[Document]) -> None:
    """Our own settings' folder is looked at if it is there."""
    folder = settings.outbox_folder
    assert await emails(settings) == (
        True,
        f"2 e-mails delivered; files not counted, they are elsewhere: not in {folder}",
    )
    outbox(folder, 1)
    assert await emails(settings) == (False, f"2 e-mails delivered, 1 files in {folder}")


async def test_lag_is_exported_before_the_first_batch(settings: Settings) -> None:
    """Breaks when the gauge knows its Kafka client from batches only."""
    async with running(settings, services=("campaigns", "tiers")) as pipeline:
        status, body = await pipeline.get(pipeline.worker("tiers-0"), "/metrics")
        topic = f"{settings.prefix}accruals"
        lags = [line for line in body.splitlines() if line.startswith("doublestar_lag_records{")]
        assert (status, sorted(lags)) == (
            200,
            [f'doublestar_lag_records{{consumer="tiers",partition="{n}",topic="{topic}"}} 0.0' for n in range(4)],
        )
        told = await pipeline.status(pipeline.worker("tiers-0"))
        assert told["consumers"]["tiers"]["batches"] == 0


async def _on(flow: Flow, topic: str) -> list[tuple[bytes | None, bytes]]:
    """Everything that Kafka has of a topic: key and value."""
    consumer = AIOKafkaConsumer(bootstrap_servers=flow.settings.kafka_url(), auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or {0, 1})]
        consumer.assign(places)
        left, found = sum((await consumer.end_offsets(places)).values()), list[tuple[bytes | None, bytes]]()
        while len(found) < left:
            batches = await consumer.getmany(timeout_ms=1000)
            found += [(each.key, each.value) for batch in batches.values() for each in batch]
        return found
    finally:
        await consumer.stop()
