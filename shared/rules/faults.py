"""A fault: something wrong in a definition file, where, and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning"]
_MISSING: Final = re.compile(r"`(.+)` is missing")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a definition file; line and column count from 1, `end_column` is the column after the last.

    An error keeps the files from being used; a warning is worth a look. `message` says what is wrong, `hint` what to
    write instead; `code` is a word for editors.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    code: str = "definition"
    severity: Severity = "error"
    end_column: int | None = None

    @property
    def advice(self) -> str:
        """What to write instead, always: where the message says it itself, that part of it."""
        if self.hint:
            return self.hint
        missing = _MISSING.match(self.message)
        if missing is not None:
            return f"write `{missing[1]}`"
        wrong, _, write = self.message.partition(": ")
        return write or wrong

    def __str__(self) -> str:
        said = f"{self.message}; {self.hint}" if self.hint else self.message
        warning = "warning: " if self.severity == "warning" else ""
        return f"{self.file}:{self.line}:{self.column}: {warning}{said}"


def divided(said: str) -> tuple[str, str]:
    """What is wrong, and what to write instead, of a sentence that says both: the house writes a semicolon between."""
    wrong, _, hint = said.partition("; ")
    return wrong, hint
