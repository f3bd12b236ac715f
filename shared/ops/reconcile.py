"""The books, checked: every record accounted for, postings in balance, every projection equal to its source."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from socket import gethostname
from typing import Any, Final

import orjson
from pymongo.asynchronous.database import AsyncDatabase
from rich.table import Table

from shared.clock import Moved
from shared.events.topics import GRANTS, NOTIFICATIONS, PARTNER_PREFIX
from shared.ledger import lots
from shared.ops.accounting import Account, outcomes
from shared.ops.breakage import breakage_checks
from shared.ops.databases import DELIVERED, FOLDERS, NOTIFY, database, opened, rulebook
from shared.ops.lag import SERVICES, Watch
from shared.ops.partner_books import partner_checks
from shared.publishing.registry import published
from shared.runtime.leading import LED, last
from shared.runtime.outbox import TERMINAL
from shared.runtime.reading import committed_records, read
from shared.runtime.store import OUTBOX, Document
from shared.settings import Settings

Database = AsyncDatabase[Document]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold."""

    name: str
    ok: bool
    detail: str


@dataclass(slots=True)
class Report:
    """All checks of one reconciliation."""

    checks: list[Check] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Every check holds."""
        return all(check.ok for check in self.checks)

    def add(self, name: str, ok: bool, detail: str) -> None:
        """One more check."""
        self.checks.append(Check(name, ok, detail))


@dataclass(frozen=True, slots=True)
class Books:
    """What the checks look at."""

    settings: Settings
    watch: Watch
    databases: dict[str, Database]


def render(report: Report) -> Table:
    """The reconciliation as a table for people."""
    table = Table("", "check", "detail", title="the books")
    for check in report.checks:
        table.add_row("[green]ok[/]" if check.ok else "[red]NO[/]", check.name.replace("_", " "), check.detail)
    return table


async def reconcile(settings: Settings) -> Report:
    """Runs every check; each answers, even when an earlier one fails."""
    async with opened(settings) as client:
        watch = await Watch(settings, client).start()
        try:
            databases = {each: database(client, each, settings) for each in SERVICES}
            books, report = Books(settings, watch, databases), Report()
            for check in _CHECKS:
                await check(books, report)
            return report
        finally:
            await watch.stop()


async def _at_rest(books: Books, report: Report) -> None:
    lags, _ = await books.watch.lags(exact=True)
    held = await books.watch.outboxes()
    behind = ", ".join(f"{group} {lag}" for group, lag in lags.items() if lag)
    said = behind or f"no group lags; {held} outbox documents"
    typed = await books.databases["earn"][OUTBOX].count_documents({"places": f"{TERMINAL}:0"})
    if typed:
        said += (
            f"; {typed} outbox documents are of a command at a terminal. Was it killed? The next one publishes them, "
        )
        said += "such as `doublestar members erase --approved`, or the API when it starts"
    report.add("at_rest", not behind and held == 0, said)


async def _records(books: Books, report: Report) -> None:
    """Promise 3: every record read is an effect, a duplicate, a dead letter, or waits for its member; never two."""
    prefix = books.settings.prefix + PARTNER_PREFIX
    topics = {name: places for name, places in (await books.watch.topics()).items() if name.startswith(prefix)}
    spans = await books.watch.spans([place for places in topics.values() for place in places])
    account = Account(await outcomes(books.databases["earn"], prefix), spans)
    real = await committed_records(books.settings.kafka_url(), account.gaps())
    report.add("records_accounted", *account.settled(real))


# What a correction takes back counts when it was earned.
_COUNTS_AT: Final[Document] = {"$ifNull": ["$counts_at", "$at"]}
_WHOSE: Final[Document] = {"$ifNull": ["$bought_by", "$member"]}
_NOT: Final[Document] = {"$objectToArray": {"$ifNull": ["$uncounted", {}]}}
# What rules gave, less what members kept of purchases that came back.
_COUNTED: Final[Document] = {
    "$concatArrays": [
        {"$map": {"input": "$awards", "in": {"rule": "$$this.rule", "points": "$$this.points"}}},
        {"$map": {"input": _NOT, "in": {"rule": "$$this.k", "points": {"$multiply": ["$$this.v", -1]}}}},
    ]
}


async def _conservation(books: Books, report: Report) -> None:
    """Promise 2: per wallet all accounts sum to zero."""
    pipeline: list[Document] = [
        {"$unwind": "$postings"},
        {"$group": {"_id": "$postings.wallet", "sum": {"$sum": "$postings.amount"}, "n": {"$sum": 1}}},
    ]
    found = await (await books.databases["earn"]["journal"].aggregate(pipeline)).to_list()
    detail = ", ".join(f"{each['_id']}: {each['n']} postings sum to {each['sum']}" for each in found) or "no postings"
    report.add("postings_sum_to_zero", all(each["sum"] == 0 for each in found), detail)


async def _partners(books: Books, report: Report) -> None:
    """Settlements and packs: see `shared.ops.partner_books`."""
    registry = await books.databases["campaigns"]["registry"].find({}).to_list()
    if registry:
        now = Moved(books.settings.home)()
        earn, known = books.databases["earn"], published(registry)
        for name, ok, detail in await partner_checks(earn, rulebook(registry), now, known):
            report.add(name, ok, detail)


async def _balances(books: Books, report: Report) -> None:
    """Promise 2: a balance is the sum of its entries, and of its lots."""
    earn = books.databases["earn"]
    pipeline: list[Document] = [
        {"$unwind": "$postings"},
        {"$match": {"postings.account": {"$regex": "^member:"}}},
        {"$group": {"_id": {"a": "$postings.account", "w": "$postings.wallet"}, "sum": {"$sum": "$postings.amount"}}},
    ]
    posted = {
        (each["_id"]["a"].removeprefix("member:"), each["_id"]["w"]): each["sum"]
        async for each in await earn["journal"].aggregate(pipeline)
    }
    members = [each async for each in earn["members"].find({}, {"balances": 1, "lots": 1, "holds": 1, "deficit": 1})]
    balances = {(m["_id"], wallet): n for m in members for wallet, n in m["balances"].items()}
    counted = {(m["_id"], wallet): n for m in members for wallet, n in lots.accounted(m).items()}
    wrong = {
        key
        for key in posted.keys() | balances.keys()
        if not posted.get(key, 0) == balances.get(key, 0) == counted.get(key, 0)
    }
    report.add(
        "balances_equal_postings", not wrong, f"{len(balances)} balances; {len(wrong)} differ {sorted(wrong)[:3] or ''}"
    )


async def _breakage(books: Books, report: Report) -> None:
    """What expired: see `shared.ops.breakage`."""
    now = Moved(books.settings.home)()
    for name, ok, detail in await breakage_checks(books.databases["earn"], books.databases["tiers"], now):
        report.add(name, ok, detail)


async def _sequences(books: Books, report: Report) -> None:
    """Every announcement of every member has reached the services that count on it, without a gap."""
    seqs = {m["_id"]: m["seq"] async for m in books.databases["earn"]["members"].find({}, {"seq": 1})}
    for service in ("tiers", "campaigns"):
        cursor = books.databases[service]["members"].find({}, {"high": 1, "ahead": 1})
        seen = {m["_id"]: m["high"] if not m.get("ahead") else -1 async for m in cursor}
        wrong = [member for member in seqs.keys() | seen.keys() if seqs.get(member) != seen.get(member)]
        sample = sorted(wrong)[:3] or ""
        detail = f"{sum(seqs.values())} accruals of {len(seqs)} members; {len(wrong)} members differ {sample}"
        report.add(f"{service}_equals_earn", not wrong, detail)


async def _qualifying(books: Books, report: Report) -> None:
    """The qualifying points that tiers counted are the ones that earn posted, by member, ladder and local year."""
    registry = {each["_id"]: each async for each in books.databases["campaigns"]["registry"].find({})}
    bodies = [each["versions"][-1]["body"] for each in registry.values()]
    zone = next((body["time_zone"] for body in bodies if body["kind"] == "programme"), "UTC")
    led = {each["_id"]: each async for each in books.databases["earn"]["members"].find({LED: {"$ne": None}}, {LED: 1})}
    wrong = counted = 0
    for ladder in (body for body in bodies if body["kind"] == "ladder"):
        pipeline: list[Document] = [
            {"$project": {"member": _WHOSE, "at": 1, "counts_at": 1, "counted": _COUNTED}},
            {"$unwind": "$counted"},
            {"$match": {"counted.rule": {"$in": ladder["qualifying"]}}},
            {
                "$group": {
                    "_id": {
                        "m": "$member",
                        "y": {"$dateToString": {"date": _COUNTS_AT, "format": "%Y", "timezone": zone}},
                    },
                    "sum": {"$sum": "$counted.points"},
                }
            },
        ]
        cursor = await books.databases["earn"]["journal"].aggregate(pipeline)
        posted: dict[tuple[str, str], int] = {}
        async for each in cursor:
            key = (last(led, each["_id"]["m"]), each["_id"]["y"])  # whose they are now, where members were merged
            posted[key] = posted.get(key, 0) + each["sum"]
        held = {
            (member["_id"], year): points
            async for member in books.databases["tiers"]["members"].find({}, {"ladders": 1})
            for year, points in member["ladders"].get(ladder["id"], {}).get("years", {}).items()
        }
        wrong += sum(posted.get(key, 0) != held.get(key, 0) for key in posted.keys() | held.keys())
        counted += len(posted)
    report.add("qualifying_points_equal", wrong == 0, f"{counted} sums by member and year; {wrong} differ")


async def _grants(books: Books, report: Report) -> None:
    """Whatever campaigns granted is posted, once."""
    announced = await _ids(books, books.settings.prefix + GRANTS)
    journal = books.databases["earn"]["journal"].find({"kind": "grant"}, {"_id": 1})
    posted = {each["_id"] async for each in journal}
    missing = {f"/campaigns|{each}" for each in announced} ^ posted
    report.add("grants_posted", not missing, f"{len(announced)} granted, {len(posted)} posted, {len(missing)} differ")


async def _messages(books: Books, report: Report) -> None:
    """Whatever notify wrote is on the topic and was delivered, once."""
    notify = books.databases["notify"]
    announced = await _ids(books, books.settings.prefix + NOTIFICATIONS)
    written = {each["_id"] async for each in notify["sent"].find({}, {"_id": 1})}
    delivered = {each["_id"]: each["channel"] async for each in notify["delivered"].find({}, {"channel": 1})}
    held = await notify["members"].count_documents({"held.0": {"$exists": True}})
    ok = announced == written == delivered.keys() and held == 0
    detail = f"{len(written)} written, {len(announced)} announced, {len(delivered)} delivered, {held} members held back"
    report.add("notifications_delivered", ok, detail)


async def _emails(books: Books, report: Report) -> None:
    """Every e-mail that was delivered is a file, where notify's workers wrote it.

    They note their folders themselves: this command may run on another machine or with another DOUBLESTAR_SINK, and
    would then count files that are none of theirs. What cannot be seen from here is no fault of the books.
    """
    notify = books.databases[NOTIFY]
    emails = await notify[DELIVERED].count_documents({"channel": "email"})
    noted = [(each["host"], Path(each["folder"])) async for each in notify[FOLDERS].find({}).sort("_id", 1)]
    if noted:
        folders = [folder for _, folder in noted]
        away = ", ".join(f"{host}:{folder}" for host, folder in noted if host != gethostname())
    else:
        # Of services that noted nothing our own folder is a guess, right where all have the same settings; one that
        # was never made cannot be theirs.
        folders = [books.settings.outbox_folder]
        away = f"not in {folders[0]}" if emails and not folders[0].is_dir() else ""
    if away:
        report.add("emails_on_disk", True, f"{emails} e-mails delivered; files not counted, they are elsewhere: {away}")
        return
    # A folder for each template: what lies deeper is other namespaces'.
    files = sum(1 for folder in folders for _ in folder.glob("*/*.eml"))
    where = ", ".join(map(str, folders))
    report.add("emails_on_disk", files == emails, f"{emails} e-mails delivered, {files} files in {where}")


async def _ids(books: Books, topic: str) -> set[str]:
    """Distinct event ids on a topic, from its beginning; of a record that is no event its place, so that it differs."""

    def id_of(record: Any) -> str:
        try:
            return str(orjson.loads(record.value)["id"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return f"{record.topic}:{record.partition}:{record.offset}"

    spans = await books.watch.spans((await books.watch.topics()).get(topic, []))
    return {id_of(record) async for records in read(books.settings.kafka_url(), spans) for record in records}


_CHECKS: tuple[Callable[[Books, Report], Awaitable[None]], ...] = (
    _at_rest,
    _records,
    _conservation,
    _partners,
    _balances,
    _breakage,
    _sequences,
    _qualifying,
    _grants,
    _messages,
    _emails,
)
