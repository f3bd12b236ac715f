"""Delivery: notifications to e-mails in an outbox folder, one file a message; the file's name makes it exactly one."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Sequence
from email.header import Header
from email.utils import format_datetime, formataddr
from pathlib import Path
from socket import gethostname

from pydantic import TypeAdapter

from services.notify.domain import MEMBERS
from shared.events.decode import Refused, decode_internal
from shared.events.internal import Notification, Origin
from shared.rules.rulebook import Rulebook
from shared.runtime.mongo import MongoStore, translated
from shared.runtime.records import Decision, Item, Message, Record
from shared.runtime.store import OutageError, Unit
from shared.settings import Settings

DELIVERED = "delivered"
FOLDERS = "folders"
State = tuple[set[str], set[str]]  # ids of notifications, and of members
_NOTIFICATION: TypeAdapter[Notification] = TypeAdapter(Notification)
_SENDER = ("Doublestar", "stars@doublestar.example")


class DeliveryHandler:
    """Notifications to files. The outbox holds each e-mail until its file is written, as it does for Kafka."""

    consumer = "notify-delivery"

    def decode(self, record: Record) -> Notification | Refused:
        """A notification."""
        return decode_internal(record.value, _NOTIFICATION)

    async def gather(self, unit: Unit, items: Sequence[Item[Notification]], book: Rulebook) -> State:
        """Which of them are delivered already, and which are to somebody who has been erased since."""
        done = set(await unit.get(DELIVERED, [item.event.id for item in items], ["_id"]))
        known = await unit.get(MEMBERS, sorted({item.event.data.member for item in items}), ["erased"])
        return done, {id_ for id_, each in known.items() if each.get("erased")}

    def decide(self, state: State, items: Sequence[Item[Notification]], book: Rulebook) -> Decision:
        """An e-mail for each that is new and has an address."""
        decision, (done, erased) = Decision(), state
        for notification in (item.event for item in items):
            if notification.id in done:
                decision.count("redelivery")
                continue
            done.add(notification.id)
            channel = "erased" if notification.data.member in erased else notification.data.channel
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
    digest = hashlib.blake2b(notification.id.encode(), digest_size=16).hexdigest()
    headers = {
        "From": formataddr(_SENDER),
        "To": formataddr((data.to_name or "", data.to_email or "")),
        "Subject": data.subject if data.subject.isascii() else Header(data.subject, "utf-8").encode(),
        "Date": format_datetime(notification.time),
        "Message-ID": f"<{digest}@doublestar.example>",
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        # 8bit: the file reads as text in any viewer, where base64 would not.
        "Content-Transfer-Encoding": "8bit",
        "Content-Language": data.language,
    }
    if any("\n" in value.replace("\n ", "") or "\r" in value for value in headers.values()):
        raise ValueError("a line break in a header")  # the contracts rule it out; a header must never add another
    written = "".join(f"{name}: {value}\n" for name, value in headers.items())
    return f"{written}\n{data.text}".encode()


async def note_folder(store: MongoStore, settings: Settings) -> None:
    """Notes where this worker's e-mails go: who checks the books may sit elsewhere, or have another DOUBLESTAR_SINK."""
    host, folder = gethostname(), str(settings.outbox_folder.resolve())
    with translated():
        await store.database[FOLDERS].update_one(
            {"_id": f"{host}:{folder}"}, {"$set": {"host": host, "folder": folder}}, upsert=True
        )


class Folder:
    """Where e-mails go in a demo: `publish` writes a batch of files and returns when they are there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._made: set[str] = set()

    async def publish(self, messages: Sequence[Message]) -> None:
        """Writes in a thread: a slow disk must not stop the event loop's heartbeats."""
        try:
            await asyncio.to_thread(self._write, messages)
        except OSError as error:  # a full disk is an outage: wait, try again, and in the end stop for people to see
            raise OutageError(f"writing e-mails below {self._root}: {error.strerror}") from error

    def _write(self, messages: Sequence[Message]) -> None:
        for message in messages:
            path = f"{self._root}/{message.key}"
            folder = path.rpartition("/")[0]
            if folder not in self._made:
                Path(folder).mkdir(parents=True, exist_ok=True)
                self._made.add(folder)
            # Whole or not at all: a crash in mid-write must not leave half a letter under the final name.
            with open(path + ".part", "wb", buffering=0) as file:  # noqa: PTH123  # pathlib costs more than the write
                file.write(message.value)
            os.replace(path + ".part", path)  # noqa: PTH105
