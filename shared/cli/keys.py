"""`doublestar keys`: who may ask the HTTP API; and `doublestar audit`: what was done in the back office."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

import typer
from pymongo.asynchronous.database import AsyncDatabase

from shared.access import audit as auditing
from shared.access import keyring
from shared.access.audit import Action, AuditLog
from shared.access.keyring import Keyring, KeyringError
from shared.access.keys import NAME, Key
from shared.access.roles import Role
from shared.cli.books import answered, print_all, print_json
from shared.cli.console import fail, say, warn
from shared.ops.databases import EARN, database, opened
from shared.ops.known_partners import is_unheard_of
from shared.ops.on_record import on_record
from shared.ops.telling import columns
from shared.runtime.mongo import MongoStore
from shared.settings import Settings

T = TypeVar("T")
app = typer.Typer(help="Keys of the HTTP API: made, listed, rotated, revoked.", no_args_is_help=True)
_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([hd])")
_NONE: Final = re.compile(r"0[smhd]?")
_PARTNER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
AsJson = Annotated[bool, typer.Option("--json", help="print the structure instead")]
Expires = Annotated[str | None, typer.Option(help="good for so long: 90d, 12h; for ever where nothing is said")]

Next = Annotated[
    str | None,
    typer.Option(
        "--expires", help="good for so long: 90d, 12h, or never; as long as the last one had been given, if not said"
    ),
]


def register(to: typer.Typer) -> None:
    """Adds these commands to the application."""
    to.add_typer(app, name="keys")
    to.command()(audit)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="of the caller: several keys may have it; lower case, digits, hyphens")],
    role: Annotated[Role, typer.Option(help="what it is for")],
    partner: Annotated[str | None, typer.Option(help="whose it is; the coalition's own where nothing is said")] = None,
    expires: Expires = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. Its text is shown this once, and kept nowhere."""
    if re.fullmatch(NAME, name) is None:
        fail(f"{name} cannot be a caller's name: lower-case letters, digits and hyphens, 63 at most")
    if partner is not None and _PARTNER.fullmatch(partner) is None:
        fail(f"{partner} cannot be a partner's id: lower-case letters, digits and hyphens")
    lasts = _span(expires)
    unheard_of = partner is not None and answered(is_unheard_of(Settings(), partner))
    said = {"name": name, "role": role.value, "partner": partner}
    key, token = _asked(lambda ring: ring.create(name, role, partner, lasts), "keys create", said)
    if unheard_of:  # not refused: its agreement may be published later
        warn(
            f"no partner {partner} has an agreement or an event here yet: if it is misspelt, "
            f"`doublestar keys revoke {key.id}`"
        )
    _show(key, token, as_json=as_json)


@app.command("list")
def list_(
    name: Annotated[str | None, typer.Argument(help="only this caller's")] = None, as_json: AsJson = False
) -> None:
    """All keys, also those that are good no more; never their texts."""
    keys = _asked(lambda ring: ring.list(name))
    if as_json:
        print_json([_data(each) for each in keys])
    elif not keys:
        say("no keys: `doublestar keys create` makes one")
    else:
        rows = [("id", "name", "role", "partner", "created (UTC)", "expires (UTC)", "state")]
        now = datetime.now(UTC)
        rows += [
            (k.id, k.name, k.role.value, k.partner or "-", _when(k.created), _when(k.expires), k.ended(now) or "good")
            for k in keys
        ]
        print_all(columns(rows))


@app.command()
def revoke(which: Annotated[str, typer.Argument(help="a key's id, or a caller's name: all its keys")]) -> None:
    """End keys now: within two seconds no process takes them any more."""
    for each in _asked(lambda ring: ring.revoke(which), "keys revoke", {"which": which}):
        say(f"revoked {each.id} of {each.name}")


@app.command()
def rotate(
    name: Annotated[str, typer.Argument(help="the caller's")],
    overlap: Annotated[str, typer.Option(help="how long the earlier keys stay good: 7d, 12h; 0s: they end now")] = "7d",
    expires: Next = None,
    as_json: AsJson = False,
) -> None:
    """Make a caller's next key; the earlier ones end after the overlap. It is good for as long as the last one had been
    given, from now on; --expires says otherwise."""
    over, for_ever = timedelta() if _NONE.fullmatch(overlap) else _span(overlap), expires == "never"
    lasts = None if for_ever else _span(expires)
    assert over is not None
    said = {"name": name, "overlap": overlap}
    key, token, before = _asked(lambda ring: ring.rotate(name, over, lasts, for_ever=for_ever), "keys rotate", said)
    if not as_json:
        said_of_them = f"good for {overlap} at most from now on" if over else "revoked"
        say(f"{said_of_them}: {', '.join(each.id for each in before)}")
        if expires is None and key.life is not None:
            say("the new one is good for as long as the last one had been given; --expires says otherwise")
    _show(key, token, as_json=as_json)


def audit(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="the newest so many")] = 20,
    as_json: AsJson = False,
) -> None:
    """What was done with keys of the back office and of auditors, and from the command line, newest first."""
    settings = Settings()

    async def read() -> list[Action]:
        async with opened(settings) as client:
            return await AuditLog(database(client, EARN, settings)).read(None, limit)

    actions = answered(read())
    if as_json:
        print_json(actions)
        return
    rows = [("at (UTC)", "caller", "person", "action", "outcome", "request", "about")]
    for each in actions:
        about = ", ".join(f"{name} {value}" for name, value in each.said.items())
        outcome = each.outcome or "cut off"
        rows.append((_when(each.at), each.caller, each.person or "-", each.action, outcome, each.request, about or "-"))
    print_all(columns(rows) if actions else ["nothing was done yet"])


def _asked(
    question: Callable[[Keyring], Awaitable[T]], action: str | None = None, said: dict[str, Any] | None = None
) -> T:
    """action, said: for the audit log, where it changes who may ask."""
    settings = Settings()

    async def run() -> T:
        async with opened(settings) as client:
            base: AsyncDatabase[dict[str, Any]] = database(client, EARN, settings)
            await MongoStore(client, base.name).prepare({**keyring.COLLECTIONS, **auditing.COLLECTIONS})
            if action is None:
                return await question(Keyring(base))
            async with on_record(base, action, said or {}):
                return await question(Keyring(base))

    try:
        return answered(run())
    except KeyringError as error:
        fail(str(error))


def _span(said: str | None) -> timedelta | None:
    if said is None:
        return None
    found = _SPAN.fullmatch(said)
    if found is None:
        fail(f"{said} is no span: write a number and d or h, such as 90d")
    return timedelta(**{"d": {"days": int(found[1])}, "h": {"hours": int(found[1])}}[found[2]])


def _show(key: Key, token: str, *, as_json: bool) -> None:
    if as_json:
        print_json({**_data(key), "token": token})
        return
    say(f"key {key.id} of {key.name}: {key.role}, {key.partner or 'the coalition'}, expires {_when(key.expires)}")
    say("its text, which is shown this once:")
    say(token)


def _data(key: Key) -> dict[str, Any]:
    return {name: value for name, value in key.document().items() if name != "hash"}


def _when(at: datetime | None) -> str:
    return "never" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
