"""What keeps a text from being YAML, in words for who never heard of its grammar: what is wrong, what to write, where.

The parser tells where it stumbled, often after what is wrong: the place is the value, bracket or quote to mend.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import yaml

from shared.rules.yamlcolons import doubled, tight
from shared.rules.yamlcommas import number_cut
from shared.rules.yamlthings import dashed, listed

_BREAK: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # as the parser counts lines
_LINE: Final = re.compile(r"(?P<indent>\s*(?:- +)*)(?:(?P<key>[\w.-]+|\"[^\"]*\"|'[^']*'): +)?(?P<value>.*)")
_KEY: Final = re.compile(r"\s*(?:- +)*[\w.-]+:(?:\s|$)")
_QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_DENIED: Final = re.compile(r"!\s*(?P<all>[\w.]+\s*(?:[=!<>]=|[<>]|\bin\b)(?:(?!&&|\|\|).)*)")
_DENIED_ITEM: Final = re.compile(r"(?:[\[{,]|: )\s*(?P<text>!(?:(?![\[{,]|: ).)*)$")
_SHOWN_FIRST: Final = re.compile(r"(?:write|`in`:) [!\"]")
_CLOSERS: Final = {"{": "}", "[": "]"}
_NAMES: Final = {
    "!": "is a sign of YAML's own (a tag)",
    "*": "is a sign of YAML's own (it repeats what an & has named)",
    "&": "is a sign of YAML's own (it names what comes next)",
    "%": "is a sign of YAML's own",
    "@": "is kept for YAML itself",
    "`": "is kept for YAML itself",
    "|": "begins a text in the lines below it",
    ">": "begins a text in the lines below it",
    "-": "with a space begins an item of a list",
    "?": "with a space is a sign of YAML's own",
    ",": "separates the items of a list",
    "#": "begins a comment",
}


class Unread(NamedTuple):
    """Where a text is no YAML (line and column from 1; the column after the last, where it is known), and why."""

    line: int
    column: int
    said: str
    end_column: int | None = None


class _Value(NamedTuple):
    """What stands in one line behind its key; `begin` counts characters from 0."""

    key: str
    text: str
    begin: int


def unread(text: str, error: yaml.MarkedYAMLError) -> Unread:
    """What to tell of a text that the parser refused."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Unread(1, 1, str(error.problem))
    lines = _BREAK.split(text)
    if said := number_cut(text, mark.index):
        return Unread(mark.line + 1, mark.column + 1, said)
    if (begun := tight(_at(lines, mark.line))) is not None:
        return Unread(mark.line + 1, begun[0] + 1, begun[1])
    told = _scanned(lines, error, mark) or _within_brackets(lines, error, mark) or _block(lines, error, mark)
    if told is not None:
        return told
    said = str(error.problem)
    hint = "" if "; " in said else "; put a text with signs in quotes, and see whether a colon or bracket is missing"
    return Unread(mark.line + 1, mark.column + 1, said + hint)


def emptied(text: str, mark: yaml.Mark) -> str:
    """Why nothing is written where something is: its sign means something else to YAML. Else nothing."""
    value = _value(_at(_BREAK.split(text), mark.line))
    # What begins with & is a name for nothing; what begins with # is a comment, so nothing stands there at all.
    wrong = value.text[:1] in ("&", "#") and value.key and mark.column <= value.begin
    return _beginning(value) if wrong else ""


def in_quotes_then(said: str, node: yaml.Node, at: int) -> str:
    """What to add to a hint that shows a condition with a `!` or a quote at its beginning, where that would begin the
    value, too: YAML would not take it. at: where in the value the slip is."""
    if not isinstance(node, yaml.ScalarNode) or node.style is not None or not _SHOWN_FIRST.search(said):
        return ""
    first = at == 0 or re.fullmatch(r"[\w.]+\s*", node.value[:at])
    return ", and put the whole value in single quotes" if first else ""


def _scanned(lines: list[str], error: yaml.MarkedYAMLError, mark: yaml.Mark) -> Unread | None:
    """Single characters, quotes and colons."""
    problem, context = str(error.problem), str(error.context or "")
    begins = error.context_mark or mark
    value = _value(_at(lines, mark.line))
    if "'\\t'" in problem:
        return Unread(mark.line + 1, mark.column + 1, "a tab stands here; indent with spaces")
    if "quoted scalar" in context and "end of stream" in problem:
        return _open_quote(lines, begins)
    if "unknown escape" in problem:
        sign = _at(lines, mark.line)[mark.column : mark.column + 1]
        said = f"\\{sign} means nothing in double quotes; write \\\\{sign}, or put the text in single quotes"
        return Unread(mark.line + 1, mark.column, said)
    if "could not find expected ':'" in problem:
        return _no_colon(lines, begins)
    if "tag" in context or "tag" in problem or "anchor" in context or "alias" in context + problem:
        place = begins if "tag" in context or "anchor" in context or "alias" in context else mark
        return _sign(lines, place)
    if "block scalar" in context or (value.text[:1] in _NAMES and value.begin <= mark.column <= value.begin + 1):
        return _sign(lines, mark)
    if "cannot start any token" in problem or "comment or a line break" in problem:
        return _sign(lines, mark)
    return None


