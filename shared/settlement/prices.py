"""What a point costs and pays, when it was given or spent: by the partner's definition in force then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from shared.rules.definition import Partner, Programme
from shared.rules.rulebook import Rulebook, Ruleset

What = Literal["cost", "reimbursement"]


class Price(NamedTuple):
    """Of one point; `agreed`: by the partner's own definition, else it is the programme's value of a point."""

    amount: Decimal
    currency: str
    agreed: bool


@dataclass(frozen=True)
class Prices:
    """Prices by spans of time in which no definition that says one changes. edges: where a span begins."""

    edges: tuple[datetime, ...]
    rules: tuple[Ruleset | None, ...]

    @classmethod
    def of(cls, book: Rulebook) -> Prices:
        """All prices that there ever were."""
        told = (each for each in book.versions if isinstance(each, Partner | Programme))
        edges = tuple(sorted({each.effective for each in told}))
        return cls(edges, tuple(book.found(edge) for edge in edges))

    def at(self, span: int) -> Ruleset | None:
        """The definitions of a span: the number of edges that are not after an instant. Before all: as in the first."""
        return self.rules[max(0, span - 1)] if self.rules else None

    def price(self, span: int, partner: str, wallet: str, what: What) -> Price | None:
        """None where nobody has said what a point of the wallet is worth."""
        rules = self.at(span)
        if rules is None:
            return None
        defined = rules.partners.get(partner)
        agreed = None if defined is None else getattr(defined, what).get(wallet)
        if agreed is not None:
            return Price(agreed.value, agreed.currency, True)
        purse = rules.programme.purses.get(wallet)
        return None if purse is None or purse.value is None else Price(purse.value.value, purse.value.currency, False)

    def prepaid(self, span: int, partner: str, wallet: str) -> bool:
        """Whether the partner bought its points of the wallet beforehand then; status is never sold."""
        rules = self.at(span)
        return rules is not None and partner in rules.prepaid and rules.sold(wallet)
