"""What the clock does to a member: activations, hold time-outs, expiries, warnings, each at its instant; and what is
done with points that come back from a till. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from services.earn import accounts
from services.earn.posting import Heading, Poster
from shared.ledger import due, lots, spared
from shared.ledger.due import Due
from shared.ledger.spared import Late
from shared.rules.learning import utc
from shared.rules.rulebook import Ruleset

SOURCE = "/earn/clock"


def sweep(member: dict[str, Any], rules: Ruleset, now: datetime, poster: Poster) -> int:
    """Does all that is due by now, each at its own instant; returns how many things that were."""
    purses, done, until = rules.programme.purses, 0, utc(now)
    while (first := min(due.upcoming(member, purses, rules.zone), default=None)) is not None and first.at <= until:
        if first.kind == "warning":
            _warn(member, first, rules, now, poster)
        else:
            _do(member, first, rules, poster)
        done += 1
    due.note(member, purses, rules.zone)
    return done


def expire_back(member: dict[str, Any], rules: Ruleset, at: datetime, poster: Poster) -> None:
    """Points came back whose time was over (from a hold, or by an undo): they expire when they came, and not when they
    would have. An entry dated before they were there again would make them fewer than none until then.

    To be done right after, and only where what was due before is done: what is not good any more has just come.
    """
    due.end_idle(member, at, rules.zone)
    moment = utc(at)
    for wallet in sorted({lot["wallet"] for lot in member["lots"] if not lots.is_good(lot, moment)}):
        _expire(member, wallet, moment, poster)


def go_back_late(member: dict[str, Any], late: Iterable[Late], at: datetime, poster: Poster) -> None:
    """Points were away when a return asked for them, came back, and have been taken (`shared.ledger.spared`): what that
    posts, each return's in an entry of its own."""
    for each in late:
        wallet = each.wallet
        postings = [
            posting
            for row in each.rows
            for posting in accounts.moved(
                wallet, row.points, accounts.of_member(member["_id"]), row.account, row.rule, row.version
            )
        ]
        key = _numbered(member, "late_return")
        entry = entry_of(member["_id"], "late_return", key, at, wallet=wallet, points=-each.points)
        # Settled as what the return took: by what a point was worth when it was given.
        priced = {} if each.by.priced_at is None else {"priced_at": each.by.priced_at}
        more = {"late_for": each.by.entry, "counts_at": each.by.counts_at, **priced}
        poster.post(member, entry, postings, more=more)


def end_before(member: dict[str, Any], rules: Ruleset, at: datetime, poster: Poster, now: datetime) -> None:
    """What is over before the member does something, if nobody has swept. at: when that happened.

    What a till holds beyond its time, and repays a debt with (`lots.AWAITED`), does so first: else whether that or what
    comes now repays it would depend on who was quicker.
    """
    if lots.AWAITED in member:
        sweep(member, rules, now, poster)
    expire_idle(member, rules, at, poster)


def expire_idle(member: dict[str, Any], rules: Ruleset, at: datetime, poster: Poster) -> None:
    """What inactivity has ended by then expires before the member does something, if nobody has swept: else the entry
    of that would say, too late, when they end."""
    for wallet, until in due.ended_idle(member, at, rules.zone):
        due.end_idle(member, datetime.fromisoformat(until), rules.zone)
        _expire(member, wallet, until, poster)


def entry_of(member: str, kind: str, key: str, at: datetime, *, wallet: str, points: int, **more: Any) -> Heading:
    """The heading of an entry that no partner's event brought about; its bytes say what was done."""
    said = {"kind": kind, "id": key, "wallet": wallet, "points": points, "at": at.isoformat()}
    raw = orjson.dumps(said | {name: value for name, value in more.items() if value is not None})
    digest = hashlib.blake2b(raw, digest_size=16).hexdigest()
    return Heading(f"{SOURCE}|{key}", digest, member, kind, at, raw, "entry")


def _do(member: dict[str, Any], what: Due, rules: Ruleset, poster: Poster) -> None:
    id_, wallet = member["_id"], what.wallet
    at = datetime.fromisoformat(what.at)
    if what.kind == "activation":
        points, key = lots.activate(member, wallet, what.at), _numbered(member, what.kind)
        poster.post(member, entry_of(id_, "activation", key, at, wallet=wallet, points=0, active=points), [])
    elif what.kind == "hold":
        hold = member["holds"].pop(what.about)
        came = lots.back(member, wallet, hold["slices"], what.at)
        late = spared.take_late(member, hold.get("since", spared.NEVER), member, wallet, came, what.at)
        key = f"{id_}:hold:{what.about}"  # it has no number of its own, but a hold ends once
        poster.note(entry_of(id_, "hold_ended", key, at, wallet=wallet, points=0), {"hold": what.about})
        go_back_late(member, late, at, poster)
        expire_back(member, rules, at, poster)
    else:
        due.end_idle(member, at, rules.zone)
        _expire(member, wallet, what.at, poster)


def _expire(member: dict[str, Any], wallet: str, until: str, poster: Poster) -> None:
    """By the very text that lots are compared with."""
    at, id_, slices = datetime.fromisoformat(until), member["_id"], lots.expire(member, wallet, until)
    points = lots.points_of(slices)
    postings = accounts.moved(wallet, points, accounts.of_member(id_), accounts.BREAKAGE, "expiry")
    key = _numbered(member, "expiry")
    # Which lots they were in: `moves` may be told together with what has just come back (see `services.earn.ended`).
    entry = entry_of(id_, "expiry", key, at, wallet=wallet, points=-points)
    poster.post(member, entry, postings, more={"slices": slices})


def _warn(member: dict[str, Any], what: Due, rules: Ruleset, now: datetime, poster: Poster) -> None:
    """Dated when it is told: points may come when the instant of their warning has passed."""
    told = due.warn(member, what, rules.programme.purses, rules.zone, now)
    if told is not None:
        points, until = told
        key = _numbered(member, what.kind)
        said = entry_of(member["_id"], "warning", key, now, wallet=what.wallet, points=points, until=until)
        poster.post(member, said, [])


def _numbered(member: dict[str, Any], kind: str) -> str:
    """By the number of the entry: points that come late, or come back, may be due once more at the same instant."""
    return f"{member['_id']}:{kind}:{member['seq'] + 1}"