def _sign(lines: list[str], mark: yaml.Mark) -> Unread:
    """A sign that means something else to YAML, at the beginning of a value."""
    line = _at(lines, mark.line)
    value = _value(line)
    if value.text[:1] in _NAMES and value.begin <= mark.column:
        return _of_value(mark.line, value, _beginning(value))
    # Between brackets a `!` is taken in, and the parser stumbles over the next sign.
    denied = _DENIED_ITEM.search(line, 0, mark.column)
    column = mark.column if denied is None else denied.start("text")
    sign = line[column : column + 1]
    means = _NAMES.get(sign, "means something to YAML")
    return Unread(mark.line + 1, column + 1, f"`{sign}` {means}; put the whole text that begins here in quotes")


def _beginning(value: _Value) -> str:
    sign = value.text[:1]
    if said := dashed(value.key, value.text):
        return said
    if re.match(r"!\s*\{", value.text):
        return f"`!` at the beginning {_NAMES[sign]}; take it away, and to deny conditions write them under `not:`"
    denied = _DENIED.fullmatch(value.text)
    if denied is not None:  # of two words that are compared, it would deny the first only
        value = value._replace(text=f"!({denied['all']})")
    return f"`{sign}` at the beginning {_NAMES[sign]}; put the whole value in quotes: {_mended(value)}"


def _open_quote(lines: list[str], mark: yaml.Mark) -> Unread:
    sign = _at(lines, mark.line)[mark.column : mark.column + 1]
    said = f"a text begins here with {sign} and does not end; write {sign} where it ends"
    return Unread(mark.line + 1, mark.column + 1, said)


def _no_colon(lines: list[str], mark: yaml.Mark) -> Unread:
    words = _at(lines, mark.line)[mark.column :].strip()
    name, _, rest = words.partition(":") if ":" in words else words.partition(" ")
    write = f"write `{name}: {rest.strip()}`" if rest.strip() else f"write `{name}: ` and its value"
    return Unread(
        mark.line + 1, mark.column + 1, f"a field is a name, a colon and a space, which are not here; {write}"
    )


def _within_brackets(lines: list[str], error: yaml.MarkedYAMLError, mark: yaml.Mark) -> Unread | None:
    """What stands between { and } or [ and ]."""
    if "flow" not in str(error.context) or error.context_mark is None:
        return None
    begin, line = error.context_mark, _at(lines, mark.line)
    opener = _at(lines, begin.line)[begin.column : begin.column + 1]
    closer, here = _CLOSERS.get(opener, "]"), line[mark.column : mark.column + 1]
    if here in _CLOSERS and re.search(r"[^\s,:\[{'\"]\s*$", line[: mark.column]):
        said = f"a `{here}` within a text begins something of YAML's own; put the whole text around it in quotes"
        return Unread(mark.line + 1, mark.column + 1, said)
    if here in _CLOSERS.values() and here != closer:
        said = f"the `{opener}` of line {begin.line + 1} is closed by `{here}`; write `{closer}`"
        return Unread(mark.line + 1, mark.column + 1, said)
    if not here or mark.line > begin.line:
        said = f"a `{opener}` is opened here and not closed; write `{closer}` where it ends"
        return Unread(begin.line + 1, begin.column + 1, said)
    if here == ":":
        said = "a `: ` within a text begins a field; put the whole text in quotes"
    elif _QUOTED.match(line, begin.column + 1) or line[: mark.column].rstrip()[-1:] in ("'", '"'):
        said = (
            "a text in quotes ends with its quote, and here it goes on; put the whole text in quotes of the other kind"
        )
    else:
        said = f"a comma is missing before this; write a comma, or `{closer}` where it ends"
    return Unread(mark.line + 1, mark.column + 1, said)


