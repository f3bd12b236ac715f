"""`doublestar publish`: what it shows of the client library's own lines, and of an error that stops it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from aiokafka.errors import NotLeaderForPartitionError
from typer.testing import CliRunner

from shared.cli import publish
from shared.cli.main import app
from shared.settings import Settings

SENDER = logging.getLogger("aiokafka.producer.sender")


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that name servers; nobody calls them."""
    settings = Settings(kafka="127.0.0.1:1", mongo="mongodb://127.0.0.1:1/")
    monkeypatch.setattr(publish, "settings", lambda: settings)


def test_what_the_library_retries_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def sent(*_: object) -> Sequence[str]:
        SENDER.warning("Got error produce response, retrying. Error: %s", NotLeaderForPartitionError)
        logging.getLogger("aiokafka.cluster").error("Topic %s not found in cluster metadata", "partner.grocer")
        return ["partner.grocer"]

    monkeypatch.setattr(publish, "_send", sent)
    shown = CliRunner().invoke(app, ["publish", "grocer", "-", "--raw"], input="{}")
    assert shown.exit_code == 0
    assert shown.output.splitlines() == [
        "made the topic partner.grocer",
        "sent 1 to partner.grocer; what is refused is told on rejections.grocer",
    ]
    assert caplog.records == []
    SENDER.warning("afterwards the library speaks again")
    assert len(caplog.records) == 1


def test_what_it_gives_up_on_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: object) -> Sequence[str]:
        raise NotLeaderForPartitionError

    monkeypatch.setattr(publish, "_send", refused)
    shown = CliRunner().invoke(app, ["publish", "grocer", "-", "--raw"], input="{}")
    assert shown.exit_code == 2
    assert "Kafka at 127.0.0.1:1 did not take them all (NotLeaderForPartitionError); send them again" in shown.output
