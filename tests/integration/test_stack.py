"""The servers of a machine without containers, for real: what starts also stops, and comes back when it is killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import MongoClient

from shared import stack
from shared.stack import apache
from shared.stack.choice import Wanted, choose
from shared.stack.process import free_port, unusable, wait_usable
from shared.stack.state import Server, save

HAS_APACHE = choose("auto", apache.find()).kind == "apache"
needs_apache = pytest.mark.skipif(not HAS_APACHE, reason="no Java 17 or newer with Maven here")


@contextmanager
def running(
    home: Path, kafka: Wanted = "noida", kafka_url: str | None = None, mongo_url: str | None = None
) -> Iterator[stack.Stack]:
    """A stack that is gone afterwards, whatever the test does."""
    try:
        yield stack.start(home, kafka=kafka, kafka_url=kafka_url, mongo_url=mongo_url)
    finally:
        stack.stop(home, wipe=True)


def mongo(url: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(url, serverSelectionTimeoutMS=10_000)


def kill(home: Path, name: stack.Name) -> None:
    """kill -9, and wait until the system has noticed."""
    pid = stack.read_state(home)[name]["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not {s.name: s.alive for s in stack.status(home)}[name])


def until(condition: Callable[[], bool], patience_s: float = 10.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def processes_of(home: Path) -> list[str]:
    """Living processes that name this home on their command line."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        command = " ".join(process.info["cmdline"] or [])
        if str(home) in command and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(command)
    return found


async def make_topic(url: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=url)
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1)])
    await admin.close()


async def send(url: str, topic: str, *values: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=url, enable_idempotence=True)
    await producer.start()
    for value in values:
        await producer.send_and_wait(topic, value)
    await producer.stop()


async def receive(url: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=url, auto_offset_reset="earliest")
    await consumer.start()
    values = [(await consumer.getone()).value for _ in range(count)]
    await consumer.stop()
    return values


