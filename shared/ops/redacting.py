"""What is left of a document when a person is erased from it; and whether it still names them. Pure.

An entry keeps what the ledger was decided by: amounts, lines, times, what rules gave. What goes: every name of a
member, what a signup says of the person, and what a partner added in words of its own (`attributes`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from shared.ops import spellings
from shared.ops.spellings import folded

NOBODY: Final = {"reference": "erased"}
GONE: Final = "[erased]"
_NAMES: Final = ("member", "advocate", "friend")
_OF_A_PERSON: Final = ("profile", "attributes", "code", "payment")
_WRITTEN: Final = "reason"
_FEWEST: Final = 3  # of a shorter word it cannot be told whose it is
# What stands in these fields was decided, counted or sold, and names nobody: a card may have the number that a bill
# comes to, and somebody may be called as a wallet or a tier is. Overwritten, the ledger would not be one any more.
_SETTLED: Final = frozenset((
    "account", "activates", "active", "amount", "at", "awards", "balances", "begun", "bill", "brand", "category",
    "channel", "consumer", "counts_at", "currency", "day", "days", "department", "due_at", "effective", "ended",
    "expired", "expires", "facts", "hash", "history", "idled", "issuer", "joined", "kind", "ladder", "lifetime",
    "lots", "made", "milestone_of", "money", "moves", "offset", "origin", "owner", "partition", "partner",
    "partners", "period", "place", "places", "points", "postings", "priced_at", "product", "progress", "quantity",
    "received", "record", "return_of", "role", "rule", "rules", "seq", "since", "slices", "source", "status",
    "store", "terms", "tier", "tiers", "time", "topic", "type", "until", "uses", "version", "wallet", "wallets",
    "worth", "zone",
))  # fmt: skip
# Where whole values are what somebody is known by.
_KNOWN_BY: Final = frozenset(("app", "card", "email", "identities", "phone", "reference"))
_OURS: Final = re.compile(r"\d{4}-\d{2}(-\d{2}.*)?|[mhr]-[0-9a-f]{20}.*", re.IGNORECASE)  # dates, and ids of ours
_HYPHENS: Final = re.compile("[-\u2010\u2011\u2013]")
_APOSTROPHES: Final = re.compile("['\u2019\u02bc]")
# Most keys are names of fields, rules, wallets or periods; those of people are not, nor are addresses and numbers.
_NO_FIELD: Final = re.compile(r"[@+:|\s]")


def event(raw: bytes) -> bytes:
    """An activity's bytes without the person; other entries' bytes (grants, what people did) name nobody."""
    said = orjson.loads(raw)
    data = said.get("data", {}).get("event", {}).get("data") if isinstance(said, dict) else None
    if not isinstance(data, dict):
        return raw
    kept = {name: value for name, value in data.items() if name not in _OF_A_PERSON}
    kept |= {name: NOBODY for name in _NAMES if name in kept}
    if "lines" in kept:
        kept["lines"] = [
            {name: value for name, value in line.items() if name != "attributes"} for line in kept["lines"]
        ]
    said["data"]["event"]["data"] = kept
    said["data"].pop("request", None)  # its sender's own word, which may be anything
    return orjson.dumps(said)


def entry(document: Mapping[str, Any]) -> dict[str, Any]:
    """What changes in a journal's entry: its bytes, the facts about the member that rules used, and the id of the
    request that brought what a partner said."""
    facts = {name: value for name, value in document["facts"].items() if not name.startswith("member.")}
    raw = bytes(document["event"])
    left = event(raw)
    brought = {"request": None} if left != raw and document.get("request") is not None else {}
    return {"event": left, "facts": facts, **brought}


def unnamed(raw: bytes, numbers: Container[str], mine: Callable[[Any], bool]) -> bytes:
    """What somebody else's activity is without a person's names. numbers: partners' numbers, as identities' keys; mine:
    whether a name is the person's. All else is the other's, and what came back of it is reckoned by it."""
    said = orjson.loads(raw)
    happened = (said.get("data") or {}).get("event") if isinstance(said, dict) else None
    data = (happened or {}).get("data") or {}
    changed = False
    for name in _NAMES:
        if isinstance(ref := data.get(name), dict):
            gone = {kind for kind in ref if mine({kind: ref[kind]})}
            gone |= {"reference"} if _number(happened, ref) in numbers else set()
            if gone:
                data[name] = {kind: each for kind, each in ref.items() if kind not in gone} or NOBODY
                changed = True
    if not changed:
        return raw
    said["data"].pop("request", None)
    return orjson.dumps(said)


def numbered(value: bytes, numbers: Container[str]) -> bool:
    """Whether a record that was refused, an event or an activity, names somebody by one of these numbers."""
    try:
        said = orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    happened = (said.get("data") or {}).get("event", said) if isinstance(said, dict) else None
    data = happened.get("data") if isinstance(happened, dict) else None
    return isinstance(data, dict) and any(_number(happened, data.get(name)) in numbers for name in _NAMES)


def _number(happened: Any, ref: Any) -> str:
    reference = ref.get("reference") if isinstance(ref, dict) else None
    return "" if reference is None else f"ref:{happened['source']}:{reference.strip()}"


def named(raw: bytes) -> tuple[set[str], set[str]]:
    """What a member is called in an activity of theirs: identifiers, and names in words."""
    said = orjson.loads(raw)
    happened = said.get("data", {}).get("event", {}) if isinstance(said, dict) else {}
    data = happened.get("data", {})
    ref = data.get("member") or data.get("friend") or {}
    words = {str(data["profile"]["name"])} if data.get("profile", {}).get("name") else set()
    return {str(value) for name, value in ref.items() if name != "reference"} - {"erased"}, words


def parts(names: Iterable[str]) -> set[str]:
    """What names are made of: who writes about a person may write the first name, the family's, or a half of it."""
    whole = {part.strip(".,;()\"'") for each in names for part in each.split()}
    halves = {half for part in whole for half in _HYPHENS.split(part)}
    return whole | halves | {each for half in halves for each in _APOSTROPHES.split(half)}


