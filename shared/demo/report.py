"""The demo's report: the figures as JSON for machines, and as tables for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table

from shared.demo.play import Played
from shared.ops.reconcile import Report, render


def document(played: Played, kafka: str, mongo: str) -> dict[str, Any]:
    """The content of `report.json`; `seconds` is streaming time, from the first record to everything at rest."""
    purchases = played.sent["purchase"]
    return {
        "kafka": kafka,
        "mongo": mongo,
        "events": dict(played.sent),
        **played.figures,
        "reconciled": played.books.ok,
        "checks": {check.name: {"ok": check.ok, "detail": check.detail} for check in played.books.checks},
        "seconds": round(played.seconds, 2),
        "purchases_per_second": round(purchases / played.seconds) if played.seconds else 0,
    }


def write(report: dict[str, Any], path: Path) -> None:
    """Writes the report, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def show(report: dict[str, Any], books: Report, out: Console) -> None:
    """The report for people."""
    out.print(Panel(Group(_figures(report)), title="what the stars came to", expand=False))
    out.print(render(books))
    out.print(
        f"[bold]{report['events'].get('purchase', 0):,}[/] purchases in {report['seconds']:.1f} s: "
        f"[bold]{report['purchases_per_second']:,}[/] a second through four services "
        f"({report['kafka']}, MongoDB {report['mongo']})"
    )


def _figures(report: dict[str, Any]) -> Table:
    table = Table(box=None, show_header=False)
    table.add_row("stars", f"{report['stars_total']:,}", _parts(report["stars"]))
    table.add_row("members", f"{report['members']:,}", _parts(report["tiers"], "reached {}"))
    table.add_row("challenges", f"{report['challenges']:,}", f"{report['gifts']:,} surprise gifts")
    table.add_row("messages", f"{sum(report['notifications'].values()):,}", _parts(report["notifications"]))
    table.add_row("duplicates", f"{report['duplicates']:,}", "ignored: same id, same content")
    table.add_row("dead letters", f"{sum(report['dead_letters'].values()):,}", _parts(report["dead_letters"]))
    return table


def _parts(counts: dict[str, int], label: str = "{}") -> str:
    return ", ".join(f"{number:,} {label.format(name)}" for name, number in counts.items())
