"""Tests of `eng5.steps.boundary_report`."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from eng5.contracts.artefact import Artefact
from eng5.contracts.report import Report
from eng5.files import read_model, sha256_text, write_model
from eng5.paths import ProjectPaths
from eng5.reports.boundary import analysis as boundary_analysis
from eng5.reports.boundary import report as boundary_report
from tests.boundary_artefacts import drawn, listed_artefact
from tests.reports.alignment.test_report import HOSTILE, Page, tables

P, Q, R = ("anchor_03", "anchor_01"), ("anchor_03", "anchor_02"), ("anchor_04", "anchor_03")
KINDS: dict[str, Artefact] = {
    "one pair": drawn({P: (0.9, 0.7)}, 10),
    "two boundaries": drawn({P: (0.9, 0.7), Q: (0.8, 0.5), R: (0.6, 0.3)}, 10),
    "position only": listed_artefact({P: ("H" * 10, "L" * 10)}),
    "ties only": listed_artefact({P: ("TTT", "TTT")}),
    "failures only": listed_artefact({P: ("FFF", "FFF")}),
    "nothing came": listed_artefact({P: ("---", "---")}, complete=False),
    "one iteration": listed_artefact({P: ("H", "H")}),
    "stopped early": listed_artefact(
        {P: ("HHHHH-----", "HHHHH-----"), R: ("HL" * 5, "HL" * 5)}, sequential=0.05
    ),
    "many pairs": drawn(
        {
            (f"anchor_{high:02}", f"anchor_{low:02}"): (0.8, 0.7)
            for high in range(7, 13)
            for low in range(1, 7)
        },
        2,
        grades=["F+"] * 6 + ["A"] * 6,
    ),
}


def rendered(artefact: Artefact) -> dict[str, str]:
    """Every rendered file, by its last suffix for pages and by its name for plots."""
    measured = boundary_analysis.build(artefact, name="run")
    files = boundary_report.build(artefact, measured, boundary_report.plots(measured))
    return {Path(name).name if "/" in name else Path(name).suffix[1:]: text for name, text in files.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_any_outcome_gives_a_whole_page_without_stand_in_numbers(kind: str) -> None:
    """Balanced HTML, even table rows, absent values as n/a and never as NaN or None."""
    files = rendered(KINDS[kind])
    page = Page(files["html"])
    assert page.mismatched == [] and page.open == []
    for text in (" ".join(page.text), files["md"]):
        assert not re.search(r"\b(nan|None|Undefined|inf)\b", text)
    for table in tables(files["md"]):
        assert len({len(row) for row in table}) == 1


def test_every_pair_has_its_table_with_every_figure() -> None:
    """A table a pair, one more for a boundary of several pairs and for all together, each with all figures."""
    found = tables(rendered(KINDS["two boundaries"])["md"])
    figures = [{row[0]: row[1:] for row in table} for table in found if table[0][0] == "Figure"]
    assert len(figures) == 3 + 1 + 1
    for table in figures:
        for label in (
            "Wins of the higher grade",
            "… corrected for position",
            "Wins of Essay A, whatever its grade",
            "Agreement with the majority of the pair",
            "Same winner in both orders, repeat by repeat",
            "Mean confidence, 1 to 5",
            "Ties",
            "Failures",
            "Iterations still needed, these pairs",
        ):
            assert label in table
    summary = next(table for table in found if table[0][0] == "Higher grade")
    assert len(summary) == 1 + 3


def test_raw_and_corrected_rate_stand_side_by_side() -> None:
    """Failures in one order pull the raw rate away from the corrected one, and both are shown."""
    (table,) = [
        t
        for t in tables(rendered(listed_artefact({P: ("H" * 10, "LLFFFFFFFF")}))["md"])
        if t[0][0] == "Figure"
    ]
    rows = {row[0]: row[1:] for row in table}
    assert rows["Wins of the higher grade"][:2] == ["83 %", "10 of 12"]
    assert rows["… corrected for position"][0] == "50 %"
    assert rows["Failures"][0] == "8"


def test_each_boundary_has_both_readings_and_the_judges_words() -> None:
    """The verdict of every boundary is on both pages; the HTML page opens every justification."""
    artefact = KINDS["two boundaries"]
    analysis = boundary_analysis.build(artefact, name="run")
    files = rendered(artefact)
    shown = " ".join("".join(Page(files["html"]).text).split())
    for boundary in analysis.boundaries:
        assert " ".join(boundary.verdict.split()) in shown
        assert boundary.verdict.startswith("On th") and "ther essays of these grades " in boundary.verdict
    reading = json.loads(files["html"].split('id="reading">')[1].split("</script>")[0])
    words = {row[0]: row[5] for row in reading["verdicts"]}
    assert words == {verdict.sequence: verdict.justification for verdict in artefact.llm_comparisons}


def test_early_stopping_is_told_and_bounded() -> None:
    """The report names the error rate, what was saved, and after which iteration a pair was known."""
    text = rendered(KINDS["stopped early"])["md"]
    assert "at most 5 %" in text and "known after iteration" in text
    assert "Bonferroni" in text and "Holm" not in text


def test_foreign_text_stays_text() -> None:
    """A justification, an anchor's name or a prompt with markup breaks no table and makes no element."""
    source = KINDS["two boundaries"]
    verdicts = [c.model_copy(update={"justification": HOSTILE}) for c in source.llm_comparisons]
    prompt = source.metadata.system_prompt
    assert prompt is not None and source.metadata.boundary is not None
    names = {anchor.anchor_id: f"<b>{anchor.anchor_id}|</b>`x`" for anchor in source.inputs.anchors}
    metadata = source.metadata.model_copy(
        update={
            "system_prompt": prompt.model_copy(update={"text": HOSTILE}),
            "boundary": [
                pair.model_copy(update={"higher": names[pair.higher], "lower": names[pair.lower]})
                for pair in source.metadata.boundary
            ],
        }
    )
    anchors = [a.model_copy(update={"anchor_id": names[a.anchor_id]}) for a in source.inputs.anchors]
    hostile = source.model_copy(
        update={
            "llm_comparisons": verdicts,
            "metadata": metadata,
            "inputs": source.inputs.model_copy(update={"anchors": anchors}),
        }
    )
    files, clean = rendered(hostile), rendered(source)
    seen = Page(files["html"])
    assert seen.mismatched == [] and seen.open == []
    assert seen.elements == Page(clean["html"]).elements
    assert [[len(r) for r in t] for t in tables(files["md"])] == [
        [len(r) for r in t] for t in tables(clean["md"])
    ]
    fences = [t for t in MarkdownIt("commonmark").parse(files["md"]) if t.type == "fence"]
    assert len(fences) == 1 and "</details></table>" in fences[0].content


