"""The checkout's clock: moved by a file that all processes read, by a command that leaves others' servers alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from services.earn.consumers import IntakeHandler
from services.earn.intake import Arrival
from shared.cli.clock import app
from shared.clock import Moved, wall
from shared.events.decode import Refused
from shared.runtime.records import Record
from shared.settings import settings

RUN = CliRunner()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout of its own, and no servers but its local ones."""
    monkeypatch.setenv("DOUBLESTAR_HOME", str(tmp_path))
    monkeypatch.delenv("DOUBLESTAR_MONGO", raising=False)
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def near(found: datetime, wanted: datetime) -> bool:
    """Within a minute: the machine may be busy."""
    return timedelta() <= found - wanted < timedelta(minutes=1)


def test_every_process_of_a_checkout_sees_a_moved_clock(home: Path) -> None:
    """Mechanism: the file is read again when it changes."""
    one, other = Moved(home), Moved(home)
    assert near(one(), wall() - timedelta(seconds=1))
    goal = datetime(2031, 1, 31, 12, tzinfo=UTC)
    other.move(goal)
    assert near(one(), goal)
    other.move(goal + timedelta(days=1))
    assert near(one(), goal + timedelta(days=1))
    other.reset()
    assert one.ahead == timedelta()


def test_the_command_sets_advances_shows_and_resets(home: Path) -> None:
    assert "the machine's clock" in RUN.invoke(app, ["show"]).output
    assert RUN.invoke(app, ["set", "2031-01-31T19:00:00+07:00"]).exit_code == 0
    assert near(Moved(home)(), datetime(2031, 1, 31, 12, tzinfo=UTC))
    assert RUN.invoke(app, ["advance", "1 month"]).exit_code == 0
    assert near(Moved(home)(), datetime(2031, 2, 28, 12, tzinfo=UTC))
    assert "ahead of the machine's" in RUN.invoke(app, ["show"]).output
    assert RUN.invoke(app, ["reset"]).exit_code == 0
    assert Moved(home).ahead == timedelta()


@pytest.mark.parametrize(
    ("said", "hint"),
    [(["set", "tomorrow"], "write one with an offset"), (["set", "2031-01-31T19:00:00"], "has no offset"),
     (["advance", "soon"], "such as 12 months")],
)  # fmt: skip
def test_what_is_no_time_is_told(home: Path, said: list[str], hint: str) -> None:
    told = RUN.invoke(app, said)
    assert told.exit_code == 2
    assert hint in told.output
    assert Moved(home).ahead == timedelta()


def test_servers_of_others_are_left_alone_unless_allowed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOUBLESTAR_MONGO", "mongodb://ann:secret@db.example:27017/?replicaSet=rs0")
    settings.cache_clear()
    for said in (["set", "2031-01-31T19:00:00Z"], ["advance", "1 day"], ["reset"]):
        told = RUN.invoke(app, said)
        assert told.exit_code == 1
        assert "--servers-too" in told.output
        assert "secret" not in told.output
    assert Moved(home).ahead == timedelta()
    assert RUN.invoke(app, ["advance", "1 day", "--servers-too"]).exit_code == 0
    assert near(Moved(home)(), wall() + timedelta(days=1) - timedelta(seconds=30))


def test_in_a_sandbox_the_future_begins_where_its_clock_is() -> None:
    """The broker stamps records by the wall; a clock that is a year ahead takes events of that year."""
    came_in = datetime(2026, 3, 1, tzinfo=UTC)
    event = {
        "specversion": "1.0", "id": "s-1", "source": "/partners/shop", "type": "loyalty.signup.v1",
        "time": "2027-03-01T00:00:00Z", "data": {"member": {"card": "1"}},
    }  # fmt: skip
    record = Record("partner.shop", 0, 0, orjson.dumps(event), timestamp_ms=int(came_in.timestamp() * 1000))
    refused = IntakeHandler().decode(record)
    assert isinstance(refused, Refused)
    assert refused.reason == "in_the_future"
    assert isinstance(IntakeHandler(moved=lambda: timedelta(days=365)).decode(record), Arrival)
