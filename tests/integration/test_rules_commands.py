"""`doublestar rules` over real servers: compared, published, rolled back, told, refused, approved by somebody else."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import orjson

from shared.settings import Settings
from tests.conftest import environment
from tests.integration.rules import BASE, PROGRAMME, SIGNED, commands, file, on_topic, versions

NEVER = "id: late\nkind: earn\ntitle: Late\nwhen: calendar.hour > 23\nthen: {{fixed: 1}}\n"
WITHOUT = """
import sys
sys.modules['durable_rules_engine'] = None
from shared.cli.main import main
sys.argv = ['doublestar', *sys.argv[1:]]
main()
"""


async def test_an_engine_that_is_not_installed_is_one_line(settings: Settings, tmp_path: Path) -> None:
    """Of every command that asks the engine, in a process in which its library cannot be imported."""
    file(tmp_path, PROGRAMME, "shop.yaml", approvals=0)
    one = file(tmp_path, BASE, points=1)
    await commands(settings)("publish", str(tmp_path), "--effective", "2026-01-01", *SIGNED)
    without = {**os.environ, **environment(settings), "DOUBLESTAR_ENGINE": "durable"}
    for arguments in (
        ("why", "--member", "m-1"),
        ("rules", "backtest", one),
        ("rules", "export", str(tmp_path / "out.zip")),
    ):
        done = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", WITHOUT, *arguments], capture_output=True, text=True, env=without
        )
        assert (done.returncode, done.stderr.strip().count("\n")) == (2, 0), (arguments, done.stderr)
        assert done.stderr.startswith("DOUBLESTAR_ENGINE=durable needs durable-rules")


async def test_files_are_compared_published_rolled_back_and_told(settings: Settings, tmp_path: Path) -> None:
    """The same folder published to an empty namespace is all it takes: promotion. Nothing ran here before."""
    command = commands(settings)
    file(tmp_path, PROGRAMME, "shop.yaml", approvals=0)
    one = file(tmp_path, BASE, points=1)
    assert (await command("check", str(tmp_path))).output == "2 definitions can be read; no faults, no warnings\n"
    new = await command("diff", str(tmp_path))
    assert (new.exit_code, new.output) == (
        1, "+ base (earn) is not published yet\n+ shop (programme) is not published yet\n0 unchanged\n",
    )  # fmt: skip
    assert (await command("publish", str(tmp_path), "--effective", "2026-01-01", *SIGNED)).exit_code == 0
    assert (await command("diff", str(tmp_path))).output == "2 unchanged\n"
    file(tmp_path, BASE, points=2)
    changed = await command("diff", one, "--format", "json")
    assert changed.exit_code == 1
    assert orjson.loads(changed.stdout)["changed"] == [{
        "id": "base", "kind": "earn", "version": 1, "fields": [
            {"field": "title", "old": "1 stars for every dollar", "new": "2 stars for every dollar"},
            {"field": "then.per_amount.give", "old": None, "new": 2},
        ],
        "uncounted": [],
    }]  # fmt: skip
    dry = await command("publish", one, "--effective", "2027-03-01T09:00", *SIGNED, "--dry-run")
    assert "base (earn): version 2, effective 2027-03-01 09:00-05:00" in dry.output
    assert "nothing was published" in dry.output
    assert len(await versions(settings)) == 1
    assert (await command("publish", one, "--effective", "2027-03-01T09:00", *SIGNED)).exit_code == 0
    assert "nothing is new" in (await command("publish", one, "--effective", "now", *SIGNED)).output
    back = await command("rollback", "base", "--effective", "2027-02-01", "--author", "Bob", "--note", "too dear")
    assert back.exit_code == 0, back.output
    assert "version 3, as version 1 said, effective 2027-02-01 00:00-05:00" in back.output
    assert "version 2, which was to come later, never does" in back.output
    told = orjson.loads((await command("history", "base", "--format", "json")).stdout)
    assert [(t["version"], t["effective"], t["author"], t["note"], t.get("repeats")) for t in told] == [
        (3, "2027-02-01T05:00:00+00:00", "Bob", "too dear", 1),
        (2, "2027-03-01T14:00:00+00:00", "Ann", "a try", None),
        (1, "2026-01-01T05:00:00+00:00", "Ann", "a try", None),
    ]
    assert "too dear (repeats version 1)" in (await command("history")).output
    assert await on_topic(settings) == [1, 2, 3]


async def test_what_cannot_be_published_is_said_and_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    command = commands(settings)
    file(tmp_path, PROGRAMME, "shop.yaml", approvals=0)
    one = file(tmp_path, BASE, points=1)
    await command("publish", str(tmp_path), "--effective", "2026-01-01", *SIGNED)
    file(tmp_path, BASE, points=2)
    past = await command("publish", one, "--effective", "2026-02-01", *SIGNED)
    assert (past.exit_code, "--retroactive, which first shows" in past.stderr) == (1, True)
    asked = await command("publish", one, "--effective", "2026-02-01", "--retroactive", *SIGNED)
    assert (asked.exit_code, "no terminal is here to ask on: give --yes" in asked.stderr) == (1, True)
    assert "0 journal entries of 0 members" in asked.stdout
    assert "no event happened since then: nothing would be otherwise" in asked.stdout
    never = file(tmp_path, NEVER, "never.yaml")
    for dry in ((), ("--dry-run",)):
        refused = await command("publish", never, "--effective", "now", *SIGNED, *dry)
        assert (refused.exit_code, refused.stderr) == (
            1, f"{never}:4:7: never true: calendar.hour is from 0 to 23; write a value within that\n",
        )  # fmt: skip
    (tmp_path / "never.yaml").unlink()
    wrong = await command("publish", one, "--effective", "tomorrow", *SIGNED)
    assert "'tomorrow' is no time" in wrong.stderr
    assert (
        "--author must say something"
        in (await command("publish", one, "--effective", "now", "--author", " ", "--note", "n")).stderr
    )
    broken = file(tmp_path, "id: base\nkind: earn\ntitle: B\nthen: {{fixd: 1}}\n", "broken.yaml")
    assert "broken.yaml:4:8: `then.fixd`: no such field" in (await command("check", broken)).output
    assert (await command("diff", broken)).exit_code == 2
    assert "nothing is published as bse" in (await command("rollback", "bse", "--effective", "now", *SIGNED)).stderr
    assert "nothing is published as bse" in (await command("history", "bse")).stderr
    assert len(await versions(settings)) == 1
    done = await command("publish", one, "--effective", "2026-02-01", "--retroactive", "--yes", *SIGNED)
    assert done.exit_code == 0, done.output
    assert len(await versions(settings)) == 2


async def test_a_second_person_publishes_what_the_first_proposed(settings: Settings, tmp_path: Path) -> None:
    command = commands(settings)
    file(tmp_path, PROGRAMME, "shop.yaml", approvals=1)
    one = file(tmp_path, BASE, points=1)
    await command("publish", str(tmp_path), "--effective", "2026-01-01", *SIGNED)
    ids = []
    for points in (2, 3):
        file(tmp_path, BASE, points=points)
        assert (
            "is published when somebody else gives"
            in (await command("publish", one, "--effective", "2030-01-01", *SIGNED)).output
        )
        rows = orjson.loads((await command("proposals", "--format", "json")).stdout)
        ids.append(next(row["id"] for row in rows if row["id"] not in ids))
    assert len(await versions(settings)) == 1
    own = await command("approve", ids[0], "--author", "ann")
    assert (own.exit_code, "somebody else than its author approves" in own.stderr) == (1, True)
    done = await command("approve", ids[0], "--author", "Bob")
    assert done.exit_code == 0, done.output
    last = (await versions(settings))[-1]
    assert (last["author"], last["approved_by"], last["body"]["then"]["per_amount"]["give"]) == ("Ann", "Bob", 2)
    stale = await command("approve", ids[1], "--author", "Bob")
    assert (stale.exit_code, "is stale: version 2 of base was published since" in stale.stderr) == (1, True)
    assert (await command("proposals")).output == "no proposal waits\n"
    assert "stale" in (await command("proposals", "--all")).output
    off = file(tmp_path, PROGRAMME, "shop.yaml", approvals=0)
    assert (
        "is published when somebody else gives" in (await command("publish", off, "--effective", "now", *SIGNED)).output
    )
    assert await on_topic(settings) == [1, 2]


async def test_the_pages_example_a_changed_programme_is_published_for_a_date(
    settings: Settings, tmp_path: Path
) -> None:
    """Files that say from when they were first in force: what is changed goes by the command, nothing in silence."""
    command, journey = commands(settings), tmp_path / "journey"
    shutil.copytree(Path(__file__).parents[2] / "programs" / "journey", journey)
    refused = await command("publish", str(journey), "--effective", "2031-03-01", *SIGNED)
    assert refused.exit_code == 1 and "give --effective as-written to go by what the files say" in refused.stderr
    first = await command("publish", str(journey), "--effective", "as-written", *SIGNED)
    assert first.exit_code == 0, first.output
    [earning] = [each for each in (journey / "definitions").rglob("*.yaml") if "id: fresh" in each.read_text()]
    text = earning.read_text()
    begin = text.index("id: fresh")
    earning.write_text(text[:begin] + text[begin:].replace("fixed: 10", "fixed: 15", 1))
    done = await command("publish", str(journey), "--effective", "2031-03-01", *SIGNED)
    assert done.output.splitlines()[:3] == [
        "fresh (earn): version 2, effective 2031-03-01 00:00-05:00",
        "    then.fixed: 10 → 15",
        "published fresh version 2",
    ]
