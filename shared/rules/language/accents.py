"""Names with letters that no name of the language has: facts as their readers' own language would spell them."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from typing import Final

from shared.rules.language.catalogue import FACTS, FUNCTIONS, LINE, PREFIXES

_NAMES: Final = (*FACTS, *FUNCTIONS, *LINE)
# Letters that are no others with an accent, though they look like it.
_LIKE: Final = str.maketrans("đĐøØłŁıħ", "dDoOlLih")
_BEFORE: Final = re.compile(r"[\w.]*\Z")
_BEHIND: Final = re.compile(r"[\w.\u0300-\u036f]*")
_SAID: Final = "names of facts have the letters a to z without accents"


def plain(text: str) -> str:
    """The text with its letters' accents taken off."""
    apart = unicodedata.normalize("NFKD", text.translate(_LIKE))
    return "".join(each for each in apart if not unicodedata.combining(each))


def of_a_letter(source: str, at: int) -> str:
    """What to write for a name with a letter that stands there; nothing where no letter does."""
    if not source[at].isalpha() and not unicodedata.combining(source[at]):
        return ""
    before, behind = _BEFORE.search(source, 0, at), _BEHIND.match(source, at)
    assert before is not None and behind is not None  # both may be empty
    name = plain(before.group() + behind.group())
    meant = name if _known(name) else next(iter(get_close_matches(name, _NAMES, n=1, cutoff=0.8)), "")
    return f"{_SAID}: did you mean {meant}?" if meant else f"{_SAID}; put a text in quotes"


def _known(name: str) -> bool:
    of, _, last = name.rpartition(".")
    return name in _NAMES or (of in PREFIXES and last.isascii() and last.isidentifier())
