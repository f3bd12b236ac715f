"""`doublestar rules publish`, `rollback` and `approve`: what changes the rules, shown before it is done."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer

from shared.cli.books import SERVER_ERRORS, print_all, unanswered
from shared.cli.console import err, say
from shared.clock import Moved
from shared.ops import retroactive as past_effects
from shared.ops.telling_retroactive import tell_effects
from shared.ops.telling_rules import tell_plan
from shared.programmes import read_paths
from shared.publishing import office
from shared.publishing.dating import dated
from shared.publishing.edition import Draft, drafts_of, rolled_back
from shared.publishing.office import Done
from shared.publishing.plan import Plan, Request, plan
from shared.publishing.proposals import approved, planned_of
from shared.publishing.registry import RefusedError, Registry, latest, number
from shared.rules.definition import Definition, Programme
from shared.rules.rulebook import ProgrammeError
from shared.runtime.store import OutageError
from shared.settings import NoServersError, Settings

T = TypeVar("T")
_TIME = "from when: 2026-03-01 or 2026-03-01T09:00 in the programme's time zone, an ISO instant, now, or as-written"
Files = Annotated[list[Path], typer.Argument(metavar="FOLDER|FILES", help="a programme's folder, or YAML files")]
Effective = Annotated[str, typer.Option("--effective", metavar="TIME", help=_TIME)]
Author = Annotated[str, typer.Option("--author", help="who publishes")]
Note = Annotated[str, typer.Option("--note", help="why, for the history")]
Retroactive = Annotated[
    bool, typer.Option("--retroactive", help="let it be effective in the past, once it is shown what that would change")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="do not ask")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="show it and publish nothing")]


def register(app: typer.Typer) -> None:
    """Adds these commands to the group."""
    app.command()(publish)
    app.command()(rollback)
    app.command()(approve)


def publish(
    files: Files, effective: Effective, author: Author, note: Note,
    retroactive: Retroactive = False, yes: Yes = False, dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Publish what is new in the files, as new versions; a proposal where the programme asks for a second person."""

    def drafts(registry: Registry) -> list[Draft]:
        return drafts_of(read_paths(files, latest(registry)))

    carried_out(_published(drafts, effective, author, note, retroactive, yes, dry_run))


def rollback(
    id_: Annotated[str, typer.Argument(metavar="ID", help="the definition")],
    effective: Effective, author: Author, note: Note,
    to: Annotated[int | None, typer.Option("--to", help="the version to say again; else the one before")] = None,
    retroactive: Retroactive = False, yes: Yes = False, dry_run: DryRun = False,
) -> None:  # fmt: skip
    """Publish a new version that says what an earlier one said."""

    def drafts(registry: Registry) -> list[Draft]:
        if id_ not in registry:
            raise RefusedError(f"nothing is published as {id_}: `doublestar rules history` lists all there is")
        return [rolled_back(registry[id_], to)]

    carried_out(_published(drafts, effective, author, note, retroactive, yes, dry_run))


def approve(
    proposal: Annotated[str, typer.Argument(metavar="PROPOSAL", help="as `rules proposals` shows it")],
    author: Annotated[str, typer.Option("--author", help="who approves: not who proposed it")],
    yes: Yes = False,
) -> None:
    """Publish exactly what somebody else has proposed."""
    carried_out(_approved(proposal, author, yes))


async def _published(
    drafted: Callable[[Registry], list[Draft]], effective: str, author: str, note: str,
    retroactive: bool, yes: bool, dry_run: bool,
) -> None:  # fmt: skip
    settings = Settings()
    now = Moved(settings.home)()
    _named(author, "--author")
    _named(note, "--note")
    async with office.opened(settings, announcing=not dry_run) as here:
        registry = await here.registry()
        drafts: Sequence[Draft] = drafted(registry)
        zone = zone_of([each.definition for each in drafts], registry)
        drafts, moment = dated(drafts, registry, effective, zone)
        request = Request(drafts, moment, author.strip(), note.strip(), retroactive)
        planned = plan(request, registry, now)
        print_all(tell_plan(planned, zone))
        if not planned.new:
            say("nothing is new: what these files say is published already")
        await _agreed(settings, planned, registry, zone, now, yes=yes or dry_run)
        if dry_run:
            say("nothing was published" + (": it would be proposed for approval" if planned.needs_approval else ""))
            return
        shown = {each.id: number(registry, each.id) for each in planned.new}
        _tell(await here.publish(replace(request, shown=shown), Moved(settings.home)()))


async def _approved(id_: str, approver: str, yes: bool) -> None:
    settings = Settings()
    now = Moved(settings.home)()
    _named(approver, "--author")
    async with office.opened(settings) as here:
        registry, proposal = await here.registry(), await here.proposal(id_)
        request = approved(proposal, registry, approver)
        planned = planned_of(proposal, request, registry, now)
        zone = zone_of([], registry)
        print_all([f"proposed by {request.author}: {request.note}", *tell_plan(planned, zone)])
        await _agreed(settings, planned, registry, zone, now, yes=yes)
        _tell(await here.approve(id_, approver.strip(), Moved(settings.home)()))


async def _agreed(
    settings: Settings, planned: Plan, registry: Registry, zone: ZoneInfo, now: datetime, *, yes: bool
) -> None:
    """Shows what a publication into the past would change, and asks. Raises RefusedError where nobody can be asked."""
    if not planned.past:
        return
    found = await past_effects.effects(settings, planned.past, registry, now)
    would = await past_effects.would_be(settings, planned.new, now)
    print_all(tell_effects(found, would, zone))
    if yes:
        return
    if not sys.stdin.isatty():
        raise RefusedError("publishing into the past must be agreed to, and no terminal is here to ask on: give --yes")
    typer.confirm("publish it?", abort=True)


def _tell(done: Done) -> None:
    if done.proposal is not None:
        say(f"proposed as {done.proposal}: it is published when somebody else gives")
        say(f"doublestar rules approve {done.proposal} --author NAME")
        return
    for each in done.new:
        say(f"published {each.id} version {each.version}")
    say(f"announced; every worker follows within seconds: its /health/status then tells rulebook {done.revision}")


def _named(text: str, option: str) -> None:
    if not text.strip() or not text.isprintable():
        raise RefusedError(f"{option} must say something, on one line")


def zone_of(definitions: Sequence[Definition], registry: Registry) -> ZoneInfo:
    """The programme's time zone, as its files say it or else as it is published; UTC where there is none."""
    for each in (*definitions, *latest(registry)):
        if isinstance(each, Programme):
            return ZoneInfo(each.time_zone)
    return ZoneInfo("UTC")


def carried_out(question: Coroutine[Any, Any, T], *, refused: int = 1) -> T:
    """Runs it; what goes wrong ends the command with what to do about it.

    Exit code `refused` is for files and publications that cannot be as they are, 2 where a server gave no answer.
    """
    try:
        return asyncio.run(question)
    except ProgrammeError as error:
        _complain(str(error))
        raise typer.Exit(refused) from None
    except office.UnannouncedError as error:
        _complain(f"{error}\nit is in the registry, not announced yet: give the same command again, or start campaigns")
        raise typer.Exit(2) from None
    except OutageError as error:
        cause = error.__cause__
        unanswered(cause if isinstance(cause, Exception) else error, Settings())
    except (NoServersError, *SERVER_ERRORS) as error:
        unanswered(error, Settings())


def _complain(text: str) -> None:
    err.print(text, markup=False, emoji=False, highlight=False, soft_wrap=True, style="red")
