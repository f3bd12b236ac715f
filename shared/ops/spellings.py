"""How people may write what somebody is called: names in other letters, numbers and cards with signs in between. Pure.

Texts are compared folded: without regard to case and Unicode form; names also without accents, as not every keyboard
has them. What is found is told by its place in the text as it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Final
from unicodedata import normalize

# Accents, and signs that nobody sees. Other scripts' vowel signs are none: without them names would be others.
_MARKS: Final = re.compile("[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]")
# What is one letter only together: a letter with its marks, and a Korean syllable that is written in parts.
_LETTER: Final = re.compile(
    "[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?"
    "|.[\u0300-\u036f\u0653-\u0655\u3099\u309a\u00ad\u200b-\u200d\u2060\ufeff]*",
    re.DOTALL,
)
# Letters with a stroke or of two parts are letters of their own, with no mark to take off: so they are written by
# who does not have them. `ß` is `ss` in any case.
_AS_TYPED: Final = str.maketrans({
    "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
})  # fmt: skip
_SIGNS: Final = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4", "'") | dict.fromkeys("‐‒–—−\u2011", "-"))
_GAP: Final = r"[ \t./()\[\]-]{0,3}"
_JOINT: Final = re.compile(r"[\s-]+")
_DAY: Final = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")
_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+")
_PHONE: Final = re.compile(r"\+[1-9]\d{6,14}")
_HYPHENS: Final = re.compile("[-\u2010\u2011\u2013]")
_APOSTROPHES: Final = re.compile("['\u2019\u02bc]")
_LONG, _DIGITS, _ALONE, _NATIONAL = 8, 4, 10, 7
# Country codes of one and two digits (ITU-T E.164); all others have three.
_SHORT_CODES: Final = frozenset((
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
    "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
    "86", "90", "91", "92", "93", "94", "95", "98",
))  # fmt: skip
_OURS: Final = re.compile(r"\d{4}-\d{2}(-\d{2}.*)?|[mhr]-[0-9a-f]{20}.*", re.IGNORECASE)  # dates, and ids of ours
# The digits and signs of a number that a field for phones has, behind `tel:` or before an extension.
_NUMBER: Final = re.compile(r"[+(]{0,2}\d(?:[ \t./()-]{0,3}\d){5,}")
_TRUNKS: Final = {"7": "8", "36": "06"}  # what is dialled at home before the number; elsewhere 0, or nothing


def unmistakable(word: str) -> bool:
    """Whether a word can be but one person's, wherever it stands: an address, a long number. A card called 2027 or
    bakery can not: it is looked for only where it is what somebody is known by."""
    digits = sum(each.isdigit() for each in word)
    long = len(word) >= 8 and digits >= 4 and _OURS.fullmatch(word) is None
    return long or "@" in word or word.startswith("ref:")


def folded(text: str, *, bare: bool = False) -> str:
    """A text as it is compared; bare: without accents."""
    if text.isascii():
        return text.lower()
    if bare:
        plain = _MARKS.sub("", normalize("NFKD", text)).casefold().translate(_AS_TYPED)
        return normalize("NFKC", _MARKS.sub("", normalize("NFKD", plain))).translate(_SIGNS)
    return normalize("NFKC", normalize("NFKC", text).casefold()).translate(_SIGNS)


def shape(said: str) -> str:
    """How something is spelt, and nothing of what it is: which of its letters are capitals, and the signs between."""
    kinds = ((str.isdigit, "0"), (str.isupper, "A"), (str.isalpha, "a"))
    signs = "".join(next((sign for is_one, sign in kinds if is_one(each)), each) for each in said)
    return blake2b(signs.encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()


def matches(pattern: re.Pattern[str], text: str, *, bare: bool = False) -> Iterator[tuple[int, int, re.Match[str]]]:
    """What of a text a pattern of folded words matches: from where to where in the text as it stands, and how."""
    low = folded(text, bare=bare)
    if text.isascii():
        for each in pattern.finditer(low):
            yield each.start(), each.end(), each
    elif pattern.search(low) is not None:  # hardly ever: which letter came from where is dear to find out
        low, begins, ends = _by_letter(text, bare=bare)
        for each in pattern.finditer(low):
            yield begins[each.start()], ends[each.end() - 1], each


def any_of(spelt: Iterable[str], *, joined: bool = False) -> str:
    """A pattern for any of these patterns as a whole word, the longest first; for none where there are none. joined:
    whether an underscore is of the word, as in ids of ours."""
    alternatives = "|".join(sorted(set(spelt), key=lambda each: (-len(each), each)))
    letter = r"\w" if joined else r"[^\W_]"
    return rf"(?<!{letter})(?:{alternatives})(?!{letter})" if alternatives else "(?!)"


def literal(word: str, *, bare: bool = False) -> set[str]:
    """A word as it is, and as some senders escape it in JSON. An address is none where a longer one ends or begins
    with it: mary.ann@example.com and jo-ann@example.com are not Ann's, nor is ann@example.com.vn."""
    before, after = (r"(?<![.+_-])", r"(?!\.\w)") if _ADDRESS.fullmatch(word) else ("", "")
    forms = {word, normalize("NFC", word), normalize("NFD", word)} | ({word.replace("@", "%40")} if before else set())
    escaped = {json.dumps(each)[1:-1] for each in forms}
    return {f"{before}{re.escape(folded(each, bare=bare))}{after}" for each in {word, *escaped}}


