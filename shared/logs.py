"""Structured logs, one JSON object a line. Nothing personal goes in: ids and places, never names or addresses.

Libraries' lines take the same form. Their messages pass; an error that one of them brings along may quote a record, so
of errors only the type and the frames are written.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger("doublestar")

_TRACEBACK: Final = "Traceback (most recent call last)"
_FRAME: Final = re.compile(r'^ *File "(.+)", line (\d+), in (.+)$', re.MULTILINE)
_MOST_FRAMES: Final = 12


def frames(error: BaseException) -> list[str]:
    """Where an error came from, without its text: that may quote names and addresses."""
    found = [f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(error.__traceback__)]
    return found[-_MOST_FRAMES:]


def configure(style: Literal["json", "text"], libraries: logging.Filter | None = None, **bound: str | int) -> None:
    """Sets the process's logging up; `bound` (service, worker) goes with every line.

    libraries: decides which of the libraries' lines are written.
    """
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        renderer,
    ]
    structlog.configure(processors=processors, logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    structlog.contextvars.bind_contextvars(**bound)
    # The libraries' own loggers: only what an operator must see, on the same stream.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Libraries(processors, bound))
    handler.setLevel(logging.WARNING)
    if libraries is not None:
        handler.addFilter(libraries)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for each in logging.root.manager.loggerDict.values():
        if isinstance(each, logging.Logger) and each.handlers:
            # Some bring a handler of their own, which would write errors whole (FastStream does, when it is imported).
            each.handlers.clear()
            each.propagate = True


class _Libraries(logging.Formatter):
    """What a library logs, as a line of ours."""

    def __init__(self, processors: Sequence[structlog.typing.Processor], bound: Mapping[str, str | int]) -> None:
        super().__init__()
        self._processors = processors
        self._bound = bound  # threads that a library starts know nothing of our context

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        line: structlog.typing.ProcessorReturnValue = {**self._bound, "logger": record.name, **_told(record)}
        for each in self._processors:
            line = each(None, record.levelname.lower(), line)  # type: ignore[arg-type]  # a dict until the renderer
        return str(line)


def _told(record: logging.LogRecord) -> dict[str, object]:
    """A record's message, without the text of any error."""
    args = tuple(_nameless(each) for each in record.args) if isinstance(record.args, tuple) else record.args
    text = str(_nameless(record.msg)) % args if args else str(_nameless(record.msg))
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        # asyncio and others repeat the error itself below the first line.
        return {"event": text.partition("\n")[0], "error": type(error).__name__, "frames": frames(error)}
    if _TRACEBACK in text:
        return {"event": text.partition(_TRACEBACK)[0].strip(), **_written(text)}
    return {"event": text}


def _nameless(value: object) -> object:
    return type(value).__name__ if isinstance(value, BaseException) else value


def _written(text: str) -> dict[str, object]:
    """Type and frames of a traceback that came as text, as uvicorn's does when the application does not start."""
    found = list(_FRAME.finditer(text))
    rest = text[found[-1].end() :] if found else ""
    kind = re.search(r"^([A-Za-z_][\w.]*)(?::|$)", rest, re.MULTILINE)
    return {
        "error": kind[1].rpartition(".")[2] if kind else "unknown",
        "frames": [f"{each[1]}:{each[2]} {each[3]}" for each in found][-_MOST_FRAMES:],
    }
