"""Breaks definition files in every way that people and programs do: bytes, words, lines, YAML structure, expressions.

The same seed and number give the same file, on every machine.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
_TOKEN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*|\d+|\s+|.", re.DOTALL)
_WORDS: Final = (
    "id", "kind", "earn", "bonus", "when", "then", "all", "any", "not", "fixed", "schedule", "limits", "segment",
    "stacking", "group", "how", "exclusive", "best", "priority", "multiply", "rules", "by", "budget", "money",
    "currency", "wallet", "tag", "version", "effective", "true", "null", "0", "-1", "1.5", "99999999999999999999",
    "1e999999999", ".inf", "0x1F", "1:30", "2017-01-01", "2017-02-30", "2017-01-01T00:00:00Z", "~", "''", "é",
    "\u2028", "\x00", "\ufeff", "\U0001f600", "[]", "{}", "[[", "]]", "{{", "}}", "&a", "*a", "<<", "!!binary",
    "!!python/object:os.system", "!!set", "!!omap", "|", ">-", "%", "@", "`", "---", "...", "? [a]", "- - -", "#",
    ": ", "\t", "'", '"', "\\", "\r", "\r\n", "FREQ=DAILY", "FREQ=MONTHLY;BYDAY=5MO", "Asia/Ho_Chi_Minh",
    "09:00-12:00", "22:00-02:00",
)  # fmt: skip
PARTS: Final = (
    "basket.total", "basket.eligible", "event.kind", "event.store", "member.tier", "member.tags",
    "member.balance.stars", "calendar.weekday", "calendar.hour", "lines.any(", "lines.sum(amount, ",
    "history.count(", "this_month", "last_days(30)", 'since("2017-01-01")', "days_since(", "has(",
    'calendar.holiday("US")', "&&", "||", "!", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%", "(",
    ")", "[", "]", ",", ".", '"', "'", '"gold"', '"friday"', "0", "5.00", "1e5", "true", "and", "or", "not",
    "amount", "category", "startsWith", ".contains(", "é", "\\", "=", "?", ":", "null", "&", "|", "9" * 30,
)  # fmt: skip
_EXPRESSION: Final = re.compile(r"(?:when|where|not_eligible|- |not): *(?P<text>[^\n{\[]*(?:==|>=|>|<|in )[^\n]*)")


def sources() -> list[str]:
    """What is broken: the programmes here and the examples of the page about rules, whole and each definition alone."""
    files = sorted((ROOT / "programs").glob("*/definitions/*.yaml"))
    page = (ROOT / "docs" / "capabilities" / "rules.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(- id: .*?)```", page, re.DOTALL)
    whole = [*(file.read_text(encoding="utf-8") for file in files), *examples]
    single = [f"- id: {each}" for text in whole for each in text.split("- id: ")[1:]]
    programme = examples[0]
    return [*whole, *single, *(programme + each for each in examples[1:])]


def broken(texts: list[str], seed: str) -> bytes:
    """One file, broken once or several times."""
    random_ = random.Random(seed)
    text = random_.choice(texts)
    for _ in range(random_.choice((1, 1, 1, 2, 3, 8))):
        text = random_.choice(_WAYS)(text, random_)
    if random_.random() < 0.05:
        text = _nested(text, random_)  # last: to read it again would take for ever
    data = text.encode("utf-8", "surrogatepass")
    return _bytes(data, random_) if random_.random() < 0.1 else data


def _bytes(data: bytes, random_: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(random_.randint(1, 4)):
        at = random_.randrange(len(found) + 1)
        match random_.randrange(4):
            case 0:
                found[at:at] = bytes([random_.randrange(256)])
            case 1:
                del found[at : at + random_.randint(1, 9)]
            case 2 if at < len(found):
                found[at] = random_.randrange(256)
            case _:
                found[at:at] = found[at : at + random_.randint(1, 60)]
    return bytes(found)


def _characters(text: str, random_: random.Random) -> str:
    at = random_.randrange(len(text) + 1)
    cut = random_.randrange(3)
    return text[:at] + random_.choice(("", random_.choice(_WORDS), chr(random_.randrange(0x250)))) + text[at + cut :]


def _tokens(text: str, random_: random.Random) -> str:
    tokens = _TOKEN.findall(text)
    if not tokens:
        return text
    at = random_.randrange(len(tokens))
    match random_.randrange(4):
        case 0:
            tokens[at] = random_.choice(_WORDS)
        case 1:
            del tokens[at]
        case 2:
            other = random_.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        case _:
            word = tokens[at]
            tokens[at] = word[:-1] + random_.choice("aeszq") if len(word) > 2 else word * 2
    return "".join(tokens)


def _lines(text: str, random_: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    if not lines:
        return random_.choice(_WORDS)
    at = random_.randrange(len(lines))
    match random_.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(random_.randrange(len(lines)), lines[at])
        case 2:
            lines[at] = " " * random_.randint(1, 3) + lines[at]
        case 3:
            lines[at] = lines[at].removeprefix(" ").removeprefix(" ")
        case _:
            lines = lines[:at]
    return "".join(lines)


def _structure(text: str, random_: random.Random) -> str:
    """The YAML read, one value of it changed, and written again."""
    try:
        data = yaml.safe_load(text)
        places = list(_places(data))
        if not places:
            return text
        holder, key = random_.choice(places)
        _, other = random_.choice(places), random_.choice(places)
        match random_.randrange(7):
            case 0:
                del holder[key]
            case 1:
                holder[key] = random_.choice((None, 0, -1, 1.5, True, "", "a", [], {}, [1], {"a": 1}, 10**30))
            case 2:
                holder[key] = [holder[key]]
            case 3:
                holder[key] = {"all": [holder[key]]}
            case 4:
                holder[key] = other[0][other[1]]
            case 5 if isinstance(holder, dict):
                holder[random_.choice(_WORDS)] = holder.pop(key)
            case _:
                holder[key] = {random_.choice(_WORDS): holder[key]}
        return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=random_.choice((30, 100, 1000))))
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        return text


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Every value of a file: what holds it, and under which key; what is there by an alias once."""
    found: list[tuple[Any, Any]] = []
    seen, todo = set[int](), [data]
    while todo:
        holder = todo.pop()
        if isinstance(holder, dict | list) and id(holder) not in seen:
            seen.add(id(holder))
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            found += [(holder, key) for key in keys]
            todo += [holder[key] for key in keys]
    return found