def test_two_homes_run_side_by_side_and_stop_without_a_trace(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    with running(one) as first, running(two) as second:
        with mongo(first.mongo_url) as a, mongo(second.mongo_url) as b:
            a.shop.cards.insert_one({"_id": 1})
            assert b.shop.cards.count_documents({}) == 0
        ports = {entry["port"] for home in (one, two) for entry in stack.read_state(home).values()}
        assert len(ports) == 4
        assert len(processes_of(one)) == len(processes_of(two)) == 2
        assert stack.stop(one) == ["kafka", "mongo"]
        assert processes_of(one) == []
        assert [s.alive for s in stack.status(two)] == [True, True]
        assert stack.status(one) == []
        assert stack.stop(one) == []
    assert processes_of(tmp_path) == []
    assert not (two / "mongo").exists()


def test_start_keeps_what_runs_and_starts_what_died(tmp_path: Path) -> None:
    said: list[str] = []
    with running(tmp_path) as first:
        before = stack.read_state(tmp_path)
        assert stack.start(tmp_path, say=said.append) == first
        assert stack.read_state(tmp_path) == before
        assert all("runs already" in line for line in said)
        kill(tmp_path, "kafka")
        assert stack.start(tmp_path, kafka="noida") == first, "on the same port: clients are calling it"
        after = stack.read_state(tmp_path)
        assert after["mongo"] == before["mongo"]
        assert after["kafka"]["pid"] != before["kafka"]["pid"]
        with pytest.raises(stack.StackError, match="doublestar down"):
            stack.start(tmp_path, kafka="apache")


def test_a_killed_mongod_is_reported_with_its_log_and_comes_back_with_its_data(tmp_path: Path) -> None:
    with running(tmp_path) as here, mongo(here.mongo_url) as client:
        client.shop.cards.insert_one({"_id": 1})
        kill(tmp_path, "mongo")
        dead = stack.status(tmp_path)[0]
        assert (dead.name, dead.alive) == ("mongo", False)
        assert 1 <= len(dead.trouble.splitlines()) <= 15
        stack.restart(tmp_path, "mongo")
        assert stack.status(tmp_path)[0].alive
        with client.start_session() as session, session.start_transaction():
            client.shop.cards.insert_one({"_id": 2}, session=session)
        assert client.shop.cards.count_documents({}) == 2


def test_a_port_that_a_dying_process_still_holds_is_waited_for() -> None:
    """Breaks where a server is started at once: its own predecessor, of which a thread is not quite gone, would be told
    to be another process that has taken the port. What stays taken is not waited for without a bound."""
    held = socket.create_server(("127.0.0.1", 0))
    port = held.getsockname()[1]
    wait_usable(port, patience_s=0.05)
    assert unusable("127.0.0.1", port) is not None
    Timer(0.1, held.close).start()
    wait_usable(port, patience_s=30)
    assert unusable("127.0.0.1", port) is None


def test_data_moves_to_another_port(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        with mongo(first.mongo_url) as client:
            client.shop.cards.insert_one({"_id": 1})
        stack.stop(tmp_path)
        second = stack.start(tmp_path, kafka="noida")
        assert second.mongo_url != first.mongo_url
        with mongo(second.mongo_url) as moved:
            assert moved.shop.cards.count_documents({}) == 1


def test_servers_of_others_are_asked_but_neither_started_nor_stopped(tmp_path: Path) -> None:
    owner, guest = tmp_path / "owner", tmp_path / "guest"
    with running(owner) as theirs:
        with running(guest, kafka_url=theirs.kafka_url, mongo_url=theirs.mongo_url) as ours:
            assert (ours.kafka_url, ours.kafka_kind) == (theirs.kafka_url, "external")
            assert ours.mongo_version == theirs.mongo_version
            assert [s.alive for s in stack.status(guest)] == [True, True]
            assert stack.stop(guest) == []
        named: dict[stack.Name, str | None] = {"kafka": theirs.kafka_url, "mongo": theirs.mongo_url}
        assert [(s.name, s.alive, s.version) for s in stack.status(guest, named)] == [
            ("mongo", True, theirs.mongo_version), ("kafka", True, "unknown"),
        ]  # fmt: skip
        assert stack.status(owner, named) == stack.status(owner), "ours, however they are named"
        assert [s.alive for s in stack.status(owner)] == [True, True]


def test_a_url_at_which_nobody_answers_is_refused(tmp_path: Path) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with pytest.raises(stack.StackError, match=r"no MongoDB answers .*unset it"):
        stack.start(tmp_path, mongo_url=f"mongodb://{nobody}/")
    with pytest.raises(stack.StackError, match=r"no Kafka answers .*unset it"), running(tmp_path, kafka_url=nobody):
        pass
    assert processes_of(tmp_path) == []


def test_servers_that_the_environment_names_take_the_place_of_recorded_ones_of_others(tmp_path: Path) -> None:
    """Not of this checkout's own: those run here until `down`, whoever is asked."""
    nobody, before = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    save(tmp_path, {"kafka": Server("kafka", "external", "unknown", before)})
    assert [s.url for s in stack.status(tmp_path)] == [before]
    [status] = stack.status(tmp_path, {"kafka": nobody})
    assert (status.url, status.alive) == (nobody, False)
    assert status.trouble == f"no Kafka answers at {nobody}: check DOUBLESTAR_KAFKA, or unset it"
    with running(tmp_path / "ours") as ours:
        found = stack.status(tmp_path / "ours", {"kafka": nobody})
        assert [(s.url, s.alive) for s in found] == [(ours.mongo_url, True), (ours.kafka_url, True), (nobody, False)]


def test_a_stack_that_does_not_come_up_leaves_nothing_running(tmp_path: Path) -> None:
    """Breaks when a Kafka that is away leaves the mongod that was started for it running, unsaid."""
    nobody, said = f"127.0.0.1:{free_port()}", list[str]()
    try:
        with pytest.raises(stack.StackError, match="no Kafka answers"):
            stack.start(tmp_path, kafka_url=nobody, say=said.append)
        assert processes_of(tmp_path) == []
        assert stack.read_state(tmp_path) == {}
        assert said[-1] == "MongoDB 6.0.5 stopped again"
        with running(tmp_path) as first:
            kill(tmp_path, "kafka")
            with pytest.raises(stack.StackError, match="no Kafka answers"):
                stack.start(tmp_path, kafka_url=nobody)
            assert stack.status(tmp_path)[0].alive, "what ran before goes on"
            assert first.mongo_url == stack.read_state(tmp_path)["mongo"]["url"]
    finally:
        stack.stop(tmp_path, wipe=True)


def test_up_says_what_down_stops(tmp_path: Path) -> None:
    """Breaks when it says `both` of servers that others run."""
    owner, guest = tmp_path / "owner", tmp_path / "guest"
    with running(owner) as theirs:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("DOUBLESTAR_")}
        told: list[str] = []
        for given in ({}, {"KAFKA": theirs.kafka_url}, {"KAFKA": theirs.kafka_url, "MONGO": theirs.mongo_url}):
            home = guest / str(len(told)) if given else owner
            named = {f"DOUBLESTAR_{name}": value for name, value in given.items()}
            done = subprocess.run(
                [sys.executable, "-m", "shared.cli.main", "up"],
                env={**clean, **named, "DOUBLESTAR_HOME": str(home)}, capture_output=True, text=True, timeout=120,
            )  # fmt: skip
            told.append(done.stdout.splitlines()[-1].partition("; ")[2])
            if given:
                stack.stop(home, wipe=True)
    assert told == [
        "`doublestar down` stops both",
        "`doublestar down` stops MongoDB",
        "others run both servers, `doublestar down` leaves them alone",
    ]


def steal(thief: socket.socket, port: int, patience_s: float = 20.0) -> None:
    """Takes the port as soon as the killed server's socket is gone: a process may be dead before its ports are free."""
    until = time.monotonic() + patience_s
    while True:
        try:
            thief.bind(("127.0.0.1", port))
            break
        except OSError:
            if time.monotonic() > until:
                raise
    thief.listen()


def test_restart_says_when_the_port_was_taken(tmp_path: Path) -> None:
    with running(tmp_path):
        kill(tmp_path, "kafka")
        with socket.socket() as thief:
            thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: the last connections linger
            steal(thief, stack.read_state(tmp_path)["kafka"]["port"])
            with pytest.raises(stack.StackError, match=r"port \d+ is taken"):
                stack.restart(tmp_path, "kafka")


async def test_the_stand_in_speaks_kafka(tmp_path: Path) -> None:
    with running(tmp_path, kafka="noida") as here:
        assert (here.kafka_kind, here.kafka_version) == ("noida", "0.2.3")
        await make_topic(here.kafka_url, "purchases")
        await send(here.kafka_url, "purchases", b"1", b"2")
        assert await receive(here.kafka_url, "purchases", 2) == [b"1", b"2"]


@needs_apache
async def test_a_killed_apache_kafka_comes_back_with_its_data_and_so_does_a_stopped_one(tmp_path: Path) -> None:
    said: list[str] = []
    try:
        first = stack.start(tmp_path, kafka="apache", say=said.append)
        assert any(line.startswith(f"Kafka: Apache Kafka {apache.VERSION} (Java ") for line in said)
        await make_topic(first.kafka_url, "purchases")
        await send(first.kafka_url, "purchases", b"1", b"2")
        kill(tmp_path, "kafka")
        stack.restart(tmp_path, "kafka")
        await send(first.kafka_url, "purchases", b"3")
        assert await receive(first.kafka_url, "purchases", 3) == [b"1", b"2", b"3"]
        assert stack.stop(tmp_path) == ["kafka", "mongo"]
        second = stack.start(tmp_path, kafka="apache")
        assert second.kafka_url != first.kafka_url
        assert await receive(second.kafka_url, "purchases", 3) == [b"1", b"2", b"3"]
    finally:
        stack.stop(tmp_path, wipe=True)
    assert processes_of(tmp_path) == []
