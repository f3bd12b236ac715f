"""The page on backtests: its example is run as it stands, and every line of what it prints compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from shared.cli import rules_backtest

PAGE = Path(__file__).parent.parent.parent / "docs" / "capabilities" / "backtest.md"


def blocks(language: str) -> list[str]:
    """The page's code in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


def test_the_example_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two months of the demo: about ten seconds."""
    monkeypatch.chdir(tmp_path)
    (draft,), (printed,) = blocks("yaml"), blocks("text")
    (tmp_path / "draft.yaml").write_text(draft, encoding="utf-8")
    app = typer.Typer()
    rules_backtest.register(app)
    for line in blocks("sh")[0].splitlines():
        done = CliRunner().invoke(app, line.removeprefix("doublestar rules ").split())
        assert done.exit_code == 0, done.output
    assert done.output == printed


def test_every_option_is_on_the_page() -> None:
    """As the command itself lists them."""
    app = typer.Typer()
    rules_backtest.register(app)
    told = CliRunner().invoke(app, ["backtest", "--help"], env={"COLUMNS": "200"}).output
    options = set(re.findall(r"--[a-z-]+", told)) - {"--help"}
    assert len(options) == 7
    assert [each for each in sorted(options) if f"`{each}" not in PAGE.read_text(encoding="utf-8")] == []
