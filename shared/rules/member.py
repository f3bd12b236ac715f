"""A member as rules see them: a view of earn's member document, read only where a rule asks. Pure.

The document: `known` (fact to [time, event, value]: `profile.<name>`, `tier.<ladder>`, and attributes, see
`attribute_fact`), `joined` (UTC text), `balances` and `lifetime` (points by wallet), `tiers` (ladder to tier), `tags`,
`referrals` (how many were rewarded), `history` (see `shared.rules.history`), and `household`: what is known of it once
more, as it is looked for by it. Of a survivor `learnt`: what of this is whose (see `shared.rules.merging_words`).
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

_HOUSEHOLD: Final = "household"
TIER: Final = "tier."
PROFILE: Final = "profile."
# No attribute's name begins with a space, as the contract strips it: so a space before tells them from our own facts.
_ESCAPE: Final = " "
_NO_PLAIN_ATTRIBUTE: Final = (TIER, PROFILE, _ESCAPE)


def attribute_fact(name: str) -> str:
    """The fact by which a partner's attribute is known: its name, unless that could be one of our own facts.

    Partners choose names, and share `known` with us: one that is called `profile.consents` would say what nobody agreed
    to. It is such attributes that give way: ours, and all other names, are kept as they always were, so that nothing
    that is stored has to be moved. What one wrote over a fact of ours before this was so stays until the next word on
    that fact; where it can be no such fact, it is read as unknown.
    """
    return _ESCAPE + name if name.startswith(_NO_PLAIN_ATTRIBUTE) else name


class Member:
    """Questions about one member; what is not known is None."""

    __slots__ = ("document",)

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def attribute(self, name: str) -> Any:
        """What the latest signup that names it says."""
        return self._known(attribute_fact(name))

    def profile(self, name: str) -> Any:
        """`birthday`, `household` or `consents`. What can be none is unknown: earlier releases kept attributes of such
        names there, and one that a rule cannot read would stop each of the member's events."""
        said = self._known(PROFILE + name)
        return said if said is not None and _LIKE[name](said) else None

    def _known(self, fact: str) -> Any:
        known = self.document.get("known", {}).get(fact)
        return None if known is None else known[2]

    def points(self, which: str, wallet: str) -> int:
        """`balances` or `lifetime` of a wallet."""
        found: int = self.document.get(which, {}).get(wallet, 0)
        return found

    @property
    def tiers(self) -> Mapping[str, str]:
        """Ladder to tier, where one is held."""
        found: Mapping[str, str] = self.document.get("tiers", {})
        return found

    @property
    def tags(self) -> frozenset[str]:
        """Tags that rules gave."""
        return frozenset(self.document.get("tags", ()))

    @property
    def consents(self) -> frozenset[str] | None:
        """What the member agreed to."""
        found = self.profile("consents")
        return None if found is None else frozenset(found)

    @property
    def referrals(self) -> int:
        """Referrals of theirs that were rewarded."""
        found: int = self.document.get("referrals", 0)
        return found

    def joined(self, zone: ZoneInfo) -> str | None:
        """Local date of the first signup."""
        moment = self.document.get("joined")
        return datetime.fromisoformat(moment).astimezone(zone).date().isoformat() if moment else None

    def birthday(self) -> date | None:
        """Date of birth."""
        said = self.profile("birthday")
        return None if said is None else date.fromisoformat(said)

    def age(self, today: date) -> int | None:
        """Full years on a day; somebody born on 29 February is a year older on the 28th of other years."""
        born = self.birthday()
        if born is None or born > today:
            return None
        return today.year - born.year - (today < kept_on(born, today.year))

    def is_birthday(self, today: date) -> bool | None:
        """Whether the birthday is kept on a day."""
        born = self.birthday()
        return None if born is None else today == kept_on(born, today.year)

    @property
    def history(self) -> Mapping[str, Mapping[str, Any]]:
        """Counters by key: buckets by period."""
        found: Mapping[str, Mapping[str, Any]] = self.document.get("history", {})
        return found


def _is_day(said: Any) -> bool:
    try:
        return bool(date.fromisoformat(said).isoformat() == said)  # no other spelling of ISO's: rules compare texts
    except (TypeError, ValueError):
        return False


def _is_text(said: Any) -> bool:
    return isinstance(said, str)


def _are_texts(said: Any) -> bool:
    return isinstance(said, list | tuple) and all(isinstance(each, str) for each in said)


_LIKE: Final[Mapping[str, Callable[[Any], bool]]] = {
    "birthday": _is_day,
    _HOUSEHOLD: _is_text,
    "consents": _are_texts,
}


def kept_on(born: date, year: int) -> date:
    """The day of a year on which a birthday is kept: one of 29 February on the 28th where there is none."""
    if (born.month, born.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return born.replace(year=year)


def house(document: dict[str, Any]) -> None:
    """Notes the household that is known, or that none is."""
    household = Member(document).profile(_HOUSEHOLD)
    if household is None:
        document.pop(_HOUSEHOLD, None)
    else:
        document[_HOUSEHOLD] = household


NOBODY: Final = Member({})
