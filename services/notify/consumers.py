"""notify's consumer of news: accruals (of signups, returns, and what the clock did), tiers and offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.notify.domain import MEMBERS, SENT, News, Notifications, NotifyState
from services.notify.reasons import occasion
from shared.events.decode import Refused, decode_internal
from shared.events.internal import NOTIFY_INPUT, Accrual, AccrualData, Origin
from shared.events.partner import Milestone
from shared.rules.rulebook import NoProgrammeError, Rulebook
from shared.runtime.leading import follow
from shared.runtime.records import Decision, Item, Record
from shared.runtime.store import Unit

_PASSED_BY = frozenset(
    (
        b"purchase",
        b"referral",
        b"grant",
        b"redemption",
        b"undo",
        b"adjustment",
        b"transfer",
        b"goodwill",
        b"late_return",
    )
)


class NotifyHandler:
    """News to notifications."""

    consumer = "notify"

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def decode(self, record: Record) -> News | Refused | None:
        """News; accruals of purchases are passed by on their header alone, which saves decoding every basket again."""
        for name, value in record.headers:
            if name == "kind" and value in _PASSED_BY:
                return None
        news = decode_internal(record.value, NOTIFY_INPUT)
        return None if isinstance(news, Accrual) and _only_reports(news.data) else news

    async def gather(self, unit: Unit, items: Sequence[Item[News]], book: Rulebook) -> NotifyState:
        """The members, and which of the messages are written already."""
        members = await unit.get(MEMBERS, list({item.event.data.member for item in items}))
        members = await follow(unit, MEMBERS, members, _survivors(item.event for item in items))
        news = [item.event for item in items]
        news += [NOTIFY_INPUT.validate_json(bytes(held)) for member in members.values() for held in member["held"]]
        ids: set[str] = set()
        for each in news:
            try:
                found = occasion(each, book.at(each.time))
            except NoProgrammeError:
                continue
            if found is not None:
                ids.add(found.id)
        return NotifyState(members, set(await unit.get(SENT, sorted(ids), ["_id"])))

    def decide(self, state: NotifyState, items: Sequence[Item[News]], book: Rulebook) -> Decision:
        """See `services.notify.domain`."""
        desk = Notifications(state, book, self._prefix)
        for item in items:
            desk.take(item)
        return desk.finish()

    def about(self, event: News) -> tuple[str | None, str | None, Origin | None]:
        """Event key and member."""
        return event.key, event.data.member, None


def _only_reports(said: AccrualData) -> bool:
    """A milestone that takes nothing back: it would only wait for members who never sign up."""
    event = None if said.activity is None else said.activity.data.event
    return isinstance(event, Milestone) and said.returned is None


def _survivors(news: Iterable[News]) -> set[str]:
    """Members whom duplicates are merged into by these."""
    entries = (each.data.entry for each in news if isinstance(each, Accrual))
    return {each.survivor for each in entries if each is not None and each.survivor is not None}
