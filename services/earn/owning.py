"""Whose purchase a return or a milestone is of, where its names are somebody else's again. Pure.

While two members are merged, what is bought under the duplicate's names is the survivor's, and stays theirs when the
merge is undone. The partner goes on calling the buyer by these names: without this no till could ever take the goods
back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from services.earn.identities import Identity, find_member, identity_keys
from shared.events.partner import AnyEvent, MemberRef, Milestone, Return
from shared.events.plain import PlainPurchase

Document = Mapping[str, Any]


class _Named(msgspec.Struct):
    member: dict[str, str] = {}


class _Said(msgspec.Struct):
    source: str
    data: _Named


class _Body(msgspec.Struct):
    event: _Said


class _Activity(msgspec.Struct):
    data: _Body


_DECODER: Final = msgspec.json.Decoder(_Activity)


def purchase_key(event: AnyEvent | PlainPurchase) -> str | None:
    """The journal's key of the purchase that a return or a milestone is of; None for other events."""
    return f"{event.source}|{event.data.purchase}" if isinstance(event, Return | Milestone) else None


def owners(
    events: Iterable[AnyEvent | PlainPurchase], bought: Mapping[str, Document], identities: Mapping[str, Identity]
) -> dict[str, str]:
    """Members by event key: of returns and milestones that bear a name which their purchase bears, too, though it was
    posted to somebody else. bought: the purchases' entries, by the journal's key.

    Who is merged still is not told: what comes for the survivor finds what the duplicate bought.
    """
    found: dict[str, str] = {}
    for event in events:
        entry = bought.get(purchase_key(event) or "")
        if not isinstance(event, Return | Milestone) or entry is None or entry["kind"] != "purchase":
            continue
        keys = identity_keys(event.data.member, event.source)
        past = {id_ for key in keys if key in identities for id_ in identities[key].get("past", ())}
        if entry["member"] not in {find_member(keys, identities), *past} and not _names(entry).isdisjoint(keys):
            found[event.key] = entry["member"]
    return found


def _names(entry: Document) -> set[str]:
    """The identity keys that a purchase bore; none where its names were erased."""
    said = _DECODER.decode(bytes(entry["event"])).data.event
    return set(identity_keys(MemberRef(**said.data.member), said.source)) if said.data.member else set()
