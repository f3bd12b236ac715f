"""Where a command finds its home: the checkout it is called in, from whichever of its folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.settings import Settings, faults, unknown


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's own folder, with nothing of ours in it yet, and a subfolder that we are in."""
    monkeypatch.delenv("DOUBLESTAR_HOME", raising=False)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "doublestar"\n')
    (tmp_path / "docs" / "events").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "docs" / "events")
    return tmp_path


def test_a_subfolder_has_the_home_of_its_checkout(checkout: Path) -> None:
    """Breaks when home is relative to where the command is called: it would start from nothing there."""
    assert Settings().home == checkout / ".doublestar"


def test_a_home_that_is_there_is_found_without_the_project(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest one counts, also above a project of another name."""
    (checkout / "docs" / ".doublestar").mkdir()
    (checkout / "docs" / "events" / "pyproject.toml").write_text('[project]\nname = "another"\n')
    assert Settings().home == checkout / "docs" / ".doublestar"
    monkeypatch.chdir(checkout)
    assert Settings().home == checkout / ".doublestar"


@pytest.mark.parametrize(
    "text", ["[tool.ruff]\n", "not = [ toml", 'project = "doublestar"\n', '[project]\nname = "x"\n']
)
def test_outside_of_a_checkout_it_is_where_we_are(text: str, checkout: Path) -> None:
    """A pyproject.toml that is not ours, or not to be read, is passed by."""
    (checkout / "pyproject.toml").write_text(text)
    assert Settings().home == checkout / "docs" / "events" / ".doublestar"


def test_the_setting_wins(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "docs" / ".doublestar").mkdir()
    monkeypatch.setenv("DOUBLESTAR_HOME", "/elsewhere")
    assert Settings().home == Path("/elsewhere")


def test_a_home_that_is_a_file_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("DOUBLESTAR_HOME", str(file))
    with pytest.raises(ValidationError) as refused:
        Settings()
    said = f"DOUBLESTAR_HOME cannot be {file}: it is a file; name a folder, which need not be there yet"
    assert faults(refused.value) == [said]


def test_a_misspelt_setting_is_named() -> None:
    """It would keep its default in silence. Variables of the tests are no settings."""
    environment = {
        "DOUBLESTAR_BATCH": "5", "DOUBLESTAR_BATHC": "5", "DOUBLESTAR_XYZ": "blue", "PATH": "/",
        "DOUBLESTAR_TEST_KAFKA": "noida",
    }  # fmt: skip
    assert unknown(environment) == [
        "DOUBLESTAR_BATHC is no setting; did you mean DOUBLESTAR_BATCH?",
        "DOUBLESTAR_XYZ is no setting; it changes nothing",
    ]
