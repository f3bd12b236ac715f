"""Referrals of members who are merged, and of whoever is apart again: whose is what, and what was rewarded. Pure.

While they are one the earliest referral and the earliest purchase of both count. Beside these the survivor's document
keeps (`referred`) what is their `own`, what comes meanwhile included, and what each duplicate has `brought`: so an
unmerge takes away what was brought and nothing else. What is `apart` of that does not count together: of the two one
had been rewarded already.

A reward that was given meanwhile stays where it was posted. Where it was given by what the duplicate had brought, it
stands until its purchase comes back (`kept`), whatever else is heard of the survivor; and the duplicate is not rewarded
once more as long as it does: their document says whose it is (`elsewhere`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

from shared.rules.absorbed import named, one
from shared.rules.referring import as_seen, own_of, seen_at, seen_key

Document = dict[str, Any]
Way = Sequence[Document]
_SEEN: Final = ("referral", "first_purchase")


def lend(duplicate: Document, survivor: Document) -> None:
    """What the duplicate has is the survivor's, too; nothing is kept of one of whom there is nothing to know."""
    if any(duplicate.get(each) for each in (*_SEEN, "rewarded", "elsewhere")):
        brought = _state(duplicate)
        if _rewarded(survivor):
            brought["apart"] = True
        own: Document = {each: dict(found) for each in _SEEN if (found := as_seen(survivor.get(each))) is not None}
        if "others" in survivor:
            own["others"] = survivor.pop("others")
        if survivor.get("rewarded") is True:
            own["rewarded"] = True
        survivor.setdefault("referred", {"own": own, "brought": {}})["brought"][named(duplicate)] = brought
    join(survivor)


def carry(way: Way) -> None:
    """What the first of these has or has no more by a merge or its undoing: each has brought that to the next one."""
    for each, after in pairwise(way):
        brought, state = after.get("referred", {}).get("brought", {}), _state(each)
        if named(each) not in brought:
            lend(each, after)
            continue
        if "apart" in brought[named(each)]:
            state["apart"] = True
        brought[named(each)] = state
        if not state.keys() - {"apart"}:
            del brought[named(each)]
        rejoin(after)
        _close(after)


def take_back(
    duplicate: Document, survivor: Document, before: Mapping[str, Any] | None, further: Way = ()
) -> None:  # fmt: skip
    """The survivor has their own, and what was given meanwhile. before: of a merge of an earlier release, which kept
    what the survivor had then instead. further: whom the survivor leads to, who have the same by them."""
    brought = survivor.get("referred", {}).get("brought", {}).pop(named(duplicate), None)
    if brought is None and before is not None:
        brought = _of_earlier(duplicate, survivor, before)
    keys = set() if brought is None else _keys(brought)
    _leave(duplicate, survivor, keys)
    rejoin(survivor)  # also where nothing was brought: whom the duplicate had brought as an advocate may be another now
    _close(survivor)
    for way in pairwise((survivor, *further)):
        carry(way)
        _leave(duplicate, way[1], keys)


def _leave(duplicate: Document, survivor: Document, theirs: set[str]) -> None:
    """The survivor's reward that was given by what is the duplicate's."""
    pair, marker = survivor.get("rewarded"), survivor.get("elsewhere")
    if isinstance(pair, dict) and "referral" in pair and theirs.intersection(found := _of_pair(pair)):
        pair["kept"] = True
        duplicate["elsewhere"] = {"with": survivor["_id"], "pair": found}
    elif marker is not None and theirs.intersection(marker["pair"]):
        duplicate["elsewhere"] = dict(marker)  # the survivor had been merged further, and brought it there
        rest = (own_of(survivor), *survivor.get("referred", {}).get("brought", {}).values())
        if not any(_keys(each).intersection(marker["pair"]) for each in rest):
            del survivor["elsewhere"]


def _close(document: Document) -> None:
    """Nothing is kept apart of whom nobody has brought anything."""
    if "referred" in document and not document["referred"]["brought"]:
        own = document.pop("referred")["own"]
        for each in ("referral", "others"):
            if each in own:
                document[each] = own[each]
            else:
                document.pop(each, None)


def settle(way: Way) -> None:
    """Once something has come back: each of these has brought what is left with the one before, and what is rewarded no
    more counts together again."""
    for each in way[:1]:
        rejoin(each)
    for each, after in pairwise(way):
        brought = after.get("referred", {}).get("brought", {}).get(named(each))
        if brought is not None:
            for what in (*_SEEN, "others"):
                brought.pop(what, None)
            brought.update({what: found for what, found in _state(each).items() if what in (*_SEEN, "others")})
            if not _rewarded(each):
                brought.pop("rewarded", None)
        rejoin(after)


def rejoin(document: Document) -> None:
    """Nothing is apart any more but what is rewarded, or all where the member is."""
    if not isinstance(document.get("rewarded"), dict) and "elsewhere" not in document:
        for each in document.get("referred", {}).get("brought", {}).values():
            if "rewarded" not in each:
                each.pop("apart", None)
    join(document)


def release(document: Document, of: Callable[[str], Document]) -> None:
    """Before it is decided: what was rewarded with somebody else, and is no more, may be rewarded again."""
    states = [document, *document.get("referred", {}).get("brought", {}).values()]
    gone = [each for each in states if "elsewhere" in each and not _stands(each["elsewhere"], of)]
    for each in gone:
        del each["elsewhere"]
        if each is not document:
            each.pop("rewarded", None)
    if gone:
        rejoin(document)


