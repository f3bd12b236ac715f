"""`event.store =~ "^31"`: a text beside a regular expression, by the signs that other languages have for it. There are
no patterns here; what asks the same is told where something does. Pure."""

from __future__ import annotations

import re
from typing import Final

from shared.rules.language.patterns import NO_PATTERN, matched
from shared.rules.language.spoken import type_of

_MATCH: Final = re.compile(
    r"(?P<fact>[A-Za-z_][\w.]*)\s*(?P<sign>=~|!~|~)\s*(?P<quote>[\"'/])(?P<pattern>[^\"'/\\\n]*)(?P=quote)"
)


def of_a_tilde(source: str, at: int) -> str:
    """What to write for a comparison with a pattern, of which a sign stands there; nothing where none does."""
    around = source[at : at + 2] if source[at] in "=!" else source[at]
    if "~" not in around:
        return ""
    found = next((each for each in _MATCH.finditer(source) if each.start("sign") <= at < each.end("sign")), None)
    of = None if found is None else type_of(found["fact"])
    asked = ""
    if found is not None and of is not None and of.kind in ("text", "attribute"):
        asked = matched(found["fact"], found["pattern"])
    if not asked or found is None:
        return NO_PATTERN
    return f"write {f'!({asked})' if found['sign'] == '!~' else asked}"
