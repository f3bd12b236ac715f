"""What the clock does to a member: activations, hold time-outs, expiries, warnings, each at its instant. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import orjson

from services.earn import accounts
from services.earn.posting import Heading, Poster
from shared.ledger import due, lots
from shared.ledger.due import Due
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


def entry_of(member: str, kind: str, key: str, at: datetime, *, wallet: str, points: int, **more: Any) -> Heading:
    """The heading of an entry that no partner's event brought about; its bytes say what was done."""
    said = {"kind": kind, "id": key, "wallet": wallet, "points": points, "at": at.isoformat()}
    raw = orjson.dumps(said | {name: value for name, value in more.items() if value is not None})
    digest = hashlib.blake2b(raw, digest_size=16).hexdigest()
    return Heading(f"{SOURCE}|{key}", digest, member, kind, at, raw, "entry")


def _do(member: dict[str, Any], what: Due, rules: Ruleset, poster: Poster) -> None:
    id_, wallet = member["_id"], what.wallet
    at, key = datetime.fromisoformat(what.at), _key(member, what)
    if what.kind == "activation":
        points = lots.activate(member, wallet, what.at)
        poster.post(member, entry_of(id_, "activation", key, at, wallet=wallet, points=0, active=points), [])
    elif what.kind == "hold":
        hold = member["holds"].pop(what.about)
        lots.back(member, wallet, hold["slices"])
        key = f"{id_}:hold:{what.about}"  # it has no number of its own, but a hold ends once
        poster.note(entry_of(id_, "hold_ended", key, at, wallet=wallet, points=0), {"hold": what.about})
    else:
        due.end_idle(member, at, rules.zone)
        slices = lots.expire(member, wallet, what.at)
        points = lots.points_of(slices)
        postings = accounts.moved(wallet, points, accounts.of_member(id_), accounts.BREAKAGE, "expiry")
        poster.post(member, entry_of(id_, "expiry", key, at, wallet=wallet, points=-points), postings)


def _warn(member: dict[str, Any], what: Due, rules: Ruleset, now: datetime, poster: Poster) -> None:
    """Dated when it is told: points may come when the instant of their warning has passed."""
    told = due.warn(member, what, rules.programme.purses, rules.zone, now)
    if told is not None:
        points, until = told
        key = _key(member, what)
        said = entry_of(member["_id"], "warning", key, now, wallet=what.wallet, points=points, until=until)
        poster.post(member, said, [])


def _key(member: dict[str, Any], what: Due) -> str:
    """By the number of the entry: points that come late, or come back, may be due once more at the same instant."""
    return f"{member['_id']}:{what.kind}:{member['seq'] + 1}"
