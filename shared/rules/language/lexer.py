"""Text to tokens: names, numbers, texts in quotes and signs, each with its place."""

from __future__ import annotations

import re
from typing import Final

from shared.rules.language import accents, colons, slips
from shared.rules.language.slips import Token
from shared.rules.language.syntax import ExpressionError
from shared.rules.language.tilde import of_a_tilde

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>(?:\d+\.\d+|\d+))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<sign>&&|\|\||[=!<>]=|[<>!+\-*/%.,()\[\]])""",
    re.VERBOSE,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'"}


def tokens(source: str) -> list[Token]:
    """All tokens, with an `end` after the last. Raises ExpressionError at what is no token."""
    found: list[Token] = []
    at = 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise _unknown(source, at)
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, match.group(), at))
        at = match.end()
        if kind == "number" and source[at : at + 1].isalpha():
            raise ExpressionError(slips.stuck(match.group(), source[at:]), at)
    found.append(Token("end", "", len(source)))
    return found


def unquoted(token: Token) -> str:
    """What a text in quotes says."""
    body, said, at = token.text[1:-1], "", 0
    while at < len(body):
        if body[at] != "\\":
            said, at = said + body[at], at + 1
            continue
        if body[at + 1] not in _ESCAPES:
            raise ExpressionError(f"\\{body[at + 1]} means nothing; write \\\\ for a backslash", token.at + at + 1)
        said, at = said + _ESCAPES[body[at + 1]], at + 2
    return said


def _unknown(source: str, at: int) -> ExpressionError:
    sign = source[at]
    if sign in "\"'":
        said = slips.apostrophes(source, at) or f"a text begins here and does not end; close it with {sign}"
        return ExpressionError(said, at)
    hint = accents.of_a_letter(source, at) or colons.of_a_colon(source, at) or of_a_tilde(source, at)
    hint = hint or slips.sign(source, at)
    return ExpressionError(f"`{sign}` cannot stand here; {hint}", at)
