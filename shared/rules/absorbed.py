"""Who is one with a member as campaigns know it: all who were merged into them, also by others. Pure.

A survivor's document lists them (`absorbed`). By it a referral is seen to be of one person, and what is spent of a
duplicate's can be taken from those inside who had brought it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

Document = dict[str, Any]


class Ties(NamedTuple):
    """Documents of those who are one with others, as far as they are at hand.

    way: from anybody's own to that of whoever has what is theirs; into: of those who were merged into a member, with
    nobody between.
    """

    way: Callable[[str], Sequence[Document]] = lambda _: ()
    into: Callable[[Document], Sequence[Document]] = lambda _: ()

    def within(self, document: Document) -> Iterator[Document]:
        """Of all who were merged into a member, also by others."""
        for each in self.into(document):
            yield each
            yield from self.within(each)


ALONE: Final = Ties()
"""Of those of whom nobody was ever merged."""


def absorb(duplicate: Mapping[str, Any], on: Sequence[Document]) -> None:
    """The duplicate, with all inside, is one with each of these from here on."""
    for each in on:
        _keep(each, {*inside([each]), *one(duplicate)})


def let_go(duplicate: Mapping[str, Any], on: Sequence[Document]) -> None:
    """They are not any more."""
    for each in on:
        _keep(each, {*inside([each])}.difference(one(duplicate)))


def one(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of all who are that member, their own first."""
    return (named(document), *document.get("absorbed", ()))


def named(document: Mapping[str, Any]) -> str:
    """Whose it is."""
    return str(document.get("_id", ""))


def inside(documents: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The ids of all who were merged into these."""
    for each in documents:
        yield from each.get("absorbed", ())


def _keep(document: Document, ids: Iterable[str]) -> None:
    """Nothing is kept of nobody."""
    if found := sorted(ids):
        document["absorbed"] = found
    else:
        document.pop("absorbed", None)
