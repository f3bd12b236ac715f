"""Apache Kafka itself on one machine: its jars by Maven, its broker and controller as one Java process on loopback."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from .choice import Found
from .probe import kafka_answers
from .process import StackError, free_port, spawn, wait_ready
from .state import Say, Server

VERSION = "4.1.0"
_POM = Path(__file__).with_name("pom.xml")
_MAVEN = ["mvn", "-q", "-B", "-f", str(_POM), "dependency:copy-dependencies", "-DincludeScope=runtime"]
_FOR_EVER = str(2**63 - 1)
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "num.partitions": "4",
    "min.insync.replicas": "1",
    "offsets.topic.num.partitions": "8",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # Event times are the members' own, years old or simulated: age by the clock must neither delete nor refuse them.
    "log.retention.ms": "-1",
    "log.message.timestamp.before.max.ms": _FOR_EVER,
    "log.message.timestamp.after.max.ms": _FOR_EVER,
    "offsets.retention.minutes": "5256000",
    # A broker that was killed is refused until its old session has run out: 9 s by default.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "log.segment.delete.delay.ms": "1000",
    "log.cleaner.dedupe.buffer.size": str(16 * 2**20),  # 128 MB by default, out of a heap of 512
}
_JAVA_FLAGS = [
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xmx512m",
    "-Xms256m",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
]
_LOG = "-Dorg.slf4j.simpleLogger."
_LOG_FLAGS = [
    f"{_LOG}defaultLogLevel=warn",
    f"{_LOG}showDateTime=true",
    f"{_LOG}dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
]


def data_folder(home: Path) -> Path:
    """Where it keeps its log and its settings."""
    return home / "kafka-apache"


def launch(home: Path, port: int) -> Server:
    """Start the process (the jars are there already, see `fetch_jars`); `ready` waits until it can be used."""
    folder, log = data_folder(home), home / "logs" / "kafka.log"
    settings = _write_settings(folder, port)
    if not (folder / "log" / "meta.properties").exists():
        _format(folder, settings)
    pid, started = spawn([*_java(*_JAVA_FLAGS), "kafka.Kafka", str(settings)], log, folder)
    return Server("kafka", "apache", VERSION, f"127.0.0.1:{port}", pid, started, port, str(log))


def ready(server: Server) -> None:
    """Wait until the controller has let the broker in and it names itself to clients."""
    log = Path(server.log)
    wait_ready("Apache Kafka", server.pid, server.started, server.port, log, lambda: kafka_answers(server.url))


def find() -> Found:
    """What this machine offers to run it."""
    return Found(java=java_version(), maven=shutil.which("mvn") is not None, jars=jars_folder().is_dir())


def java_version() -> int | None:
    """The major version of the Java that would run it."""
    java = _java_binary()
    if java is None:
        return None
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_java_version(answer.stderr + answer.stdout)


def parse_java_version(text: str) -> int | None:
    """17 of `openjdk version "17.0.15"`, 8 of `java version "1.8.0_392"`."""
    found = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(found.group(1)) if found else None


def jars_folder() -> Path:
    """Shared by this user's checkouts; named by the pom's content, so that another pom gets another folder."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "doublestar" / f"kafka-{VERSION}-{hashlib.sha256(_POM.read_bytes()).hexdigest()[:8]}"


def fetch_jars(say: Say) -> Path:
    """Kafka's jars, by Maven on first use: into a folder beside, renamed when complete, so half of them never count."""
    folder = jars_folder()
    if folder.is_dir():
        return folder
    say(f"fetching Apache Kafka {VERSION} with Maven (once; 43 MB) ...")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        _run(
            [*_MAVEN, f"-DoutputDirectory={draft}"],
            "Maven could not fetch Apache Kafka (is this machine online?); --kafka noida does without it",
        )
        if not folder.is_dir():  # another checkout may have been faster
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _write_settings(folder: Path, port: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    controller = f"127.0.0.1:{free_port()}"
    here = {
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.quorum.voters": f"1@{controller}",
        "log.dirs": str(folder / "log"),
    }
    path = folder / "server.properties"
    path.write_text("".join(f"{key}={value}\n" for key, value in (SETTINGS | here).items()))
    return path


def _format(folder: Path, settings: Path) -> None:
    shutil.rmtree(folder / "log", ignore_errors=True)  # what an interrupted format left
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    tool = [
        "kafka.tools.StorageTool",
        "format",
        "-t",
        f"A{cluster[1:]}",
        "-c",
        str(settings),
    ]  # a leading - is an option
    _run([*_java("-Xmx128m"), *tool], f"Apache Kafka could not prepare {folder}")


def _java(*flags: str) -> list[str]:
    return [_java_binary() or "java", *flags, *_LOG_FLAGS, "-cp", f"{jars_folder()}/*"]


def _java_binary() -> str | None:
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").is_file():
        return str(Path(home) / "bin" / "java")
    return shutil.which("java")


def _run(command: list[str], trouble: str) -> None:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=900)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError(f"{trouble}: {error}") from None
    if answer.returncode:
        said = (answer.stdout + answer.stderr).strip().splitlines()[-12:]
        raise StackError("\n".join([f"{trouble}. It said:", *said]))
