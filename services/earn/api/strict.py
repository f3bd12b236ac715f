"""What no request may have, whatever its route: a null body, a key or a header twice, words that the address does not
know.

The framework lets these pass: of two keys the last would count, of two headers Person the first, though it was the
client's own and the second its sign-on's; a misspelt `form` would be a statement of everything, a body of null none.
Whoever wrote them meant something else.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from services.earn.api.problems import NOT_JSON, Problem

# Headers of which one alone can be meant; a proxy that adds its own must replace what was there.
_SINGLE: Final = frozenset((b"authorization", b"content-type", b"idempotency-key", b"person", b"x-request-id"))
_ATTRIBUTE: Final = b"ce-"


class _TwiceError(ValueError):
    """A key stands twice in one object."""


class _NoNumberError(ValueError):
    """NaN or Infinity."""


def fault_of(raw: bytes) -> str | None:
    """Why an event that its contract would take is refused all the same; None where it is not. What is not JSON at all
    its contract refuses."""
    try:
        json.loads(raw, object_pairs_hook=_once, parse_constant=_no_number)
    except _TwiceError as error:
        return f"{error}: it is written twice in one object; write it once"
    except _NoNumberError as error:
        return f"{error} is no number in JSON"
    except (ValueError, RecursionError):
        return None
    return None


def check_headers(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises Problem for a header that is given twice where once is meant, and for a body that is packed."""
    met = set[bytes]()
    for name, value in headers:
        if name in met and (name in _SINGLE or name.startswith(_ATTRIBUTE)):
            raise _invalid(f"header.{name.decode('latin-1')[:64]}: it is given twice; give it once")
        met.add(name)
        if name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise Problem(415, "wrong_encoding", "send the body as it is: no Content-Encoding is taken")


def check_body(raw: bytes, *, taken: bool) -> None:
    """Raises Problem for a body that says nothing or two things; or anything, where none is taken. What is not JSON at
    all the framework refuses."""
    if not raw.strip():
        return
    if taken and json.detect_encoding(raw) != "utf-8":  # which the framework would read all the same
        raise Problem(400, "not_json", f"{NOT_JSON}, without a byte order mark")
    try:
        said = json.loads(raw, object_pairs_hook=_once)
    except _TwiceError as error:
        raise _invalid(f"body: `{error}` is written twice in one object; write it once") from None
    except (ValueError, RecursionError):
        if taken:
            return
        said = raw
    if taken and said is None:
        raise _invalid("body: it is null; leave the body out, or write an object")
    if not taken and said != {}:
        raise _invalid("body: nothing is taken here; what is meant is in the address")


def check_query(given: Sequence[str], known: Collection[str]) -> None:
    """Raises Problem for a parameter that the address does not know, or that is given twice."""
    for name in given:
        if name not in known:
            words = f"it knows {', '.join(sorted(known))}" if known else "it knows none"
            raise _invalid(f"query.{name[:64]}: there is no such parameter here; {words}")
        if given.count(name) > 1:
            raise _invalid(f"query.{name}: it is given twice; give it once")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1)[:64])
    return found


def _no_number(said: str) -> None:
    raise _NoNumberError(said)


def _invalid(said: str) -> Problem:
    return Problem(422, "invalid_request", said)