def _block(lines: list[str], error: yaml.MarkedYAMLError, mark: yaml.Mark) -> Unread | None:
    """Lines, their indentation, and values that go on where they cannot."""
    problem, line = str(error.problem), _at(lines, mark.line)
    value = _value(line)
    if "mapping values are not allowed" in problem:
        if value.key and mark.column > value.begin:
            said = doubled(value.key, value.text) or (
                f"a `: ` within a text begins a field; put the whole text in quotes: {_mended(value)}"
            )
            return _of_value(mark.line, value, said)
        return _indented(line, mark.line, "the value above goes on here")
    if "expected <block end>" not in problem and "not allowed here" not in problem:
        return None
    if line[mark.column : mark.column + 1] in ("}", "]"):
        said = f"this `{line[mark.column]}` closes nothing; take it away"
        return Unread(mark.line + 1, mark.column + 1, said)
    if mark.column == len(line) - len(line.lstrip()):
        return _misplaced(lines, error, mark)
    return _goes_on(lines, mark, value)


def _goes_on(lines: list[str], mark: yaml.Mark, value: _Value) -> Unread | None:
    """A value that has ended already: by its second quote, or by its bracket."""
    sign = value.text[:1]
    if sign in ("'", '"'):
        if mark.column == value.begin + 1:
            return _earlier(lines, mark, sign)
        if sign == "'" and re.match(r"'[^']*'\w", value.text) and value.text.endswith("'"):
            inner = value.text[1:-1]
            said = f"the text ends at the apostrophe; put it in the other quotes: {_keyed(value, _quoted(inner))}"
            return _of_value(mark.line, value, said)
        if said := _twice(value, sign):
            return _of_value(mark.line, value, said)
        said = (
            f"a value that begins with {sign} ends at the next {sign}; put the whole value in quotes: {_mended(value)}"
        )
        return _of_value(mark.line, value, said)
    if sign in _CLOSERS:
        closer = _CLOSERS[sign]
        said = f"a value that begins with `{sign}` ends with its `{closer}`; if it is a text, put all of it in quotes: "
        return _of_value(mark.line, value, listed(value.key, value.text) or said + _mended(value))
    return None


def _twice(value: _Value, sign: str) -> str:
    """Of `"event.store == "31""`, which has its quotes around it already; nothing where they are not around all."""
    inner, first = value.text[1:-1], value.text[1:].partition(sign)[0]
    if not value.text.endswith(sign) or first[-1:] not in (" ", "[", "(", ",") or inner.count(sign) % 2:
        return ""
    return f"the text ends at the second {sign}; put it in the other quotes: {_keyed(value, _quoted(inner))}"


def _earlier(lines: list[str], mark: yaml.Mark, sign: str) -> Unread:
    """A quote that was meant to begin a text has ended one that was left open lines ago."""
    for number in range(mark.line - 1, -1, -1):
        value = _value(lines[number])
        if value.text.startswith(sign) and value.text.count(sign) % 2:
            said = f"a text begins here with {sign} and is not closed in this line; write {sign} where it ends"
            return Unread(number + 1, value.begin + 1, said)
    return Unread(mark.line + 1, mark.column, f"a text that was begun above ends here; close it with {sign} above")


def _misplaced(lines: list[str], error: yaml.MarkedYAMLError, mark: yaml.Mark) -> Unread:
    """A line whose indentation fits nothing above it."""
    column = 0 if error.context_mark is None else error.context_mark.column
    line = lines[mark.line]
    if "collection" in str(error.context) or "sequence" in str(error.context):
        if mark.column == column and _KEY.match(line):
            said = (
                f"a field cannot follow the items of a list here; indent it by {column + 2} spaces, or begin with `- `"
            )
            return Unread(mark.line + 1, mark.column + 1, said)
        why = f"the items of this list begin in column {column + 1}, their fields in column {column + 3}"
        return _indented(line, mark.line, why)
    if line.lstrip().startswith("- "):
        return _indented(line, mark.line, "an item of a list stands among fields")
    return _indented(line, mark.line, f"the fields beside it begin in column {column + 1}")


def _indented(line: str, number: int, why: str) -> Unread:
    spaces = len(line) - len(line.lstrip())
    return Unread(
        number + 1, spaces + 1, f"this line is indented by {spaces}, and {why}; indent it like its neighbours"
    )


def _of_value(number: int, value: _Value, said: str) -> Unread:
    return Unread(number + 1, value.begin + 1, said, value.begin + 1 + len(value.text))


def _value(line: str) -> _Value:
    found = _LINE.match(line)
    assert found is not None  # every part of it may be empty
    text = re.sub(r"\s+#.*$", "", found["value"]).rstrip() if not found["value"].startswith("#") else found["value"]
    return _Value(found["key"] or "", text, found.start("value"))


def _mended(value: _Value) -> str:
    return _keyed(value, _quoted(value.text))


def _keyed(value: _Value, text: str) -> str:
    return f"{value.key}: {text}" if value.key else text


def _quoted(text: str) -> str:
    """A text in quotes that it does not have in it, where there are such."""
    if "'" in text and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _at(lines: list[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""
