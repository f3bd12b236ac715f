"""`doublestar rules backtest` and `rules export`: what rules would have cost, over activity that is stored."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared.cli.console import err, fail, say
from shared.programmes import there
from shared.rules.bounds import MOST_DIGITS
from shared.rules.engines.choosing import engine
from shared.rules.rulebook import ProgrammeError
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.backtest.exported import Export
    from shared.backtest.format import About
    from shared.backtest.result import Report


class Format(StrEnum):
    """How a backtest is told."""

    text = "text"
    json = "json"
    html = "html"


def register(app: typer.Typer) -> None:
    """Adds these commands to the group `rules`."""
    app.command()(backtest)
    app.command()(export)


Files = Annotated[
    list[Path], typer.Argument(metavar="FILES|FOLDER", help="draft definitions; a folder holds YAML files")
]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="first local day; else all there is")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="last local day, included")]
Against = Annotated[
    str, typer.Option(metavar="live|FILE|FOLDER", help="compare with what was posted, or with other definitions")
]
Input = Annotated[
    Path | None, typer.Option("--input", metavar="EXPORT", help="an exported file, instead of the journal")
]
Cost = Annotated[
    list[str] | None,
    typer.Option(
        "--cost-per-point",
        metavar="AMOUNT|WALLET=AMOUNT",
        help="what a point costs where no budget says it (0.01); by wallet where rules give several",
    ),
]


def backtest(
    files: Files,
    from_: From = None,
    to: To = None,
    against: Against = "live",
    input_: Input = None,
    format_: Annotated[Format, typer.Option("--format", help="for people, for programs, or a page with charts")] = (
        Format.text
    ),
    output: Annotated[Path | None, typer.Option("--output", "-o", help="write it there instead of printing it")] = None,
    cost: Cost = None,
) -> None:
    """Replay stored activity under draft definitions: points, money, members, compared with what was in force.

    The draft's definitions replace or join those in force for the whole span; nothing is published or posted.
    """
    from shared.backtest.costs import PriceError
    from shared.backtest.exported import ExportError

    first, last, usual = _day(from_, "--from"), _day(to, "--to"), dict(map(_amount, cost or ()))
    if first is not None and last is not None and first > last:
        fail(f"the span is empty: --from {first} is after --to {last}")
    if against != "live" and not there(Path(against)):
        fail(f"--against {against}: there is no file or folder {against}; write live, a file or a folder")
    if output is not None and not output.parent.is_dir():
        fail(f"there is no folder {output.parent}: make it, or write --output elsewhere")
    if format_ is Format.html and output is None:
        fail("a page goes to a file: write --output FILE.html")
    try:
        with _input(input_) as source, _no_collector():
            found = _run(source, files, against, (first, last), usual)
    except (ExportError, PriceError, ProgrammeError) as error:
        fail(str(error))
    _tell(found, format_, output)


def export(
    file: Annotated[Path, typer.Argument(help="the file to write")],
    demo: Annotated[
        bool, typer.Option("--demo", help="the demo's year, straight from the retailer's data: asks no server")
    ] = False,
    months: Annotated[int, typer.Option(min=1, max=12, help="with --demo: how much of the year")] = 12,
) -> None:
    """Export stored activity from the ledger's journal, for `backtest --input`: what rules may ask for, no more."""
    if not file.parent.is_dir():
        fail(f"there is no folder {file.parent}: make it, or name another file")
    if demo:
        from shared.demo import exporting
        from shared.demo.dataset import DataNotInstalledError

        try:
            with _bar("writing the demo's year") as progress:
                about = exporting.export(Settings(), file, months, progress)
        except DataNotInstalledError as error:
            fail(str(error))
    else:
        about = _from_journal(file)
    size = file.stat().st_size / 1_000_000
    say(f"{file}: {about.entries:,} entries of {about.members:,} members, {size:.1f} MB")


def _from_journal(file: Path) -> About:
    from shared.backtest.journal import GapError
    from shared.cli.books import answered
    from shared.ops import exporting

    try:
        with _bar("reading the journal") as progress:
            return answered(exporting.export(Settings(), file, progress))
    except GapError as error:
        fail(str(error))


@contextmanager
def _input(path: Path | None) -> Iterator[Export]:
    """The exported file; where none is named, one of the journal as it is now."""
    from shared.backtest.exported import Export

    if path is not None:
        yield Export(path)
        return
    with tempfile.TemporaryDirectory(prefix="doublestar-") as folder:
        _from_journal(Path(folder) / "journal.zip")
        yield Export(Path(folder) / "journal.zip")


def _run(
    source: Export,
    files: list[Path],
    against: str,
    days: tuple[date | None, date | None],
    usual: dict[str, Decimal],
) -> Report:
    from shared.backtest.comparing import Comparison

    other = None if against == "live" else Path(against)
    comparison = Comparison(source, files, other, days, usual, engine(Settings().engine))
    for warning in comparison.warnings:
        err.print(str(warning), markup=False, emoji=False, highlight=False, soft_wrap=True, style="yellow")
    with _bar("replaying") as progress:
        return comparison.run(progress)


@contextmanager
def _no_collector() -> Iterator[None]:
    """A replay makes no cycles, and looking for them again and again among millions of objects takes its time; also
    once more when the process ends, which looks at nothing that is frozen."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _tell(found: Report, format_: Format, output: Path | None) -> None:
    from shared.backtest import page, text

    match format_:
        case Format.text:
            told = "\n".join(text.lines(found))
        case Format.json:
            import orjson

            told = orjson.dumps(found.data(), option=orjson.OPT_INDENT_2).decode()
        case Format.html:
            told = page.rendered(found)
    if output is None:
        say(told)
        return
    try:
        output.write_text(told + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror}")
    say(f"written to {output}")


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr; nothing where nobody watches."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text}: write a day as 2017-01-31")


def _amount(text: str) -> tuple[str, Decimal]:
    """The wallet, "" where none is named, and the amount."""
    wallet, equals, said = text.rpartition("=")
    try:
        amount = Decimal(said)
    except InvalidOperation:
        amount = Decimal(-1)
    if not _countable(amount) or (equals and not wallet):
        fail(
            f"--cost-per-point {text}: write an amount such as 0.01, with {MOST_DIGITS} digits at most, or stars=0.01 "
            "for one wallet"
        )
    return wallet, amount


def _countable(amount: Decimal) -> bool:
    """As a definition's `cost_per_point` may be, or 0: sums of larger ones are no longer exact, and fail."""
    if not amount.is_finite() or amount < 0:
        return False
    _, digits, exponent = amount.as_tuple()
    assert isinstance(exponent, int)
    return max(len(digits) + exponent, 0) + max(-exponent, 0) <= MOST_DIGITS
