"""What an event holds in Base64 (`data_base64` of CloudEvents), opened, so that it can be looked into. Pure."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any, Final

import orjson

HELD: Final = "data_base64"
_NONE_OF_IT: Final = re.compile(r"\s+")
_OF_ADDRESSES: Final = str.maketrans("-_", "+/")  # the letters that stand for two others in addresses of the web


def opened(said: Any) -> Any:
    """The same, with what it holds in Base64 as the document or text that it is, under the same field: no such event is
    read, then or before. Of several in a batch each."""
    if isinstance(said, list):
        return [opened(each) for each in said]
    if not isinstance(said, dict) or HELD not in said:
        return said
    held = said[HELD]
    return said | {HELD: [_opened(each) for each in held] if isinstance(held, list) else _opened(held)}


def _opened(held: Any) -> Any:
    """As it is, where it is no Base64, or holds neither JSON nor text."""
    if not isinstance(held, str):
        return held
    plain = _NONE_OF_IT.sub("", held).translate(_OF_ADDRESSES).rstrip("=")
    try:
        raw = b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        return held
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    for coding in ("utf-16", "utf-8"):
        try:
            text = raw.decode(coding) if coding == "utf-8" or b"\0" in raw else ""
        except ValueError:
            continue
        if text:
            return text
    return held
