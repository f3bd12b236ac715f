"""Reads a programme's folder, or some definition files: all of them checked together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from shared.rules.definition import Definition, Programme
from shared.rules.faults import Fault
from shared.rules.positions import spot
from shared.rules.sources import Source
from shared.rules.yamlfile import DefinitionError, read_sources

_ENDINGS: Final = (".yaml", ".yml")
_WRITE: Final = "write a file of definitions, or a folder that holds some"


def read_programme(folder: Path) -> list[Definition]:
    """Every definition below `<folder>/definitions`; see `programme_sources`."""
    return definitions_of(programme_sources(folder))


def programme_sources(folder: Path) -> list[Source]:
    """Every definition below `<folder>/definitions`. Raises DefinitionError with all faults of all files."""
    try:
        files = yaml_files(folder / "definitions")
        if not files:
            raise DefinitionError([Fault(str(folder), 1, 1, f"no definitions/*.yaml here{_others(folder)}")])
    except OSError as error:
        raise DefinitionError([_unreadable(folder, error)]) from error
    sources = read_sources((str(file), text_of(file)) for file in files)
    if sum(isinstance(each, Programme) for each in definitions_of(sources)) != 1:
        raise DefinitionError([Fault(str(folder), 1, 1, "write exactly one definition of kind programme")])
    return sources


def definitions_of(sources: Iterable[Source]) -> list[Definition]:
    """Those that could be read."""
    return [each.definition for each in sources if each.definition is not None]


def read_paths(paths: Sequence[Path], published: Iterable[Definition] = ()) -> list[Source]:
    """The definitions of files and folders (a programme's, or any that holds YAML files), with their places.

    published: what is in force besides, see `read_sources`. Raises DefinitionError with all faults of all files; where
    something is not there at all, with that alone.
    """
    if absent := [each for each in paths if not there(each)]:
        raise DefinitionError([Fault(str(each), 1, 1, f"there is no file or folder {each}", _WRITE) for each in absent])
    files: dict[Path, None] = {}
    for each in paths:
        if not each.is_dir():
            files[each] = None
            continue
        if (wrong := several(each)) is not None:
            raise DefinitionError([wrong])
        folder = each / "definitions" if (each / "definitions").is_dir() else each
        found = yaml_files(folder)
        if not found:
            raise DefinitionError([Fault(str(each), 1, 1, f"no *.yaml here{_others(each)}")])
        files.update(dict.fromkeys(found))
    return read_sources(((str(file), text_of(file)) for file in files), published)


def there(path: Path) -> bool:
    """Whether somebody may have meant it; a link that leads nowhere is there, and cannot be read."""
    return path.is_symlink() or path.exists()


def yaml_files(folder: Path) -> list[Path]:
    """The YAML files below a folder, in order."""
    return sorted(each for each in folder.rglob("*") if each.suffix in _ENDINGS)


def several(folder: Path) -> Fault | None:
    """What is wrong with a folder of several programmes: their definitions are not each other's, and what else lies
    beside them (scenarios) is no definition."""
    if (folder / "definitions").is_dir():
        return None
    found = sorted(each.parent for each in folder.rglob("definitions") if each.is_dir() and yaml_files(each))
    if len(found) < 2:
        return None
    names = [str(each.relative_to(folder)) for each in found]
    said = f"this folder holds {len(found)} programmes: {', '.join(names)}"
    each_apart = f"name one of them; `doublestar rules check {' '.join(map(str, found))}` checks each by itself"
    return Fault(str(folder), 1, 1, said, each_apart, "file")


def _others(folder: Path) -> str:
    """The programmes that are there, for who misspelt one."""
    if not folder.parent.is_dir():
        return ""
    known = sorted(each.name for each in folder.parent.iterdir() if (each / "definitions").is_dir())
    return f"; there are: {', '.join(known)}" if known else ""


def text_of(file: Path) -> str | Fault:
    """What is written there, or why nobody can tell."""
    if file.is_fifo() and file.suffix in _ENDINGS:  # one without an ending is a shell's: `rules check <(command)`
        return Fault(str(file), 1, 1, "this is a named pipe, which may never end: take it away, or name a file")
    try:
        data = file.read_bytes()
    except IsADirectoryError:
        return Fault(str(file), 1, 1, "this is a folder, not a file: give it a name without .yaml")
    except OSError as error:
        return _unreadable(file, error)
    return decoded(str(file), data)


def decoded(file: str, data: bytes) -> str | Fault:
    """The text of a file, or where it is none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = spot(before, len(before))
        return Fault(
            file, place.line, place.column, f"byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8"
        )


def _unreadable(path: Path, error: OSError) -> Fault:
    wrong = f"cannot be read ({error.strerror}): let the user that runs Doublestar read it, or take it away"
    return Fault(str(path), 1, 1, wrong)
