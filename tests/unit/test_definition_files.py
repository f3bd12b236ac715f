"""Faults of definition files: each in words that say what to write, at its place, and none that only follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.programmes import read_programme
from shared.rules.definition import KINDS
from shared.rules.yamlfile import DefinitionError, parse, read_all

ALL_KINDS = "programme, partner, earn, bonus, challenge, campaign, referral, draw, segment, ladder, gift, message"
HEAD = "id: x\nkind: earn\neffective: 2026-01-01T00:00:00Z\ntitle: X\n"
EARN = HEAD + "then: {fixed: 1}\n"
LADDER = (
    "id: star-ladder\nkind: ladder\neffective: 2026-01-01T00:00:00Z\ntitle: L\n"
    "qualifying: [base]\ntiers: [{id: gold, title: Gold, from: 10}]\n"
)
BASE = "id: base\nkind: earn\neffective: 2026-01-01T00:00:00Z\ntitle: B\nthen: {fixed: 1}\n"
PROGRAMME = (
    "id: p\nkind: programme\neffective: 2026-01-01T00:00:00Z\ntitle: P\n"
    "time_zone: Asia/Ho_Chi_Minh\ncurrency: VND\nwallets: [stars]\n"
)
NO_CONDITION = "write a condition, such as basket.total >= 10.00"
NO_TREE = "write all, any or not here, or a comparison such as basket.total >= 10.00"
WAITS = "references to what cannot be read yet are checked once this is mended"


def faults(text: str) -> list[str]:
    """What is wrong with a file, as it is shown."""
    return [str(each) for each in parse(text, "f.yaml")[1]]


def refused(*files: tuple[str, str]) -> list[str]:
    """What is shown of several files that cannot be used together."""
    with pytest.raises(DefinitionError) as error:
        read_all(files)
    return str(error.value).splitlines()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("id: x\ntitle: X\n", f"f.yaml:1:1: `kind` is missing: write one of {ALL_KINDS}"),
        ("id: x\nkind:\n", f"f.yaml:2:6: `kind` is missing: write one of {ALL_KINDS}"),
        (
            "- id: x\n  kind: earning\n",
            f"f.yaml:2:9: no kind is called earning; did you mean earn? There are: {ALL_KINDS}",
        ),
        ("id: x\nkind: Tier\n", f"f.yaml:2:7: no kind is called Tier; there are: {ALL_KINDS}"),
        ("id: x\nkind: 5\n", f"f.yaml:2:7: no kind is called 5; there are: {ALL_KINDS}"),
        (
            "id: x\nkind: [earn]\n",
            f"f.yaml:2:7: no kind is called [earn]; did you mean earn? There are: {ALL_KINDS}",
        ),
        ("- words\n", "f.yaml:1:3: write a definition here: its `id`, its `kind`, and what belongs to that"),
    ],
)
def test_a_kind_that_is_missing_or_unknown(text: str, shown: str) -> None:
    assert faults(text) == [shown]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (EARN + "limit: []\n", ["f.yaml:6:1: `limit`: no such field; did you mean `limits`?"]),
        (HEAD + "then: {fixed: 1, fixd: 1}\n", ["f.yaml:5:18: `then.fixd`: no such field; did you mean `fixed`?"]),
        (
            HEAD + "then: {fixed: 1, reason: 1}\n",
            [
                "f.yaml:5:18: `then.reason`: no such field; there are: wallet, fixed, per_amount, per_quantity, "
                "per_line, again, multiply, cashback, at_least, at_most, voucher, gift, tag, tickets, punch, message"
            ],
        ),
        (
            HEAD + "then: [{per_amount: {per: 1, ruonding: up}}, {tickets: {draw: d, cuont: 1}}]\n",
            [
                "f.yaml:5:30: `then.0.per_amount.ruonding`: no such field; did you mean `rounding`?",
                "f.yaml:5:66: `then.1.tickets.cuont`: no such field; did you mean `count`?",
            ],
        ),
        (
            HEAD + "then: {multiply: {rules: [a], by: 0.5}}\n",
            ["f.yaml:5:35: then.multiply.by: write more than 1"],
        ),
        (
            EARN + "when: {any: [basket.total >= 1], all: [basket.total >= 2]}\n",
            ["f.yaml:6:8: `when.any` cannot stand beside the others here: join conditions with `all` or `any`"],
        ),
        (
            LADDER.replace("from:", "form:"),
            [
                "f.yaml:6:9: `tiers.0.from` is missing",
                "f.yaml:6:33: `tiers.0.form`: no such field; did you mean `from`?",
            ],
        ),
        (EARN + "5: x\n", ["f.yaml:6:1: `5` is no field: their names are words"]),
    ],
)
def test_a_field_that_is_unknown_names_the_nearest(text: str, shown: list[str]) -> None:
    assert faults(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (HEAD, ["f.yaml:1:1: `then` is missing; write `then: {wallet: …, fixed: 10}`"]),
        (
            "kind: referral\n",
            [
                "f.yaml:1:1: `id` is missing; write `id: …`",
                "f.yaml:1:1: `title` is missing; write `title: …`",
                "f.yaml:1:1: `advocate` is missing; write `advocate: {wallet: …, fixed: 10}`",
                "f.yaml:1:1: `friend` is missing; write `friend: {wallet: …, fixed: 10}`",
            ],
        ),
        (
            "id: m\nkind: message\neffective: 2026-01-01T00:00:00Z\ntitle: M\nreason: welcome\n"
            "texts: {en: {subject: Hello}}\n",
            ["f.yaml:6:13: `texts.en.text` is missing"],
        ),
        (
            HEAD + "then: 5\n",
            ["f.yaml:5:7: then: write what is given, such as {wallet: stars, fixed: 10}, or a list of such"],
        ),
        (
            EARN.replace("id: x", "id: My Rule"),
            ["f.yaml:1:5: id: write lower-case letters, digits and hyphens, at most 63"],
        ),
        (LADDER.replace("[base]", "[]"), ["f.yaml:5:13: qualifying: write at least 1"]),
        (
            "id: m\nkind: message\neffective: 2026-01-01T00:00:00Z\ntitle: M\nreason: welcome\n"
            "texts: {English: {subject: Hello, text: Hello}}\n",
            ["f.yaml:6:9: texts.English: write a language's two letters, such as en"],
        ),
    ],
)
def test_what_is_missing_or_misshapen_is_said_in_our_words(text: str, shown: list[str]) -> None:
    assert faults(text) == shown


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        ("5", f"7: when: {NO_CONDITION}"),
        ("[basket.total >= 1]", "7: when: a condition that stands alone needs no list; write it without one"),
        ("{all: [basket.total >= 1, 5]}", f"33: when.all.1: {NO_CONDITION}"),
        ("{all: [{any: [{not: null}]}]}", f"27: when.all.0.any.0.not: {NO_CONDITION}"),
        ("{not: {fact: event.store, is: a}}", f"13: when.not: {NO_TREE}"),
        ("{fact: event.store, in: [a, 1.5]}", f"7: when: {NO_TREE}"),
        ("{any: []}", "13: when.any: write at least one condition"),
    ],
)
def test_a_condition_that_is_none_is_one_fault(when: str, shown: str) -> None:
    assert faults(f"{EARN}when: {when}\n") == [f"f.yaml:6:{shown}"]


@pytest.mark.parametrize("field", ["when", "segment", "budget", "campaign", "stacking"])
def test_a_field_that_is_there_and_empty_is_a_fault(field: str) -> None:
    """It would hold for everybody, or bound nothing, and nobody would see it."""
    said = f"{field}: nothing is written here: write what is meant, or leave the field out"
    [found] = faults(f"{EARN}{field}:\n")
    assert found.startswith("f.yaml:6:") and found.endswith(said)
    assert faults(f"{EARN}{field}: ~\n")[0].endswith(said)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            EARN.replace("2026-01-01T", "2026-13-01T"),
            "f.yaml:3:12: not YAML: the day 2026-13-01 does not exist: there is no month 13; write year-",
        ),
        (HEAD + "then: {per_amount: {per: .inf}}\n", "f.yaml:5:26: not YAML: `.inf` cannot be read as a value"),
        (
            EARN.replace("title: X", "title: {{ x }}"),
            "f.yaml:4:8: not YAML: this cannot be read as a value",
        ),
        (EARN.replace("title: X", "title: a\x00b"), "f.yaml:4:9: not YAML: the character U+0000 cannot stand here"),
    ],
)
def test_a_value_that_cannot_be_read_has_its_place(text: str, shown: str) -> None:
    [fault] = faults(text)
    assert fault.startswith(shown)


def test_the_kinds_that_are_named_are_all_there_are() -> None:
    assert ", ".join(KINDS) == ALL_KINDS


# Several files: one that is broken is one fault, not one in each file that refers to it.


def test_a_reference_into_a_broken_definition_is_no_fault() -> None:
    assert refused(("base.yaml", BASE + "limit: []\n"), ("tiers.yaml", LADDER)) == [
        "base.yaml:6:1: `limit`: no such field; did you mean `limits`?",
        WAITS,
    ]


@pytest.mark.parametrize(
    "broken",
    [
        BASE.replace("title: B", "title: 'B"),  # not YAML: it may define anything
        BASE.replace("id: base", "name: base"),
        BASE.replace("id: base", "id: Base"),
        BASE.replace("kind: earn", "kind: earning"),
        "words\n",
    ],
)
def test_what_a_broken_file_may_define_is_no_fault_elsewhere(broken: str) -> None:
    gift = "id: g\nkind: gift\neffective: 2026-01-01T00:00:00Z\ntitle: G\nladder: star-ladder\ntier: gold\ngift: Mug\n"
    shown = refused(("base.yaml", broken), ("tiers.yaml", LADDER), ("gifts.yaml", gift))
    assert all(each.startswith("base.yaml:") for each in shown[:-1])
    assert shown[-1] == WAITS


def test_a_reference_that_no_mending_makes_right_is_told_at_once() -> None:
    ladder = LADDER.replace("[base]", "[base, bsae]")
    gift = "id: g\nkind: gift\neffective: 2026-01-01T00:00:00Z\ntitle: G\nladder: star-ladder\ntier: iron\ngift: Mug\n"
    assert refused(("base.yaml", BASE + "limit: []\n"), ("tiers.yaml", ladder), ("gifts.yaml", gift)) == [
        "base.yaml:6:1: `limit`: no such field; did you mean `limits`?",
        "tiers.yaml:5:20: no rule is called bsae; define a rule of this id, or take it out",
        "gifts.yaml:6:7: star-ladder has no tier iron; it has gold",
        WAITS,
    ]


def test_without_a_broken_file_every_reference_is_checked() -> None:
    again = BASE.replace("id: base", "id: twice").replace("{fixed: 1}", "{again: [bass]}") + "segment: friends\n"
    assert refused(("tiers.yaml", LADDER), ("twice.yaml", again)) == [
        "tiers.yaml:5:14: no rule is called base; there are: twice",
        "twice.yaml:5:16: it builds on the points of bass, which no earn rule on purchase is called; define a rule of "
        "this id, or take it out",
        "twice.yaml:6:10: no segment is called friends; define a segment of this id, or take it out",
    ]


# Files that nobody can read.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A programme that is right but for a rule that its ladder names."""
    definitions = tmp_path / "p" / "definitions"
    definitions.mkdir(parents=True)
    (definitions / "programme.yaml").write_text(PROGRAMME, encoding="utf-8")
    (definitions / "tiers.yaml").write_text(LADDER, encoding="utf-8")
    return tmp_path / "p"


