"""Does a server really answer? One plain-socket question to Kafka, one `hello` to MongoDB; no event loop needed."""

from __future__ import annotations

import contextlib
import re
import socket
import struct

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.addresses import shown

from .process import StackError

_METADATA, _METADATA_V1 = 3, 1  # understood by every broker since 0.10 and by the stand-in


def kafka_answers(url: str, timeout_s: float = 1.0) -> bool:
    """True when one of the bootstrap servers names at least one live broker: a broker that still recovers its log
    or waits for its controller accepts connections, but names none."""
    for address in url.split(","):
        host, _, port = address.strip().rpartition(":")
        with contextlib.suppress(OSError, ValueError, struct.error):
            if _brokers(host.strip("[]"), int(port), timeout_s) > 0:
                return True
    return False


def require_kafka(url: str, timeout_s: float = 5.0) -> None:
    """Raises StackError when nobody answers there."""
    if not kafka_answers(url, timeout_s):
        raise StackError(f"no Kafka answers at {shown(url)}: check DOUBLESTAR_KAFKA, or unset it")


def mongo_version(url: str, timeout_s: float = 3.0) -> str:
    """The version of a MongoDB that can do transactions, or an error that says what is wrong with it."""
    try:
        with MongoClient[dict[str, object]](url, serverSelectionTimeoutMS=int(timeout_s * 1000)) as client:
            hello = client.admin.command("hello")
            if "setName" not in hello and hello.get("msg") != "isdbgrid":
                raise StackError(
                    "the MongoDB of DOUBLESTAR_MONGO stands alone and has no transactions: start it with --replSet"
                )
            return str(client.server_info()["version"])
    except (PyMongoError, ValueError) as error:
        why = _first_line(error).removeprefix(f"{shown(url)}: ")
        raise StackError(f"no MongoDB answers at {shown(url)} ({why}): check DOUBLESTAR_MONGO, or unset it") from None


def _brokers(host: str, port: int, timeout_s: float) -> int:
    header = struct.pack(">hhih", _METADATA, _METADATA_V1, 1, -1)  # correlation 1, no client id
    request = header + struct.pack(">i", 0)  # of no topic: only the brokers
    with socket.create_connection((host, port), timeout=timeout_s) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        with connection.makefile("rb") as reply:
            (size,) = struct.unpack(">i", reply.read(4))
            if not 8 <= size <= 1_000_000:
                return 0  # something that is not Kafka
            correlation, brokers = struct.unpack(">ii", reply.read(8))
    return int(brokers) if correlation == 1 else 0


def _first_line(error: Exception) -> str:
    return (re.split(r",| \(configured", str(error))[0].splitlines() or [type(error).__name__])[0]
