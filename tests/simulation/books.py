"""The rulebooks that worlds run by: whole programmes from `programs/`, and one made for the promises."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from shared.programmes import read_programme
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all

PROGRAMS = Path(__file__).parent.parent.parent / "programs"

_REFERRAL = """
- id: refer-a-friend
  kind: referral
  effective: 2017-01-01T00:00:00-05:00
  title: Refer a friend
  advocate: {fixed: 200}
  friend: {fixed: 100}
- id: message-referral
  kind: message
  effective: 2017-01-01T00:00:00-05:00
  title: A referral
  reason: referral
  texts: {en: {subject: "{{ title }}", text: "{{ points }} stars for you, {{ name }}"}}
"""
_TRIPLE = """
id: base
kind: earn
version: 2
effective: 2018-01-01T00:00:00-05:00
title: Three stars for every dollar
on: purchase
then: {wallet: stars, per_amount: {per: 1.00, of: basket.eligible, give: 3, rounding: down}}
"""


@cache
def programme(name: str) -> Rulebook:
    """A programme of the repository as it is."""
    return Rulebook(read_programme(PROGRAMS / name))


@cache
def journey() -> Rulebook:
    """Programme `journey` with a referral: what `tests.model.plain` knows."""
    return Rulebook([*programme("journey").versions, *read_all([("referral.yaml", _REFERRAL)])])


@cache
def tripled() -> Rulebook:
    """The same, but from 2018 on `base` gives three stars for each dollar, as its version 2."""
    return Rulebook([*journey().versions, *read_all([("base.yaml", _TRIPLE)])])
