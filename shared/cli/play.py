"""`doublestar demo`: a real retailer's shopping through all services, watched as it goes."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from shared import stack
from shared.cli.books import SERVER_ERRORS, unanswered
from shared.cli.console import err, fail, out, say
from shared.ops.running import noted, running
from shared.ops.supervisor import Supervisor
from shared.settings import Settings, settings
from shared.stack.choice import Wanted
from shared.stack.guarding import guarded

if TYPE_CHECKING:
    from shared.demo.grocer import Kind
    from shared.demo.play import Played

_PROGRAMME = "journey"  # the grocer's data and the report's figures belong to this one
# noida-db answers every fetch with all it has of a partition: what waits there must stay small.
_AHEAD = {"apache": 40_000, "noida": 3_000}


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    app.command()(demo)


def demo(
    months: Annotated[int, typer.Option(min=1, max=12, help="how much of 2017: 3 is January to March")] = 3,
    kafka: Annotated[
        Wanted, typer.Option(help="Apache Kafka (needs Java 17 and Maven), the noida-db stand-in, or what fits")
    ] = "auto",
    workers: Annotated[int, typer.Option(min=1, max=8, help="processes of each service")] = 1,
    stop: Annotated[bool, typer.Option("--stop", help="stop the servers at the end (their data stays)")] = False,
) -> None:
    """Run a real retailer's purchases through all services, then check the books.

    Starts with empty servers in this checkout's `.doublestar/`; afterwards they keep running, for `doublestar why`
    and `doublestar deadletters list`, until `doublestar down`.
    """
    from shared import programmes
    from shared.demo import grocer
    from shared.demo.dataset import DataNotInstalledError
    from shared.rules.rulebook import ProgrammeError

    here = settings()
    if here.kafka or here.mongo:
        fail("the demo begins with empty servers of its own: unset DOUBLESTAR_KAFKA and DOUBLESTAR_MONGO")
    if here.sink is not None or here.namespace:
        fail("the demo empties its own outbox and databases: unset DOUBLESTAR_SINK and DOUBLESTAR_NAMESPACE")
    if others := running(here.home):
        names = ", ".join(each.what for each in others)
        fail(f"{names} run here: stop them (or `doublestar down`) first, the demo empties the servers and runs its own")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `doublestar down` ends it as Ctrl-C does
    try:
        say("counting the retailer's purchases ...")
        with noted(here.home, "demo"):
            totals = grocer.counts(months)
            programmes.read_programme(here.programs / _PROGRAMME)  # before yesterday's data goes: it may be broken
            servers = _fresh(here, kafka)
            work = _play(_with(here, servers), servers, months, workers, totals)
            played, story = asyncio.run(guarded(here.home, work))
    except (stack.StackError, DataNotInstalledError, ProgrammeError, TimeoutError) as error:
        fail(str(error))
    except SERVER_ERRORS as error:
        unanswered(error, _with(here, servers))
    _tell(here, servers, played, story)
    if stop:
        stack.stop(here.home, say=say)
    else:
        say("the servers are still running: try `doublestar why --member grocer:900`, then `doublestar down`")
    if not played.books.ok:
        raise typer.Exit(1)


def _fresh(here: Settings, kafka: Wanted) -> stack.Stack:
    """Empty servers: yesterday's stars must not be counted again."""
    stack.stop(here.home, wipe=True, say=say)
    shutil.rmtree(here.home / "outbox", ignore_errors=True)
    return stack.start(here.home, kafka=kafka, say=say)


def _with(here: Settings, servers: stack.Stack) -> Settings:
    return here.model_copy(update={"kafka": servers.kafka_url, "mongo": servers.mongo_url})


async def _play(
    here: Settings, servers: stack.Stack, months: int, workers: int, totals: Mapping[Kind, int]
) -> tuple[Played, str]:
    from shared.demo.grocer import messages
    from shared.demo.play import play, ready
    from shared.demo.stream import onboard
    from shared.ops.why import told

    supervisor = Supervisor(here.home, workers=workers, environment=_environment(here), say=say)
    await onboard(here)
    say(f"starting the services: {', '.join(worker.name for worker in supervisor.workers)}")
    await supervisor.start()
    try:
        await ready(here, supervisor.workers)
        with Bars(totals) as bars:
            played = await play(here, messages(months), bars, ahead=_AHEAD[servers.kafka_kind])
        return played, await told(here, "grocer:900", limit=8)
    finally:
        await supervisor.stop()


def _environment(here: Settings) -> dict[str, str]:
    return {
        "DOUBLESTAR_KAFKA": here.kafka_url(),
        "DOUBLESTAR_MONGO": here.mongo_url(),
        "DOUBLESTAR_PROGRAM": _PROGRAMME,
    }


def _tell(here: Settings, servers: stack.Stack, played: Played, story: str) -> None:
    from shared.demo import report

    kafka = {"apache": "Apache Kafka", "noida": "noida-db"}[servers.kafka_kind] + f" {servers.kafka_version}"
    document = report.document(played, kafka, servers.mongo_version)
    path = here.home / "demo" / "report.json"
    report.write(document, path)
    out.print(story, markup=False, highlight=False)
    report.show(document, played.books, out)
    say(f"report: {path}; e-mails: {here.outbox_folder}")
    say("the clock here stands where the played year ends; `doublestar clock reset` takes it back to the machine's")
    say("reconciled: every record is accounted for" if played.books.ok else "NOT RECONCILED: see the table above")


class Bars:
    """Progress for people: what is published, and how far each service has come."""

    def __init__(self, totals: Mapping[Kind, int]) -> None:
        self._total = sum(totals.values())
        self._effects = totals.get("signup", 0) + totals.get("purchase", 0)
        self._progress = Progress(
            TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"), console=err, refresh_per_second=4,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._progress.start()
        self._add("published", self._total)
        self._add("earn", self._effects)
        for name in ("tiers", "campaigns", "notify"):
            self._add(name, self._effects)
        return self

    def __exit__(self, *exc: object) -> None:
        self._progress.stop()

    def _add(self, name: str, total: int) -> None:
        self._tasks[name] = self._progress.add_task(name, total=total, note="")

    def published(self, sent: Counter[str]) -> None:
        """See `Display.published`."""
        self._progress.update(self._tasks["published"], completed=sum(sent.values()))

    def progress(self, counts: dict[str, int], lags: dict[str, int]) -> None:
        """See `Display.progress`."""
        journal = counts["journal"]
        # Grants are journalled too: what was granted on the way makes the journal longer than the year.
        self._progress.update(
            self._tasks["earn"],
            completed=journal,
            total=max(self._effects, journal),
            note=f"{counts['duplicates']:,} duplicates, {counts['dead letters']:,} dead letters",
        )
        for name in ("tiers", "campaigns", "notify"):
            note = f"{counts['delivered']:,} e-mails" if name == "notify" else ""
            self._progress.update(
                self._tasks[name], completed=max(0, journal - lags[name]), total=max(self._effects, journal), note=note
            )
