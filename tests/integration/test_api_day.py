"""docs/api.md is true: its requests are sent, in order, to running services, and answered as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson

from services.earn.posting import JOURNAL
from shared.access.roles import Role
from shared.ops.supervisor import API, SERVICES
from shared.settings import Settings
from tests.integration.apikit import Api, api
from tests.integration.pipeline import until
from tests.integration.test_pipeline_partners import event

PAGE = Path(__file__).parent.parent.parent / "docs" / "api.md"
_NAME = re.compile(r"\$([a-z]+)")
ANY = "…"


@dataclass(frozen=True)
class Step:
    """One block of the page."""

    request: str
    headers: dict[str, str]
    body: str
    status: int
    soon: bool
    said: dict[str, str]
    answer: str


def headers(lines: list[str]) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in lines)


def steps(page: str) -> Iterator[Step]:
    for block in re.findall(r"^```http\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        asked, _, answered = block.partition("\n→ ")
        head, _, body = asked.partition("\n\n")
        request, *lines = head.splitlines()
        status, *rest = answered.splitlines()
        said = [line for line in rest if re.match(r"[A-Z][A-Za-z-]+: ", line)]
        answer = "\n".join(line for line in rest if line not in said)
        yield Step(
            request, headers(lines), body.strip(), int(status[:3]), "moment" in status, headers(said), answer.strip()
        )


def unlike(expected: Any, found: Any, names: dict[str, str], at: str = "") -> list[str]:
    """Where an answer is not as the page says; names learn what the page calls by one."""
    if expected == ANY:
        return []
    if isinstance(expected, str) and (name := _NAME.fullmatch(expected)):
        return [] if names.setdefault(name[1], found) == found else [f"{at}: {found} is not {expected}"]
    if isinstance(expected, dict) and isinstance(found, dict):
        missing = [f"{at}.{key}: missing" for key in expected if key not in found and key != ANY]
        extra = [f"{at}.{key}: not on the page" for key in found if key not in expected and ANY not in expected]
        both = [key for key in expected if key in found]
        return (
            missing + extra + [each for key in both for each in unlike(expected[key], found[key], names, f"{at}.{key}")]
        )
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            x for n, (e, f) in enumerate(zip(expected, found, strict=True)) for x in unlike(e, f, names, f"{at}[{n}]")
        ]
    return [] if expected == found else [f"{at}: {found!r}, not {expected!r}"]


def filled(text: str, names: dict[str, str]) -> str:
    return _NAME.sub(lambda name: names[name[1]], text)


async def take(http: httpx.AsyncClient, step: Step, names: dict[str, str]) -> list[str]:
    """Sends a step; returns what is not as the page says."""
    method, path = filled(step.request, names).split(" ")
    given = {"Content-Type": "application/json"} | {name: filled(value, names) for name, value in step.headers.items()}
    content = filled(step.body, names).encode() if step.body else None
    answer = await http.request(method, path, content=content, headers=given)
    if answer.status_code != step.status:
        return [f"{answer.status_code}, not {step.status}: {answer.text}"]
    learned = dict(names)
    wrong = [f for name, value in step.said.items() for f in unlike(value, answer.headers.get(name), learned, name)]
    if step.answer:
        wrong += unlike(orjson.loads(step.answer), answer.json(), learned)
    elif answer.content:
        wrong.append(f"a body: {answer.text}")
    if not wrong:
        names |= learned
    return wrong


async def everything_is_explained(shop: Api) -> None:
    """One more purchase of everybody, after all that tills and people did; then `why` of each entry there is. Breaks
    where what is rebuilt before an entry takes a redemption, an expiry or a gesture for a partner's event."""
    bought = [
        event("bakery", "purchase", f"last-{name['_id']}", datetime.now(UTC).isoformat(timespec="seconds"),
              {name["_id"].partition(":")[0]: name["_id"].partition(":")[2]},
              currency="VND", lines=[{"product": "tea", "quantity": 1, "amount": "30000"}])
        async for name in shop.database.identities.find({"_id": {"$regex": "^(card|phone):"}})
    ]  # fmt: skip
    await shop.pipeline.send(bought, "bakery")
    await shop.pipeline.rest()
    office, kinds = await shop.asker(Role.back_office), set()
    entries = await shop.database[JOURNAL].find({"seq": {"$ne": None}}).sort("seq", 1).to_list()
    for each in entries:
        told = await office.get(f"/members/{each['member']}/why", entry=each["_id"])
        assert told.status_code == 200, (each["_id"], told.text)
        kinds.add(each["kind"])
    assert entries[-1]["kind"] == "purchase"
    assert kinds >= {"signup", "purchase", "redemption"}, kinds


async def test_the_day_on_the_page_is_the_day_at_the_till(settings: Settings) -> None:
    async with api(settings, services=(*SERVICES, API)) as shop:
        names = {"now": datetime.now(UTC).isoformat(timespec="seconds")}
        for name, role, partner, called in (
            ("partner", Role.partner, "bakery", "bakery-shop"),
            ("till", Role.till, "bakery", "bakery-till"),
            ("office", Role.back_office, None, "office"),
            ("auditor", Role.auditor, None, "audit"),
        ):
            names[name] = (await shop.asker(role, partner, called)).token
        taken = 0
        for step in steps(PAGE.read_text(encoding="utf-8")):
            wrong = await take(shop.http, step, names)
            if step.soon and wrong:

                async def right(step: Step = step) -> bool:
                    return not await take(shop.http, step, names)

                await until(right, f"{step.request}: {wrong}", 60)
            else:
                assert wrong == [], step.request
            taken += 1
        assert taken == PAGE.read_text(encoding="utf-8").count("```http")
        await shop.pipeline.rest()
        await everything_is_explained(shop)
        report = await shop.pipeline.reconcile()
        assert [each for each in report.checks if not each.ok] == [], "the books are in order at the end of the day"
