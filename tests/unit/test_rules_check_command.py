"""`doublestar rules check`: what is printed, as text and as JSON for editors, and the exit codes that CI goes by."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from shared.cli import rules_check
from shared.programmes import read_paths
from shared.rules.yamlfile import DefinitionError
from tests.unit.marked import PROGRAMME, rule

ROOT = Path(__file__).parents[2]
APP = typer.Typer()
GROUP = typer.Typer(no_args_is_help=True)
rules_check.register(GROUP)
APP.add_typer(GROUP, name="rules")


@APP.callback()
def _doublestar() -> None:
    """A command line of this group alone."""


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(APP, ["rules", "check", *map(str, arguments)])
    return result.exit_code, result.output


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "rules.yaml"
    found.write_text(PROGRAMME + rule("x", "when: calendar.hour > 23") + rule("y", "when: '\"a\" in member.tags'"))
    return found


def test_faults_end_with_1(file: Path) -> None:
    code, said = run(file)
    assert (code, said.replace(str(file), "F").splitlines()) == (
        1,
        [
            "F:13:9: never true: calendar.hour is from 0 to 23; write a value within that",
            "F:19:10: warning: no rule gives the tag a; give it with `then: {tag: …}` or leave this out",
            "3 definitions can be read; 1 fault, 1 warning",
        ],
    )


def test_a_named_pipe_in_a_folder_is_a_fault_and_not_waited_for(tmp_path: Path) -> None:
    """Mechanism: `text_of` does not open it; without that nobody would ever get an answer."""
    os.mkfifo(tmp_path / "pipe.yaml")
    code, said = run(tmp_path)
    assert code == 1
    assert "pipe.yaml:1:1: this is a named pipe, which may never end: take it away, or name a file" in said


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[]\n", "---\n"])
def test_a_file_without_definitions_is_a_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "empty.yaml").write_text(text)
    code, said = run(tmp_path)
    assert code == 1
    assert "empty.yaml:" in said and "write" in said


def test_editors_get_json(file: Path) -> None:
    code, said = run(file, "--format", "json")
    assert (code, json.loads(said)) == (
        1,
        [
            {
                "file": str(file), "line": 13, "column": 9, "end_column": 27, "severity": "error", "code": "never",
                "message": "never true: calendar.hour is from 0 to 23", "hint": "write a value within that",
            },
            {
                "file": str(file), "line": 19, "column": 10, "end_column": 13, "severity": "warning", "code": "tag",
                "message": "no rule gives the tag a", "hint": "give it with `then: {tag: …}` or leave this out",
            },
        ],
    )  # fmt: skip


def test_warnings_alone_end_with_0(file: Path) -> None:
    file.write_text(PROGRAMME + rule("y", "when: '\"a\" in member.tags'"))
    code, said = run(file)
    assert (code, said.splitlines()[-1]) == (0, "2 definitions can be read; no faults, 1 warning")


def test_one_definition_is_no_several(file: Path) -> None:
    file.write_text(PROGRAMME)
    assert run(file) == (0, "1 definition can be read; no faults, no warnings\n")


@pytest.mark.parametrize("name", ["journey", "friends"])
def test_the_programmes_here_have_no_fault(name: str) -> None:
    assert run(ROOT / "programs" / name)[0] == 0
    assert run(ROOT / "programs" / name, "--format", "json") == (0, "[]\n")


def test_each_programme_is_checked_by_itself_and_all_other_files_together(file: Path, tmp_path: Path) -> None:
    """Two programmes' folders never collide; two loose files are one programme."""
    code, said = run(ROOT / "programs" / "journey", ROOT / "programs" / "friends")
    assert (code, "no faults" in said) == (0, True)
    other = tmp_path / "other.yaml"
    other.write_text(rule("x", ""))
    code, said = run(file, other)
    assert f"{other}:1:3: version 1 of x is written in {file}:8 already; " in said


def test_a_loose_file_is_checked_with_the_one_programme_that_is_named(tmp_path: Path) -> None:
    """Breaks where they are checked apart: a reference is a warning then, and a collision is not seen."""
    programme = tmp_path / "shop" / "definitions"
    programme.mkdir(parents=True)
    stacked = "stacking: {group: g, how: exclusive, priority: 1}"
    (programme / "all.yaml").write_text(PROGRAMME + rule("a", stacked))
    draft = tmp_path / "draft.yaml"
    draft.write_text(rule("b", stacked) + rule("c", "segment: nobody"))
    for arguments in (
        (tmp_path / "shop", draft),
        (draft, tmp_path / "shop"),
        (tmp_path / "shop", draft, tmp_path / "shop/"),
    ):
        code, said = run(*arguments)
        lines = said.replace(str(draft), "D").splitlines()
        assert (code, [line.partition(";")[0] for line in lines]) == (
            1,
            [
                "D:6:50: a has the priority 1 too and both can apply to one event: a would win by the order of ids",
                "D:12:12: no segment is called nobody",
                "4 definitions can be read",
            ],
        )


