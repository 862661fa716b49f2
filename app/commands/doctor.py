"""`doctor`: what this machine has, and what to do about what it lacks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.console import print_note, print_table, write_text

if TYPE_CHECKING:
    from app.doctor import Finding


def run(
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as text too, to send with a question.")
    ] = None,
) -> None:
    """Try what this machine has: devices, engines, codecs, display, weights. Opens no camera."""
    from rich.table import Table

    from app.doctor import examine
    from app.sinks import check_writable

    if report is not None:
        check_writable(report)
    findings = examine()
    table = Table()
    for heading in ("what", "", "state", "found"):
        table.add_column(heading)
    for finding in findings:
        table.add_row(finding.group, finding.name, finding.state, finding.detail)
    print_table(table)
    advised = [finding for finding in findings if finding.state != "ok" and finding.remedy]
    for finding in advised:
        print(f"{finding.group} {finding.name} is {finding.state}: {finding.remedy}")
    if report is not None:
        _write(findings, report)
        print_note(f"report -> {report}")


def _write(findings: list[Finding], path: Path) -> None:
    lines = [
        f"{finding.group}\t{finding.name}\t{finding.state}\t{finding.detail}\t{finding.remedy}".rstrip()
        for finding in findings
    ]
    write_text(path, "\n".join(lines) + "\n")
