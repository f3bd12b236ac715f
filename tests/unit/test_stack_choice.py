"""Which Kafka a machine gets, and that errors say what to do: nothing is started here."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.stack.apache import parse_java_version
from shared.stack.choice import Choice, Found, Wanted, choose
from shared.stack.mongod import parse_version
from shared.stack.process import StackError, tail
from shared.stack.state import Server, load, save, state_file, without_password

JAVA_AND_MAVEN = Found(java=17, maven=True)


@pytest.mark.parametrize(
    ("wanted", "found", "choice"),
    [
        ("auto", JAVA_AND_MAVEN, Choice("apache")),
        ("auto", Found(java=21, jars=True), Choice("apache")),
        ("apache", Found(java=17, jars=True), Choice("apache")),
        ("auto", Found(maven=True, jars=True), Choice("noida", "no Java 17 or newer")),
        ("auto", Found(java=11, maven=True), Choice("noida", "Java 11 is too old, 17 or newer needed")),
        ("auto", Found(java=17), Choice("noida", "Java 17, but no Maven to fetch Kafka with")),
        ("noida", JAVA_AND_MAVEN, Choice("noida", "asked for")),
    ],
)
def test_apache_kafka_runs_where_it_can_and_the_stand_in_says_why(wanted: Wanted, found: Found, choice: Choice) -> None:
    assert choose(wanted, found) == choice


def test_apache_kafka_asked_for_without_java_is_refused_with_what_to_do() -> None:
    with pytest.raises(StackError, match="no Java 17 or newer") as refusal:
        choose("apache", Found(maven=True))
    assert "apt-get install openjdk-17-jre-headless maven" in str(refusal.value)
    assert "--kafka noida" in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_392"', 8),
        ('Picked up _JAVA_OPTIONS: -Xmx1g\nopenjdk version "23-ea"', 23),
        ("The operation couldn’t be completed. Unable to locate a Java Runtime.", None),
    ],
)
def test_java_version_is_read_from_what_java_says(text: str, version: int | None) -> None:
    assert parse_java_version(text) == version


@pytest.mark.parametrize(
    "complaint",
    [
        "mongod: error while loading shared libraries: libcrypto.so.3: cannot open shared object file",
        "mongod: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by mongod)",
    ],
)
def test_a_mongod_that_cannot_be_loaded_is_explained(complaint: str) -> None:
    with pytest.raises(StackError) as refusal:
        parse_version(Path("mongod"), 127, "", complaint)
    for word in (complaint, "glibc 2.35", "OpenSSL 3", "libcurl 4", "DOUBLESTAR_MONGO"):
        assert word in str(refusal.value)


def test_mongod_version_is_read() -> None:
    assert parse_version(Path("mongod"), 0, "db version v6.0.5\nBuild Info: {}", "") == "6.0.5"


def test_state_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    server = Server("mongo", "mongod", "6.0.5", "mongodb://127.0.0.1:20001/", 7, 1.5, 20001, "/x/mongo.log")
    save(tmp_path, {"mongo": server})
    assert load(tmp_path) == {"mongo": server}
    save(tmp_path, {})
    assert load(tmp_path) == {}
    assert not state_file(tmp_path).exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"mongo": {"url": "x", "colour": "red"}}'])
def test_a_state_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    state_file(tmp_path).write_text(content)
    with pytest.raises(StackError, match=r"stack\.json.*delete it"):
        load(tmp_path)


def test_the_end_of_a_log_is_readable(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert tail(log) == "(no log)"
    entry = '{"t":{"$date":"2024-01-01"},"s":"F","c":"STORAGE","id":1,"ctx":"x","msg":"Disk full","attr":{"free":0}}'
    log.write_text("\n".join([*(f"line {n}" for n in range(99)), "", entry, ""]))
    lines = tail(log, lines=3).splitlines()
    assert lines == ["line 97", "line 98", '2024-01-01 F STORAGE Disk full {"free": 0}']


def test_passwords_are_not_shown() -> None:
    assert without_password("mongodb://ann:secret@db:27017/?x=1") == "mongodb://***@db:27017/?x=1"
    assert without_password("127.0.0.1:9092") == "127.0.0.1:9092"
