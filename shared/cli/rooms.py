"""Groups of commands whose rooms are entered only when one of their commands is asked for.

All rooms together bring in every library there is: who checks a file, or starts a service, would wait for those of the
API, of Kafka and of MongoDB.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


def group(rooms: Mapping[str, str]) -> type[TyperGroup]:
    """A group for `typer.Typer(cls=...)`. rooms: modules of `shared.cli` by command, in the order of the help; each
    adds its commands to an application by `register`."""

    class Rooms(TyperGroup):
        def __init__(self, **said: Any) -> None:
            super().__init__(**said)
            self.commands = _Commands(rooms)  # type: ignore[assignment]  # nobody adds any

        def list_commands(self, _: object) -> list[str]:
            return list(rooms)

    return Rooms


class _Commands(Mapping[str, Any]):
    """Commands by name; where there is one is known before it is made."""

    def __init__(self, rooms: Mapping[str, str]) -> None:
        self._rooms = rooms

    def __getitem__(self, name: str) -> Any:
        room = self._rooms[name]
        try:
            to = typer.Typer(rich_markup_mode="rich")
            import_module(f"shared.cli.{room}").register(to)
            return typer.main.get_group(to).commands[name]
        except KeyError as error:  # or `get` would take it for a name that there is not
            raise RuntimeError(f"the room {room} of the command {name} cannot be entered: {error!r}") from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._rooms)

    def __len__(self) -> int:
        return len(self._rooms)
