"""What is known of members who are merged, and of whoever is apart again: words, tags, and since when. Pure.

While they are one the latest word by event time counts, whichever of them said it; all tags, and the earliest signup.
Beside these the survivor's document keeps (`learnt`) what is their `own`, what comes meanwhile included, and what each
duplicate has `brought`: so an unmerge takes away what was brought and nothing else, in whatever order several are taken
back, and nothing is left of what somebody had brought who is apart again. Of whom nobody has brought anything nothing
is kept apart.

Tiers' words are said of the survivor, and are nobody's to bring: they are in what is known, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.rules.absorbed import named
from shared.rules.member import TIER, house

Document = dict[str, Any]
LEARNT: Final = "learnt"


def whose(document: Document) -> tuple[Document, ...]:
    """Where what is heard of a member is noted: in what rules read; in what is their own, too, where that is apart."""
    return (document, document[LEARNT]["own"]) if LEARNT in document else (document,)


def lend(duplicate: Document, survivor: Document) -> None:
    """What is known of the duplicate is known of the survivor."""
    brought = _state(duplicate)
    if any(brought.values()):
        if LEARNT not in survivor:
            survivor[LEARNT] = {"own": _state(survivor), "brought": {}}
        survivor[LEARNT]["brought"][named(duplicate)] = brought
        _join(survivor)


def take_back(duplicate: Document, survivor: Document, lent: Mapping[str, Any]) -> None:
    """The survivor has what is their own, and what those have brought who are still one with them. lent: of a merge of
    an earlier release, what the survivor had learnt by it and what they had known before."""
    if "known" in lent:
        _as_before(whose(survivor)[-1], lent)
        house(survivor)
    if LEARNT in survivor:
        survivor[LEARNT]["brought"].pop(named(duplicate), None)
        _join(survivor)


def _join(document: Document) -> None:
    own, brought = document[LEARNT]["own"], document[LEARNT]["brought"]
    known = {name: said for name, said in document["known"].items() if name.startswith(TIER)}
    tags: dict[str, None] = {}
    for each in (own, *brought.values()):
        for name, said in each["known"].items():
            if name not in known or known[name][:2] < said[:2]:
                known[name] = said
        tags |= dict.fromkeys(each["tags"])
    document["known"] = known
    if tags:
        document["tags"] = [*tags]
    else:
        document.pop("tags", None)
    document["joined"] = min(filter(None, (each["joined"] for each in (own, *brought.values()))), default=None)
    if not brought:
        del document[LEARNT]
    house(document)


def _state(document: Document) -> Document:
    """What is known of a member, those included who are merged into them; in lists and tables of its own, as what is
    heard later is the one's and not the other's."""
    known = {name: said for name, said in document.get("known", {}).items() if not name.startswith(TIER)}
    return {"known": known, "tags": [*document.get("tags", ())], "joined": document["joined"]}


def _as_before(mine: Document, lent: Mapping[str, Any]) -> None:
    """An earlier release kept nothing apart: it is as it was before, but for words that came after what was lent."""
    if lent["tags"]:
        mine["tags"] = [each for each in mine.get("tags", ()) if each not in lent["tags"]]
    for name, (stamp, before) in lent["known"].items():
        if mine["known"].get(name, [])[:2] == stamp:
            if before is None:
                del mine["known"][name]
            else:
                mine["known"][name] = before
    mine["joined"] = lent["joined"]
