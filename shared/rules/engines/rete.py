"""durable-rules' C library, used by the small part of it that is safe. Nobody else imports it.

Conjunctions only; one constant session; a fact is asserted, its hits are taken, and it is retracted. Never
`delete_state` (it ends in a segmentation fault), nor the library's own Host (its threads would run our rules beside
us). A ruleset that was made is kept while the process lives, 1 to 3 MB for a hundred rules: `delete_ruleset` gives back
half of it at most. So a ruleset is known by its content, made once, and only so many are made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from shared.rules.engines.clauses import Clauses
from shared.rules.engines.names import EngineMissingError

# The library's tables have 512 places and it searches a full one without end. Each clause takes one place at most.
MOST_CLAUSES: Final = 250
MOST_CONJUNCTIONS: Final = 100
MOST_RULESETS: Final = 400
_ACCEPTED: Final = (0, 1)  # taken; taken, with no hit


def _library() -> Any:
    try:
        import durable_rules_engine
    except Exception as error:  # on Python 3.13 and later it is not an ImportError only
        raise EngineMissingError(
            f"DOUBLESTAR_ENGINE=durable needs durable-rules, which does not import here ({type(error).__name__}): "
            "with Python 3.12 or older and a C compiler, pip install '.[durable]'; or leave the setting out"
        ) from None
    return durable_rules_engine


class Rete:
    """All rulesets of this process."""

    def __init__(self, most: int = MOST_RULESETS) -> None:
        self._library, self._most = _library(), most
        self._made: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._made)

    def ruleset(self, conjunctions: Sequence[Clauses]) -> int | None:
        """The ruleset of that content, whose rules are named by their places; None when as many were made as may be."""
        rules = {f"r{place}": {"all": [{"m": _all(each)}]} for place, each in enumerate(conjunctions)}
        key = orjson.dumps(rules)
        handle = self._made.get(key)
        if handle is None:
            if len(self._made) >= self._most:
                return None
            handle = self._made[key] = self._library.create_ruleset(f"s{len(self._made)}", json.dumps(rules))
        return handle

    def hits(self, ruleset: int, fact: Mapping[str, Any]) -> set[int]:
        """The places of the rules that hold for a fact; the library tells some of them more than once."""
        library, said = self._library, orjson.dumps({**fact, "id": 1, "sid": "1"}).decode()
        found: set[int] = set()
        result, state = library.assert_fact(ruleset, said)
        try:
            if result == 0:
                begun = library.start_action_for_state(ruleset, state)
                message = begun[1] if begun else None
                while message:
                    found.add(_place(message))
                    message = library.complete_and_start_action(ruleset, state)
            elif result not in _ACCEPTED:
                raise RuntimeError(f"durable-rules did not take a fact: {result}")
        finally:
            library.retract_fact(ruleset, said)
        return found


def _all(clauses: Clauses) -> dict[str, Any]:
    said = list({orjson.dumps(each.says): each.says for each in clauses}.values())
    return said[0] if len(said) == 1 else {"$and": said}


def _place(message: str) -> int:
    """Of `{"r12":{...}}`: 12."""
    return int(message[message.index("r") + 1 : message.index('"', message.index("r"))])