def others(documents: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Who may have rewards that were given by what these had brought."""
    for document in documents:
        for each in (document, *document.get("referred", {}).get("brought", {}).values()):
            if "elsewhere" in each:
                yield each["elsewhere"]["with"]


def rewarded_with(way: Iterable[Mapping[str, Any]], purchase: str) -> list[str]:
    """Who has a reward that was given for this purchase, of one of these who brought it."""
    found = (each["elsewhere"] for each in way if "elsewhere" in each)
    return [each["with"] for each in found if each["pair"][1] == purchase]


def of_themselves(document: Document, referral: Mapping[str, Any]) -> bool:
    """Whether whoever brought the member is one with them by now: nobody is brought by themselves."""
    return referral.get("advocate") in one(document)


def gave(held: Any, referral: Mapping[str, Any]) -> bool:
    """Whether a reward that is held was given for it: it stays, whoever is merged later."""
    return isinstance(held, dict) and "referral" in held and seen_key(held["referral"]) == seen_key(referral)


def referrals_of(document: Document) -> list[Document]:
    """All that count together: of whoever is merged into the member, too."""
    if "referred" not in document:
        return [each for each in (document.get("referral"), *document.get("others", ())) if each]
    states = (document["referred"]["own"], *document["referred"]["brought"].values())
    counts = [each for each in states if "apart" not in each]
    return [found for each in counts for found in (each.get("referral"), *each.get("others", ())) if found]


def referral_of(document: Document) -> Document | None:
    """The one that counts: the earliest by another, or where there is none the earliest."""
    found = referrals_of(document)
    return min([each for each in found if not _passed(document, each)] or found, key=when, default=None)


def passed_over(document: Document) -> list[str]:
    """Which of these are by one of themselves, by their keys: for as long as the reward stands that is given now."""
    return [seen_key(each) for each in referrals_of(document) if _passed(document, each)]


def _passed(document: Document, referral: Document) -> bool:
    """Whether it is passed over: by one of themselves, or so when a reward was given that stands; unless it was for
    this one, before they were one."""
    held = document.get("rewarded")
    if gave(held, referral):
        return False
    before = isinstance(held, dict) and seen_key(referral) in held.get("beside", ())
    return before or of_themselves(document, referral)


def join(document: Document) -> None:
    """The earliest of all that count together, of referrals by another before any by themselves; one who was rewarded
    as a duplicate is not rewarded once more."""
    if "referred" not in document:
        return
    own, brought = document["referred"]["own"], document["referred"]["brought"].values()
    for what in _SEEN:
        found: list[Document] = [state[what] for state in (own, *brought) if what in state and "apart" not in state]
        if what == "referral":
            found = [] if (one := referral_of(document)) is None else [one]
        if found:
            first = found[0] if len(found) == 1 else min(found, key=when)
            document[what] = dict(first)
        else:
            document.pop(what, None)
    if not isinstance(document.get("rewarded"), dict):
        document.pop("rewarded", None)
        if any("rewarded" in each for each in (own, *brought)):
            document["rewarded"] = True


def when(seen: Document) -> tuple[datetime, str]:
    """As `referrals` finds the earliest, of two at one instant, too."""
    return seen_at(seen), seen_key(seen)


def _of_earlier(duplicate: Document, survivor: Document, before: Mapping[str, Any]) -> Document:
    """An earlier release did not keep apart what came meanwhile: all that is not the duplicate's is the survivor's."""
    own = own_of(survivor)
    brought: Document = {each: found for each in _SEEN if (found := as_seen(duplicate.get(each))) is not None}
    for what, found in brought.items():
        mine = as_seen(own.get(what))
        if mine is not None and when(mine) == when(found):
            del own[what]
            if (was := as_seen(before.get(what))) is not None:
                own[what] = was
    if before.get("rewarded") is None:
        for each in (own, survivor):
            if each.get("rewarded") is True:
                del each["rewarded"]
    return brought


def _state(document: Document) -> Document:
    """What they bring to one whom they are merged into; of one who was rewarded it does not count together."""
    found: Document = {each: dict(seen) for each in _SEEN if (seen := as_seen(document.get(each))) is not None}
    if "elsewhere" in document:
        found["elsewhere"] = dict(document["elsewhere"])
    if others := _others(document):
        found["others"] = others
    return {**found, "rewarded": True, "apart": True} if _rewarded(document) else found


def _others(document: Document) -> list[Document]:
    """Referrals beside the one that counts: one of these does where that is by somebody they are one with by now."""
    first = document.get("referral")
    return [dict(each) for each in referrals_of(document) if first is None or seen_key(each) != seen_key(first)]


def _rewarded(document: Mapping[str, Any]) -> bool:
    return document.get("rewarded") is not None or "elsewhere" in document


def _stands(marker: Mapping[str, Any], of: Callable[[str], Document]) -> bool:
    pair = of(marker["with"]).get("rewarded")
    return isinstance(pair, dict) and _of_pair(pair) == marker["pair"]


def _of_pair(pair: Mapping[str, Any]) -> list[str]:
    return [seen_key(pair["referral"]), seen_key(pair["purchase"])]


def _keys(state: Mapping[str, Any]) -> set[str]:
    seen = [*(as_seen(state.get(each)) for each in _SEEN), *state.get("others", ())]
    return {seen_key(found) for found in seen if found is not None and found["id"]}
