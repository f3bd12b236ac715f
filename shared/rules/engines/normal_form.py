"""Terms in disjunctive normal form: an "or" of conjunctions, as an engine takes them that knows only "and"."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from shared.rules.language.terms import Both, Comparison, Either, Negation, Term

_OPPOSITE = {"==": "!=", "!=": "=="}


class Literal(NamedTuple):
    """A term that is no "and", "or" or "not", or its negation."""

    term: Term
    positive: bool


Conjunction = tuple[Literal, ...]


class TooManyError(ValueError):
    """The normal form would be larger than what is still of use."""


def conjunctions(term: Term, most: int) -> list[Conjunction]:
    """The conjunctions of which one has to hold. Raises TooManyError where there would be more than `most`."""
    return _form(term, True, most)


def _form(term: Term, positive: bool, most: int) -> list[Conjunction]:
    match term:
        case Negation(of=of):
            return _form(of, not positive, most)
        case Both(parts=parts) | Either(parts=parts):
            forms = [_form(part, positive, most) for part in parts]
            if isinstance(term, Both) is positive:  # "not (a or b)" is "not a and not b"
                return _product(forms, most)
            return _bounded([each for form in forms for each in form], most)
        case Comparison(operator="==" | "!=" as sign) if not positive:  # each is the other's exact opposite
            return [(Literal(replace(term, operator=_OPPOSITE[sign]), True),)]
    return [(Literal(term, positive),)]


def _product(forms: list[list[Conjunction]], most: int) -> list[Conjunction]:
    found: list[Conjunction] = [()]
    for form in forms:
        found = _bounded([(*one, *other) for one in found for other in form], most)
    return found


def _bounded(found: list[Conjunction], most: int) -> list[Conjunction]:
    if len(found) > most:
        raise TooManyError(f"more than {most} conjunctions")
    return found