def parts(names: Iterable[str]) -> set[str]:
    """What names are made of: who writes about a person may write the first name, the family's, or a half of it."""
    whole = {part.strip(".,;()\"'") for each in names for part in each.split()}
    halves = {half for part in whole for half in _HYPHENS.split(part)}
    return whole | halves | {each for half in halves for each in _APOSTROPHES.split(half)}


def name(word: str) -> set[str]:
    """A whole name, hyphens and spaces alike."""
    pieces = [re.escape(each) for each in _JOINT.split(folded(word, bare=True)) if each]
    return {*literal(word, bare=True), r"[\s-]+".join(pieces)}


def identifier(word: str) -> set[str]:
    """An address, a number or a card that can stand anywhere, also in what is about others: with signs in between only
    where it can be nothing else, even so."""
    found = literal(word)
    if _PHONE.fullmatch(word):
        found.add(rf"(?:\+|00){_GAP}{spaced(word[1:])}")
    elif _can_be_spaced(word) and len(_bare(word)) >= _ALONE:
        found.add(spaced(_bare(word)))
    return found


def certain(word: str) -> set[str]:
    """An address, or a phone's number with its plus: no amount, product or wallet can be that. Of others none."""
    if _PHONE.fullmatch(word):
        return {*literal(word), rf"\+{_GAP}{spaced(word[1:])}"}
    return literal(word) if "@" in word else set()


def written(word: str) -> set[str]:
    """What people may write in reasons about the member: a part of a name, a card or number with signs in between, a
    phone's number as it is dialled at home."""
    found = literal(word, bare=True)
    if _PHONE.fullmatch(word):
        found.add(_phone(word[1:]))
    elif _can_be_spaced(word):
        found.add(spaced(_bare(word)))
    return found


def phone_forms(word: str) -> set[str]:
    """As what digits a phone may stand in a field for phones: whole, or as it is dialled at home; see `dialled`."""
    if not _PHONE.fullmatch(word):
        return set()
    code, number = _apart(word[1:])
    home = {number, f"{_TRUNKS.get(code, '0')}{number}"} if len(number) >= _NATIONAL else set[str]()
    return {f"+{word[1:]}", word[1:], *home}


def dialled(said: str) -> str:
    """The digits of a phone as a field for phones has it, however it is written, with the plus where it has one."""
    found = _NUMBER.search(folded(said))
    if found is None:
        return ""
    digits = "".join(each for each in found[0] if each.isdigit())
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{digits}" if "+" in found[0] else digits


def _by_letter(text: str, *, bare: bool) -> tuple[str, list[int], list[int]]:
    """A folded text, and of each of its letters where in the text that begins and ends."""
    pieces, begins, ends = list[str](), list[int](), list[int]()
    for each in _LETTER.finditer(text):
        piece = folded(each[0], bare=bare)
        pieces.append(piece)
        begins += [each.start()] * len(piece)
        ends += [each.end()] * len(piece)
    return "".join(pieces), begins, ends


def _phone(digits: str) -> str:
    code, number = _apart(digits)
    if len(number) < _NATIONAL:  # too short by itself to be nobody else's
        return rf"(?:(?:\+|00){_GAP})?{spaced(digits)}"
    trunk = rf"(?:{spaced(_TRUNKS.get(code, '0'))}{_GAP})?"
    # Behind a plus and another country's code the same digits are another number.
    return rf"(?<!\+)(?:(?:(?:\+|00){_GAP})?{spaced(code)}{_GAP})?{trunk}{spaced(number)}"


def _apart(digits: str) -> tuple[str, str]:
    """The country's code, and the number in it."""
    code = next((digits[:size] for size in (1, 2) if digits[:size] in _SHORT_CODES), digits[:3])
    return code, digits[len(code) :]


def _can_be_spaced(word: str) -> bool:
    """Whether signs may stand in between, and it is still this: not so of short ones (25 000 is an amount), nor where
    it would be a day."""
    bare = _bare(word)
    if "@" in word or ":" in word or _DAY.fullmatch(bare):
        return False
    return len(bare) >= _LONG and sum(each.isdigit() for each in bare) >= _DIGITS


def _bare(word: str) -> str:
    """Letters and digits alone."""
    return "".join(each for each in folded(word) if each.isalnum())


def spaced(word: str) -> str:
    """A pattern for letters and digits with signs in between."""
    return _GAP.join(map(re.escape, word))
