"""Weekdays as marketers write them at home: which of ours are meant. The nearest by its letters would be another day
(`lundi` is like sunday). Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final

from shared.rules.localtime import WEEKDAYS

_FEWEST: Final = 2  # letters of what is cut short
_ALIKE: Final = 0.8  # of what is mistyped
# German, French, Spanish, Italian, Portuguese, Dutch and Vietnamese, from monday on.
_AT_HOME: Final = (
    ("montag", "lundi", "lunes", "lunedì", "lunedi", "segunda-feira", "segunda", "maandag", "thứ hai"),
    ("dienstag", "mardi", "martes", "martedì", "martedi", "terça-feira", "terça", "dinsdag", "thứ ba"),
    ("mittwoch", "mercredi", "miércoles", "miercoles", "mercoledì", "quarta-feira", "quarta", "woensdag", "thứ tư"),
    ("donnerstag", "jeudi", "jueves", "giovedì", "giovedi", "quinta-feira", "quinta", "donderdag", "thứ năm"),
    ("freitag", "vendredi", "viernes", "venerdì", "venerdi", "sexta-feira", "sexta", "vrijdag", "thứ sáu"),
    ("samstag", "sonnabend", "samedi", "sábado", "sabado", "sabato", "zaterdag", "thứ bảy"),
    ("sonntag", "dimanche", "domingo", "domenica", "zondag", "chủ nhật"),
)
_DAYS: Final = {word: day for day, words in zip(WEEKDAYS, _AT_HOME, strict=True) for word in words}


def weekday(word: str) -> str:
    """The day that is meant; nothing where nobody can tell."""
    said = word.strip().rstrip(".").casefold()
    if said in _DAYS:
        return _DAYS[said]
    begun = [each for each in WEEKDAYS if len(said) >= _FEWEST and each.startswith(said)]
    if begun:
        return begun[0] if len(begun) == 1 else ""
    first, second = sorted(((SequenceMatcher(None, each, said).ratio(), each) for each in WEEKDAYS), reverse=True)[:2]
    return first[1] if first[0] >= _ALIKE and first[0] > second[0] else ""
