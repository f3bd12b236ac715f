"""The HTTP API as a process on real servers, its members put into the database, and clients with keys of each role."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import msgspec
from pymongo.asynchronous.database import AsyncDatabase

from services.campaigns.publishing import publish_programme
from services.earn import intake, ledger, vouchers
from shared.access.keyring import Keyring
from shared.access.roles import Role
from shared.events.light_offers import OfferSeen
from shared.ledger import due, lots
from shared.ledger.terms import Terms
from shared.programmes import read_programme
from shared.publishing.registry import COLLECTIONS
from shared.rules import membership
from shared.rules.rulebook import Rulebook
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.service import database_name
from shared.runtime.store import OUTBOX
from shared.runtime.topics import ensure_internal
from shared.settings import Settings
from tests.integration import answers
from tests.integration.pipeline import Pipeline, running
from tests.unit.counterkit import SHOP
from tests.unit.partnerkit import offer

MORE_WALLETS = "# more wallets\n"
PROGRAMME = (
    SHOP.replace("  wallets:\n", "  second_person: {adjustment: 5000, goodwill: 500, transfer: 5000}\n  wallets:\n")
    + """
    - id: stars
      title: Stars
      value: {amount: "10000", currency: VND}
      expires: {after: 12 months}
      redemption: {at_least: 2, at_most_percent: 50, hold: 15 minutes}
      pooled: household
    - {id: status, kind: status}
# more wallets
- id: base
  kind: earn
  effective: 2017-01-01T00:00:00+07:00
  title: Base
  then: {wallet: stars, per_amount: {per: 10000}}
- id: kiosk
  kind: partner
  effective: 2017-01-01T00:00:00+07:00
  title: The kiosk
  cost: {stars: {amount: "9000.5", currency: VND}}
  prepaid: {alert_at: 10, at_zero: refuse}
- id: treat
  kind: bonus
  effective: 2017-01-01T00:00:00+07:00
  title: Tea for those who like cake
  when: lines.any(product == "cake")
  then: {voucher: {title: A tenth off tea, percent_off: 10, categories: [tea], valid_days: 30}}
"""
)
BILL = {"amount": "10000000", "currency": "VND"}  # of which 500 stars may pay a half
LATER = "2199-01-01T00:00:00.000000Z"
_LATER = count()


def somebody() -> str:
    """A member's id that no other test uses."""
    return f"m-{secrets.token_hex(10)}"


def programmes(folder: Path, more: str = "", wallets: str = "") -> Path:
    """A folder with the test's programme in it; more: definitions besides; wallets: besides the two."""
    (folder / "shop" / "definitions").mkdir(parents=True, exist_ok=True)
    (folder / "shop" / "definitions" / "all.yaml").write_text(PROGRAMME.replace(MORE_WALLETS, wallets) + more)
    return folder


