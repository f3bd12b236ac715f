"""The format of an exported file: a ZIP of JSON, in blocks that a reader takes one after the other.

    about.json          format, version, programme, how many entries and members, and of each block its name, how many
                        entries it has, and the earliest and latest event time in it
    definitions.json    every version of every definition
    announced.json      grants: their ids; changes: [member, ladder, tier or null, since] of tiers;
                        returns: [member, key of the purchase] of what came back, at least in part;
                        merges: when members were merged (earlier releases did not write them)
    activity/00001.json the first block, and so on

A block adds to tables that the whole file shares, each numbered from 0, and then tells its entries by those numbers:

    members  ids of members that were not named before
    shelves  [department, category, brand, attributes] of goods
    goods    [product, shelf]
    amounts  of money, as texts
    lines    goods, quantity, amount, goods, quantity, amount ...; a line sold twice is written once
    heads    [source, store, channel, payment, currency, attributes] of events
    rules    [rule, version, wallet] of awards
    entries  one array each, see the rows below; what is empty at the end of a row is left out

No name, address or number by which partners know a member is in it: only our own id, and what a signup says that rules
may ask about (attributes, birthday, household, consents).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from shared.events.light import PaidRead, Profile

FORMAT: Final = "doublestar-activity"
VERSION: Final = 3
ABOUT: Final = "about.json"
DEFINITIONS: Final = "definitions.json"
ANNOUNCED: Final = "announced.json"
BLOCK: Final = 2_000
Said = dict[str, str | int | bool]


def block_name(number: int) -> str:
    """Blocks are numbered from 1."""
    return f"activity/{number:05d}.json"


class BlockAbout(Struct):
    """Where a block stands, and what times it holds."""

    name: str
    entries: int
    first: datetime
    last: datetime


class About(Struct):
    """The file in short."""

    format: str
    version: int
    programme: str
    entries: int
    members: int
    blocks: list[BlockAbout]


class AnnouncedRows(Struct):
    """See `shared.backtest.entries.Announced`."""

    grants: list[str]
    changes: list[tuple[str, str, str | None, datetime]]
    returns: list[tuple[str, str]] = []
    merges: list[datetime] = []


class Shelf(Struct, frozen=True, gc=False, array_like=True):
    """What many goods have in common."""

    department: str | None = None
    category: str | None = None
    brand: str | None = None
    attributes: Said = {}


class Head(Struct, frozen=True, gc=False, array_like=True):
    """What many events have in common."""

    source: str
    store: str | None = None
    channel: str | None = None
    payment: str | None = None
    currency: str | None = None
    attributes: Said = {}


class RuleRow(Struct, frozen=True, gc=False, array_like=True):
    """A rule in a version, and the wallet it gives points of."""

    rule: str
    version: int
    wallet: str


class PassedRow(Struct, frozen=True, gc=False, array_like=True):
    """A rule that was held back: its version, by what, and how many points it would have been, where that is known."""

    rule: str
    version: int
    verdict: Any
    wanted: int
    by: str | None = None


class ChangeRow(Struct, frozen=True, gc=False, array_like=True):
    """A change of tier that the ledger heard of before the entry."""

    ladder: str
    after: str | None
    since: datetime


class Row(Struct, frozen=True, gc=False, array_like=True, kw_only=False):
    """What every row begins with."""

    member: int
    time: datetime
    id: str


class _Activity(Row, frozen=True, gc=False, array_like=True):
    head: int


class PaidRow(PaidRead, frozen=True, gc=False, array_like=True):
    """What points paid of a purchase: [wallet, amount]."""


class PurchaseRow(_Activity, frozen=True, gc=False, array_like=True, tag="p"):
    """p: [member, time, id, head, lines, awards, passed, heard, paid]; awards are [rule, points, rule, points ...]."""

    lines: list[int]
    awards: tuple[int, ...] = ()
    passed: list[PassedRow] = []
    heard: list[ChangeRow] = []
    paid: PaidRow | None = None


class SignupRow(_Activity, frozen=True, gc=False, array_like=True, tag="s"):
    """s: [member, time, id, head, profile, awards, passed, heard]"""

    profile: Profile
    awards: tuple[int, ...] = ()
    passed: list[PassedRow] = []
    heard: list[ChangeRow] = []


class ReferralRow(_Activity, frozen=True, gc=False, array_like=True, tag="f"):
    """f: [member, time, id, head, advocate (a member's number), awards, passed, heard]"""

    advocate: int | None
    awards: tuple[int, ...] = ()
    passed: list[PassedRow] = []
    heard: list[ChangeRow] = []


class OfPurchase(Struct, frozen=True, gc=False, array_like=True):
    """What a return is of: [id of the purchase, [[line, pieces] ...], amount]; neither of the two is all of it."""

    purchase: str
    lines: list[tuple[int, int]] = []
    amount: Decimal | None = None


class TakenRow(Struct, frozen=True, gc=False, array_like=True):
    """What went back: [time of the purchase, awards (less, as numbers below 0), [[wallet, points that stayed] ...]]."""

    at: datetime
    awards: tuple[int, ...] = ()
    spared: list[tuple[str, int]] = []


class ReturnRow(_Activity, frozen=True, gc=False, array_like=True, tag="r"):
    """r: [member, time, id, head, awards, passed, heard, of, taken]"""

    awards: tuple[int, ...] = ()
    passed: list[PassedRow] = []
    heard: list[ChangeRow] = []
    of: OfPurchase | None = None
    taken: TakenRow | None = None


class CancelRow(_Activity, frozen=True, gc=False, array_like=True, tag="c"):
    """c: [member, time, id, head, id of the purchase that was cancelled, taken, heard]"""

    purchase: str
    taken: TakenRow | None = None
    heard: list[ChangeRow] = []


class GrantRow(Row, frozen=True, gc=False, array_like=True, tag="g"):
    """g: [member, time, id, awards, passed, heard, taken]"""

    awards: tuple[int, ...] = ()
    passed: list[PassedRow] = []
    heard: list[ChangeRow] = []
    taken: TakenRow | None = None


class Block(Struct):
    """One block."""

    members: list[str]
    shelves: list[Shelf]
    goods: list[tuple[str, int]]
    amounts: list[Decimal]
    lines: list[int]
    heads: list[Head]
    rules: list[RuleRow]
    entries: list[PurchaseRow | SignupRow | ReferralRow | ReturnRow | CancelRow | GrantRow]
