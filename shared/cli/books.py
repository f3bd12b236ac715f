"""`doublestar why` and `reconcile`: what the books say about a member, and whether they are in order."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from typing import Annotated, Any, Final, NoReturn, TypeVar

import orjson
import typer
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError, NodeNotReadyError
from pymongo.errors import ConnectionFailure, PyMongoError

from shared.addresses import shown
from shared.cli.console import err, fail, out, say
from shared.ops.databases import NotThereError
from shared.ops.telling import tell_story
from shared.ops.telling_events import tell_explanation
from shared.ops.telling_rule import tell_rule
from shared.rules.saying.speaking import Language, data
from shared.runtime.store import GaveUpError, OutageError
from shared.settings import NoServersError, Settings

T = TypeVar("T")
SERVER_ERRORS: Final = (PyMongoError, KafkaError, ConnectionError, TimeoutError, OutageError, GaveUpError)
_MEMBER = "m-…, grocer:900 (partner:reference), an e-mail address, +84… (phone), card:… or app:…"


def register(app: typer.Typer) -> None:
    """Adds these commands to the application."""
    app.command()(why)
    app.command()(reconcile)


def why(
    member: Annotated[str, typer.Option("--member", "-m", help=_MEMBER)],
    event: Annotated[
        str | None, typer.Option("--event", "-e", help="one event fully: its id, such as basket-123")
    ] = None,
    rule: Annotated[
        str | None, typer.Option("--rule", "-r", help="one rule: what it gave the member, and what it still asks for")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="tell the newest so many; 0 tells all")] = 20,
    language: Annotated[Language, typer.Option("--language", "-l", help="en or vi")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="print the structure instead")] = False,
) -> None:
    """Tell where a member's points come from; with --event or --rule, why rules gave what they gave, or nothing."""
    from shared.ops.why import about_rule, explanation, story

    settings = Settings()
    if event is not None and rule is not None:
        raise typer.BadParameter("write --event or --rule, not both: an event is explained with all its rules")
    if rule is not None:
        asked = answered(about_rule(settings, member, rule, limit=limit))
        print_all(tell_rule(asked, language)) if not as_json else print_json(data(asked, language))
    elif event is not None:
        explained = answered(explanation(settings, member, event))
        print_all(tell_explanation(explained, language)) if not as_json else print_json(data(explained, language))
    else:
        told = answered(story(settings, member, limit=limit))
        print_all(tell_story(told, language)) if not as_json else print_json(data(told, language))


def reconcile() -> None:
    """Check the books: every record accounted for, postings in balance, projections equal to earn's."""
    from shared.ops.reconcile import reconcile, render

    report = answered(reconcile(Settings()))
    out.print(render(report))
    if not report.ok:
        raise typer.Exit(1)


def answered(question: Coroutine[Any, Any, T]) -> T:
    """Runs it; what goes wrong ends the command with what to do about it.

    Exit code 1 is an answer (books that are wrong, a member that is not there); where a server gave none it is 2.
    """
    try:
        return asyncio.run(question)
    except NotThereError as error:
        fail(str(error))
    except (NoServersError, *SERVER_ERRORS) as error:
        unanswered(error, Settings())


def unanswered(error: Exception, settings: Settings) -> NoReturn:
    """Ends the command: which server did not answer, where it was asked, what to do."""
    err.print(_trouble(error, settings), markup=False, emoji=False, highlight=False, soft_wrap=True, style="red")
    raise typer.Exit(2)


def _trouble(error: Exception, settings: Settings) -> str:
    if isinstance(error, NoServersError):
        return str(error)
    # A store says an outage in words of its own; the driver's error is what it came from.
    if isinstance(error, OutageError | GaveUpError):
        error = error.__cause__ if isinstance(error.__cause__, Exception) else ConnectionFailure(str(error))
    if isinstance(error, PyMongoError):
        name, address = "MongoDB", shown(settings.mongo_url())
        lost = isinstance(error, ConnectionFailure)
    else:
        name, address = "Kafka", settings.kafka_url()
        lost = isinstance(error, KafkaConnectionError | KafkaTimeoutError | NodeNotReadyError | OSError)
    if lost:
        variable = {"MongoDB": "DOUBLESTAR_MONGO", "Kafka": "DOUBLESTAR_KAFKA"}[name]
        return f"no {name} answers at {address}: start it with `doublestar up`, or set {variable} to one that runs"
    # The first sentence: the drivers append what they know of the whole cluster.
    said = re.split(r", full error: |\n", str(error))[0][:200]
    return f"{name} at {address} refused ({type(error).__name__}: {said})"


def print_all(lines: list[str]) -> None:
    """Lines as they are: no wrapping, no markup, and no control characters that a partner's event may hold."""
    for line in lines:
        say("".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in line))


def print_json(data: Any) -> None:
    """The structure, for programs."""
    say(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())
