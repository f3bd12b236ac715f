"""Patterns of texts, as databases and others have them: `like "31%"`, `matches "^31"`. There are none here; what asks
the same is told where something does."""

from __future__ import annotations

import re
from typing import Final

from shared.rules.language.terms import literal

MATCHED: Final = ("matches", "match", "regexp", "rlike", "regex", "regexmatch", "regexp_like")
"""What asks whether a text is like a regular expression, as a word or as a function."""
NO_PATTERN: Final = (
    "there are no patterns; a text is compared with == and !=, or asked with startsWith, endsWith or contains"
)
WILD: Final = "*%"
_WILDCARDS: Final = re.compile(rf"(?P<begin>[{WILD}]*)(?P<text>[^*%?~]+)(?P<end>[{WILD}]*)")
_PLAIN: Final = re.compile(r"(?P<begin>\^?)(?P<text>[\w \-]+)(?P<end>\$?)")
# By whether a pattern leaves open what stands before and behind its text.
_OPEN: Final = {(True, True): "contains", (False, True): "startsWith", (True, False): "endsWith", (False, False): ""}


def matched(fact: str, pattern: str) -> str:
    """The condition that asks what a regular expression asks of a fact; nothing where there is none."""
    found = _PLAIN.fullmatch(pattern)
    if found is None or not fact:
        return ""
    method, text = _OPEN[not found["begin"], not found["end"]], literal(found["text"])
    return f"{fact}.{method}({text})" if method else f"{fact} == {text}"


def like(pattern: str) -> tuple[str, str]:
    """The method that asks what a database's pattern asks, and its text; no method where that is the whole text."""
    body = pattern.strip("%*")
    if not body or set(body) & {"%", "*", "_"}:  # `_` is any one letter
        return "contains", "…"
    return _OPEN[pattern[0] in "%*", pattern[-1] in "%*"], body


def is_wild(text: str) -> bool:
    """Whether a text seems to have wildcards at its ends; of `50%` nobody knows."""
    if text.strip(WILD) in ("", text):
        return False
    return "*" in (text[0], text[-1]) or not text.strip("%")[-1].isdecimal()


def wildcard(fact: str, text: str) -> str:
    """The condition that asks what a text with wildcards at its ends asks of a fact; nothing where there is none."""
    found = _WILDCARDS.fullmatch(text)
    if found is None:
        return ""
    method, shown = _OPEN[bool(found["begin"]), bool(found["end"])], literal(found["text"])
    return f"{fact}.{method}({shown})" if method else f"{fact} == {shown}"
