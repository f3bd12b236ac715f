"""`doublestar deadletters`: what was refused and why; read it, replay it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from shared.cli.books import answered, print_all, print_json
from shared.cli.console import fail, say
from shared.clock import Moved, wall
from shared.events.decode import REASONS
from shared.ops import deadletters
from shared.ops.databases import EARN, NotThereError, database, opened
from shared.ops.letter import (
    ERASED,
    OPEN,
    REPLAYED,
    REPLAYING,
    DeadLetter,
    Filter,
    Replay,
    advice,
    foresee,
    may_claim,
    text_of,
)
from shared.ops.on_record import on_record
from shared.ops.telling import columns
from shared.settings import Settings

app = typer.Typer(help="Records that had no effect: what they were, why, and how to replay them.", no_args_is_help=True)

_NAMED: Final = 100


class Service(StrEnum):
    """Whose letters."""

    earn = "earn"
    tiers = "tiers"
    campaigns = "campaigns"
    notify = "notify"


class Status(StrEnum):
    """What became of them."""

    open = OPEN
    replaying = REPLAYING
    replayed = REPLAYED
    erased = ERASED


OfService = Annotated[Service | None, typer.Option("--service", help="only this service's")]
OfReason = Annotated[str | None, typer.Option("--reason", help=f"only with this reason: {', '.join(REASONS)}")]
AsJson = Annotated[bool, typer.Option("--json", help="print the structure instead")]


def register(to: typer.Typer) -> None:
    """Adds these commands to the application."""
    to.add_typer(app, name="deadletters")


@app.command("list")
def list_(
    service: OfService = None,
    reason: OfReason = None,
    status: Annotated[Status | None, typer.Option(help="only those of this status")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="show the newest so many; 0 shows all")] = 20,
    as_json: AsJson = False,
) -> None:
    """Dead letters of all services, newest first, and how many there are by reason."""
    wanted = _filter(service, reason, status)
    counts = answered(deadletters.counts(Settings(), wanted))
    found = answered(deadletters.find(Settings(), wanted, limit))
    if as_json:
        rows = [{"service": s, "reason": r, "status": t, "count": n} for (s, r, t), n in sorted(counts.items())]
        print_json({"counts": rows, "letters": [as_data(each) for each in found]})
    else:
        print_all(tell_list(found, counts))


@app.command()
def show(id_: Annotated[str, typer.Argument(metavar="ID", help="as `list` shows it")], as_json: AsJson = False) -> None:
    """Everything about one dead letter: its bytes, why, where it was read, what to do next."""
    [letter] = answered(deadletters.pick(Settings(), [id_]))
    if as_json:
        print_json({**as_data(letter), "next": advice(letter)})
    else:
        print_all(tell_letter(letter))


@app.command()
def replay(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="as `list` shows them")] = None,
    reason: OfReason = None,
    service: OfService = None,
    file: Annotated[Path | None, typer.Option(help="corrected bytes to send instead; with one ID")] = None,
    again: Annotated[bool, typer.Option("--again", help="also those that were replayed before")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Publish records again, to the topic and under the key they had; what took effect meanwhile has no second one."""
    settings = Settings()
    if bool(ids) == bool(reason):
        fail("name what to replay: ids as `doublestar deadletters list` shows them, or --reason REASON, not both")
    if file is not None and len(ids or []) != 1:
        fail("--file replaces the bytes of one letter: name one id with it")
    if ids and service is not None:
        fail("--service narrows --reason; an id names its service already")
    if ids:
        letters = answered(deadletters.pick(settings, ids))
    else:
        states = (None,) if again else (Status.open, Status.replaying)
        found = [x for state in states for x in answered(deadletters.find(settings, _filter(service, reason, state)))]
        letters = [each for each in found if may_claim(each, wall(), again=again)]
    value = _content(file)
    _check(letters, named=bool(ids), again=again, value=value, settings=settings)
    if not yes:
        noun = "record" if len(letters) == 1 else "records"
        typer.confirm(f"publish {len(letters):,} {noun} again?", abort=True)
    done = answered(_replayed(settings, letters, value, again=again, leave_out=not ids))
    if len(done) < len(letters):
        say(f"{len(letters) - len(done):,} were replayed by others meanwhile, and are left out")
    print_all([f"replayed to {each.place}" for each in done[:20]])
    say(f"{len(done):,} replayed; what is refused again is in `doublestar deadletters list --status open`")


