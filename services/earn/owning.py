"""Whose purchase a return or a milestone is of, where its names are somebody else's by now; and whose the points are
that a grant takes back. Pure.

While two members are merged, what is bought under the duplicate's names is the survivor's, and stays theirs when the
merge is undone. The partner goes on calling the buyer by these names: without this no till could ever take the goods
back. It is the ledger that decides so, and not intake, which must pass a record on alike however often it reads it.
Campaigns, too, names whoever won a reward, as it did when it gave it: to whom that was posted the journal knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from services.earn.entries import Entry
from services.earn.identities import identity_keys
from services.earn.purchases import purchase_key
from shared.events.light import ActivityRead, GrantRead

FIELDS: Final = ["member", "kind", "event"]
"""What is needed of purchases' entries."""
_NOBODY: Final = "erased"  # how whoever was erased is called in what is left of their events


class _Ref(msgspec.Struct):
    """As stored: what an erasure has left of a name need not look like one."""

    reference: str | None = None
    card: str | None = None
    email: str | None = None
    phone: str | None = None
    app: str | None = None


class _Named(msgspec.Struct):
    member: _Ref | None = None


class _Said(msgspec.Struct):
    source: str
    data: _Named


class _Body(msgspec.Struct):
    event: _Said


class _Activity(msgspec.Struct):
    data: _Body


_DECODER: Final = msgspec.json.Decoder(_Activity)


def purchases(entries: Iterable[Entry]) -> list[str]:
    """The journal's keys of the purchases that returns and milestones are of, and of the grants that are taken back."""
    return sorted({key for each in entries if (key := _purchase(each) or _grant(each)) is not None})


def to_owners(entries: Mapping[int, Entry], bought: Mapping[str, Mapping[str, Any]]) -> dict[int, Entry]:
    """Those that bear a name which their purchase bears, too, though it was posted to somebody else: as theirs. What
    else comes for another's purchase is left to be refused. What takes a grant back is of whoever has that. bought: the
    entries of both, by the journal's key."""
    found: dict[int, Entry] = {}
    for at, each in entries.items():
        if isinstance(each.event, GrantRead):
            if (given := bought.get(_grant(each) or "")) is not None:
                found[at] = _of_whoever_has_it(each, each.event, given["member"])
            continue
        entry = bought.get(_purchase(each) or "")
        if entry is None or entry["kind"] != "purchase" or entry["member"] == each.member:
            continue
        if not _names(bytes(entry["event"])).isdisjoint(_names(each.raw)):
            found[at] = each._replace(member=entry["member"])
    return found


def _purchase(each: Entry) -> str | None:
    return purchase_key(each.event) if isinstance(each.event, ActivityRead) else None


def _of_whoever_has_it(each: Entry, grant: GrantRead, member: str) -> Entry:
    """It is the loss of whom it was posted to. Campaigns may name another: of an advocate it cannot tell whether their
    reward came before a merge, and what it had decided before it heard of one may have been posted after that."""
    return each._replace(member=member, event=replace(grant, data=replace(grant.data, bought_by=member)))


def _grant(each: Entry) -> str | None:
    """Which grant one takes back."""
    if not isinstance(each.event, GrantRead) or each.event.data.corrects is None:
        return None
    return f"{each.event.source}|{each.event.data.corrects}"


def _names(raw: bytes) -> set[str]:
    """The identity keys of whom an activity names; none where they were erased."""
    said = _DECODER.decode(raw).data.event
    ref = said.data.member
    return set() if ref is None or ref.reference == _NOBODY else set(identity_keys(ref, said.source))
