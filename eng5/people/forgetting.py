"""Taking a judge's pseudonym out of everything that is kept here; the verdicts stay, under a name drawn at random."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eng5.contracts.panel import HUMAN, PanelLine
from eng5.files import JsonLines, write_chunks
from eng5.judges.ledger import LEDGER_FILE


def forget(state: Path, judge: str) -> tuple[str, int, int]:
    """Rewrite the ledger and the panels' files in the stand-in's folder, each whole or not at all.

    The links of the judge end. Nobody else may have these files in use.

    Returns:
        The new name, how many lines of the ledger had the old one, and how many panels.
    """
    name = f"judge-{secrets.token_hex(3)}"
    ledger = state / LEDGER_FILE
    lines = sum(_is_of(line, judge) for line in JsonLines(ledger))
    if lines:
        write_chunks(ledger, _renamed(ledger, judge, name))
    mark = json.dumps(judge, ensure_ascii=False).encode()
    panels = [
        panel
        for panel in sorted((state / "panels").glob("*.jsonl"))
        if any(mark in line for line in JsonLines(panel))
    ]
    for panel in panels:
        write_chunks(panel, _panel_without(panel, judge, name))
    return name, lines, len(panels)


def _is_of(line: bytes, judge: str) -> bool:
    if json.dumps(HUMAN).encode() not in line:
        return False
    entry = json.loads(line)
    return (entry.get("provider"), entry.get("model")) == (HUMAN, judge)


def _renamed(ledger: Path, judge: str, name: str) -> Iterator[bytes]:
    for line in JsonLines(ledger):
        if _is_of(line, judge):
            line = json.dumps({**json.loads(line), "model": name}, ensure_ascii=False).encode()
        yield line + b"\n"


def _panel_without(panel: Path, judge: str, name: str) -> Iterator[bytes]:
    for raw in JsonLines(panel):
        line = PanelLine.model_validate_json(raw)
        changes: dict[str, Any] = {}
        if line.quotas is not None:
            changes["quotas"] = {name if one == judge else one: quota for one, quota in line.quotas.items()}
        if line.links is not None:
            changes["links"] = {one: link for one, link in line.links.items() if one != judge}
        if line.shown is not None and line.shown.judge == judge:
            changes["shown"] = line.shown.model_copy(update={"judge": name})
        yield line.model_copy(update=changes).model_dump_json(exclude_none=True).encode() + b"\n"
