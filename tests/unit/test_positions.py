"""Places of characters within YAML texts: in any way of writing, as an obvious model of each way has it."""

from __future__ import annotations

import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.checks.checking import check
from shared.rules.positions import indices, spot
from tests.unit.marked import found, rule

# A piece: what the file has, and what it says, each character with its place within the piece.
Piece = tuple[str, list[tuple[str, int]]]
WORDS = st.text(string.ascii_letters + string.digits + "._><=+-*&|()éạ", min_size=1, max_size=8)


def word(text: str) -> Piece:
    return text, [(character, number) for number, character in enumerate(text)]


SPACE: Piece = (" ", [(" ", 0)])
FOLDS: list[Piece] = [
    ("\n  ", [(" ", 0)]),
    ("\n      ", [(" ", 0)]),
    ("  \n  ", [(" ", 2)]),
    ("\r\n  ", [(" ", 0)]),
    ("\n\n  ", [("\n", 1)]),
    ("\n  \n\n  ", [("\n", 3), ("\n", 4)]),
]
COLON: Piece = (": ", [(":", 0), (" ", 1)])
QUOTED: list[Piece] = [("''", [("'", 0)]), ('"', [('"', 0)]), ("#", [("#", 0)])]
ESCAPES: list[Piece] = [
    ('\\"', [('"', 0)]),
    ("\\n", [("\n", 0)]),
    ("\\\\", [("\\", 0)]),
    ("\\x41", [("A", 0)]),
    ("\\u1ea1", [("ạ", 0)]),
    ("\\U0001F600", [("😀", 0)]),
    ("\\ ", [(" ", 0)]),
    ("'", [("'", 0)]),
    ("#", [("#", 0)]),
]
JOINS: list[Piece] = [("\\\n  ", []), ("\\\n\n    ", [("\n", 2)])]


def flow(between: list[Piece], within: list[Piece]) -> st.SearchStrategy[list[Piece]]:
    """Words with something between any two of them."""
    words = WORDS.map(word) if not within else st.one_of(WORDS.map(word), st.sampled_from(within))
    pairs = st.lists(st.tuples(st.sampled_from(between), words), max_size=8)
    first = WORDS.map(lambda text: word("a" + text))
    last = WORDS.map(lambda text: word(text + "z"))
    return st.tuples(first, pairs, last).map(
        lambda each: [each[0], *(piece for pair in each[1] for piece in pair), SPACE, each[2]]
    )


