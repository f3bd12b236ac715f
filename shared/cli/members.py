"""`doublestar members`: who somebody is; two that are one are merged; accounts are closed, persons erased."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shared.cli.books import answered, print_all, print_json
from shared.cli.console import fail, say
from shared.logs import frames
from shared.publishing.registry import RefusedError
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.ops.erasing import Proof

app = typer.Typer(help="Members as a whole: find and show, merge and take apart, close, erase.", no_args_is_help=True)
Who = Annotated[
    str, typer.Argument(help="m-…, grocer:900 (partner:reference), an e-mail address, +84… (phone), card:… or app:…")
]
Reason = Annotated[str, typer.Option("--reason", help="why; it is kept with the entry for ever, so name no customer")]
By = Annotated[str, typer.Option("--person", help="who asks for it: a staff number")]
AsJson = Annotated[bool, typer.Option("--json", help="print the structure instead")]


def register(to: typer.Typer) -> None:
    """Adds these commands to the application."""
    to.add_typer(app, name="members")


@app.command()
def find(who: Who) -> None:
    """Print a member's id."""
    from shared.ops.people import found

    say(answered(found(Settings(), who)))


@app.command()
def show(who: Who, as_json: AsJson = False) -> None:
    """Show a member in short: names, balances, whom they were merged into. Their story tells `doublestar why`."""
    from shared.ops.people import shown

    found = answered(shown(Settings(), who))
    if as_json:
        return print_json(found)
    lines = [f"{found.member}: {found.state}" + (f", merged into {found.into}" if found.into else "")]
    lines += [f"  {each}" for each in found.names]
    lines += [f"  {points:,} {wallet}" for wallet, points in found.balances.items()]
    lines += [f"  {points:,} {wallet} in common" for wallet, points in found.common.items()]
    lines += [f"  merged into them: {', '.join(found.absorbed)}"] if found.absorbed else []
    lines += [f"  {found.holds} holds at tills are open"] if found.holds else []
    return print_all(lines)


@app.command()
def merge(duplicate: Who, into: Who, reason: Reason, person: By) -> None:
    """Merge a duplicate into the member who stays: names, points, progress, vouchers, and what is on its way."""
    done = _asked("merge", _id(duplicate), reason, person, into=_id(into))
    say(f"{done['member']} is merged into {done['into']}: {_points(done['points'])}, {done['identities']} names")


@app.command()
def unmerge(duplicate: Annotated[str, typer.Argument(help="the id (m-…): its names are the other's")], reason: Reason,
            person: By) -> None:  # fmt: skip
    """Take a merge back: what the duplicate brought, and is not spent, is theirs again; debts, too. Not while a till
    holds points of the member's who has them now."""
    from shared.ops.people import parting

    meant = answered(parting(Settings(), duplicate))
    hint = meant.hint(duplicate)
    if hint is not None:
        fail(hint)
    done = _asked("unmerge", meant.member, reason, person)
    say(f"{done['member']} is apart again: {_points(done['points'])}, {done['identities']} names")


@app.command()
def close(who: Who, reason: Reason, person: By) -> None:
    """Close an account: its points end, and nothing more is earned or spent. It is not opened again."""
    done = _asked("close", _id(who), reason, person)
    say(f"{done['member']} is closed: {_points(done['ended'])} ended")


