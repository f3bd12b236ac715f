"""One shared counter inside one batch: its main document, the lanes' leases, and the arithmetic between them.

What holds whatever commits in whatever order (each line is kept by conflicts on the documents that a change writes):
- a lease has `0 <= used <= granted`; every take writes its lease;
- the leases' `granted` add up to the main document's `leased`: units move only between documents that are all written;
- `leased <= total`; or `total` was lowered, and then no lease has a unit unused: whoever lowers writes all leases;
- `spent` of the main document is never more than all that is used: whoever raises it writes all leases.
To MongoDB a replacement by the same content is no write and conflicts with nothing: `writes` makes every one count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Document = dict[str, Any]
_PARTS: Final = 4  # a slice is a lane's part of what remains, divided by this: slices shrink towards the end


@dataclass(slots=True)
class Lease:
    """What one lane may use without asking anybody, and what it has used."""

    id: str
    lane: int
    granted: int = 0
    used: int = 0
    writes: int = 0

    @property
    def free(self) -> int:
        """Units granted and not used."""
        return self.granted - self.used

    def document(self) -> Document:
        """As it is stored."""
        return {"_id": self.id, "granted": self.granted, "used": self.used, "writes": self.writes + 1}


@dataclass(slots=True)
class Main:
    """What all lanes share: `leased` of `total`, as `version` allows; at least `spent` are used; who has a lease."""

    id: str
    version: int
    total: int
    leased: int
    spent: int
    lanes: list[int]
    writes: int = 0

    @property
    def free(self) -> int:
        """Units that no lane has yet."""
        return max(0, self.total - self.leased)

    def document(self) -> Document:
        """As it is stored."""
        return {
            "_id": self.id,
            "version": self.version,
            "total": self.total,
            "leased": self.leased,
            "spent": self.spent,
            "lanes": sorted(self.lanes),
            "writes": self.writes + 1,
        }


def lease_id(quota: str, lane: int) -> str:
    """The id of a lane's lease document."""
    return f"{quota}|{lane}"


class Pool:
    """The units of one quota as this batch leaves them. `wanted`: leases that must be read to be exact."""

    def __init__(self, quota: str, version: int, total: int, documents: Mapping[str, Document], sharers: int) -> None:
        self._parts = _PARTS * sharers
        stored = documents.get(quota)
        if stored is None:
            self.main = Main(quota, version, total, 0, 0, [])
        else:
            self.main = Main(quota, **{key: value for key, value in stored.items() if key != "_id"})
            self.main.lanes = list(stored["lanes"])
        self._leases: dict[int, Lease] = {}
        self._unread: list[str] = []
        for lane in self.main.lanes:
            id_ = lease_id(quota, lane)
            if id_ in documents:
                found = documents[id_]
                self._leases[lane] = Lease(id_, lane, found["granted"], found["used"], found["writes"])
            else:
                self._unread.append(id_)
        self._stored = {each.id for each in self._leases.values()} | ({quota} if stored is not None else set())
        self._touched: dict[str, Main | Lease] = {}
        self.wanted: set[str] = set()
        self.revise(version, total)

    def revise(self, version: int, total: int) -> None:
        """A newer version of the definition brings its total; an older one changes nothing."""
        main = self.main
        if version <= main.version:
            return
        if total < main.leased and self._unread:
            self.wanted.update(self._unread)
            return
        main.version, main.total = version, total
        self._touch(main)
        if total < main.leased:
            # All are written, those with nothing unused too: a unit given back at this moment must not slip past.
            for lease in sorted(self._leases.values(), key=lambda each: each.free, reverse=True):
                self._touch(lease)
                self._to_main(lease, min(lease.free, main.leased - total))

    def left(self, amount: int, step: int) -> int:
        """How much of `amount` there is, in whole steps."""
        amount -= amount % step
        seen = self.seen
        if seen < amount:
            if self._unread and self.main.total - self.main.spent >= step:
                self.wanted.update(self._unread)
            elif not self._unread:
                self._settle()
        return min(amount, seen) // step * step

    def allow(self) -> None:
        """The total is written down, and every batch that concludes something from it decides again."""
        self._touch(self.main)

    @property
    def seen(self) -> int:
        """Units that are left, as far as documents were read."""
        return self.main.free + sum(each.free for each in self._leases.values())

    @property
    def used(self) -> int:
        """Units that are used, as far as documents were read; a total that was lowered may be less."""
        return self.main.leased - sum(each.free for each in self._leases.values())

    def take(self, lane: int, amount: int, step: int) -> int:
        """Takes what `left` tells, for this lane."""
        lease = self._leases.get(lane)
        if lease is None and lease_id(self.main.id, lane) in self._unread:
            self.wanted.add(lease_id(self.main.id, lane))
            return 0
        taken = self.left(amount, step)
        if taken:
            if lease is None:
                lease = self._leases[lane] = Lease(lease_id(self.main.id, lane), lane)
                self.main.lanes.append(lane)
                self._touch(self.main)
            self._extend(lease, taken - lease.free)
            self._take_over(lease, taken - lease.free)
            lease.used += taken
            self._touch(lease)
            if taken < amount - amount % step and not self._unread:
                self._settle()
        return taken

    def give_back(self, lane: int, amount: int) -> int:
        """Returns units, this lane's first; how many: never more than were used."""
        main, given = self.main, 0
        for lease in sorted(self._leases.values(), key=lambda each: (each.lane != lane, -each.used)):
            part = min(amount - given, lease.used)
            if part:
                lease.used -= part
                given += part
                self._touch(lease)
                # Once the end was in sight, units go back to where all lanes find them, and `spent` must follow.
                back = part if main.spent else min(part, max(0, main.leased - main.total))
                if back:
                    main.spent = max(0, main.spent - part)
                    self._to_main(lease, back)
        if given < amount:
            self.wanted.update(self._unread)
        return given

    def changes(self) -> tuple[list[Document], list[Document]]:
        """Documents that are new, and those that were read and change; each once."""
        inserts = [each.document() for id_, each in self._touched.items() if id_ not in self._stored]
        return inserts, [each.document() for id_, each in self._touched.items() if id_ in self._stored]

    def _extend(self, lease: Lease, short: int) -> None:
        """Leases another slice from the main document, if it has any."""
        free = self.main.free
        if short > 0 and free:
            size = min(free, max(short, free // self._parts))
            self.main.leased += size
            lease.granted += size
            self._touch(self.main)

    def _take_over(self, lease: Lease, short: int) -> None:
        """Takes unused parts of other lanes' leases: those written by this batch anyway first, then the largest."""
        if short <= 0:
            return
        others = [each for each in self._leases.values() if each is not lease and each.free]
        size = max(short, sum(each.free for each in others) // self._parts)
        for other in sorted(others, key=lambda each: (each.id not in self._touched, -each.free, each.lane)):
            part = min(size, other.free)
            if part:
                other.granted -= part
                lease.granted += part
                size -= part
                self._touch(other)  # its owner may be using the same units now: one of the two must decide again

    def _settle(self) -> None:
        """Not enough is left: notes how much is used, so that nobody has to read all leases to find that again."""
        used = sum(each.used for each in self._leases.values())
        if self.main.spent < used:
            self.main.spent = used
            self._touch(self.main)
            for lease in self._leases.values():  # written too: none may give back while this is noted
                self._touch(lease)

    def _to_main(self, lease: Lease, amount: int) -> None:
        lease.granted -= amount
        self.main.leased -= amount
        self._touch(self.main)

    def _touch(self, part: Main | Lease) -> None:
        self._touched[part.id] = part