def told(folder: Path) -> list[str]:
    """What is shown of a programme's folder, each file by its name alone."""
    with pytest.raises(DefinitionError) as error:
        read_programme(folder)
    return str(error.value).replace(f"{folder}/definitions/", "").splitlines()


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (BASE.replace("title: B", "title: Cà phê").encode("latin-1"), "base.yaml:4:9: byte 0xe0 is not UTF-8"),
        (BASE.encode("utf-16"), "base.yaml:1:1: byte 0xff is not UTF-8"),
        ("title: Cà ".encode() + b"\xe9", "base.yaml:1:11: byte 0xe9 is not UTF-8"),
        ("id: a\r\ntitle: Cà\u2028 ".encode() + b"\xe9", "base.yaml:3:2: byte 0xe9 is not UTF-8"),
    ],
)
def test_a_file_that_is_not_utf_8_is_a_fault(folder: Path, data: bytes, shown: str) -> None:
    (folder / "definitions" / "base.yaml").write_bytes(data)
    assert told(folder) == [f"{shown}: save the file as UTF-8", WAITS]


def test_a_folder_with_the_name_of_a_file_is_a_fault(folder: Path) -> None:
    (folder / "definitions" / "base.yaml").mkdir()
    assert told(folder) == ["base.yaml:1:1: this is a folder, not a file: give it a name without .yaml", WAITS]


def test_a_file_that_cannot_be_read_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "definitions" / "base.yaml").symlink_to(folder / "nowhere")
    assert told(folder) == [
        "base.yaml:1:1: cannot be read (No such file or directory): let the user that runs Doublestar read it, "
        "or take it away",
        WAITS,
    ]

    def denied(_: Path, __: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rglob", denied)
    with pytest.raises(DefinitionError, match=r"p:1:1: cannot be read \(Permission denied\)"):
        read_programme(folder)


def test_a_programme_that_is_right_is_read(folder: Path) -> None:
    (folder / "definitions" / "base.yaml").write_text(BASE, encoding="utf-8-sig")
    assert sorted(each.id for each in read_programme(folder)) == ["base", "p", "star-ladder"]
    with pytest.raises(DefinitionError, match=r"no definitions/\*\.yaml here; there are: p"):
        read_programme(folder.parent / "q")
