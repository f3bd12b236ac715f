"""`doublestar rules backtest` and `rules export` as commands: what they print, write, and say of what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from shared.cli import rules_backtest
from shared.demo import exporting
from shared.rules.engines.engine import Matcher, Rules
from shared.rules.engines.names import EngineName
from shared.rules.engines.own import OWN
from shared.settings import Settings
from tests.integration.pipeline import some_households
from tests.model import journey
from tests.unit.backtesting import posted, written
from tests.unit.rulekit import rule
from tests.unit.test_backtest import LIVE, STORY

DRAFT = rule("base", "then: {per_amount: {per: 0.50}}").replace("A title", "<b>Two</b> a dollar")
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The commands, in a folder with activity.zip and draft.yaml: exit code, and what is printed."""
    app = typer.Typer()
    rules_backtest.register(app)
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "activity.zip", posted(STORY, LIVE), LIVE)
    (tmp_path / "draft.yaml").write_text(DRAFT, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, [*arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


def test_as_text(run: Run) -> None:
    """102 points become 205: Bert's 7.50 give 15."""
    code, told = run("backtest", "draft.yaml", "--input", "activity.zip")
    assert code == 0
    assert told.splitlines()[:9] == [
        "Backtest of shop, 2017-01-05 to 2017-03-02 (America/New_York): 7 events of 2 members",
        "Draft: base (changed); compared with what was posted",
        "",
        "                 draft  live  difference",
        "points             245   142        +103",
        "cost, USD         2.45  1.42       +1.03",
        "members reached      2     2           0",
        "awards               9     9           0",
        "2 members get more, 0 get less",
    ]
    assert "  daily  times a member, a day      1      10           1            ?" in told


def test_both_sides_of_a_file_are_decided_by_the_engine_that_is_set(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaks where a replay takes our own engine whatever the setting says."""
    asked: list[str] = []

    class Watching:
        """Ours, by the second's name."""

        name: EngineName = "durable"

        def matcher(self, rules: Rules) -> Matcher:
            asked.append(self.name)
            return OWN.matcher(rules)

    monkeypatch.setenv("DOUBLESTAR_ENGINE", "durable")
    monkeypatch.setattr(rules_backtest, "engine", lambda name: {"durable": Watching()}[name])
    code, told = run("backtest", "draft.yaml", "--input", "activity.zip", "--against", "draft.yaml")
    assert (code, "points 245 245 0" in " ".join(told.split())) == (0, True), told
    assert len(asked) >= 2


def test_as_json_to_a_file(run: Run, tmp_path: Path) -> None:
    """Points are whole numbers, money is text; a folder of drafts is as good as its files."""
    (tmp_path / "drafts").mkdir()
    (tmp_path / "draft.yaml").rename(tmp_path / "drafts" / "draft.yaml")
    arguments = ("backtest", "drafts", "--input", "activity.zip", "--from", "2017-03-01", "--cost-per-point", "0.005")
    assert run(*arguments, "--format", "json", "-o", "found.json") == (0, "written to found.json\n")
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["total"]["draft"] == {"points": 195, "money": "0.975", "members": 2, "times": 7, "taken": 0}
    assert found["total"]["more"]["points"] == 83
    assert found["days"][1] == {
        "day": "2017-03-02", "wallet": "stars", "draft": 25, "other": 17,
        "draft_money": "0.125", "other_money": "0.085",
    }  # fmt: skip
    assert found["winners"][0] == {"member": "m-bert", "wallet": "stars", "draft": 115, "other": 67, "more": 48}


class Outside(HTMLParser):
    """Everything in a page that would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [f"{tag} {name}={value}" for name, value in attrs if name in ("src", "href", "data", "action")]


def test_as_a_page_that_needs_nothing_else(run: Run, tmp_path: Path) -> None:
    """Charts are in it; nothing is fetched, nothing runs; what a definition says is text and no markup."""
    code, _ = run("backtest", "draft.yaml", "--input", "activity.zip", "--format", "html", "-o", "page.html")
    page = (tmp_path / "page.html").read_text()
    read = Outside()
    read.feed(page)
    assert (code, read.found) == (0, [])
    assert {"svg", "path", "table", "meta"} <= read.tags
    assert not {"script", "link", "img", "iframe", "b"} & read.tags
    assert not re.search(r"url\(|@import|https?://", page)
    assert "&lt;b&gt;Two&lt;/b&gt; a dollar" in page
    assert "prefers-color-scheme: dark" in page and "width=device-width" in page
    assert page.count("NaN") == page.count("inf,") == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2017-13-01"), "--from 2017-13-01: write a day as 2017-01-31"),
        (("--from", "2017-03-02", "--to", "2017-03-01"), "the span is empty: --from 2017-03-02 is after --to"),
        (("--cost-per-point", "cheap"), "--cost-per-point cheap: write an amount such as 0.01"),
        (("--cost-per-point", "NaN"), "write an amount such as 0.01"),
        (("--cost-per-point", "1e30"), "--cost-per-point 1e30: write an amount such as 0.01, with 12 digits at most"),
        (("--cost-per-point", "9" * 29), "with 12 digits at most"),
        (("--cost-per-point", "stars=1e400"), "with 12 digits at most"),
        (("--cost-per-point", "0.0000000000001"), "with 12 digits at most"),
        (("--format", "html"), "a page goes to a file: write --output FILE.html"),
        (("-o", "none/found.txt"), "there is no folder none"),
        (("--against", "sideways"), "--against sideways: there is no file or folder sideways; write live, a file or a"),
        (("--from", "2018-01-01"), "no event is within the span; the activity is from 2017-01-05 to 2017-03-02"),
    ],
)
def test_what_is_wrong_is_said(arguments: tuple[str, ...], said: str, run: Run) -> None:
    """In one line, with exit code 1."""
    code, told = run("backtest", "draft.yaml", "--input", "activity.zip", *arguments)
    assert code == 1
    assert said in told.replace("\n", " ")


@pytest.mark.parametrize(("cost", "money"), [("999999999999", "141999999999858.00"), ("0.00000000001", "0.00000000142"),
                                              ("1e3", "142000.00"), ("0", "0.00")])  # fmt: skip
def test_the_largest_and_smallest_prices_are_counted(cost: str, money: str, run: Run) -> None:
    """142 points. Mechanism: prices have the bounds of definitions. Larger ones ended in a traceback."""
    code, told = run("backtest", "draft.yaml", "--input", "activity.zip", "--format", "json", "--cost-per-point", cost)
    total = json.loads(told)["total"]["other"]
    assert (code, total["points"], total["money"]) == (0, 142, money)


def test_a_draft_that_is_not_there(run: Run) -> None:
    """Mechanism: it is looked for before it is read. Without that, it would be told to let somebody read it."""
    said = (
        "none.yaml:1:1: there is no file or folder none.yaml; write a file of definitions, or a folder that holds some"
    )
    code, told = run("backtest", "none.yaml", "--input", "activity.zip")
    assert (code, told.replace("\n", " ").strip()) == (1, said)


def test_a_draft_with_faults(run: Run, tmp_path: Path) -> None:
    """As `rules check` tells them; what is in force may be named by a draft."""
    (tmp_path / "draft.yaml").write_text(rule("again", "then: {again: [base]}") + rule("x", "then: {again: [bse]}"))
    code, told = run("backtest", "draft.yaml", "--input", "activity.zip")
    assert code == 1
    assert told.replace("\n", " ").startswith("draft.yaml:10:18: it builds on the points of bse")
    assert "draft.yaml:5" not in told, "that one builds on a rule that is in force"


def test_a_draft_is_checked_strictly_beside_what_is_in_force(run: Run, tmp_path: Path) -> None:
    """Faults refuse, warnings go to stderr; breaks where a backtest reads files without the checks."""
    (tmp_path / "draft.yaml").write_text(rule("x", "when: calendar.hour > 23\nthen: {fixed: 1}"))
    code, told = run("backtest", "draft.yaml", "--input", "activity.zip")
    assert (code, told) == (
        1, "draft.yaml:5:9: never true: calendar.hour is from 0 to 23; write a value within that\n"
    )  # fmt: skip
    (tmp_path / "draft.yaml").write_text(rule("x", "when: '\"a\" in member.tags'\nthen: {fixed: 1}"))
    code, told = run("backtest", "draft.yaml", "--input", "activity.zip")
    assert (code, told.splitlines()[0][:50]) == (0, "draft.yaml:5:10: warning: no rule gives the tag a;")


MILES = rule("fly", "when: basket.eligible >= 30.00\nthen: {fixed: 7, wallet: miles}")


def test_points_of_different_wallets_are_never_added(run: Run, tmp_path: Path) -> None:
    """Two baskets from 30 dollars on give 7 miles each, at 0.5 the mile; breaks where a headline adds them to stars."""
    (tmp_path / "draft.yaml").write_text(MILES)
    arguments = ("backtest", "draft.yaml", "--input", "activity.zip", "--cost-per-point", "miles=0.5")
    code, told = run(*arguments)
    assert code == 0
    assert told.splitlines()[3:14] == [
        "                 draft  live  difference",
        "points, stars      142   142           0",
        "points, miles       14     0         +14",
        "cost, USD         8.42  1.42       +7.00",
        "members reached      2     2           0",
        "awards              11     9          +2",
        "0 members get more stars, 0 get less",
        "2 members get more miles, 0 get less",
        "",
        "By rule",
        "  rule           draft  live  difference  USD more  members  then  per point",
    ]
    assert "  fly (miles)       14     0         +14     +7.00        2     0        0.5" in told
    assert "Top winners of miles" in told
    run(*arguments, "--format", "json", "-o", "found.json")
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["total"]["draft"] == {"points": None, "money": "8.42", "members": 2, "times": 11, "taken": None}
    assert [(each["wallet"], each["sums"]["draft"]["points"]) for each in found["wallets"]] == [
        ("stars", 142), ("miles", 14),
    ]  # fmt: skip
    assert found["usual_cost"] == {"stars": "0.01", "miles": "0.5"}
    run(*arguments, "--format", "html", "-o", "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "Stars a day" in page and "Miles a day" in page and "Points, miles" in page


def test_what_a_point_costs_is_said_of_each_wallet(run: Run, tmp_path: Path) -> None:
    """One number for points of two wallets would price them alike."""
    (tmp_path / "draft.yaml").write_text(MILES)
    for cost, said in (
        ("0.02", "--cost-per-point 0.02: these rules give points of stars, miles; say it of each: "
                 "--cost-per-point stars=0.02 --cost-per-point miles=0.02"),
        ("cash=1", "--cost-per-point cash=…: no rule gives points of cash; there are: stars, miles"),
        ("miles=x", "--cost-per-point miles=x: write an amount such as 0.01, with 12 digits at most, or stars=0.01 "
                        "for one wallet"),
    ):  # fmt: skip
        code, told = run("backtest", "draft.yaml", "--input", "activity.zip", "--cost-per-point", cost)
        assert (code, told.replace("\n", " ").strip()) == (1, said)


def test_a_slice_of_the_year_comes_to_the_models_figures(run: Run, tmp_path: Path) -> None:
    """Rule by rule and household by household; the file is written without a server, and the draft is decided anew."""
    households = some_households()
    exporting.export(Settings(), tmp_path / "year.zip", households=households)
    expected = journey.expect(households=households)
    programme = str(Settings().programs / "journey")
    code, _ = run("backtest", programme, "--input", "year.zip", "--format", "json", "-o", "found.json")
    found = json.loads((tmp_path / "found.json").read_text())
    assert code == 0
    assert {each["rule"]: each["sums"]["draft"]["points"] for each in found["rules"]} == expected.stars
    assert found["total"]["draft"]["points"] == found["total"]["other"]["points"] == expected.stars_total
    balances = {exporting.member_of(int(household)): stars for household, stars in expected.balances.items()}
    top = sorted(balances.items(), key=lambda each: (-each[1], each[0]))[:10]
    assert [(each["member"], each["draft"]) for each in found["winners"]] == top
