"""The page of facts and functions, written from the catalogue: `python -m shared.facts_page <file>`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from shared.rules.language.catalogue import FACTS, FUNCTIONS, LINE, LINE_PREFIXES, PREFIXES, WINDOWS, Entry

_HEAD: Final = (
    "# Facts and functions\n\n"
    "What conditions may ask for. This page is generated from [catalogue.py](../../shared/rules/language/catalogue.py) "
    "by `make docs`;\nhow they are written, and what an unknown fact means, is in [expressions](expressions.md).\n"
    "A number has a unit; numbers of different units are not compared.\n"
)
_TITLES: Final = {
    "event": "The event",
    "basket": "The basket",
    "calendar": "The calendar",
    "member": "The member",
    "history": "History",
}
_NOTES: Final = {
    "basket": "Unknown where the event has no basket. Where its amounts are in another currency than the programme's, "
    "only amounts are unknown, with what is reckoned from them: sums of money, prices, and what a filter of amounts or "
    "prices tells. Lines by product, category, brand, department or attribute, quantities and counts are known.",
    "calendar": "Local: in the `time_zone` of the definition's schedule or, where it names none, in the programme's.",
    "member": "As it was before the event.",
    "history": "Of purchases, or of all events where the filter asks for `event.kind`. What is needed is counted from "
    "the moment on that a definition asks for it, and for the time before from the journal."
    " Where an event comes late, `this_week` … `ever` are the whole period, also what is known of its later days; "
    "`last_days` and `since` end with the event's own day; `first` and `last` are unknown where only a later day "
    "is kept (of `ever` and the periods the first and the last day are, and no day between).",
}


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for scope, title in _TITLES.items():
        facts = {name: each for name, each in FACTS.items() if each.scope == scope}
        prefixes = {f"{name}.<name>": each for name, each in PREFIXES.items() if each.scope == scope}
        functions = {each.form or name: each for name, each in FUNCTIONS.items() if each.scope == scope}
        note = f"{_NOTES[scope]}\n\n" if scope in _NOTES else ""
        parts.append(f"## {title}\n{note}{_table({**facts, **prefixes, **functions})}")
        if scope == "history":
            parts.append(f"Windows, in local time:\n\n{_windows()}")
    lines = {**LINE, **{f"{name}.<name>": each for name, each in LINE_PREFIXES.items()}}
    parts.append(f"## A line, within a filter of lines\n{_table(lines)}")
    return "\n".join(parts)


def _table(entries: Mapping[str, Entry]) -> str:
    rows = (
        f"| {_code(name)} | {each.type} | {_cell(each.about)} | {_code(each.example)} |"
        for name, each in entries.items()
    )
    return _rows("| ask for | is | meaning | example |\n|---|---|---|---|", rows)


def _windows() -> str:
    rows = (f"| {_code(name)} | {_cell(about)} |" for name, about in WINDOWS.items())
    return _rows("| window | is |\n|---|---|", rows)


def _rows(head: str, rows: Iterable[str]) -> str:
    return "\n".join([head, *rows]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def main(arguments: list[str]) -> int:
    """Writes the page where it is not as it should be."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m shared.facts_page <file>\n")
        return 2
    wanted = page()
    file = Path(arguments[0])
    stale = not file.exists() or file.read_text(encoding="utf-8") != wanted
    if stale:
        file.write_text(wanted, encoding="utf-8")
    sys.stdout.write(f"{arguments[0]}: {'written' if stale else 'nothing to change'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