@app.command()
def erase(
    who: Annotated[str | None, typer.Argument(help="as of `find`; or nobody, with --approved")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="why; name no customer")] = None,
    person: Annotated[str | None, typer.Option("--person", help="who asks for it: a staff number")] = None,
    approved_by: Annotated[str | None, typer.Option("--approved-by", help="another person, who agrees")] = None,
    approved: Annotated[
        bool, typer.Option("--approved", help="end all that were approved through the API, or cut off")
    ] = False,
    patience: Annotated[
        float, typer.Option("--patience", min=0, help="seconds to wait for campaigns, where a household is renamed")
    ] = 30.0,
    as_json: AsJson = False,
) -> None:
    """Erase a person from every service, and prove it. Cut off, run it again: it goes on where it was.

    The account is closed, its points end, the ledger stays and balances. What topics hold goes by their retention.
    With --approved: all whose erasure two persons have asked for and approved; let a timer run that.
    Exit code 1: something is left, and the proof says where.
    """
    from shared.access.persons import same_person
    from shared.ops.erasing import approved as begun
    from shared.ops.telling_erasure import told

    if approved:
        if (who, reason, person, approved_by) != (None, None, None, None):
            fail("--approved goes by what was asked for and approved: give nothing besides")
        _announced()
        waiting = answered(begun(Settings()))
        proofs: list[Proof] = []
        code = max((_ended(each, patience, proofs if as_json else None) for each in waiting), default=0)
        if as_json:
            print_json([_data(each) for each in proofs])
        elif not waiting:
            say("no erasure waits to be ended")
    else:
        if who is None or not reason or not person or not approved_by:
            fail("say who is erased, --reason, --person and --approved-by; or --approved")
        if same_person(person, approved_by):
            fail("who asks for an erasure does not approve it: name another person with --approved-by")
        _announced()
        proof = _erased(who, reason, person, approved_by, patience)
        print_json(_data(proof)) if as_json else print_all(told(proof))
        code = int(not proof.ok)
    if code:
        raise typer.Exit(code)


def _announced() -> None:
    """What a run left that was killed is published first: it may be all that is left to do."""
    terminal = importlib.import_module("services.earn.counter.terminal")
    answered(terminal.announced(Settings()))


def _ended(member: str, patience: float, proofs: list[Proof] | None) -> int:
    """One of several: what keeps it from ending keeps no other from it. Told at once, or kept in `proofs` to be told
    together. Returns the exit code."""
    from shared.ops.telling_erasure import told

    try:
        proof = _erased(member, "", "", "", patience)
    except typer.Exit as error:
        return error.exit_code
    if proofs is None:
        print_all(told(proof))
    else:
        proofs.append(proof)
    return int(not proof.ok)


def _erased(who: str, reason: str, person: str, approved_by: str, patience: float) -> Proof:
    """Erases one: the proof."""
    from shared.ops.erasing import erase as erased

    settings = Settings()
    terminal = importlib.import_module("services.earn.counter.terminal")

    async def settle(member: str, why: str, asked: str, approved: str) -> None:
        await terminal.member(settings, "erase", member, why, asked, approved_by=approved, once=f"erase-{member}")

    try:
        return answered(erased(settings, who, reason, person, approved_by, settle, patience))
    except RefusedError as error:
        fail(str(error))
    except typer.Exit:
        raise
    except Exception as error:  # a fault of ours: the others go on, and nothing that it read is quoted
        said = f"the erasure was cut off by a fault ({type(error).__name__}); what is done is noted: run it again, and"
        fail("\n  ".join([f"{said} where it comes again report these lines:", *frames(error)]))


def _data(proof: Proof) -> dict[str, object]:
    return {"ok": proof.ok, "proof": proof}


def _id(who: str) -> str:
    from shared.ops.people import found

    return answered(found(Settings(), who))


def _asked(what: str, who: str, reason: str, person: str, **more: Any) -> dict[str, Any]:
    terminal = importlib.import_module("services.earn.counter.terminal")
    try:
        done: dict[str, Any] = answered(terminal.member(Settings(), what, who, reason, person, **more))
    except RefusedError as error:
        fail(str(error))
    if done.get("state") == "pending":
        say(f"this needs a second person: `doublestar approvals approve {done['approval']} --person ...`")
        raise typer.Exit
    return done


def _points(moved: dict[str, int]) -> str:
    return ", ".join(f"{points:,} {wallet}" for wallet, points in moved.items()) or "no points"
