"""Whom a member's document leads to: the one that they were merged into. What is of the duplicate goes there.

A document says `led: [seq, member]` once its member was merged into another, by the announcement of that number, and
`[seq, None]` once that was taken back. Announcements of one member may come out of order, so the newest number counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from shared.runtime.store import Document, Unit

LED: Final = "led"


def led(document: Mapping[str, Any]) -> str | None:
    """Whom it leads to; None: nobody, as nearly all do."""
    if LED not in document:
        return None
    found: str | None = document[LED][1]
    return found


def lead(document: Document, seq: int, into: str | None) -> bool:
    """Notes what announcement `seq` said; False where a later one was heard already."""
    if LED in document and document[LED][0] >= seq:
        return False
    document[LED] = [seq, into]
    return True


def unmerged(document: Document, seq: int | None) -> str | None:
    """Notes that by announcement `seq` of theirs the member was merged into nobody; returns whom they still led to.

    Somebody is merged only into one who leads nowhere. Heard of before the survivor's own unmerge, which is on its way,
    this is what keeps two members from leading to each other.
    """
    before = led(document)
    return before if seq is not None and lead(document, seq, None) else None


def last(documents: Mapping[str, Mapping[str, Any]], id_: str) -> str:
    """The member at the end: of one that was merged into one that was merged, the last."""
    while id_ in documents and (next_ := led(documents[id_])) is not None:
        id_ = next_
    return id_


def way(documents: Mapping[str, Mapping[str, Any]], id_: str) -> list[str]:
    """The members who were merged, from this one on, up to the last, who is none of them."""
    found: list[str] = []
    while id_ in documents and (next_ := led(documents[id_])) is not None:
        found.append(id_)
        id_ = next_
    return found


async def follow(
    unit: Unit, collection: str, documents: dict[str, Document], more: Iterable[str] = ()
) -> dict[str, Document]:
    """Adds the documents of those that these lead to, and of `more`; no round trip where nobody was merged."""
    asked = set(documents)
    wanted = {each for document in documents.values() if (each := led(document)) is not None} | set(more)
    while missing := wanted - asked:
        asked |= missing
        found = await unit.get(collection, sorted(missing))
        documents |= found
        wanted = {each for document in found.values() if (each := led(document)) is not None}
    return documents
