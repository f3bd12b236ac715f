"""`doublestar rules check`: everything that is wrong with definition files, for people, CI and editors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from shared.cli.console import err, out, say
from shared.programmes import several, text_of, yaml_files
from shared.rules.checks.checking import Checked, check
from shared.rules.faults import Fault


class Format(StrEnum):
    """For people, or for editors and other programs."""

    text = "text"
    json = "json"


def register(app: typer.Typer) -> None:
    """Adds this command to the group `rules`."""
    app.command("check")(check_files)


def check_files(
    paths: Annotated[list[Path], typer.Argument(metavar="FILES|FOLDERS…", help="YAML files, or folders of them")],
    inside: Annotated[
        list[Path] | None,
        typer.Option(
            "--in", metavar="FOLDER", help="what the files are to change: each definition stands for the one of its id"
        ),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="text for people, json for editors")] = Format.text,
) -> None:
    """Check definitions: each fault with its place and what to write instead. Asks no server.

    A folder with `definitions` in it is a programme. All other files are checked together: with the programme where
    exactly one is named, else by themselves. With --in they are drafts, as for `backtest` and `publish`: checked with
    the definitions of FOLDER, but for those that they change.
    Exit code 0: no fault (there may be warnings); 1: faults; 2: a file or folder that is not there.
    """
    missing = [str(each) for each in (*paths, *(inside or ())) if not each.exists()]
    if missing:
        said = f"no such file or folder: {', '.join(missing)}"
        err.print(said, markup=False, emoji=False, highlight=False, soft_wrap=True, style="red")
        raise typer.Exit(2)
    found = [_in_place(paths, inside)] if inside else [check(group, whole=whole) for group, whole in groups(paths)]
    if format_ is Format.json:
        out.print_json(json.dumps([data(fault) for each in found for fault in each.faults], ensure_ascii=False))
    else:
        _tell(found, "" if inside else apart(paths))
    if any(each.errors for each in found):
        raise typer.Exit(1)


def _in_place(drafts: Sequence[Path], inside: Sequence[Path]) -> Checked:
    """The drafts with what they are meant for; a draft that is kept within that folder stands there once."""
    files = [file for each in drafts for file in _files(each)]
    known = {each.resolve() for each in files}
    beside = _texts([file for each in inside for file in _files(each) if file.resolve() not in known])
    return check(_texts(files), beside, whole=any(_is_programme(each) for each in inside))


def _is_programme(path: Path) -> bool:
    return (path / "definitions").is_dir()


def _files(path: Path) -> list[Path]:
    """The files of a programme's folder or any other; a folder that has none, or several programmes, stands for
    itself."""
    if path.is_dir() and several(path) is not None:
        return [path]
    folder = path / "definitions"
    folder = folder if folder.is_dir() else path
    return (yaml_files(folder) or [folder]) if folder.is_dir() else [path]


def groups(paths: Sequence[Path]) -> Iterator[tuple[list[tuple[str, str | Fault]], bool]]:
    """What is checked together: each programme's folder, and all the rest; with one programme all that is named. With
    whether it is a whole programme."""
    programmes: dict[Path, list[Path]] = {}
    rest: list[Path] = []
    for each in paths:
        if _is_programme(each):
            programmes[each.resolve()] = _files(each)
        else:
            rest += _files(each)
    if len(programmes) == 1:
        yield _texts([*next(iter(programmes.values())), *rest]), True
        return
    for files in programmes.values():
        yield _texts(files), True
    if rest:
        yield _texts(rest), False


def apart(paths: Sequence[Path]) -> str:
    """What to know where files and several programmes are named: nobody can tell to which the files belong."""
    programmes = {each.resolve(): each for each in paths if _is_programme(each)}
    rest = [each for each in paths if each.resolve() not in programmes]
    if len(programmes) < 2 or not rest:
        return ""
    named = ", ".join(map(str, rest))
    return f"checked apart from the {len(programmes)} programmes: {named}; name one programme to check them with it"


def _texts(files: Sequence[Path]) -> list[tuple[str, str | Fault]]:
    texts = ((each, several(each) or _nothing(each)) if each.is_dir() else (each, text_of(each)) for each in files)
    return list({str(file): text for file, text in texts}.items())


def _nothing(folder: Path) -> Fault:
    return Fault(str(folder), 1, 1, "there are no YAML files here", "name a folder with definitions", "file")


def data(fault: Fault) -> dict[str, Any]:
    """As editors take it; lines and columns count from 1."""
    found: dict[str, Any] = {"file": fault.file, "line": fault.line, "column": fault.column}
    if fault.end_column is not None:
        found["end_column"] = fault.end_column
    return found | {"severity": fault.severity, "code": fault.code, "message": fault.message, "hint": fault.advice}


def _tell(found: Sequence[Checked], apart: str) -> None:
    for fault in (fault for each in found for fault in each.faults):
        out.print(
            str(fault), markup=False, emoji=False, highlight=False, soft_wrap=True,
            style="red" if fault.severity == "error" else "yellow",
        )  # fmt: skip
    for note in dict.fromkeys([*(line for each in found for line in (*each.replaced, each.note)), apart]):
        if note:
            say(note)
    errors = sum(len(each.errors) for each in found)
    warnings = sum(len(each.faults) for each in found) - errors
    counted = sum(each.definitions for each in found)
    read = f"{counted:,} definition{'' if counted == 1 else 's'} can be read"
    say(f"{read}; {_number(errors, 'fault')}, {_number(warnings, 'warning')}")


def _number(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
