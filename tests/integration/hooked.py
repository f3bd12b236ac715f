"""`doublestar` as a process in which a test can hold the ledger in the middle of a batch, or end what its Kafka clients
do by themselves, and that has one bug.

`python -m tests.integration.hooked <folder> <arguments>` is `doublestar <arguments>` with gates in that folder. What
runs between them is the product's own code.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka.consumer.fetcher import Fetcher

from services.earn.posting import JOURNAL
from shared.cli.main import main
from shared.events.topics import DEFINITIONS
from shared.runtime.batch import BatchLoop
from shared.runtime.mongo import MongoUnit
from shared.runtime.store import Document
from tests.integration.pipeline import until
from tests.simulation import broken

ROOT = Path(__file__).parent.parent.parent
BEFORE_COMMIT = "before_commit"  # everything is read and decided, the transaction is open
BEFORE_PUBLISH = "before_publish"  # committed; announcements in the outbox only, offsets not committed
ENDS_RECORDS = "fetching_of_records_ends"
ENDS_DEFINITIONS = "fetching_of_definitions_ends"
POISON = b"p0ison"  # the ledger fails to decide events whose bytes hold this


class Gate:
    """Holds the first batch that comes to a point once it is armed, until it is opened; files tell both sides."""

    def __init__(self, folder: Path, point: str) -> None:
        self._armed, self._reached, self._open = (folder / f"{point}.{each}" for each in ("armed", "reached", "open"))

    def arm(self) -> None:
        """The next batch is to be held."""
        self._armed.touch()

    def holds(self) -> bool:
        """A worker is in the middle of a batch, and stays there."""
        return self._reached.exists() and not self._open.exists()

    def open(self) -> None:
        """Lets it go on."""
        self._open.touch()

    def reached(self) -> bool:
        """The process's side: whether it is the one that was armed for; it alone is told so, and once."""
        try:
            self._armed.rename(self._reached)  # one of all processes succeeds
        except FileNotFoundError:
            return False
        return True

    async def passed(self) -> None:
        """The process's side: returns at once unless it is the one to be held."""
        if self.reached():
            await until(self._open.exists, "the gate to be opened", 300)


def executable(folder: Path) -> str:
    """A program to put in `sys.executable`'s place, so that a supervisor starts hooked services."""
    script = folder / "python"
    # Its first two arguments are `-m shared.cli.main`.
    script.write_text(f'#!/bin/sh\ncd {ROOT}\nshift 2\nexec {sys.executable} -m {__name__} {folder} "$@"\n')
    script.chmod(0o755)
    return str(script)


def hook(folder: Path) -> None:
    """Puts gates and bug into this process."""
    commit, announce = MongoUnit.commit, BatchLoop._announce
    before_commit, before_publish = Gate(folder, BEFORE_COMMIT), Gate(folder, BEFORE_PUBLISH)

    async def held_commit(
        unit: MongoUnit, inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]
    ) -> None:
        if JOURNAL in inserts:
            await before_commit.passed()
        await commit(unit, inserts, replaces)

    async def held_announce(loop: BatchLoop[Any, Any]) -> None:
        if loop.handler.consumer == "earn-ledger" and loop._outgoing:
            await before_publish.passed()
        await announce(loop)

    plan = Fetcher._get_actions_per_node
    ends_records, ends_definitions = Gate(folder, ENDS_RECORDS), Gate(folder, ENDS_DEFINITIONS)

    def failing_plan(fetcher: Fetcher, assignment: Any) -> Any:
        of_definitions = any(each.topic.endswith(DEFINITIONS) for each in assignment.tps)
        if (ends_definitions if of_definitions else ends_records).reached():
            raise RuntimeError("as a bug in the client would")
        return plan(fetcher, assignment)

    patch = pytest.MonkeyPatch()
    patch.setattr(Fetcher, "_get_actions_per_node", failing_plan)
    patch.setattr(MongoUnit, "commit", held_commit)
    patch.setattr(BatchLoop, "_announce", held_announce)
    broken.poisoned(patch, POISON)


if __name__ == "__main__":
    hook(Path(sys.argv.pop(1)))
    main()
