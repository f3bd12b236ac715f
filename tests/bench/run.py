"""`make bench`: purchases a second end to end, and the floor under it, in one run on Apache Kafka and mongod."""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import MongoClient
from rich.console import Console
from rich.table import Table

from shared import stack
from shared.demo.grocer import messages
from shared.demo.play import play, ready
from shared.demo.stream import onboard, stream
from shared.ops.supervisor import Supervisor
from shared.runtime.topics import ensure
from shared.settings import Settings
from tests.bench.floor import READS, ROLES

out = Console()


class Silent:
    """Draws nothing: a benchmark must not pay for its own pictures."""

    def published(self, sent: Counter[str]) -> None:
        """Nothing."""

    def progress(self, counts: dict[str, int], lags: dict[str, int]) -> None:
        """Nothing."""


async def product(home: Path, servers: stack.Stack, months: int) -> tuple[int, float]:
    """Purchases and seconds through the real services; raises when the books do not balance."""
    environment = {"DOUBLESTAR_KAFKA": servers.kafka_url, "DOUBLESTAR_MONGO": servers.mongo_url}
    settings = Settings(home=home, kafka=servers.kafka_url, mongo=servers.mongo_url)
    supervisor = Supervisor(home, environment=environment)
    await onboard(settings)
    await supervisor.start()
    try:
        await ready(settings, supervisor.workers)
        played = await play(settings, messages(months), Silent(), ahead=10_000_000, look_every_s=3600)
    finally:
        await supervisor.stop()
    if not played.books.ok:
        raise SystemExit(f"not reconciled: {[check for check in played.books.checks if not check.ok]}")
    return played.sent["purchase"], played.seconds


async def floor(home: Path, servers: stack.Stack, months: int) -> tuple[int, float]:
    """Purchases and seconds through the plain loops."""
    settings = Settings(home=home, kafka=servers.kafka_url, mongo=servers.mongo_url, namespace="floor")
    await ensure(servers.kafka_url, {f"floor-{topic}": 4 for topics in READS.values() for topic in topics})
    here = {**os.environ, "TMPDIR": str(home)}  # what it writes goes with the servers' data
    command = [sys.executable, "-m", "tests.bench.floor", servers.kafka_url, servers.mongo_url]
    processes = [subprocess.Popen([*command, service], stdout=subprocess.PIPE, env=here) for service in ROLES]  # noqa: ASYNC220
    try:
        for process, roles in zip(processes, ROLES.values(), strict=True):
            for _ in roles:
                assert process.stdout is not None
                await asyncio.to_thread(process.stdout.readline)  # a line when the loop has its partitions
        started = perf_counter()
        sent = await stream(settings, messages(months))
        await _settled(servers.kafka_url)
        return sent["purchase"], perf_counter() - started
    finally:
        for process in processes:
            process.kill()
            process.wait()


async def _settled(kafka: str) -> None:
    """Waits until every group has committed the end of what it reads, upstream first."""
    admin, consumer = AIOKafkaAdminClient(bootstrap_servers=kafka), AIOKafkaConsumer(bootstrap_servers=kafka)
    await admin.start()
    await consumer.start()
    try:
        # Twice: grants flow back to the ledger, so what was settled first may have got more to do.
        for group, topics in [*READS.items(), *READS.items()]:
            places = [TopicPartition(f"floor-{topic}", number) for topic in topics for number in range(4)]
            while True:
                ends = await consumer.end_offsets(places)
                done = await admin.list_consumer_group_offsets(f"floor-{group}")
                if all(end == 0 or (place in done and done[place].offset >= end) for place, end in ends.items()):
                    break
                await asyncio.sleep(0.1)
    finally:
        await consumer.stop()
        await admin.close()


def written(url: str) -> str:
    """What MongoDB was told to write, so that a reader sees whether both sides did the same."""
    with MongoClient[dict[str, Any]](url) as client:
        counted = client.admin.command("serverStatus")["opcounters"]
        size = client.local.command("collStats", "oplog.rs")["size"]
    return f"{counted['insert'] + counted['update']:,} documents, {size / 1e6:,.0f} MB"


def once(home: Path, name: str, chosen: argparse.Namespace) -> tuple[float, str]:
    """One run on servers of its own: its line, and purchases a second."""
    servers = stack.start(home, kafka=chosen.kafka)
    try:
        purchases, seconds = asyncio.run((floor if name == "floor" else product)(home, servers, chosen.months))
        line = f"{purchases:,} purchases in {seconds:.1f} s, {purchases / seconds:,.0f}/s"
        return purchases / seconds, f"{line}; written: {written(servers.mongo_url)}"
    finally:
        stack.stop(home, wipe=True)


def main() -> None:
    """Runs both, alternating, and prints the ratio of the best."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kafka", default="apache", choices=("apache", "noida"))
    chosen = parser.parse_args()
    rates: dict[str, list[float]] = {"floor": [], "product": []}
    for number in range(chosen.rounds):
        for name in rates:
            # Beside the demo's data, not in the system's temporary folder: its file system may be another.
            Path(".doublestar").mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="bench-", dir=Path(".doublestar").resolve()) as folder:
                rate, line = once(Path(folder), name, chosen)
            rates[name].append(rate)
            out.print(f"round {number + 1}, {name}: {line}", soft_wrap=True)
    table = Table("", "best purchases/s", "all", title=f"{chosen.months} months, {chosen.kafka}, 2 cores shared by all")
    for name, found in rates.items():
        table.add_row(name, f"{max(found):,.0f}", ", ".join(f"{rate:,.0f}" for rate in found))
    out.print(table)
    out.print(f"ratio product / floor: {max(rates['product']) / max(rates['floor']):.2f}")


if __name__ == "__main__":
    main()
