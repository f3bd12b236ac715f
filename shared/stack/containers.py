"""The same two servers in containers, only for tests that ask for them (`DOUBLESTAR_TEST_SERVERS=docker`).

Ports are the same inside and outside, so that what the servers call themselves is where clients find them.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import apache, mongod
from .probe import kafka_answers
from .process import StackError, free_port

_MONGO_IMAGE = "mongo:7.0"
_KAFKA_IMAGE = f"apache/kafka:{apache.VERSION}"


@dataclass(frozen=True)
class Containers:
    """Where the servers are, and how to be rid of them."""

    mongo_url: str
    kafka_url: str
    stop: Callable[[], None]


def start_containers() -> Containers:
    """Start both and wait until they answer."""
    make = _container_class()
    started: list[Any] = []

    def stop() -> None:
        while started:
            started.pop().stop()

    try:
        mongo_port, kafka_port = free_port(), free_port()
        started.append(_mongo(make, mongo_port).start())
        started.append(_kafka(make, kafka_port).start())
        with mongod.connect(mongo_port) as client:
            _wait("MongoDB", lambda: mongod.is_primary(client, mongo_port))
        _wait("Kafka", lambda: kafka_answers(f"127.0.0.1:{kafka_port}"))
    except BaseException:
        stop()
        raise
    return Containers(f"mongodb://127.0.0.1:{mongo_port}/?replicaSet=rs0", f"127.0.0.1:{kafka_port}", stop)


def _container_class() -> Callable[[str], Any]:
    try:
        docker = importlib.import_module("testcontainers.core.container")
    except ImportError:
        raise StackError(
            "DOUBLESTAR_TEST_SERVERS=docker needs testcontainers: `pip install 'doublestar[containers]'`, "
            "or unset it to run the servers without containers"
        ) from None

    def make(image: str) -> Any:
        try:
            return docker.DockerContainer(image)
        except Exception as error:  # the engine's client raises its own kinds, and only when one is there at all
            raise StackError(
                f"no container engine answers ({error}): start it, or unset DOUBLESTAR_TEST_SERVERS"
            ) from None

    return make


def _mongo(make: Callable[[str], Any], port: int) -> Any:
    command = f"mongod --replSet rs0 --bind_ip_all --port {port}"
    return make(_MONGO_IMAGE).with_command(command).with_bind_ports(port, port)


def _kafka(make: Callable[[str], Any], port: int) -> Any:
    here = {
        "listeners": f"PLAINTEXT://:{port},CONTROLLER://:29093",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": "1@localhost:29093",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    }
    container = make(_KAFKA_IMAGE).with_bind_ports(port, port)
    for key, value in (apache.SETTINGS | here).items():
        container = container.with_env("KAFKA_" + key.upper().replace(".", "_"), value)
    return container


def _wait(name: str, answers: Callable[[], bool], patience_s: float = 60.0) -> None:
    deadline = time.monotonic() + patience_s
    while not answers():
        if time.monotonic() > deadline:
            raise StackError(f"{name} in its container does not answer after {patience_s:.0f} s: see `docker logs`")
        time.sleep(0.1)
