"""Sayings as sentences of a language. One sentence a phrase: no language is put together from another's pieces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from shared.rules.language.catalogue import FACTS, PREFIXES
from shared.rules.localtime import WEEKDAYS
from shared.rules.saying import english, vietnamese
from shared.rules.saying.functions import in_words
from shared.rules.saying.named import Called, Named
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.sets import parted

Language = Literal["en", "vi"]
LANGUAGES: Final[Mapping[str, Any]] = {"en": english, "vi": vietnamese}
_OWN: Final = re.compile(rf'({"|".join(map(re.escape, PREFIXES))})(?:\.(\w+)|\["(.*)"\])')


def spoken(saying: Saying, language: Language = "en") -> str:
    """The sentence."""
    room = LANGUAGES[language]
    sentence, values, count = room.PHRASES[saying.what], saying.values, saying.values.get("count")
    if isinstance(sentence, tuple):
        sentence = sentence[0 if count == 1 else 1]
    texts = {name: written(value, language) for name, value in values.items()}
    if isinstance(wallet := values.get("wallet"), str) and isinstance(count, int):
        texts["wallet"] = room.wallet(wallet, count)
    filled: str = sentence.format_map(texts)
    return filled


def written(value: Value, language: Language = "en") -> str:
    """A value as the language writes it; texts as they are."""
    room = LANGUAGES[language]
    match value:
        case Saying():
            return spoken(value, language)
        case Called(label=label):
            return called(label, language)
        case Named(id=id_, title=title):
            return title if title == id_ else f"{title} ({id_})"
        case tuple():
            return _listed(value, language)
        case bool():
            return spoken(say(Phrase.TRUE if value else Phrase.FALSE), language)
        case int() | Decimal():
            found: str = room.number(value)
            return found
        case datetime():
            return str(room.moment(value))
        case date():
            return str(room.day(value))
    return value


def _listed(values: tuple[Value, ...], language: Language) -> str:
    """One after the other; a text that says what is said where there are none, in quotes."""
    listed, none = ", ".join(written(each, language) for each in values), spoken(say(Phrase.NONE), language)
    if not values:
        return none
    return spoken(say(Phrase.QUOTED, value=listed), language) if listed == none else listed


def called(label: str, language: Language = "en") -> str:
    """The name of a fact; of a function, what it answers in words, or else what is written in the condition."""
    names = LANGUAGES[language].FACTS
    if label in names:
        return str(names[label])
    own = _OWN.fullmatch(label)
    if own is not None:
        return str(names[own[1]]).format(name=own[2] or own[3])
    return in_words(label, LANGUAGES[language], lambda each: called(each, language)) or label


def has_words(label: str) -> bool:
    """Whether a fact is called otherwise than it is written; where it is in one language, it is in all."""
    return called(label) != label


def kind(name: str) -> Saying | str:
    """A kind of event or definition, by its name; one that has no words, as it is."""
    known = name.lower() in list(Phrase) and Phrase(name.lower()) in _KINDS
    return say(Phrase(name)) if known else name


_KINDS: Final = frozenset(
    (Phrase.CHALLENGE, Phrase.BONUS, Phrase.REFERRAL, Phrase.EARN, Phrase.PURCHASE, Phrase.SIGNUP, Phrase.RETURN,
     Phrase.GRANT, Phrase.GIFT)
)  # fmt: skip


def recorded(label: str, text: str | None, language: Language = "en") -> str:
    """A fact's value as a journal keeps it (text), as the language writes it."""
    entry = FACTS.get(label)
    if text is None:
        return spoken(say(Phrase.FACT_UNKNOWN), language)
    if entry is not None and entry.type.kind == "texts":
        return written(tuple(sorted(parted(text))), language)
    if text in ("true", "false") and (entry is None or entry.type.kind == "truth"):
        return spoken(say(Phrase(text)), language)
    if label == "calendar.weekday" and text in WEEKDAYS:
        return spoken(weekday(text), language)
    if label == "event.kind":
        return written(kind(text), language)
    try:
        if _DAY.fullmatch(text):
            return written(date.fromisoformat(text), language)
        if _NUMBER.fullmatch(text) and (entry is None or entry.type.kind == "number"):
            return written(Decimal(text), language)
    except ValueError:
        pass
    return text


_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def weekday(name: str) -> Saying:
    """A weekday, by its name in definitions."""
    return say(_WEEKDAYS[name])


_WEEKDAYS: Final[Mapping[str, Phrase]] = {name: Phrase(name) for name in WEEKDAYS}


def data(value: Any, language: Language = "en") -> Any:
    """A structure as plain data for machines: decimals as texts, and each saying with its sentence beside it."""
    if isinstance(value, Saying):
        held = {name: data(each, language) for name, each in value.values.items()}
        return {"what": str(value.what), **({"values": held} if held else {}), "text": spoken(value, language)}
    if isinstance(value, Called):
        return value.label
    if isinstance(value, Named):
        return value.id
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: data(each, language) for name, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [data(each, language) for each in value]
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is None:
        return value
    return {name: data(getattr(value, name), language) for name in fields}
