"""Reads a programme's folder: all its YAML files, checked together."""

from __future__ import annotations

from pathlib import Path

from shared.rules.definition import Definition, Programme
from shared.rules.yamlfile import DefinitionError, Fault, read_all


def read_programme(folder: Path) -> list[Definition]:
    """Every definition below `<folder>/definitions`. Raises DefinitionError with all faults of all files."""
    files = sorted(each for each in (folder / "definitions").rglob("*") if each.suffix in (".yaml", ".yml"))
    if not files:
        known = (
            sorted(each.name for each in folder.parent.iterdir() if (each / "definitions").is_dir())
            if folder.parent.is_dir()
            else []
        )
        hint = f"; there are: {', '.join(known)}" if known else ""
        raise DefinitionError([Fault(str(folder), 1, 1, f"no definitions/*.yaml here{hint}")])
    definitions = read_all((str(file), file.read_text(encoding="utf-8")) for file in files)
    if sum(isinstance(each, Programme) for each in definitions) != 1:
        raise DefinitionError([Fault(str(folder), 1, 1, "write exactly one definition of kind programme")])
    return definitions
