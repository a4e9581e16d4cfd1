"""The page of coverage is what the benchmarks found, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.coverage_page import PAGE, load, page


def row(**changes: object) -> dict[str, object]:
    """A row as `coverage_alignment` keeps it."""
    values: dict[str, object] = {
        "benchmark": "coverage_alignment", "judge": "plain", "comparisons": 66, "reading": "these pairs",
        "figure": "Kendall's tau", "what": "coverage", "share": 0.95, "runs": 100, "counted": 100, "width": 0.2,
    }  # fmt: skip
    return values | changes


def kept(folder: Path, *rows: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    (folder / "coverage_alignment.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return load(folder)


def test_the_page_is_generated() -> None:
    """What is committed is what the kept rows give: `python benchmarks/coverage_page.py` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page(load())


def test_a_cell_shows_coverage_width_and_what_is_too_low(tmp_path: Path) -> None:
    """95 % passes without a mark; 80 % of 100 runs is further off than chance, and marked."""
    text = page(kept(tmp_path, row(), row(judge="coin", share=0.8)))
    assert "| plain | 95.0 % (width 0.20) |" in text
    assert "| coin | 80.0 % ↓ (width 0.20) |" in text
    assert "| **all judges** | 87.5 % |" in text


def test_tags_alarms_and_powers_have_their_tables(tmp_path: Path) -> None:
    """Each kind of statement is shown where it belongs."""
    tag = row(figure="tag of 90 %", what="calibration", said=0.9, share=0.88)
    alarm = row(figure="position bias", what="false alarm", share=0.02)
    text = page(kept(tmp_path, row(), tag, alarm, row(figure="position bias", what="power", share=1.0)))
    assert "| plain | 90 % | 90.0 % | 88.0 % | 100 |" in text
    assert "**Position bias**" in text and "| plain | 2.0 % |" in text and "| plain | 100 % |" in text
