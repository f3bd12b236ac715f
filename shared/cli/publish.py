"""`doublestar publish`: sends events to a partner's topic from a terminal, checked before they leave."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

from shared.cli.books import unanswered
from shared.cli.console import fail, say
from shared.clock import Moved
from shared.events.decode import AHEAD, Refused, decode_partner, too_early
from shared.events.keying import key
from shared.events.topics import partner_topic, rejections_topic
from shared.runtime.topics import ensure
from shared.settings import NoServersError, Settings, settings

_PARTNER: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_MOST_BYTES: Final = 8_000_000
_SHOWN: Final = 5


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    app.command()(publish)


def publish(
    partner: Annotated[str, typer.Argument(help="id of the partner; the topic is partner.<id>")],
    file: Annotated[Path, typer.Argument(help="JSON documents, one after another; - reads standard input")],
    raw: Annotated[bool, typer.Option("--raw", help="send without checking: to see what would be refused")] = False,
) -> None:
    """Publish a partner's events; the topic is made if it is not there."""
    here = settings()
    if _PARTNER.fullmatch(partner) is None:
        fail(f"{partner} cannot be a partner's id: lower-case letters, digits and hyphens")
    try:
        found = list(documents(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()))
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    if not found:
        fail(f"{'standard input' if str(file) == '-' else file} holds no document")
    faults = [] if raw else check(found, partner, timedelta(hours=here.ahead_h))
    if faults:
        more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        fail("\n".join([*faults[:_SHOWN], *more, "nothing was sent"]))
    try:
        with _quiet_client():
            made = asyncio.run(_send(here, partner, found))
    except (NoServersError, KafkaConnectionError) as error:
        unanswered(error, here)
    except (KafkaError, OSError) as error:
        fail(
            f"Kafka at {here.kafka_url()} did not take them all ({type(error).__name__}); send them again: what "
            "arrived is then a duplicate and ignored",
            code=2,
        )
    topic = here.prefix + partner_topic(partner)
    if made:
        say(f"made the topic {topic}")
    told = here.prefix + rejections_topic(partner)
    say(f"sent {len(found)} to {topic}; what is refused is told on {told}")


def documents(data: bytes) -> Iterator[bytes]:
    """The JSON documents of a file, byte for byte as they stand there; what is no JSON ends with its line."""
    text, decoder, at = data.decode("utf-8", "surrogateescape"), json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            end = decoder.raw_decode(text, at)[1]
        except (ValueError, RecursionError):
            line = text.find("\n", at)
            end = line if line >= 0 else len(text)
        yield text[at:end].encode("utf-8", "surrogateescape")
        at = end


def check(found: Sequence[bytes], partner: str, ahead: timedelta = AHEAD) -> list[str]:
    """What intake would say about each; identities and contents it can only judge when they arrive."""
    decoded = [(number, decode_partner(each, partner)) for number, each in enumerate(found, 1)]
    now = Moved(Settings().home)()
    answers = [(n, said if isinstance(said, Refused) else too_early(said, now, ahead)) for n, said in decoded]
    return [f"document {n}: {said.reason}: {said.detail}" for n, said in answers if isinstance(said, Refused)]


@contextmanager
def _quiet_client() -> Iterator[None]:
    """A topic that was just made has no leader for a moment: the client tries again, and would log each attempt.

    What it cannot mend it raises, and that is told.
    """
    logger = logging.getLogger("aiokafka")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


async def _send(here: Settings, partner: str, found: Sequence[bytes]) -> list[str]:
    """Sends all of them, acknowledged; returns the topics it had to make."""
    topic, bootstrap = here.prefix + partner_topic(partner), here.kafka_url()
    made = await ensure(bootstrap, {topic: here.partitions}, replicas=here.replicas)
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", max_request_size=_MOST_BYTES
    )
    await producer.start()
    try:
        await asyncio.gather(*[await producer.send(topic, each, key=key(each)) for each in found])
    finally:
        await producer.stop()
    return made
