"""Structured logs, one JSON object a line. Nothing personal goes in: ids and places, never names or addresses."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Literal

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger("doublestar")


def frames(error: BaseException) -> list[str]:
    """Where an error came from, without its text: that may quote names and addresses."""
    return [f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(error.__traceback__)][-12:]


def configure(style: Literal["json", "text"], **bound: str | int) -> None:
    """Sets the process's logging up; `bound` (service, worker) goes with every line."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(**bound)
    # The libraries' own loggers: only what an operator must see, on the same stream.
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
