"""Roles: what a key may be used for. Pure.

till          a point of sale of one partner: finds members, spends points, reports returns
partner       a partner's systems: send events and returns, find members, read what happened at the partner and its
              own statements and packs
reader        reads members only: CRM, a member's app; of one partner, or of the coalition
back-office   the coalition's staff: reads members, corrects balances, mends captures, merges members, closes accounts,
              asks for erasures, approves what another person has asked for, replays dead letters, settles with
              partners and books their packs
auditor       reads members, dead letters, statements, the liability, what waits for a second person, proofs of erasure
              and the audit log; changes nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Permission(StrEnum):
    """One kind of thing that can be done."""

    READ = "read members"
    SPEND = "spend points"
    GIVE_BACK = "give spent or held points back"
    SEND = "send events"
    CORRECT = "correct balances and transfer points"
    PEOPLE = "merge members, close accounts and erase persons"
    LETTERS = "read dead letters"
    REPLAY = "replay dead letters"
    AUDIT = "read the audit log"
    STATEMENTS = "read statements and packs"
    LIABILITY = "read the liability"
    PACKS = "book packs"
    WAITING = "read what waits for a second person"
    APPROVE = "approve what another has asked for"
    PROOF = "read proofs of erasure"


class Role(StrEnum):
    """What a key is for."""

    till = "till"
    partner = "partner"
    reader = "reader"
    back_office = "back-office"
    auditor = "auditor"


_P = Permission
MAY: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType({
    Role.till: frozenset({_P.READ, _P.SPEND, _P.GIVE_BACK, _P.SEND}),
    Role.partner: frozenset({_P.READ, _P.SEND, _P.STATEMENTS}),
    Role.reader: frozenset({_P.READ}),
    Role.back_office: frozenset({
        _P.READ, _P.GIVE_BACK, _P.CORRECT, _P.PEOPLE, _P.LETTERS, _P.REPLAY, _P.STATEMENTS, _P.LIABILITY, _P.PACKS,
        _P.WAITING, _P.APPROVE, _P.PROOF,
    }),
    Role.auditor: frozenset({
        _P.READ, _P.LETTERS, _P.AUDIT, _P.STATEMENTS, _P.LIABILITY, _P.WAITING, _P.PROOF,
    }),
})  # fmt: skip
OF_A_PARTNER: Final = frozenset({Role.till, Role.partner})
OF_THE_COALITION: Final = frozenset({Role.back_office, Role.auditor})


def who_may(permission: Permission) -> list[str]:
    """The roles that have it."""
    return [role.value for role, may in MAY.items() if permission in may]


def belongs_wrongly(role: Role, partner: str | None) -> str | None:
    """What is wrong with a role's partner, or with its having none; None where all is well."""
    if role in OF_A_PARTNER and partner is None:
        return f"a key for {role} belongs to a partner: name it with --partner"
    if role in OF_THE_COALITION and partner is not None:
        return f"a key for {role} is the coalition's own: leave --partner out"
    return None
