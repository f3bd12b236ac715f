"""What a point costs and pays, when it was given or spent: by the partner's definition in force then, of those that
were published when the ledger posted it. What is published later changes no price of what is posted: closed periods
stay as they are."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from shared.publishing.by_then import ALWAYS, ByThen
from shared.rules.as_known import Published
from shared.rules.definition import Partner, Programme
from shared.rules.rulebook import Rulebook, Ruleset

What = Literal["cost", "reimbursement"]


class Price(NamedTuple):
    """Of one point; `agreed`: by the partner's own definition, else it is the programme's value of a point."""

    amount: Decimal
    currency: str
    agreed: bool


class Span(NamedTuple):
    """Where an entry stands among prices: how many edges are not after the instant that it is priced by, and how many
    publications not after that at which it was posted."""

    edges: int
    published: int


def telling(book: Rulebook) -> Rulebook:
    """What says prices: of thousands of rules none has to be made anew for each publication of one."""
    return Rulebook(each for each in book.versions if isinstance(each, Partner | Programme))


class Prices:
    """Prices by spans of time in which no definition that says one changes.

    edges: where a span begins; published: when definitions that say prices came to be known.
    """

    def __init__(self, book: Rulebook, published: Published) -> None:
        told = telling(book)
        self.edges = sorted({each.effective for each in told.versions})
        self._books = ByThen(told, published)
        self.published = self._books.instants
        self._rules: dict[Span, Ruleset | None] = {}

    def at(self, span: Span) -> Ruleset | None:
        """The definitions of a span. Before all edges: as in the first."""
        if span not in self._rules:
            known = self._books.by(self.published[span.published - 1] if span.published else ALWAYS)
            self._rules[span] = known.found(self.edges[max(0, span.edges - 1)]) if self.edges else None
        return self._rules[span]

    def price(self, span: Span, partner: str, wallet: str, what: What) -> Price | None:
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

    def prepaid(self, span: Span, partner: str, wallet: str) -> bool:
        """Whether the partner bought its points of the wallet beforehand then; status is never sold."""
        rules = self.at(span)
        return rules is not None and partner in rules.prepaid and rules.sold(wallet)
