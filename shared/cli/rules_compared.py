"""`doublestar rules diff`, `history`, `proposals`: files compared, what is published, what waits; nothing changes."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.books import print_all, print_json
from shared.cli.console import fail
from shared.cli.rules_publishing import carried_out, zone_of
from shared.ops.telling_rules import (
    difference_data,
    history,
    proposal_data,
    tell_difference,
    tell_history,
    tell_proposals,
)
from shared.programmes import read_paths
from shared.publishing import office
from shared.publishing.difference import Difference, difference
from shared.publishing.edition import drafts_of
from shared.publishing.registry import Document, latest
from shared.settings import Settings


def register(app: typer.Typer) -> None:
    """Adds these commands to the group `rules`."""
    app.command()(diff)
    app.command("history")(history_)
    app.command()(proposals)


class Format(StrEnum):
    """For people, or for programs."""

    text = "text"
    json = "json"


AsFormat = Annotated[Format, typer.Option("--format", help="for people, or for programs")]
Files = Annotated[list[Path], typer.Argument(metavar="FOLDER|FILES", help="a programme's folder, or YAML files")]
SomeFiles = Annotated[
    list[Path] | None, typer.Argument(metavar="[FOLDER|FILES]", help="else the folder of DOUBLESTAR_PROGRAM")
]


def diff(files: SomeFiles = None, format_: AsFormat = Format.text) -> None:
    """Compare files with what is published. Exit code 0: no difference; 1: differences; 2: it cannot be told."""
    settings = Settings()
    paths = files or [settings.programs / settings.program]
    found = carried_out(_compared(settings, paths), refused=2)
    print_json(difference_data(found)) if format_ is Format.json else print_all(tell_difference(found))
    if found.any:
        raise typer.Exit(1)


def history_(
    id_: Annotated[str | None, typer.Argument(metavar="[ID]", help="one definition's; else all versions")] = None,
    format_: AsFormat = Format.text,
) -> None:
    """Every version: from when it is effective, who published it when and why, and what it repeats."""
    registry = carried_out(_published(Settings()))
    if id_ is not None and id_ not in registry:
        fail(f"nothing is published as {id_}: `doublestar rules history` lists all there is")
    rows = history(registry, id_)
    print_json(rows) if format_ is Format.json else print_all(tell_history(rows, zone_of([], registry)))


def proposals(
    all_: Annotated[bool, typer.Option("--all", help="also those that are published or stale")] = False,
    format_: AsFormat = Format.text,
) -> None:
    """What waits for somebody's approval; `approve` publishes it."""
    registry, found = carried_out(_proposed(Settings()))
    rows = [proposal_data(each, registry) for each in found]
    shown = [row for row in rows if all_ or row["standing"] == "open"]
    print_json(shown) if format_ is Format.json else print_all(tell_proposals(shown, zone_of([], registry)))


async def _published(settings: Settings) -> dict[str, Document]:
    async with office.opened(settings, announcing=False) as here:
        return await here.registry()


async def _compared(settings: Settings, paths: list[Path]) -> Difference:
    registry = await _published(settings)
    drafts = drafts_of(read_paths(paths, latest(registry)))
    return difference(drafts, registry, whole=any(each.is_dir() for each in paths))


async def _proposed(settings: Settings) -> tuple[dict[str, Document], list[Document]]:
    async with office.opened(settings, announcing=False) as here:
        return await here.registry(), await here.proposals()