def test_a_draft_is_checked_in_place_of_what_it_changes(tmp_path: Path) -> None:
    """Breaks where the draft and what it changes are taken for two definitions, or the draft is checked without the
    programme: `nobody` is a fault only beside it. What was wrong with the definition that goes is gone with it."""
    definitions = tmp_path / "shop" / "definitions"
    definitions.mkdir(parents=True)
    (definitions / "all.yaml").write_text(PROGRAMME + rule("a", "when: calendar.hour > 23") + rule("b", ""))
    draft = tmp_path / "draft.yaml"
    draft.write_text(rule("a", "segment: nobody") + rule("c", "when: basket.total > 0"))
    code, said = run("--in", tmp_path / "shop", draft)
    assert (code, said.replace(str(tmp_path), "T").splitlines()) == (
        1,
        [
            "T/draft.yaml:6:12: no segment is called nobody; define a segment of this id, or take it out",
            "a is checked in place of the one in T/shop/definitions/all.yaml:8",
            "4 definitions can be read; 1 fault, no warnings",
        ],
    )
    draft.write_text(rule("a", ""))
    assert run("--in", tmp_path / "shop", draft)[0] == 0
    assert run("--in", definitions / "all.yaml", draft)[0] == 0
    unreadable = rule("a", "then: 3", then="")
    (definitions / "all.yaml").write_text(PROGRAMME + unreadable)
    assert run(tmp_path / "shop")[0] == 1
    code, said = run("--in", tmp_path / "shop", draft)
    assert (code, said) == (0, "2 definitions can be read; no faults, no warnings\n")


def test_a_draft_without_the_option_is_told_of_it_and_one_of_another_kind_is_refused(tmp_path: Path) -> None:
    definitions = tmp_path / "shop" / "definitions"
    definitions.mkdir(parents=True)
    (definitions / "all.yaml").write_text(PROGRAMME + rule("a", ""))
    draft = tmp_path / "draft.yaml"
    draft.write_text(rule("a", "", "bonus"))
    code, said = run("--in", tmp_path / "shop", draft)
    place = f"{definitions / 'all.yaml'}:8"
    assert (code, said.splitlines()[0]) == (1, f"{draft}:2:9: a is a earn in {place}; give the bonus another `id`")
    draft.write_text(rule("a", ""))
    code, said = run(tmp_path / "shop", draft)
    assert (code, said.splitlines()[0]) == (
        1,
        f"{draft}:1:3: version 1 of a is written in {place} already; keep one of them. A file that changes it is "
        "checked with `rules check --in FOLDER FILE`, FOLDER being what it is to change, and published by itself. "
        "Two that both give need an `id` each",
    )
    assert run("--in", tmp_path / "none", draft) == (2, f"no such file or folder: {tmp_path / 'none'}\n")


def test_a_draft_that_is_kept_in_the_folder_is_read_once(tmp_path: Path) -> None:
    definitions = tmp_path / "shop" / "definitions"
    definitions.mkdir(parents=True)
    (definitions / "all.yaml").write_text(PROGRAMME)
    (definitions / "new.yaml").write_text(rule("a", ""))
    code, said = run("--in", tmp_path / "shop", definitions / "new.yaml")
    assert (code, said) == (0, "2 definitions can be read; no faults, no warnings\n")


def test_a_loose_file_beside_several_programmes_is_checked_apart_and_that_is_said(file: Path) -> None:
    code, said = run(ROOT / "programs" / "journey", ROOT / "programs" / "friends", file)
    assert code == 1
    assert said.splitlines()[-2] == (
        f"checked apart from the 2 programmes: {file}; name one programme to check them with it"
    )


def test_what_is_not_there_ends_with_2(tmp_path: Path) -> None:
    code, said = run(tmp_path / "nothing.yaml")
    assert (code, said) == (2, f"no such file or folder: {tmp_path / 'nothing.yaml'}\n")
    assert run()[0] == 2
    assert run(tmp_path, "--format", "xml")[0] == 2


def test_a_folder_of_several_programmes_is_one_fault_that_names_the_command(tmp_path: Path) -> None:
    """Breaks where all that lies below is read as one programme: each says it is the programme, and what is no
    definition is told to lack its kind. `publish` and `backtest`, which read the same folders, say the same."""
    for name in ("cafe", "shop"):
        (tmp_path / name / "definitions").mkdir(parents=True)
        (tmp_path / name / "definitions" / "all.yaml").write_text(PROGRAMME)
        (tmp_path / name / "scenario.yaml").write_text("events: []\n")
    (tmp_path / "notes" / "definitions").mkdir(parents=True)  # nothing is in it, so it is no programme
    said = (
        "T:1:1: this folder holds 2 programmes: cafe, shop; name one of them; `doublestar rules check T/cafe T/shop` "
        "checks each by itself"
    )
    code, told = run(tmp_path)
    assert (code, told.replace(str(tmp_path), "T").splitlines()) == (
        1, [said, "0 definitions can be read; 1 fault, no warnings"],
    )  # fmt: skip
    with pytest.raises(DefinitionError) as error:
        read_paths([tmp_path])
    assert str(error.value).replace(str(tmp_path), "T") == said
    assert run(tmp_path / "cafe", tmp_path / "shop")[0] == 0


def test_a_folder_without_files_is_a_fault(tmp_path: Path) -> None:
    code, said = run(tmp_path)
    assert (code, said.splitlines()[0]) == (1, f"{tmp_path}:1:1: there are no YAML files here; name a folder with "
                                               "definitions")  # fmt: skip


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"id: caf\xe9\n")
    code, said = run(tmp_path)
    assert (code, said.splitlines()[0]) == (
        1,
        f"{tmp_path}/a.yaml:1:8: byte 0xe9 is not UTF-8: save the file as UTF-8",
    )
