"""A FastStream application that does not outlive a start that failed.

FastStream starts its consumers once the web server runs, and uvicorn only writes down what fails then: the process
would stay, answer that it is alive, and read nothing. A group's answer that the client cannot use is such a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from faststream.asgi import AsgiFastStream


class Application(AsgiFastStream):
    """FastStream's; `give_up` (see `Consumer.fail`) is told what ended its life, and ends the process."""

    def __init__(self, *brokers: Any, give_up: Callable[[Exception], None], **options: Any) -> None:
        super().__init__(*brokers, **options)
        self._give_up = give_up

    async def lifespan(self, scope: Any, receive: Any, send: Any) -> None:
        """What the web server calls once, from the start to the end."""
        try:
            await super().lifespan(scope, receive, send)
        except Exception as error:
            self._give_up(error)
            raise