def compared(before: str, pieces: list[Piece], after: str) -> None:
    """Reads the file and compares the value and the place of every character of it."""
    places: list[int] = []
    text, value = before, ""
    for source, said in pieces:
        for character, place in said:
            value += character
            places.append(len(text) + place)
        text += source
    end = len(text)
    node = yaml.compose(text + after, yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    [(_, scalar)] = node.value[:1]
    assert scalar.value == value
    assert indices(text + after, scalar) == [*places, end]


@given(flow([SPACE, *FOLDS], []))
def test_plain_texts(pieces: list[Piece]) -> None:
    compared("key: ", pieces, "\nother: 1\n")


@given(flow([SPACE, COLON, *FOLDS], QUOTED))
def test_texts_in_single_quotes(pieces: list[Piece]) -> None:
    compared("key: '", pieces, "'\nother: 1\n")


@given(flow([SPACE, COLON, *FOLDS, *JOINS], ESCAPES))
def test_texts_in_double_quotes(pieces: list[Piece]) -> None:
    compared('key: "', pieces, '" # why\nother: 1\n')


@given(
    st.lists(st.tuples(WORDS, st.integers(0, 3)), min_size=1, max_size=6),
    st.sampled_from(["|", "|-", "|+", "| # why"]),
    st.integers(1, 5),
)
def test_literal_blocks(lines: list[tuple[str, int]], header: str, indent: int) -> None:
    """Every line, and empty lines after it, as they are; but for the indentation."""
    places: list[int] = []
    text, value = f"key: {header}\n", ""
    for number, (said, empty) in enumerate(lines):
        text += " " * indent
        places += range(len(text), len(text) + len(said))
        text += said
        value += said
        last = number == len(lines) - 1
        for nth in range(empty + 1):
            if not last or "+" in header or (nth == 0 and "-" not in header):
                value += "\n"
                places.append(len(text))
            text += "\n"
    node = yaml.compose(text + "other: 1\n", yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    [(_, scalar)] = node.value[:1]
    assert scalar.value == value
    assert indices(text + "other: 1\n", scalar)[:-1] == places


@given(st.lists(st.tuples(WORDS, st.integers(0, 2)), min_size=1, max_size=6), st.integers(1, 5))
def test_folded_blocks(lines: list[tuple[str, int]], indent: int) -> None:
    """One line end is a space, at its own place; of more, all but the first are kept."""
    places: list[int] = []
    text, value = "key: >-\n", ""
    for number, (said, empty) in enumerate(lines):
        text += " " * indent
        places += range(len(text), len(text) + len(said))
        text, value = text + said, value + said
        for nth in range(empty + 1):
            if number < len(lines) - 1 and (nth > 0 or empty == 0):
                value += "\n" if empty else " "
                places.append(len(text))
            text += "\n"
    node = yaml.compose(text + "other: 1\n", yaml.SafeLoader)
    assert isinstance(node, yaml.MappingNode)
    [(_, scalar)] = node.value[:1]
    assert scalar.value == value
    assert indices(text + "other: 1\n", scalar)[:-1] == places


@given(st.text("ab\n\r\x85\u2028\u2029é", max_size=40), st.integers(0, 40))
def test_a_place_is_the_readers(text: str, index: int) -> None:
    reader = yaml.reader.Reader(text)
    index = min(index, len(text))
    if text[index - 1 : index + 1] == "\r\n":
        return  # the reader never stops there
    reader.forward(index)
    assert spot(text, index) == (reader.line + 1, reader.column + 1)


@pytest.mark.parametrize(
    "written",
    [
        "when: basket.total >= 5 && ▶basket.totl < 9",
        "when: 'event.store == \"it''s\" && ▶basket.totl < 9'",
        'when: "event.store == \\"12\\" && ▶basket.totl < 9"',
        'when: "event.store == \\"caf\\u00e9\\" && ▶basket.totl < 9"',
        "when: basket.total >= 5\n  && event.store == '12'\n\n  && ▶basket.totl < 9",
        "when: >-\n  basket.total >= 5\n  && ▶basket.totl < 9",
        "when: |\n    basket.total >= 5 &&\n      ▶basket.totl < 9\n",
        "when: {all: [basket.total >= 5, {not: ▶basket.totl < 9}]}",
        "when:\n  any:\n    - basket.total >= 5\n    - not: >\n        event.store == '12' || ▶basket.totl < 9",
        "when: basket.total >▶  # something is missing",
        "when: |\n  basket.total >▶\n",
        'when: "basket.total >▶ "',
    ],
)
def test_a_fault_of_an_expression_stands_at_its_character(written: str) -> None:
    faults, places = found(rule("x", written))
    assert [(each.line, each.column) for each in faults] == places


def test_what_is_too_long_for_one_line_has_no_end() -> None:
    [fault], _ = found(rule("x", "when: 'calendar.hour\n    > 23'"))
    assert fault.end_column is None
    [fault], [(_, column)] = found(rule("x", "when: ▶calendar.hour > 23"))
    assert fault.end_column == column + len("calendar.hour > 23")


@pytest.mark.parametrize(
    ("when", "marked"),
    [
        # A quote that is written with a backslash, or twice, ends behind both characters.
        ('"event.store == \\"2\\" && event.store == \\"3\\""', 'event.store == \\"3\\"'),
        ("'event.store == ''2'' && event.store == ''3'''", "event.store == ''3''"),
        # Brackets belong to what they stand around, at its end too.
        ("'!(history.count(ever) < 1)'", "!(history.count(ever) < 1)"),
        ("'lines.any((amount > 2) || (amount < 2.50))'", "(amount > 2) || (amount < 2.50)"),
        ("'(basket.total + 1) * 2 >= 0'", "(basket.total + 1) * 2 >= 0"),
    ],
)
def test_what_is_marked_ends_where_it_ends(when: str, marked: str) -> None:
    """Mechanism: `positions.ends` and the parser's places; else the last signs of these are not marked."""
    line = f"  when: {when}"
    head = "- id: x\n  kind: earn\n  effective: 2017-01-01T00:00:00-05:00\n  title: A title\n  then: {fixed: 1}\n"
    [fault] = [each for each in check([("r.yaml", f"{head}{line}\n")]).faults if each.line == 6]
    assert fault.end_column is not None
    assert line[fault.column - 1 : fault.end_column - 1] == marked
