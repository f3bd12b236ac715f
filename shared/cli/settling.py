"""`doublestar statement` and `liability`: what partners owe, what members are owed."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from shared.cli.books import answered, print_all, print_json
from shared.cli.console import fail, say
from shared.settings import Settings

DAY = "year-month-day, local in the programme's zone"


class Format(StrEnum):
    """How it is written."""

    text = "text"
    csv = "csv"
    json = "json"


class ByTime(StrEnum):
    """Which time of an entry counts."""

    posted = "posted"
    event = "event"


As = Annotated[Format, typer.Option("--format", "-f", help="for people, spreadsheets or programs")]
Counted = Annotated[
    ByTime, typer.Option("--by", help="posted: as settled, closed periods never change; event: when things happened")
]


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    app.command()(statement)
    app.command()(liability)


def statement(
    begin: Annotated[str, typer.Option("--from", help=f"first day: {DAY}")],
    end: Annotated[str, typer.Option("--to", help="the day after the last: exclusive")],
    partner: Annotated[str | None, typer.Option("--partner", "-p", help="only this partner's part")] = None,
    form: As = Format.text,
    by: Counted = ByTime.posted,
) -> None:
    """What partners owe the coalition, or are owed, for the points given and spent in a period; sums to zero."""
    from shared.ops.known_partners import check_known
    from shared.ops.settling import statement as stated
    from shared.settlement.writing import as_csv, as_json, as_text

    first, last = day(begin), day(end)
    if last <= first:
        raise typer.BadParameter(f"the period is empty: --to is exclusive, write a day after {first}")
    if partner is not None:
        answered(check_known(Settings(), partner))
    found = answered(stated(Settings(), first, last, by=by.value))
    if form is Format.json:
        print_json(as_json(found, partner))
    elif form is Format.csv:
        say(as_csv(found, partner).rstrip("\n"))
    else:
        print_all(as_text(found, partner))
    if found.off:
        fail("the books are not in balance: " + "; ".join(found.off))


def liability(
    at: Annotated[str, typer.Option("--at", help="2026-03-01 (its first instant), an instant, or now")] = "now",
    form: As = Format.text,
    by: Counted = ByTime.posted,
) -> None:
    """What the programme owes its members at an instant, in points and money; and what of it will never be spent."""
    from shared.ops.owing import liability as owed
    from shared.publishing.registry import RefusedError
    from shared.settlement.liability_writing import as_csv, as_json, as_text

    try:
        found, moment, to_come = answered(owed(Settings(), at, by=by.value))
    except RefusedError as error:
        raise typer.BadParameter(str(error)) from None
    if form is Format.json:
        print_json(as_json(found, moment, to_come=to_come))
    elif form is Format.csv:
        say(as_csv(found).rstrip("\n"))
    else:
        print_all(as_text(found, moment, to_come=to_come))


def day(text: str) -> date:
    """A local day. Ends the command where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day: write {DAY}") from None