def in_reasons(value: Any, change: Callable[[str], str]) -> Any:
    """The same with every `reason` changed, also those in bytes that are JSON. Nothing else is: a part of a name may be
    a word of a rule or a field, too."""
    if isinstance(value, Mapping):
        return {
            name: change(each) if name == _WRITTEN and isinstance(each, str) else in_reasons(each, change)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [in_reasons(each, change) for each in value]
    if isinstance(value, bytes):
        said = _said(value)
        after = in_reasons(said, change)
        return value if after == said else orjson.dumps(after)
    return value


def unmistakable(word: str) -> bool:
    """Whether a word can be but one person's, wherever it stands: an address, a long number. A card called 2027 or
    bakery can not: it is looked for only where it is what somebody is known by."""
    digits = sum(each.isdigit() for each in word)
    long = len(word) >= 8 and digits >= 4 and _OURS.fullmatch(word) is None
    return long or "@" in word or word.startswith("ref:")


class Terms:
    """Words to look for. A part of a longer word or number is none: +8490 is not in +84901.

    ids: of entries, which have such words in them and stay as they are, wherever they are told; plain: words that are
    looked for as whole values only, where somebody is known by them; settled: fields that are not looked into;
    spelt: in which ways a word may be written, as patterns; bare: without accents.
    """

    def __init__(
        self, words: Iterable[str], ids: Iterable[str] = (), plain: Iterable[str] = (),
        settled: frozenset[str] = _SETTLED, spelt: Callable[[str], set[str]] = spellings.literal, *, bare: bool = False,
    ) -> None:  # fmt: skip
        self.words = sorted({each.strip() for each in words if len(folded(each.strip(), bare=bare)) >= _FEWEST})
        self.plain, self._settled = frozenset(folded(each.strip()) for each in plain), settled
        self.ids = sorted(set(ids))
        self._spelt, self._bare = spelt, bare
        self._pattern = None
        if self.words:
            # An id is read over before a word in it can be found. A word that is an id by itself is a word.
            stay = {form for each in self.ids for form in spellings.literal(each, bare=bare)}
            gone = {form for each in self.words for form in spelt(each)}
            self._pattern = re.compile(f"{spellings.any_of(stay)}|(?P<word>{spellings.any_of(gone)})")
            # Without a look at what stands before it a pattern is many times faster: hardly any document has a word.
            self._sieve = re.compile("|".join(sorted(stay | gone)))

    @classmethod
    def of_identifiers(cls, words: Iterable[str]) -> Terms:
        """What a person is known by: cards, addresses, numbers."""
        known = [each.strip() for each in words]
        certain = filter(unmistakable, known)
        return cls(certain, (), [each for each in known if not unmistakable(each)], spelt=spellings.identifier)

    @classmethod
    def of_names(cls, names: Iterable[str]) -> Terms:
        """Whole names."""
        return cls(names, spelt=spellings.name, bare=True)

    @classmethod
    def of_reasons(cls, names: Terms, known: Terms) -> Terms:
        """What people write about somebody of these names, known by these words."""
        said = {*parts(names.words), *known.words, *known.plain}
        return cls(said, known.ids, spelt=spellings.written, bare=True)

    def keeping(self, ids: Iterable[str]) -> Terms:
        """The same, which lets these ids stand: as they are, and without the source that they begin with."""
        whole = {each for each in ids if self.found(each)}
        short = {each.partition("|")[2] for each in whole} - {"", *self.words}
        stay = {*whole, *(each for each in short if self.found(each))}
        return Terms(self.words, stay, self.plain, self._settled, self._spelt, bare=self._bare)

    def found(self, document: Any) -> bool:
        """Whether a document has one of them, anywhere, keys of mappings included."""
        return self._knows(document) or any(each["word"] is not None for each in self._matches(document))

    def kept(self, document: Any) -> bool:
        """Whether a document has one of the ids that stay."""
        return any(each["word"] is None for each in self._matches(document))

    def _matches(self, document: Any) -> Iterator[re.Match[str]]:
        if self._pattern is not None and self._may_have(document):
            for text in texts(document, self._settled):
                for _, _, match in spellings.matches(self._pattern, text, bare=self._bare):
                    yield match

    def _may_have(self, document: Any) -> bool:
        everything = "\0".join(texts(document, self._settled))
        return self._sieve.search(folded(everything, bare=self._bare)) is not None

    def _knows(self, value: Any, *, known_by: bool = False) -> bool:
        """Whether somebody is known by a plain one."""
        if not self.plain:
            return False
        if isinstance(value, str):
            return known_by and self._is_plain(value)
        if isinstance(value, bytes):
            said = _said(value)
            return not isinstance(said, str) and self._knows(said)
        if isinstance(value, Mapping):
            return any(self._knows(each, known_by=key in _KNOWN_BY) for key, each in value.items())
        return isinstance(value, list) and any(self._knows(each, known_by=known_by) for each in value)

    def _is_plain(self, value: str) -> bool:
        """Of identities the kind stands before it: card:2027."""
        low = folded(value)
        return low in self.plain or low.partition(":")[2] in self.plain

    def scrubbed(self, value: Any, *, known_by: bool = False) -> Any:
        """The same without them."""
        if self._pattern is None and not self.plain:
            return value
        if isinstance(value, str):
            if known_by and self._is_plain(value):
                return GONE
            return self._without(value)
        if isinstance(value, bytes):
            return self._scrubbed_bytes(value)
        if isinstance(value, Mapping):
            return {
                self.scrubbed(key) if _NO_FIELD.search(key) else key: each
                if key in self._settled
                else self.scrubbed(each, known_by=key in _KNOWN_BY)
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self.scrubbed(each, known_by=known_by) for each in value]
        return value

    def _without(self, text: str) -> str:
        if self._pattern is None:
            return text
        kept, since = list[str](), 0
        for begin, end, match in spellings.matches(self._pattern, text, bare=self._bare):
            if match["word"] is not None:
                kept += text[since:begin], GONE
                since = end
        return "".join(kept) + text[since:] if kept else text

    def _scrubbed_bytes(self, value: bytes) -> bytes:
        said = _said(value)
        if isinstance(said, str):
            return str(self.scrubbed(said)).encode("utf-8", "surrogateescape")
        after = self.scrubbed(said)
        return value if after == said else orjson.dumps(after)


def _said(value: bytes) -> Any:
    """What bytes say: a document, where they are one in JSON, or their text."""
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        found = None
    return found if isinstance(found, dict | list) else value.decode("utf-8", "surrogateescape")


def texts(value: Any, settled: frozenset[str] = frozenset()) -> Iterator[str]:
    """All that can name somebody, keys of mappings included. settled: fields that are not looked into."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield from texts(_said(value), settled)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if _NO_FIELD.search(str(key)):
                yield str(key)
            if key not in settled:
                yield from texts(each, settled)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each, settled)