def _expression(text: str, random_: random.Random) -> str:
    found = list(_EXPRESSION.finditer(text))
    if not found:
        return text
    match = random_.choice(found)
    tokens = _TOKEN.findall(match["text"])
    for _ in range(random_.randint(1, 3)):
        at = random_.randrange(len(tokens) + 1)
        tokens[at : at + random_.randint(0, 2)] = [random_.choice((random_.choice(PARTS), " ", random_.choice(tokens)))]
    return text[: match.start("text")] + "".join(tokens) + text[match.end("text") :]


def _nested(text: str, random_: random.Random) -> str:
    """Deep brackets, and aliases of aliases."""
    deep = random_.choice((5, 50, 2_000))
    return text + random_.choice(
        (
            f"\n- {'[' * deep}{']' * deep}\n",
            f"\n- when: {'{not: ' * deep}a{'}' * deep}\n",
            f"\n- when: '{'(' * deep}basket.total > 1{')' * deep}'\n",
            f"\n- when: '{'!' * deep}has(event.store)'\n",
            "\n- &a [1, 1]\n"
            + "".join(f"- &a{n} [{', '.join(['*a' + (str(n - 1) if n else '')] * 9)}]\n" for n in range(9)),
            "\n- &r {when: *r}\n",
            f"\n- title: {'x' * deep * 10}\n",
        )
    )


_WAYS: Final[list[Callable[[str, random.Random], str]]] = [
    _characters, _tokens, _tokens, _lines, _structure, _structure, _structure, _expression, _expression, _expression,
]  # fmt: skip
