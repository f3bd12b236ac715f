"""MongoDB's own server from a Python wheel, as a replica set of one: transactions and change streams need one.

mongod is a separate program for development, demo and tests; it is never linked into ours nor put into our image.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from .process import StackError, spawn, wait_ready
from .state import Server

_CACHE_GB = "1"  # the default takes half of the machine, which Kafka and the services need too
_OPLOG_MB = "512"
_SETTINGS = {
    "diagnosticDataCollectionEnabled": "false",
    # With clients still connected, a polite end would otherwise linger 15 s in case they finish.
    "shutdownTimeoutMillisForSignaledShutdown": "100",
    # What a killed worker that does not come back left open is given up after this, not after a minute.
    "transactionLifetimeLimitSeconds": "15",
}
_ALREADY_INITIALIZED = 23
_INSTALL = "install the `local` extra (`make setup`), put a `mongod` on PATH, or set DOUBLESTAR_MONGO to a replica set"


def data_folder(home: Path) -> Path:
    """Where it keeps its data."""
    return home / "mongo"


def launch(home: Path, port: int) -> Server:
    """Start the process; `ready` waits until it can be used."""
    binary = find_binary()
    version = read_version(binary)
    folder, log = data_folder(home), home / "logs" / "mongo.log"
    folder.mkdir(parents=True, exist_ok=True)
    # Its log goes through standard output: what the loader or an abort has to say is then in the same file.
    command = [str(binary), "--replSet", "rs0", "--bind_ip", "127.0.0.1", "--port", str(port), "--dbpath", str(folder)]
    command += ["--nounixsocket", "--quiet", "--wiredTigerCacheSizeGB", _CACHE_GB, "--oplogSize", _OPLOG_MB]
    for name, value in _SETTINGS.items():
        command += ["--setParameter", f"{name}={value}"]
    pid, started = spawn(command, log, folder)
    url = f"mongodb://127.0.0.1:{port}/?replicaSet=rs0"
    return Server("mongo", "mongod", version, url, pid, started, port, str(log))


def ready(server: Server) -> None:
    """Wait until it is a primary that takes writes, initiating the replica set where that was not done."""
    with connect(server.port) as client:
        wait_ready(
            "mongod", server.pid, server.started, server.port, Path(server.log), lambda: is_primary(client, server.port)
        )


def connect(port: int) -> MongoClient[dict[str, object]]:
    """A client of this one server, whatever it thinks its replica set is."""
    return MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500, connectTimeoutMS=500)


def is_primary(client: MongoClient[dict[str, object]], port: int) -> bool:
    """True when it takes writes; otherwise does the next step towards that."""
    try:
        hello = client.admin.command("hello")
        if "setName" not in hello:
            _join(client, port)
        return bool(hello.get("isWritablePrimary"))
    except PyMongoError:
        return False  # still starting, or electing


def find_binary() -> Path:
    """The wheel's mongod, found without importing the wheel's code; else the one on PATH."""
    for entry in sys.path:
        binary = Path(entry) / "fiftyone" / "db" / "bin" / "mongod"
        if binary.is_file():
            if not binary.stat().st_mode & 0o100:
                binary.chmod(0o755)  # the wheel comes without the run bit
            return binary
    on_path = shutil.which("mongod")
    if on_path is None:
        raise StackError(f"no mongod here: {_INSTALL}")
    return Path(on_path)


def read_version(binary: Path) -> str:
    """Its version, which also proves that the machine can load it."""
    try:
        answer = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError(f"{binary} does not run here ({error}): {_INSTALL}") from None
    return parse_version(binary, answer.returncode, answer.stdout, answer.stderr)


def parse_version(binary: Path, code: int, out: str, err: str) -> str:
    """The version out of `mongod --version`, or a plain word about the library that this machine lacks."""
    if code == 0 and out.startswith("db version v"):
        return out.split()[2].removeprefix("v")
    said = (err or out).strip().splitlines()
    reason = said[-1] if said else f"exit {code}"
    raise StackError(
        f"MongoDB's mongod cannot be loaded on this machine: {reason}\n"
        "It needs glibc 2.35, OpenSSL 3 and libcurl 4 or newer, as Debian 12 and Ubuntu 22.04 have "
        f"(`apt-get install libssl3 libcurl4`). Or: {_INSTALL}"
    )


def _join(client: MongoClient[dict[str, object]], port: int) -> None:
    member = {"_id": 0, "host": f"127.0.0.1:{port}"}
    try:
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
    except OperationFailure as error:
        if error.code != _ALREADY_INITIALIZED:
            return
        # The data is from a run on another port, so the set does not know this member: tell it where it lives now.
        config = client.admin.command("replSetGetConfig")["config"]
        config.update(version=config["version"] + 1, members=[member])
        client.admin.command("replSetReconfig", config, force=True)