async def _replayed(
    settings: Settings, letters: Sequence[DeadLetter], value: bytes | None, *, again: bool, leave_out: bool
) -> list[Replay]:
    """On record, with the first of their ids."""
    said = {"letters": len(letters), "ids": [each.shown for each in letters[:_NAMED]], "corrected": value is not None}
    async with (
        opened(settings) as client,
        on_record(database(client, EARN, settings), "deadletters replay", said) as line,
    ):
        try:
            return await deadletters.replay(
                settings, letters, value, again=again, leave_out=leave_out, request=line.request
            )
        except deadletters.ReplayedBeforeError as lost:
            raise NotThereError(f"replayed by another meanwhile, and not now (see --again): {lost}") from None


def _filter(service: Service | None, reason: str | None, status: Status | None) -> Filter:
    if reason is not None and reason not in REASONS:
        fail(f"no reason is called {reason}; there are: {', '.join(REASONS)}")
    return Filter(service.value if service else None, reason, status.value if status else None)


def _content(file: Path | None) -> bytes | None:
    if file is None:
        return None
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")


def _check(letters: Sequence[DeadLetter], *, named: bool, again: bool, value: bytes | None, settings: Settings) -> None:
    """Says beforehand what would fail: nothing to do, replayed already, refused again for certain."""
    if not letters:
        fail("no open dead letter fits: `doublestar deadletters list` shows what there is (--again: replayed ones too)")
    before = next((each for each in letters if each.status == REPLAYED and not again), None)
    if before is not None and named:
        last = before.replays[-1]
        fail(
            f"{before.shown} was replayed at {last.at:%Y-%m-%d %H:%M} UTC to {last.place}: --again replays it once more"
        )
    taken = next((each for each in letters if not may_claim(each, wall(), again=True)), None)
    if taken is not None:
        fail(f"{taken.shown} cannot be replayed now: {advice(taken)}")
    ahead = timedelta(hours=settings.ahead_h)
    sent = [(each, each.value if value is None else value) for each in letters]
    now = Moved(settings.home)()
    refused = [found for each, data in sent if (found := foresee(each, data, settings.prefix, ahead, now))]
    if refused and value is not None:
        fail(f"the corrected record would be refused again: {refused[0].reason}: {refused[0].detail}")
    if refused:
        say(
            f"{len(refused):,} of {len(letters):,} would be refused again as they are ({refused[0].detail}): see --file"
        )


def tell_list(letters: Sequence[DeadLetter], counts: Counter[tuple[str, str, str]]) -> list[str]:
    """The letters, one a line, and the summary by reason."""
    if not counts:
        return ["no dead letters"]
    rows = [("id", "received (UTC)", "reason", "status", "event")]
    rows += [(x.shown, f"{x.received:%Y-%m-%d %H:%M:%S}", x.reason, x.status, x.event or "-") for x in letters]
    total = sum(counts.values())
    lines = [*columns(rows), ""]
    if len(letters) < total:
        lines.append(f"the newest {len(letters):,} of {total:,} (--limit 0 shows all)")
    summary = [(f"{n:,}", reason, service, status) for (service, reason, status), n in counts.most_common()]
    return lines + columns([("count", "reason", "service", "status"), *summary])


def tell_letter(letter: DeadLetter) -> list[str]:
    """Everything about one."""
    how, text = text_of(letter.value)
    key = text_of(letter.key)[1] if letter.key is not None else "none"
    rows = [
        ("dead letter", letter.shown),
        ("reason", letter.reason),
        ("detail", letter.detail),
        ("status", letter.status),
        ("received", f"{letter.received:%Y-%m-%d %H:%M:%S} UTC"),
        ("read by", f"{letter.consumer} (database of {letter.service})"),
        ("read at", f"{letter.topic}:{letter.partition}:{letter.offset}"),
        ("from", letter.origin),
        ("event", letter.event or "not known"),
        ("member", letter.member or "not known"),
        ("key", key),
    ]
    if letter.claimed is not None:
        rows.append(("replaying", f"since {letter.claimed:%Y-%m-%d %H:%M:%S} UTC"))
    for each in letter.replays:
        corrected = ", corrected" if each.fixed else ""
        rows.append(("replayed", f"{each.at:%Y-%m-%d %H:%M:%S} UTC to {each.place}{corrected}"))
    body = text.splitlines() or ["(no bytes)"]
    return [*columns(rows), "", f"value ({len(letter.value):,} bytes, {how})", *body, "", f"next: {advice(letter)}"]


def as_data(letter: DeadLetter) -> dict[str, Any]:
    """The letter for programs; bytes that are no text are escaped, and `value_encoding` says so."""
    data: dict[str, Any] = orjson.loads(orjson.dumps(letter, default=lambda raw: text_of(raw)[1]))
    return {**data, "id": letter.shown, "value_encoding": text_of(letter.value)[0]}
