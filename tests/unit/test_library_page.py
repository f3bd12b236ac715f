"""The page about rules as a library: its example runs as it stands there, and prints what it says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "capabilities" / "library.md"
EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```\n[^`]*```\n(?P<printed>.*?)```", re.DOTALL)


def test_the_example_prints_what_the_page_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """3.20 is 3 stars and too little for coffee's 10; 6.00 is 16; after that coffee was used today: 26 in all."""
    [found] = EXAMPLE.finditer(PAGE.read_text(encoding="utf-8"))
    program = tmp_path / "example.py"
    program.write_text(found["code"], encoding="utf-8")
    runpy.run_path(str(program))
    printed = capsys.readouterr().out
    assert printed == found["printed"]
    assert [line for line in printed.splitlines() if "coffee" in line] == [
        "basket-1 coffee condition 0",
        "basket-2 coffee applies 10",
        "basket-3 coffee limit 0",
        "{'stars': 26} {'coffee:member:times:day': {'2027-03-01': 1}}",
    ]
