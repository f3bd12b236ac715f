"""Words that a person is known by, looked for in documents and taken out of them. Pure.

Not every field is looked into, and not every word is looked for everywhere: what a field means decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from shared.ops import spellings
from shared.ops.alike import Alike
from shared.ops.said import (
    HOUSES,
    ID,
    KEYS,
    KINDS,
    OWN_WORDS,
    REFERENCE,
    SETTLED,
    WRITTEN,
    all_said,
    as_id,
    as_key,
    as_keys,
    in_bytes,
    is_event,
    is_number,
    is_settled,
    is_whole,
    may_name,
    named,
    names_somebody,
    numbered,
    said_in,
)
from shared.ops.spellings import folded, shape

GONE: Final = "[erased]"
NOBODY: Final = Alike()  # else is called so
_ID: Final = "_id"
_PHONE: Final = "phone"
_FEWEST: Final = 3  # of a shorter word it cannot be told whose it is


class Terms:
    """Words to look for. A part of a longer word or number is none: +8490 is not in +84901; and where somebody is
    called, nothing is but the whole: card 77-2 is another than card 77.

    ids: of entries, which have such words in them and stay as they are, wherever they are told; plain: identities' keys
    that are looked for as whole values only, where somebody is known by that kind of name; settled: fields that are not
    looked into; spelt: in which ways a word may be written, as patterns; bare: without accents; apart: what is left of
    a word in the name of a household begins with it; references: which of the words are what a partner calls the person
    by: what another partner calls somebody by may read alike; longer: names of others with such a word in them; exact:
    words that strangers are called by, too: where a name stands, only the very same (`plain`) is the person's;
    numbered: by which households are told apart, in an order that stays, whoever else is called so by the next run;
    houses: what is looked for in their names, where that is to stay, too.
    """

    def __init__(
        self, words: Iterable[str], ids: Iterable[str] = (), plain: Iterable[str] = (),
        settled: frozenset[str] = SETTLED, spelt: Callable[[str], set[str]] = spellings.literal, *, bare: bool = False,
        apart: str = "", references: Iterable[str] = (), longer: Iterable[str] = (), exact: Iterable[str] = (),
        numbered: Iterable[str] = (), houses: Terms | None = None,
    ) -> None:  # fmt: skip
        self.words = sorted({each.strip() for each in words if len(folded(each.strip(), bare=bare)) >= _FEWEST})
        self.plain, self._settled, self.longer = frozenset(plain), settled, frozenset(longer)
        self.ids = sorted(set(ids))
        self._spelt, self._bare, self._apart = spelt, bare, apart
        self._only = frozenset(references)
        self._references = {form for each in self._only for form in spelt(each.strip())}
        self._houses = houses
        self.exact, self._numbered = frozenset(exact), tuple(numbered) or tuple(self.words)
        self._exact = [re.compile(form) for each in self.exact for form in spelt(each)]
        phones = (spellings.phone_forms(each) for each in self.words) if spelt is spellings.identifier else ()
        self._phones = frozenset[str]().union(*phones)
        self._anywhere = re.compile("|".join(sorted(self._forms())) or "(?!)")
        if self.words:
            # An id is read over before a word in it can be found. A word that is an id by itself is a word.
            stay = {form for each in self.ids for form in spellings.literal(each, bare=bare)}
            gone = {form for each in self.words for form in spelt(each)}
            others = rf"(?<!\w)ref:\S*?:{spellings.any_of(self._references)}"
            theirs = {form for each in self.longer for form in spellings.literal(each, bare=bare)}
            word = spellings.any_of(gone, joined=spelt is spellings.literal)  # what is looked for as it is, are ids
            words = f"(?P<longer>{spellings.any_of(theirs)})|(?P<word>{word})|(?P<other>{others})"
            self._whole, self._written = re.compile(f"{spellings.any_of(stay)}|{words}"), re.compile(words)
            certain = {form for each in self.words for form in spellings.certain(each)}
            sure = {form for each in self.ids if re.search("[@+]", each) for form in spellings.literal(each, bare=bare)}
            self._certain = re.compile(f"{spellings.any_of(sure)}|(?P<word>{spellings.any_of(certain)})")
            # Without a look at what stands before it a pattern is many times faster: hardly any document has a word.
            self._sieve = re.compile("|".join(sorted(stay | gone)))

    @classmethod
    def of_identifiers(
        cls, words: Iterable[str], apart: str = "", keys: Iterable[str] = (), references: Iterable[str] = (),
        alike: Alike = NOBODY, houses: Terms | None = None,
    ) -> Terms:  # fmt: skip
        """What a person is known by: cards, addresses, numbers. keys: of which kind they are, where that is known: the
        card 2027 is the person's, an app's user 2027 is somebody else. references: of partners, nobody else's. alike:
        what others are called: also a long number is not looked for everywhere, then."""
        theirs = {each.strip() for each in keys}
        known = [each.strip() for each in words]
        certain = [each for each in known if spellings.unmistakable(each) and each not in alike.words]
        can_be = [as_keys(each) for each in known if each not in certain or each in alike.strangers]
        plain = set[str]().union(*(each & theirs or each for each in can_be)) - alike.keys
        only = {each.strip() for each in references}.difference(known, alike.words)
        return cls(
            [*certain, *only], (), plain, spelt=spellings.identifier, apart=apart, references=only,
            longer=alike.longer, exact=alike.strangers.intersection((*certain, *only)),
            numbered=sorted({*known, *(each.strip() for each in references)}), houses=houses,
        )  # fmt: skip

    @classmethod
    def of_names(cls, names: Iterable[str], apart: str = "") -> Terms:
        """Whole names."""
        return cls(names, spelt=spellings.name, bare=True, apart=apart and f"{apart}_n")

    @classmethod
    def of_reasons(cls, names: Terms, known: Terms) -> Terms:
        """What people write about somebody of these names, known by these words."""
        plain = {each.partition(":")[2] for each in known.plain if not each.startswith("ref:")}
        said = {*spellings.parts(names.words), *known.words, *plain}
        said |= {each.split(":", 2)[2] for each in (*known.words, *known.plain) if each.startswith("ref:/")}
        return cls(said, spelt=spellings.written, bare=True, longer=known.longer)

    def keeping(self, ids: Iterable[str]) -> Terms:
        """The same, which lets these ids stand, with the source that they begin with: without it `card 7700112200` may
        be what anybody writes. Where a field has an id alone, that stays as it is: see `said.ID`."""
        return self._like({each for each in ids if "|" in each and self.found(each)}, self._settled)

    def but_households(self) -> Terms:
        """The same, which leaves households alone: others share them, who may be called so."""
        return self._like(self.ids, self._settled | HOUSES)

    def _like(self, ids: Iterable[str], settled: frozenset[str]) -> Terms:
        return Terms(
            self.words, ids, self.plain, settled, self._spelt, bare=self._bare, apart=self._apart,
            references=self._only, longer=self.longer, exact=self.exact, numbered=self._numbered,
            houses=self._houses,
        )  # fmt: skip

    def _forms(self) -> set[str]:
        """All that can be found, without a look at what stands around it; an id that stays has one of these in it."""
        values = (each.split(":", 2)[2] if each.startswith("ref:") else each.partition(":")[2] for each in self.plain)
        plain = {re.escape(folded(each.strip(), bare=self._bare)) for each in values}
        phones = {spellings.spaced(each) for each in self._phones if each.isdigit()}
        return plain.union(phones, *map(self._spelt, self.words))

    def may_stand_in(self, low: str, bare: str) -> bool:
        """False only where a document has none of them. low, bare: all that it says, folded in both ways: read once,
        for hardly any document has one."""
        houses = self._houses is not None and self._houses.may_stand_in(low, bare)
        return houses or self._anywhere.search(bare if self._bare else low) is not None

    def found(self, document: Any, *, record: bool = False) -> bool:
        """Whether a document has one of them, anywhere, keys of mappings included. record: see `all_said`."""
        hits = self._matches(document, record=record)
        return self._knows(document, record=record) or any(self._is_word(each, key) for each, key in hits)

    def kept(self, document: Any) -> bool:
        """Whether a document has one of the ids that stay."""
        hits = self._matches(document)
        return any(
            each.lastgroup is None or (each["word"] is not None and self._stays(each, key)) for each, key in hits
        )

    def _stays(self, match: re.Match[str], key: str) -> bool:
        """Whether it is of an id; nothing could be done about a document's own, but where that is what is to go."""
        return key == ID or (key == _ID and bool(self._settled) and not names_somebody(match.string, key))

    def _is_word(self, match: re.Match[str], key: str) -> bool:
        """Not where another partner calls somebody so, nor where any does: who that is, the source decides."""
        word = match["word"]
        if word is None or self._stays(match, key):
            return False
        return key != REFERENCE or not any(re.fullmatch(form, word) for form in self._references)

    def _matches(self, document: Any, *, record: bool = False) -> Iterator[tuple[re.Match[str], str]]:
        """With the fields that they stand in."""
        said = list(all_said(document, self._settled, record=record))
        if self._houses is not None:
            yield from self._houses._in([each for each in said if each[1] in HOUSES])
            said = [each for each in said if each[1] not in HOUSES]
        yield from self._in(said)

    def _in(self, said: Sequence[tuple[str, str, bool]]) -> Iterator[tuple[re.Match[str], str]]:
        if not self.words:
            return
        settled = [each for each in said if each[2] and ("@" in each[0] or "+" in each[0])]
        free = [each for each in said if not each[2]]
        if self._sieve.search(folded("\0".join(text for text, _, _ in free), bare=self._bare)) is None:
            free = []
        for text, key, fixed in (*free, *settled):
            for _, _, match in self._hits(self._looked_for(key, settled=fixed), text, key):
                yield match, key

    def _looked_for(self, key: str, *, settled: bool) -> re.Pattern[str]:
        """By the field that it stands in: where people or tills write, what is an id elsewhere is none."""
        return self._certain if settled else self._written if key in WRITTEN else self._whole

    def _hits(self, pattern: re.Pattern[str], text: str, key: str) -> Iterator[tuple[int, int, re.Match[str]]]:
        for begin, end, match in spellings.matches(pattern, text, bare=self._bare):
            if match["word"] is None or self._may_be(match["word"], text, begin, end, key):
                yield begin, end, match

    def _may_be(self, word: str, text: str, begin: int, end: int, key: str) -> bool:
        """Whether what stands there can be the person's."""
        if not names_somebody(text, key):
            return True
        return is_whole(text, begin, end, key) and not any(form.fullmatch(word) for form in self._exact)

    def _knows(self, value: Any, key: str = "", *, record: bool = False) -> bool:
        """Whether somebody is known by a plain one. key: the field that it is the value of; record: see `all_said`."""
        if not (self.plain or self._phones):
            return False
        if isinstance(value, str):
            return self._is_plain(value, key)
        if isinstance(value, bytes):
            said = said_in(value, every=True)
            return not isinstance(said, str) and self._knows(said, record=True)
        if isinstance(value, Mapping):
            return any(self._knows(each, name, record=record) for name, each in value.items())
        if record and key in KINDS and is_number(value):
            return self._is_plain(numbered(value)[0], key)
        return isinstance(value, list) and any(self._knows(each, key, record=record) for each in value)

    def _is_plain(self, value: str, key: str) -> bool:
        said = value.strip()
        if key == _PHONE and self._phones and spellings.dialled(said) in self._phones:
            return True
        return (as_key(key, said) if key in KINDS else said if key == KEYS else "") in self.plain

    def scrubbed(
        self, value: Any, key: str = "", *, settled: bool = False, free: bool = False, record: bool = False
    ) -> Any:
        """The same without them. key: the field that it is the value of; settled, free, record: see `all_said`."""
        if not self.words and self._houses is None and not self.plain:
            return value
        if isinstance(value, str):
            if self._is_plain(value, key):
                return GONE
            return self._without(value, named(key, free=free), settled=settled)
        if isinstance(value, bytes):
            return self._scrubbed_bytes(value, key, settled=settled)
        if isinstance(value, Mapping):
            happened, whole = is_event(value), free or not self._settled
            return {
                self.scrubbed(name, settled=settled) if may_name(name, free=free) else name: self.scrubbed(
                    each, as_id(name, key, each, happened=happened, free=whole, record=record),
                    settled=is_settled(name, key, self._settled, settled=settled, free=free),
                    free=free or name in OWN_WORDS, record=record,
                )
                for name, each in value.items()
            }  # fmt: skip
        if isinstance(value, list):
            return [self.scrubbed(each, key, settled=settled, free=free, record=record) for each in value]
        if is_number(value) and (free or (record and not settled)):
            plain = record and self._is_plain(numbered(value)[0], key)
            return GONE if plain or any(self._without(form, "") != form for form in numbered(value)) else value
        return value

    def household(self, name: str) -> str:
        """What a household of this name is called without them: as it is in all that is scrubbed, and as no other is.
        With one word for all, strangers would spend each other's points."""
        return self._without(name, "household")

    def _without(self, text: str, key: str, *, settled: bool = False) -> str:
        if self._houses is not None and key in HOUSES:
            return self._houses._without(text, key)
        if not self.words:
            return text
        pattern = self._looked_for(key, settled=settled)
        kept, since = list[str](), 0
        for begin, end, match in self._hits(pattern, text, key):
            if self._is_word(match, key):
                left = self._house(text[begin:end], match["word"]) if key in HOUSES else GONE
                kept += text[since:begin], left
                since = end
        return "".join(kept) + text[since:] if kept else text

    def _house(self, said: str, found: str) -> str:
        """What is left of a word in the name of a household: its number, however it is spelt there; and how it is
        spelt, where it is not as the person has it: another spelling is another household, and stays one."""
        spelt = ((any(re.fullmatch(form, found) for form in self._spelt(each)), each) for each in self._numbered)
        number, word = next(((number, each) for number, (is_it, each) in enumerate(spelt, 1) if is_it), (0, said))
        left = f"{GONE}_{self._apart}_{number}"
        return left if said == word else f"{left}_{shape(said)}"

    def _scrubbed_bytes(self, value: bytes, key: str, *, settled: bool) -> bytes:
        said = said_in(value)
        after = self.scrubbed(said, in_bytes(said, key), settled=settled, record=True)
        if isinstance(said, str):
            return str(after).encode("utf-8", "surrogateescape")
        # What is looked into and not there any more is a field's value that another one after it hides.
        return value if after == said and not self.found(value) else orjson.dumps(after)
