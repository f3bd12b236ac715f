"""The counter's handler for the batch runtime: reads what commands name, decides them, keeps their answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from services.earn.counter import pooling
from services.earn.counter.approval_commands import Judging
from services.earn.counter.approving import APPROVALS
from services.earn.counter.approving import asked as as_asked
from services.earn.counter.bills import BILLS, Bills, bill_id
from services.earn.counter.commands import Answer, Command
from services.earn.counter.desk import Desk
from services.earn.counter.people_commands import Erase, Merge, Unmerge
from services.earn.counter.standing import pooled
from services.earn.counter.voucher_commands import RedeemVoucher, UndoVoucher
from services.earn.counter.working import ABSORBED, ERASURES, Read
from services.earn.intake import IDENTITIES
from services.earn.ledger import MEMBERS
from services.earn.looking_up import by_member
from services.earn.packs import PACKS, document_id
from services.earn.posting import JOURNAL
from services.earn.vouchers import VOUCHERS
from shared.clock import Clock
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.rules.packs import pack
from shared.rules.rulebook import Rulebook
from shared.runtime.leading import follow, last, led
from shared.runtime.quotas import read_quotas
from shared.runtime.records import Decision, Item, Record
from shared.runtime.sharing import pack_quota
from shared.runtime.store import Document, Unit

REDEMPTION = "redemption"
_ANSWERED: Final = ("hash", "answer", "by", "approved")  # of what came before under the same key


class CounterHandler:
    """Commands to entries. A command travels as a record whose offset is its number."""

    consumer = "earn-counter"

    def __init__(self, clock: Clock, prefix: str = "") -> None:
        self._clock = clock
        self._prefix = prefix
        self.commands: dict[int, Command] = {}
        self.answers: dict[int, Answer] = {}

    def decode(self, record: Record) -> Command | Refused:
        """The command of a record."""
        return self.commands[record.offset]

    async def gather(self, unit: Unit, items: Sequence[Item[Command]], book: Rulebook) -> Read:
        """Entries under the same keys, the members, and what else commands name."""
        asked: list[Command] = [item.event for item in items]
        approvals = await unit.get(APPROVALS, sorted(set(chain.from_iterable(each.approvals for each in asked))))
        commands = [*asked, *_waiting(asked, approvals)]
        wanted, keys = set(chain.from_iterable(each.members for each in commands)), [e.key for e in asked if e.key]
        members, journal = await unit.get_both(MEMBERS, sorted(wanted), JOURNAL, keys, _ANSWERED)
        missing = sorted(wanted - members.keys())
        read = Read(journal, await follow(unit, MEMBERS, members), approvals=approvals)
        if missing:  # hardly ever
            read.joining = frozenset(each["member"] for each in await unit.find(IDENTITIES, "member", missing))
        if any(isinstance(each, Erase) for each in commands):
            read.members |= await unit.get(MEMBERS, sorted(_persons(members, list(members)) - members.keys()))
            read.erasures = await unit.get(ERASURES, sorted(read.members))
        read.pasts = await _pasts(unit, read.members, (e for e in commands if isinstance(e, Merge | Unmerge)))
        await _redemptions(unit, read, {id_ for each in commands for id_ in each.redemptions})
        at_tills = [each for each in commands if each.pooled]
        await pooling.read_parts(unit, read, at_tills)
        if at_tills and pooled(book.at(self._clock())):
            await pooling.read_households(unit, read, at_tills)
        await _vouchers(unit, read, commands)
        read.identities = await _identities(unit, read.members, set(chain(*(each.named for each in commands))))
        invoices = set(chain.from_iterable(each.invoices for each in commands))
        read.invoices = {each["invoice"] for each in await unit.find(JOURNAL, "invoice", invoices)}
        packs = sorted(set(chain.from_iterable(each.packs for each in commands)))
        if packs:
            counters = {pack_quota(pack(*each)): 0 for each in packs}  # nothing is drawn here: no leases are needed
            read.quotas = await read_quotas(unit, counters, [], 1)
            read.packs = await unit.get(PACKS, [document_id(*each) for each in packs])
        return read

    def decide(self, state: Read, items: Sequence[Item[Command]], book: Rulebook) -> Decision:
        """All of the batch at one instant, in the order in which they came; answers count once it is committed."""
        now = self._clock()
        desk = Desk(state, book.at(now), now, self._prefix)
        for item in items:
            self.answers[item.record.offset] = desk.take(item.event)
        return desk.finish()

    def about(self, event: Command) -> tuple[str | None, str | None, Origin | None]:
        """Key and member."""
        return event.key, event.members[0] if event.members else None, None


def _waiting(commands: Iterable[Command], approvals: Mapping[str, Document]) -> list[Command]:
    """What would be done, were it approved: that has to be read, too."""
    judging = [each for each in commands if isinstance(each, Judging)]
    return [as_asked(approvals[each.approval], each) for each in judging if each.approval in approvals]


async def _vouchers(unit: Unit, read: Read, commands: Sequence[Command]) -> None:
    """The vouchers of members, and of whom they were merged into; and the bills that they are, or will be, used on."""
    whose = set(chain.from_iterable(each.vouchers for each in commands))
    whose |= {last(read.members, each) for each in whose}
    read.vouchers = {each["_id"]: each for each in await unit.find(VOUCHERS, "member", _persons(read.members, whose))}
    bills = {bill_id(each.partner, each.bill) for each in commands if isinstance(each, RedeemVoucher)}
    undone = {each.code for each in commands if isinstance(each, UndoVoucher)} & read.vouchers.keys()
    bills |= {used["on"] for code in undone if (used := read.vouchers[code]["used"]) is not None and "on" in used}
    read.bills = Bills(await unit.get(BILLS, sorted(bills)))


async def _redemptions(unit: Unit, read: Read, ids: set[str]) -> None:
    """The entries of what is to be undone."""
    for entry in await unit.find(JOURNAL, REDEMPTION, ids):
        read.redemptions.setdefault(entry[REDEMPTION], []).append(entry)


async def _pasts(
    unit: Unit, members: Mapping[str, Document], commands: Iterable[Merge | Unmerge]
) -> dict[str, list[Document]]:
    """All entries of who is merged, and of who was merged with them: what of theirs expired is told by nothing else."""
    whose = set(chain.from_iterable(each.members for each in commands))
    whose |= {into for each in whose if (into := led(members.get(each, {}))) is not None}
    return await by_member(unit, whose)


def _persons(members: Mapping[str, Document], ids: Iterable[str]) -> set[str]:
    """These members, and those who were merged into them: what was given to the one is the other's."""
    return {each for id_ in ids for each in (id_, *members.get(id_, {}).get(ABSORBED, ()))}


async def _identities(unit: Unit, members: Mapping[str, Document], named: set[str]) -> dict[str, Document]:
    """The names of members, and of those whom they lead to; no round trip for other commands."""
    if not named:
        return {}
    whose = named | {last(members, each) for each in named}
    return {each["_id"]: each for each in await unit.find(IDENTITIES, "member", whose)}
