"""What `reconcile` counts as delivered e-mails: the files of this namespace, where notify's workers wrote them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from socket import gethostname

import pytest_asyncio
from pymongo.asynchronous.database import AsyncDatabase

from shared.ops.databases import database, opened
from shared.ops.reconcile import reconcile
from shared.runtime.store import Document
from shared.settings import Settings


@pytest_asyncio.fixture
async def delivered(settings: Settings) -> AsyncIterator[AsyncDatabase[Document]]:
    """notify's database with two e-mails and a message that had no address."""
    async with opened(settings) as client:
        notify = database(client, "notify", settings)
        channels = {"welcome:m-1": "email", "tier:m-1": "email", "welcome:m-2": "none"}
        await notify["delivered"].insert_many([{"_id": id_, "channel": each} for id_, each in channels.items()])
        yield notify


def outbox(folder: Path, files: int) -> Path:
    """A folder with so many e-mails."""
    (folder / "welcome").mkdir(parents=True)
    for number in range(files):
        (folder / "welcome" / f"{number}.eml").write_text("stars")
    return folder


async def emails(settings: Settings) -> tuple[bool, str]:
    """What `reconcile` says of them."""
    [check] = [each for each in (await reconcile(settings)).checks if each.name == "emails_on_disk"]
    return check.ok, check.detail


async def test_emails_are_counted_where_notify_wrote_them(
    settings: Settings, delivered: AsyncDatabase[Document], tmp_path: Path
) -> None:
    """Breaks when the command counts in the folder of its own settings, which may be anybody's."""
    outbox(settings.outbox_folder, 7)
    folder = outbox(tmp_path / "theirs", 2)
    await delivered["folders"].insert_one({"_id": "x", "host": gethostname(), "folder": str(folder)})
    assert await emails(settings) == (True, f"2 e-mails delivered, 2 files in {folder}")
    (folder / "welcome" / "0.eml").unlink()
    assert await emails(settings) == (False, f"2 e-mails delivered, 1 files in {folder}")


async def test_emails_of_another_namespace_are_not_counted(
    settings: Settings, delivered: AsyncDatabase[Document]
) -> None:
    """Breaks when namespaces share a folder: equal members' e-mails would overwrite each other, too."""
    without = settings.model_copy(update={"namespace": ""})
    assert settings.outbox_folder.parent == without.outbox_folder
    outbox(settings.outbox_folder, 2)
    outbox(without.outbox_folder, 3)
    outbox(settings.model_copy(update={"namespace": "welcome"}).outbox_folder, 5)
    assert (await emails(settings))[0]
    await delivered["folders"].insert_one(
        {"_id": "x", "host": gethostname(), "folder": str(without.outbox_folder.resolve())}
    )
    await delivered["delivered"].insert_one({"_id": "tier:m-9", "channel": "email"})
    assert await emails(settings) == (True, f"3 e-mails delivered, 3 files in {without.outbox_folder.resolve()}")


async def test_emails_on_another_machine_are_not_counted(
    settings: Settings, delivered: AsyncDatabase[Document]
) -> None:
    outbox(settings.outbox_folder, 7)
    await delivered["folders"].insert_one({"_id": "x", "host": "another", "folder": "/outbox"})
    assert await emails(settings) == (
        True,
        "2 e-mails delivered; files not counted, they are elsewhere: another:/outbox",
    )


async def test_emails_of_services_that_noted_no_folder(settings: Settings, delivered: AsyncDatabase[Document]) -> None:
    """Our own settings' folder is looked at if it is there."""
    folder = settings.outbox_folder
    assert await emails(settings) == (
        True,
        f"2 e-mails delivered; files not counted, they are elsewhere: not in {folder}",
    )
    outbox(folder, 1)
    assert await emails(settings) == (False, f"2 e-mails delivered, 1 files in {folder}")