def test_the_page_is_self_contained_and_accessible() -> None:
    """No address outside, links that lead somewhere, scopes on headers, a title for every plot, under 1 MB."""
    html = rendered(KINDS["many pairs"])["html"]
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        for name in ("href", "src"):
            address = attributes.get(name) or "#content"
            assert (
                address == "data:," or address[1:] in ids or re.fullmatch(r"#(pair|levels)(-\d+)+", address)
            )
    assert all(a.get("scope") in ("col", "row") for tag, a in page.tags if tag == "th")
    assert all(a.get("role") in ("img", "group") for tag, a in page.tags if tag == "svg")
    assert not re.search(r"(?i)https?://|@import|//cdn", re.sub(r"http://www\.w3\.org/[\w/]+", "", html))
    assert len(html.encode()) < 1_000_000


def test_run_names_every_file_with_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run` opens no socket, names the pages by batch id and timestamp, and a second run changes nothing."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    project = ProjectPaths.at(tmp_path)
    paths = project.run("boundary")
    write_model(paths.artefact, KINDS["two boundaries"])
    boundary_analysis.run(paths)
    boundary_report.run(paths)
    listed = read_model(paths.report, Report).files
    on_disk = {p.relative_to(project.reports).as_posix() for p in project.reports.rglob("*") if p.is_file()}
    assert {file.path for file in listed} == on_disk
    assert {"boundary_boundary_20260302_093000.md", "boundary_boundary_20260302_093000.html"} <= on_disk
    for file in listed:
        assert sha256_text((project.reports / file.path).read_text(encoding="utf-8")) == file.sha256
    markdown = (project.reports / "boundary_boundary_20260302_093000.md").read_text(encoding="utf-8")
    for address in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", markdown):
        assert address in on_disk
    before = {path: path.stat().st_mtime_ns for path in project.root.rglob("*")}
    boundary_analysis.run(paths)
    boundary_report.run(paths)
    assert {path: path.stat().st_mtime_ns for path in project.root.rglob("*")} == before
