"""Delivery: notifications to e-mails in an outbox folder, one file a message; the file's name makes it exactly one."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from email.charset import Charset
from email.header import Header
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from pathlib import Path

from pydantic import TypeAdapter

from shared.events.decode import Refused, decode_internal
from shared.events.internal import Notification, Origin
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Decision, Item, Message, Record
from shared.runtime.store import OutageError, Unit

DELIVERED = "delivered"
_NOTIFICATION: TypeAdapter[Notification] = TypeAdapter(Notification)
# 8bit: the file reads as text in any viewer, where base64 would not.
_PLAIN = Charset("utf-8")
_PLAIN.body_encoding = None  # type: ignore[assignment]
_SENDER = ("Doublestar", "stars@doublestar.example")


class DeliveryHandler:
    """Notifications to files. The outbox holds each e-mail until its file is written, as it does for Kafka."""

    consumer = "notify-delivery"

    def decode(self, record: Record) -> Notification | Refused:
        """A notification."""
        return decode_internal(record.value, _NOTIFICATION)

    async def gather(self, unit: Unit, items: Sequence[Item[Notification]], book: Rulebook) -> set[str]:
        """Which of them are delivered already."""
        return set(await unit.get(DELIVERED, [item.event.id for item in items], ["_id"]))

    def decide(self, state: set[str], items: Sequence[Item[Notification]], book: Rulebook) -> Decision:
        """An e-mail for each that is new and has an address."""
        decision = Decision()
        for notification in (item.event for item in items):
            if notification.id in state:
                decision.count("redelivery")
                continue
            state.add(notification.id)
            channel = notification.data.channel
            decision.insert(
                DELIVERED, {"_id": notification.id, "channel": channel, "template": notification.data.template}
            )
            decision.count(channel)
            if channel == "email":
                decision.messages.append(Message("", file_name(notification), email(notification), "email"))
        return decision

    def about(self, event: Notification) -> tuple[str | None, str | None, Origin | None]:
        """Event key and member."""
        return event.key, event.data.member, None


def file_name(notification: Notification) -> str:
    """The e-mail's file: by template, then by what it is the message of."""
    digest = hashlib.blake2b(notification.id.encode(), digest_size=8).hexdigest()
    return f"{notification.data.template}/{notification.data.member}-{digest}.eml"


def email(notification: Notification) -> bytes:
    """The message as RFC 5322 text; its Message-ID is the notification's, so that a mail server dedupes too."""
    data = notification.data
    message = MIMEText(data.text, "plain", _PLAIN)  # type: ignore[arg-type]  # a Charset works too
    message["From"] = formataddr(_SENDER)
    message["To"] = formataddr((data.to_name or "", data.to_email or ""))
    message["Subject"] = Header(data.subject, None if data.subject.isascii() else "utf-8").encode()
    message["Date"] = format_datetime(notification.time)
    digest = hashlib.blake2b(notification.id.encode(), digest_size=16).hexdigest()
    message["Message-ID"] = f"<{digest}@doublestar.example>"
    message["Content-Language"] = data.language
    return message.as_string().encode()


class Folder:
    """Where e-mails go in a demo: `publish` writes a batch of files and returns when they are there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: set[Path] = set()

    async def publish(self, messages: Sequence[Message]) -> None:
        """Writes in a thread: a slow disk must not stop the event loop's heartbeats."""
        try:
            await asyncio.to_thread(self._write, messages)
        except OSError as error:  # a full disk is an outage: wait, try again, and in the end stop for people to see
            raise OutageError(f"writing e-mails below {self._root}: {error.strerror}") from error

    def _write(self, messages: Sequence[Message]) -> None:
        for message in messages:
            path = self._root / message.key
            if path.parent not in self._made:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._made.add(path.parent)
            # Whole or not at all: a crash in mid-write must not leave half a letter under the final name.
            part = path.with_suffix(".part")
            part.write_bytes(message.value)
            part.replace(path)
