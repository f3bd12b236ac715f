"""Servers for tests over real sockets: one pair a session, a namespace of its own for each test.

`DOUBLESTAR_KAFKA` and `DOUBLESTAR_MONGO` (both) name servers to use; `DOUBLESTAR_TEST_SERVERS=docker` takes containers;
else they are started here, `DOUBLESTAR_TEST_KAFKA=apache|noida` choosing the Kafka. Tests that ask for none start none.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings as hypothesis_settings
from pymongo import MongoClient

from shared import stack
from shared.settings import Settings
from shared.stack.containers import start_containers
from shared.stack.process import PART_OF_PORTS

SettingsFor = Callable[..., Settings]
# No deadline for an example: on a busy machine it would fail tests for what other processes do. The same examples every
# time: a test that fails says that the change before it broke something. Others are looked for by `make explore`.
hypothesis_settings.register_profile("calm", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis_settings.load_profile("calm")
# Processes of pytest that start servers at the same time have ports of their own.
os.environ.setdefault(PART_OF_PORTS, f"{os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw')}/6")


@dataclass(frozen=True)
class Servers:
    """Where they are; `home` is set where they were started here, and can be restarted with `stack.restart`."""

    kafka: str
    mongo: str
    kafka_kind: str
    home: Path | None = None


@pytest.fixture
def quiet() -> Iterator[None]:
    """What is logged about failures made on purpose is of no interest."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make crash`; pytest wants options registered here, not beside the test."""
    parser.addoption("--crash-full", action="store_true", help="the long crash test: every service killed 20 times")
    parser.addoption("--crash-seed", type=int, help="another order of kills at other moments")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Kafka and MongoDB of this session, gone afterwards."""
    kafka, mongo = os.environ.get("DOUBLESTAR_KAFKA"), os.environ.get("DOUBLESTAR_MONGO")
    if kafka and mongo:
        yield Servers(kafka, mongo, "external")
    elif os.environ.get("DOUBLESTAR_TEST_SERVERS") == "docker":
        started = start_containers()
        try:
            yield Servers(started.kafka_url, started.mongo_url, "apache")
        finally:
            started.stop()
    else:
        yield from _local(tmp_path_factory.mktemp("servers"))


def _local(home: Path) -> Iterator[Servers]:
    wanted: Any = os.environ.get("DOUBLESTAR_TEST_KAFKA", "auto")
    try:
        here = stack.start(home, kafka=wanted)
        yield Servers(here.kafka_url, here.mongo_url, here.kafka_kind, home)
    finally:
        stack.stop(home, wipe=True)


@pytest.fixture
def settings_for(servers: Servers, tmp_path: Path) -> Iterator[SettingsFor]:
    """Makes settings in namespaces of their own: `settings_for()`, `settings_for(batch=50)`.

    The databases of these namespaces are dropped afterwards; topics stay until the session's Kafka goes.
    """
    made: list[Settings] = []

    def make(**changes: Any) -> Settings:
        namespace = f"t{uuid.uuid4().hex[:11]}"
        given = {"kafka": servers.kafka, "mongo": servers.mongo, "namespace": namespace, "home": tmp_path}
        made.append(Settings(**{**given, "program": "journey", **changes}))
        return made[-1]

    yield make
    if made:
        with MongoClient[dict[str, Any]](servers.mongo) as client:
            for name in client.list_database_names():
                if any(each.prefix and name.startswith(each.prefix) for each in made):
                    client.drop_database(name)


@pytest.fixture
def settings(settings_for: SettingsFor) -> Settings:
    """Settings in a namespace of the test's own."""
    return settings_for()


def environment(settings: Settings) -> dict[str, str]:
    """The same settings for a process or a command that reads them from its environment."""
    return {
        "DOUBLESTAR_KAFKA": settings.kafka_url(),
        "DOUBLESTAR_MONGO": settings.mongo_url(),
        "DOUBLESTAR_NAMESPACE": settings.namespace,
        "DOUBLESTAR_HOME": str(settings.home),
        "DOUBLESTAR_PROGRAM": settings.program,
    }
