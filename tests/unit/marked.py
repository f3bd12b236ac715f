"""Definition files for tests, with the places of the faults marked in them: ▶ stands before each."""

from __future__ import annotations

from shared.rules.checks.checking import check
from shared.rules.faults import Fault

MARK = "▶"
PROGRAMME = (
    "- id: shop\n  kind: programme\n  effective: 2017-01-01T00:00:00-05:00\n  title: Shop\n"
    "  time_zone: America/New_York\n  currency: USD\n  wallets: [stars, miles]\n"
)
HEAD = "effective: 2017-01-01T00:00:00-05:00\n  title: A title\n"


def rule(id_: str, body: str, kind: str = "earn", then: str = "{fixed: 1}") -> str:
    """One rule of a list; `body` is its own lines."""
    lines = "".join(f"  {line}\n" for line in body.strip("\n").splitlines())
    gives = f"  then: {then}\n" if then else ""
    return f"- id: {id_}\n  kind: {kind}\n  {HEAD}{gives}{lines}"


def found(text: str, programme: str = PROGRAMME) -> tuple[list[Fault], list[tuple[int, int]]]:
    """What is wrong with a file, and where the marks stood in it."""
    marked = programme + text
    lines, places = [], []
    for number, line in enumerate(marked.split("\n"), 1):
        while MARK in line:
            places.append((number, line.index(MARK) + 1))
            line = line.replace(MARK, "", 1)
        lines.append(line)
    return check([("rules.yaml", "\n".join(lines))]).faults, places


def told(text: str, programme: str = PROGRAMME) -> list[str]:
    """What is wrong, each fault's words without its place; the places must be those that are marked."""
    faults, places = found(text, programme)
    assert [(each.line, each.column) for each in faults] == places, [str(each) for each in faults]
    return [str(each).partition(": ")[2] for each in faults]
