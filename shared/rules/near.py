"""The name that somebody meant. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_LONG: Final = 5  # letters: shorter words are often one letter from another, and both are meant


def near(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The only one that begins so, as `saturday` with `sat`, or else the nearest; None where none is near."""
    names, begun = list(known), name.casefold()
    longer = [each for each in names if each.casefold().startswith(begun)] if len(begun) > 1 else []
    if len(longer) == 1:
        return longer[0]
    return next(iter(get_close_matches(name, names, n=1, cutoff=cutoff)), None)


def mistyped(id_: str, known: Iterable[str]) -> str | None:
    """The one of some ids that is another by a single slip of the hand: a letter too many, too few, another or two
    swapped, in a word of five or more; or a hyphen. So `shop-2` and `shop-b` are no slips of `shop-1` and `shop-a`."""
    found = [each for each in known if each != id_ and _slip_of(id_, each)]
    return found[0] if len(found) == 1 else None


def _slip_of(one: str, other: str) -> bool:
    if one.replace("-", "") == other.replace("-", ""):
        return True
    words, others = one.split("-"), other.split("-")
    apart = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    return len(words) == len(others) and len(apart) == 1 and _one_off(*sorted(apart[0], key=len))


def _one_off(short: str, long: str) -> bool:
    if len(long) < _LONG or not (short + long).isalpha():
        return False
    same = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[same:] == long[same + 1 :]
    swapped = short[same : same + 2] == long[same : same + 2][::-1]
    return short[same + 1 :] == long[same + 1 :] or (swapped and short[same + 2 :] == long[same + 2 :])
