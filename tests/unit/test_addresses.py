"""What can be an address of a server and what cannot, and that every command says so before it does anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from shared.addresses import kafka_fault, mongo_fault
from shared.cli.main import app, main
from shared.settings import settings

JOURNEY = Path(__file__).parent.parent.parent / "programs" / "journey"
ARGUMENTS = {
    "run": ["all"],
    "why": ["--member", "grocer:900"],
    "keys create": ["office", "--role", "auditor"],
    "keys revoke": ["office"],
    "keys rotate": ["office"],
    "publish": ["bakery", str(Path(__file__).parent.parent.parent / "pyproject.toml")],
    "deadletters show": ["partner.bakery:0:0"],
    "deadletters replay": ["partner.bakery:0:0"],
    "rules publish": [str(JOURNEY), "--effective", "now", "--author", "Ann", "--note", "a try"],
    "rules rollback": ["base", "--effective", "now", "--author", "Ann", "--note", "a try"],
    "rules approve": ["p-1", "--author", "Bob"],
    "rules check": [str(JOURNEY)],
    "rules diff": [str(JOURNEY)],
    "rules backtest": [str(JOURNEY), "--from", "2017-01-01", "--to", "2017-02-01"],
    "rules export": ["activity.dsx"],
    "statement": ["--from", "2026-03-01", "--to", "2026-04-01"],
    "packs book": ["bakery", "10", "--money", "1", "--currency", "VND", "--reference", "i-1", "--person", "Ann"],
    "members find": ["grocer:900"],
    "members show": ["grocer:900"],
    "members merge": ["grocer:900", "grocer:901", "--reason", "one", "--person", "Ann"],
    "members unmerge": ["grocer:900", "--reason", "two", "--person", "Ann"],
    "members close": ["grocer:900", "--reason", "left", "--person", "Ann"],
    "members erase": ["grocer:900", "--reason", "asked", "--person", "Ann", "--approved-by", "Bob"],
    "approvals approve": ["a-1", "--person", "Bob"],
    "approvals refuse": ["a-1", "--person", "Bob", "--reason", "not so"],
    "clock set": ["2026-07-01T00:00:00Z"],
    "clock advance": ["1 day"],
}


def commands(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that there is, with its groups' names."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name)


ALL = list(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", ALL, ids=" ".join)
def test_every_command_says_which_variable_is_wrong_and_what_to_write(
    name: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Breaks where a URL is parsed only by the driver that connects: a traceback, or nothing until then."""
    for each in [each for each in os.environ if each.startswith("DOUBLESTAR_")]:
        monkeypatch.delenv(each)
    monkeypatch.setenv("DOUBLESTAR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOUBLESTAR_KAFKA", "127.0.0.1:kafka")
    monkeypatch.setattr(sys, "argv", ["doublestar", *name, *ARGUMENTS.get(" ".join(name), [])])
    settings.cache_clear()
    with pytest.raises(SystemExit) as ended:
        main()
    settings.cache_clear()
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert told.err == (
        "DOUBLESTAR_KAFKA cannot be used as it is: the port of 127.0.0.1:kafka is no number from 1 to 65535; "
        "write host:port, or several with commas between them, such as 127.0.0.1:9092\n"
    )
    assert not (tmp_path / "home").exists()


def test_an_engine_that_is_none_ends_a_command_that_asks_no_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Breaks where only what reads its settings looks at them. Help is for who has to find out what to write."""
    monkeypatch.setenv("DOUBLESTAR_ENGINE", "durabl")
    for last, code in (([], 2), (["--help"], 0)):
        monkeypatch.setattr(sys, "argv", ["doublestar", "rules", "check", str(JOURNEY), *last])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert ended.value.code == code
        said = "DOUBLESTAR_ENGINE cannot be durabl: Input should be 'own' or 'durable'\n"
        assert told.err == ("" if last else said)


@pytest.mark.parametrize("text", ["127.0.0.1:9092", "kafka-1.example:9092, kafka-2.example:1", "[::1]:9092"])
def test_bootstrap_servers(text: str) -> None:
    assert kafka_fault(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("kafka.example", "kafka.example names no port"),
        ("[::1]", "[::1] names no port"),
        ("a:1,b", "b names no port"),
        ("a:1,", "one address is empty"),
        ("a:", "the port of a: is no number"),
        ("a:0", "the port of a:0 is no number"),
        ("a:65536", "the port of a:65536 is no number"),
        (":9092", "one address has no host before its port"),
        ("::1:9092", "one address has no host before its port"),
        ("http://a:9092", "one address has no host before its port"),
        ("mongodb://ann:secret@a:9092", "one address has no host before its port"),
    ],
)
def test_no_bootstrap_servers(text: str, fault: str) -> None:
    told = kafka_fault(text)
    assert told is not None
    assert told.startswith(fault)
    assert told.endswith("; write host:port, or several with commas between them, such as 127.0.0.1:9092")
    assert "secret" not in told


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://127.0.0.1:27017/?replicaSet=rs0",
        "mongodb://ann:se%2Fcret@a:1,b,[::1]:3/?replicaSet=rs0",
        "mongodb+srv://ann:secret@no-name-server-is-asked.invalid/?retryWrites=true",
        "mongodb://a/?appNme=an-option-that-the-driver-only-warns-of",
    ],
)
def test_mongodb_urls(url: str) -> None:
    assert mongo_fault(url) is None


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("mongodb://ann:secret@127.0.0.1:mongo/", "Port contains non-digit characters"),
        ("mongodb://ann:secret@127.0.0.1:70000/", "Port must be an integer between 0 and 65535"),
        ("mongodb://ann:sec/ret@127.0.0.1:27017/", "Port contains non-digit characters"),
        ("mongodb://a/ann secret", "Bad database name"),
        ("mongodb://ann:secret:1@@a/", "Username and password must be escaped according to RFC 3986"),
        ("127.0.0.1:27017", "Invalid URI scheme: URI must begin with 'mongodb://' or 'mongodb+srv://'"),
        ("mongodb://", "Must provide at least one hostname or IP"),
        ("mongodb://:27017/", "it names no host"),
        ("mongodb://a/?replicaSet", "MongoDB URI options are key=value pairs"),
        ("mongodb+srv://ann:secret@a:27017/", "mongodb+srv:// is followed by one host without a port"),
    ],
)
def test_no_mongodb_urls(url: str, fault: str) -> None:
    """The password is nowhere in what is told, wherever it stands."""
    assert mongo_fault(url) == f"{fault}; write a URL such as mongodb://127.0.0.1:27017/?replicaSet=rs0"