@dataclass
class Asker:
    """A client with one key; every write gets an Idempotency-Key of its own unless the test gives one."""

    http: httpx.AsyncClient
    token: str
    name: str
    numbers: Any = field(default_factory=count)

    async def spendable(self, member: str) -> int:
        """Stars that a member can spend."""
        found: int = (await self.get(f"/members/{member}/balance")).json()["wallets"][0]["spendable"]
        return found

    async def held(self, member: str, points: int) -> str:
        """A new hold, of a bill of which they may just pay so much."""
        bill = {"amount": str(2 * 10_000 * points), "currency": "VND"}
        answer = await self.post("/holds", {"member": member, "wallet": "stars", "points": points, "bill": bill})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["hold"])

    async def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        """GET under /v1."""
        return await self.http.get(f"/v1{path}", params=query, headers={**self.key, **(headers or {})})

    async def post(self, path: str, body: Any = None, once: str | None = "", **headers: str) -> httpx.Response:
        """POST under /v1; once: None sends no Idempotency-Key."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if once is not None:
            given["Idempotency-Key"] = once or f"{self.name}-{next(self.numbers)}"
        return await self.http.post(f"/v1{path}", json=body, headers={**self.key, **given})

    @property
    def key(self) -> dict[str, str]:
        """The header that says who asks."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Api:
    """A running API."""

    settings: Settings
    pipeline: Pipeline
    http: httpx.AsyncClient
    keyring: Keyring

    @property
    def database(self) -> AsyncDatabase[dict[str, Any]]:
        """earn's."""
        return self.pipeline.database("earn")

    async def asker(self, role: Role, partner: str | None = None, name: str | None = None) -> Asker:
        """A client with a new key."""
        called = name or f"{role}-{partner or 'coalition'}-{secrets.token_hex(3)}"
        _, token = await self.keyring.create(called, role, partner, timedelta(days=1))
        return Asker(self.http, token, called)

    async def member(self, points: int = 0, *names: str, expires: str | None = LATER) -> str:
        """A new member with so many stars, under these identities."""
        id_ = somebody()
        document = membership.newcomer(id_) | {"joined": "2026-01-01T00:00:00.000000+00:00"}
        if points:
            lots.add(document, "stars", points, Terms(None, expires))
        rules = Rulebook(read_programme(self.settings.programs / "shop")).at(datetime.now().astimezone())
        due.note(document, rules.programme.purses, rules.zone)
        await self.database[ledger.MEMBERS].replace_one({"_id": id_}, document, upsert=True)
        for each in names:
            known = {"_id": each, "member": id_}
            await self.database[intake.IDENTITIES].replace_one({"_id": each}, known, upsert=True)
        return id_

    async def together(self, household: str, *members: str) -> None:
        """They live together, as a signup of each has said."""
        for each in members:
            document = await self.document(each)
            document["known"]["profile.household"] = ["2026-01-01", "e", household]
            await self.database[ledger.MEMBERS].replace_one({"_id": each}, document | {"household": household})

    async def voucher(self, member: str, **terms: Any) -> str:
        """A new voucher of a member, by these terms of an offer; its code."""
        code = secrets.token_hex(10).upper()
        at = datetime.now(UTC) + timedelta(milliseconds=next(_LATER))  # lists are by time, and databases keep no less
        seen = msgspec.json.decode(offer(member, code, f"o-{code}", at, **terms), type=OfferSeen)
        await self.database[vouchers.VOUCHERS].insert_one(vouchers.voucher(seen))
        return code

    async def document(self, id_: str) -> dict[str, Any]:
        """A member's document."""
        found = await self.database[ledger.MEMBERS].find_one({"_id": id_})
        assert found is not None
        return found


@asynccontextmanager
async def api(
    settings: Settings,
    services: Sequence[str] = ("api",),
    workers: int = 1,
    longest_wait_s: float = 10.0,
    more: str = "",
    wallets: str = "",
) -> AsyncIterator[Api]:
    """The API as a process (with other services where they are named), ready, on a published programme; more, wallets:
    definitions besides the shop's, and wallets besides its own."""
    folder = programmes(settings.home / "programs", more, wallets)
    settings = settings.model_copy(update={"program": "shop", "programs": folder})
    await ensure_internal(settings)
    await published(settings)
    async with running(settings, workers, services, longest_wait_s) as pipeline:
        port = pipeline.worker("api-0").port
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=100)
        hooks = {"response": [answers.look_at]}
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=30, event_hooks=hooks
        ) as http:
            yield Api(settings, pipeline, http, Keyring(pipeline.database("earn")))


async def published(settings: Settings) -> None:
    """The programme is on the topic, though campaigns does not run."""
    client = connect(settings.mongo_url())
    try:
        store = MongoStore(client, database_name("campaigns", settings))
        await store.prepare({**COLLECTIONS, OUTBOX: ["places"]})
        await publish_programme(store, settings)
    finally:
        await client.close()
