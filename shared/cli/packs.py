"""`doublestar packs`: what prepaid partners have left; and `packs book`: another was bought."""

from __future__ import annotations

import importlib
import re
from decimal import Decimal
from typing import Annotated, Any, Final

import typer

from shared.cli.books import answered, print_all, print_json
from shared.cli.console import fail, say
from shared.publishing.registry import RefusedError
from shared.settings import Settings

app = typer.Typer(help="What prepaid partners have bought, and what of it is left.", invoke_without_command=True)
AsJson = Annotated[bool, typer.Option("--json", help="print the structure instead")]
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_MOST_POINTS: Final = 10**12


def register(to: typer.Typer) -> None:
    """Adds these commands to the application."""
    to.add_typer(app, name="packs")


@app.callback()
def packs(context: typer.Context, as_json: AsJson = False) -> None:
    """What prepaid partners have bought, and what of it is left; whether an alert was sent."""
    if context.invoked_subcommand is not None:
        return
    from shared.ops.packs import packs as found
    from shared.ops.packs import said

    known = answered(found(Settings()))
    if as_json:
        print_json([each.said for each in known])
    else:
        print_all(said(known))


@app.command()
def book(
    partner: Annotated[str, typer.Argument(help="who bought it: a partner with `prepaid` in its definition")],
    points: Annotated[int, typer.Argument(min=1, max=_MOST_POINTS, help="how many points")],
    money: Annotated[str, typer.Option("--money", help="what was paid for all of them: 452500")],
    currency: Annotated[str, typer.Option("--currency", help="of that money: VND")],
    reference: Annotated[str, typer.Option("--reference", help="of the invoice, which is booked once")],
    person: Annotated[str, typer.Option("--person", help="who books it; the journal keeps it")],
    wallet: Annotated[str, typer.Option("--wallet", help="points of this wallet")] = "stars",
    as_json: AsJson = False,
) -> None:
    """Book a pack that a partner has bought; its points add to what is left. Asked again, it is not booked twice."""
    if _AMOUNT.fullmatch(money) is None:
        fail(f"{money!r} is no amount: write digits, and at most four decimals after a point")
    if _CURRENCY.fullmatch(currency) is None:
        fail(f"{currency!r} is no currency: write its three capitals, such as VND")
    if not 1 <= len(reference.strip()) <= 128 or not reference.isprintable() or not person.strip():
        fail("write an invoice's number of at most 128 characters, and who books it")
    room = importlib.import_module("services.earn.counter.terminal")
    asked = {"partner": partner, "wallet": wallet, "points": points, "currency": currency}
    given = {"money": Decimal(money), "reference": reference.strip(), "person": person.strip()}
    try:
        booked, again = answered(room.book_pack(Settings(), **asked, **given))
    except RefusedError as error:
        fail(str(error))
    _tell(booked, again=again, as_json=as_json)


def _tell(booked: dict[str, Any], *, again: bool, as_json: bool) -> None:
    if as_json:
        print_json({**booked, "again": again})
        return
    money = booked["money"]
    what = f"{booked['partner']}: {booked['points']:,} {booked['wallet']} for {money['amount']} {money['currency']}"
    say(f"{what} {'were booked before; nothing was added' if again else 'are booked'}")
