"""`doublestar rules` in tests over real servers: files to publish, the command, what registry and topic have then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from shared.cli.main import app
from shared.publishing.edition import draft
from shared.publishing.office import opened
from shared.rules.definition import DEFINITION
from shared.runtime.follower import read_shelf
from shared.settings import Settings
from tests.conftest import environment

Command = Callable[..., Awaitable[Result]]
BASE = """
id: base
kind: earn
title: {points} stars for every dollar
on: purchase
then: {{wallet: stars, per_amount: {{per: 1.00, give: {points}}}}}
"""
PROGRAMME = """
id: shop
kind: programme
title: Shop
time_zone: America/New_York
currency: USD
wallets: [stars]
approvals: {approvals}
"""
SIGNED = ("--author", "Ann", "--note", "a try")


def commands(settings: Settings) -> Command:
    """Runs `doublestar rules` in a thread, as it runs an event loop of its own; nobody is at a terminal."""

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(
            lambda: CliRunner().invoke(app, ["rules", *arguments], env=environment(settings))
        )

    return run


def file(folder: Path, text: str, name: str = "base.yaml", **said: Any) -> str:
    """A definition file; its path."""
    (folder / name).write_text(text.format(**said), encoding="utf-8")
    return str(folder / name)


def rule(id_: str, points: int) -> Any:
    """A draft that leaves version and time to the publication."""
    return draft(DEFINITION.validate_python({"id": id_, "kind": "earn", "title": id_, "then": {"fixed": points}}))


async def versions(settings: Settings, id_: str = "base") -> list[dict[str, Any]]:
    """What the registry has of a definition."""
    async with opened(settings, announcing=False) as office:
        registry = await office.registry()
        return list(registry[id_]["versions"]) if id_ in registry else []


async def on_topic(settings: Settings, id_: str = "base") -> list[int]:
    """The versions that a worker that starts now would go by."""
    book = (await read_shelf(settings.kafka_url(), settings.prefix)).book
    return [each.version for each in book.versions if each.id == id_] if book is not None else []
