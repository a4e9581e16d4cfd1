"""Tests of `eng5.steps.report`."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import ValidationError

from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import MetricName, Target
from eng5.contracts.report import Report
from eng5.files import model_bytes, read_model, sha256_text, write_model
from eng5.paths import ProjectPaths
from eng5.reports.alignment import analysis, report
from eng5.reports.baseline import build as baseline_of
from tests.reports.conftest import CREATED

TARGETS: dict[MetricName, Target] = {
    "direct_inversions": Target(max=1, baseline=5),
    "zero_win_anchors": Target(max=0, baseline=1),
    "kendall_tau": Target(min=0.9, baseline=0.82),
    "ab_regression": Target(max=0, baseline=0),
}
HOSTILE = (
    "First | second\n\n| --- |\r\n```\n# heading <script>alert(1)</script> <img src=x onerror=alert(2)> "
    "[link](http://example.org) \x00\x1b[31m \u202egnp.exe {{ 7 * 7 }} {% raw %} ``` </details></table>"
)
READ = re.compile(r"#(pair|essay|gap|confidence|levels)(-\d+)+")
"""What the page's own script opens."""
Judge = Callable[..., Artefact]


class Page(HTMLParser):
    """What a browser would build from a page: elements, their text, addresses."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input", "wbr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.mismatched: list[str] = []
        self.feed(text)

    @property
    def elements(self) -> list[str]:
        """Names of the elements; where a name may be broken is no structure."""
        return [tag for tag, _ in self.tags if tag != "wbr"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mismatched.append(tag)

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)


def rendered(artefact: Artefact) -> dict[str, str]:
    """Every rendered file, by its last suffix for pages and by its name for plots."""
    return _rendered(model_bytes(artefact))


@cache
def _rendered(content: bytes) -> dict[str, str]:
    artefact = Artefact.model_validate_json(content)
    baseline = baseline_of(artefact, name="run")
    measured = analysis.build(artefact, TARGETS, name="run", baseline=baseline)
    files = report.build(artefact, measured, report.plots(measured))
    return {Path(name).name if "/" in name else Path(name).suffix[1:]: text for name, text in files.items()}


def tables(markdown: str) -> list[list[list[str]]]:
    """The tables of a GFM document as rows of cell texts, as a parser sees them."""
    found: list[list[list[str]]] = []
    inside = False
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown):
        if token.type == "table_open":
            found.append([])
        inside = token.type != "table_close" and (inside or token.type == "table_open")
        if not inside:
            continue
        if token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline":
            found[-1][-1].append(plain(token))
    return found


def plain(token: Token) -> str:
    """The text that a reader sees; an HTML element would show up as a marker."""
    return "".join(
        f"<{child.type}>" if child.type.startswith(("html", "link", "image", "code")) else child.content
        for child in token.children or []
    )


KINDS: dict[str, Callable[[Judge], Artefact]] = {
    "good": lambda judge: judge(),
    "coin": lambda judge: judge(steepness=0.0, rounds=2),
    "position-biased": lambda judge: judge(steepness=0.6, position=2.0, rounds=2),
    "half failed": lambda judge: judge(failure_rate=0.5, complete=False, missing=9),
    "two anchors": lambda judge: judge(["A", "F+"]),
    "equal grades": lambda judge: judge(["C+"] * 5),
    "unknown grade": lambda judge: judge(["A", "B", "Z", None, "F+"]),
    "ties only": lambda judge: judge(tie_rate=1.0),
    "one anchor": lambda judge: judge(["A"]),
    "nothing": lambda judge: judge([]),
}


QUICK = ("half failed", "unknown grade", "two anchors", "nothing")


@pytest.mark.parametrize(
    "kind", [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS]
)
def test_any_judge_gives_a_whole_page_without_stand_in_numbers(kind: str, judge: Judge) -> None:
    """Every artefact renders: balanced HTML, even table rows, absent values as n/a and never as NaN."""
    files = rendered(KINDS[kind](judge))
    page = Page(files["html"])
    assert page.mismatched == [] and page.open == []
    shown = " ".join(page.text)
    for text in (shown, files["md"]):
        assert not re.search(r"\b(nan|None|Undefined|inf)\b", text)
    for table in tables(files["md"]):
        assert len({len(row) for row in table}) == 1


def test_a_scale_of_points_has_neighbours_in_place_of_a_table_of_all_grades(judge: Judge) -> None:
    """Fourteen grades: a row for each and the next lower one, and every second one named below the plot."""
    grades = [str(1000 + 10 * place) for place in range(14)]
    made = judge(grades, grade_scale={"grades": grades})
    measured = analysis.build(made, {}, name="run")
    files = report.build(made, measured, report.plots(measured))
    page = next(text for path, text in files.items() if path.endswith(".md"))
    rows = next(
        table for table in tables(page) if table[0][0] == "Higher grade" and "Right order" in table[0]
    )
    assert [row[:2] for row in rows[1:]] == [[high, low] for low, high in pairwise(grades)][::-1]
    plot = next(text for path, text in files.items() if path.endswith("score.svg"))
    assert ">1020<" in plot and ">1010<" not in plot


def test_targets_pass_and_fail_on_the_point_value(judge: Judge) -> None:
    """A coin misses tau and inversions, and the first screen says so in words and per target."""
    files = rendered(judge(steepness=0.0, rounds=2))
    page = Page(files["html"])
    assert "Misses" in " ".join(page.text)
    cards = files["html"].split('<ul class="targets">')[1].split("</ul>")[0]
    assert cards.count("✗ missed") >= 2
    summary = tables(files["md"])[1]
    results = {row[0]: row[6] for row in summary}
    assert results["Direct inversions"] == "✗ missed" and results["Kendall's tau"] == "✗ missed"


def test_anchor_table_says_what_the_judge_did(judge: Judge) -> None:
    """Wins and losses in the table are those of the artefact, and the source file is named."""
    artefact = judge(rounds=2)
    header, *rows = next(table for table in tables(rendered(artefact)["md"]) if table[0][0] == "Anchor")
    assert len(rows) == 12
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        essay = next(e for e in artefact.inputs.anchors if e.anchor_id == cells["Anchor"])
        assert cells["Grade"] == essay.grade and cells["Source file"] == essay.file_name
        assert int(cells["Wins"]) == sum(c.winner_id == essay.essay_id for c in artefact.llm_comparisons)
        assert int(cells["Losses"]) == sum(c.loser_id == essay.essay_id for c in artefact.llm_comparisons)


def test_every_kind_of_interval_says_how_it_was_made(judge: Judge) -> None:
    """The table of methods names level and method, and with resampling their number and the seed."""
    rows = {
        row[0]: row[1] for table in tables(rendered(judge(rounds=2))["md"]) for row in table if len(row) == 2
    }
    for name in ("Direct inversions", "Kendall's tau"):
        again, others = (
            rows[f"Interval of {name}, {which}"] for which in ("these pairs", "essays like these")
        )
        assert again == "95 % effective Wilson, reruns of the same questions, 300 resamples, seed 0"
        assert others == "95 % effective Wilson, other essays of the same grades"
    assert rows["Interval of η"] == "95 % percentile interval of the posterior, 2 000 resamples, seed 0"
    assert rows["Interval of predicted grades"] == "95 % Fieller, line through the other anchors"
    for name in (
        "scores", "weighted kappa", "wins of the first place", "share right by confidence", "win rates",
        "grade boundaries", "scale separation reliability", "Zero-win anchors, these pairs",
    ):  # fmt: skip
        assert re.match(r"95 % \w", rows[f"Interval of {name}"])


def test_foreign_text_stays_text(judge: Judge, make_artefact: Judge) -> None:
    """A justification, file name or prompt with markup breaks no table and makes no element."""
    source = judge()
    anchors = [
        essay.model_copy(update={"anchor_id": f"<b>{n}|</b>`x`", "file_name": f"{HOSTILE}{n}.txt"})
        for n, essay in enumerate(source.inputs.anchors)
    ]
    verdicts = [c.model_copy(update={"justification": HOSTILE}) for c in source.llm_comparisons]
    hostile = make_artefact(anchors, verdicts, prompt=HOSTILE, batch_id="role-models")
    files, clean = rendered(hostile), rendered(source)

    seen, expected = Page(files["html"]), Page(clean["html"])
    assert seen.mismatched == [] and seen.open == []
    assert seen.elements == expected.elements
    assert "<script>alert(1)</script>" in "".join(seen.text)
    for file in files.values():
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", file)

    rows, wanted = tables(files["md"]), tables(clean["md"])
    assert [len(table) for table in rows] == [len(table) for table in wanted]
    assert [{len(row) for row in table} for table in rows] == [{len(row) for row in t} for t in wanted]
    texts = [cell for table in rows for row in table for cell in row]
    assert not any("<html" in cell or "<link" in cell or "<code" in cell for cell in texts)
    assert any("<script>alert(1)</script>" in cell for cell in texts)
    fences = [t for t in MarkdownIt("commonmark").parse(files["md"]) if t.type == "fence"]
    assert len(fences) == 1 and "</details></table>" in fences[0].content


@pytest.mark.parametrize(
    "changes", [{"batch_id": "/../../../evil"}, {"batch_id": "a/b"}, {"timestamp": "../x"}, {"timestamp": ""}]
)
def test_an_artefact_cannot_name_files_outside_of_reports(judge: Judge, changes: dict[str, str]) -> None:
    """Names of files come from the artefact, which may come from elsewhere: such a one is damaged."""
    document = json.loads(model_bytes(judge()))
    document["metadata"] |= changes
    with pytest.raises(ValidationError, match=next(iter(changes))):
        Artefact.model_validate_json(json.dumps(document))


def test_a_prompt_hash_is_a_hash(make_artefact: Judge, judge: Judge) -> None:
    """Hashes go out as they are, so nothing else may stand there."""
    document = json.loads(model_bytes(make_artefact(judge().inputs.anchors, [], prompt="Judge.")))
    document["metadata"]["rubric"] = {"path": "x", "sha256": "<img src=x onerror=alert(1)>", "text": "x"}
    with pytest.raises(ValidationError, match="sha256"):
        Artefact.model_validate_json(json.dumps(document))


def test_a_judge_without_a_model_is_labelled(judge: Judge) -> None:
    """The surface judge is never taken for a language model."""
    files = rendered(judge(provider="mock", model="surface"))
    assert "no model: baseline" in files["html"] and "no model: baseline" in files["md"]
    assert "no model" not in rendered(judge())["html"]


def test_partial_data_are_announced_before_any_number(judge: Judge) -> None:
    """Missing and failed comparisons are named above the targets."""
    files = rendered(judge(failure_rate=0.5, complete=False, missing=9))
    head = files["html"].split('<ul class="targets">')[0]
    assert "9 of 75 comparisons that were asked for were never answered" in head
    assert "count for neither essay" in head


def test_the_page_is_self_contained(judge: Judge) -> None:
    """No address outside the page, every link leads to an element that is there, under 1 MB."""
    page = Page(html := rendered(judge())["html"])
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        for name in ("href", "src", "action", "srcset"):
            address = attributes.get(name) or "#content"
            assert address == "data:," or address[1:] in ids or READ.fullmatch(address)
        for reference in (attributes.get("aria-labelledby") or "").split():
            assert reference in ids
    assert not re.search(
        r"(?i)https?://|url\((?!#)|@import|//cdn", html.replace("http://www.w3.org/2000/svg", "")
    )
    assert len(html.encode()) < 1_000_000


def test_every_table_header_has_a_scope_and_every_plot_a_text(judge: Judge) -> None:
    """Screen readers get header scopes, and a title and description for every plot."""
    page = Page(rendered(judge())["html"])
    assert all(a.get("scope") in ("col", "row") for tag, a in page.tags if tag == "th")
    plots = [a for tag, a in page.tags if tag == "svg"]
    assert plots and all(a["role"] in ("img", "group") and a["aria-labelledby"] for a in plots)


def test_same_verdicts_same_bytes(judge: Judge) -> None:
    """What was delivered twice, late or elsewhere leaves no trace in any file."""
    artefact = judge()
    later = [
        c.model_copy(
            update={
                "request_id": f"again-{c.sequence}",
                "started_at": CREATED.replace(year=2031),
                "completed_at": CREATED.replace(year=2031),
            }
        )
        for c in artefact.llm_comparisons
    ]
    validation = artefact.validation.model_copy(
        update={"duplicates": 17, "observed": {"comparison_result": 83}, "artefact_checksum": "f" * 64}
    )
    disturbed = artefact.model_copy(update={"llm_comparisons": later, "validation": validation})
    assert rendered(disturbed) == rendered(artefact)


def test_run_names_every_file_with_its_hash(
    judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`run` needs no socket, writes the pages and plots, and 70 lists them; a second run changes nothing."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    project = ProjectPaths.at(tmp_path)
    paths = project.run("variant")
    write_model(paths.artefact, judge())
    analysis.run(paths, TARGETS)
    report.run(paths)

    listed = read_model(paths.report, Report).files
    on_disk = {p.relative_to(project.reports).as_posix() for p in project.reports.rglob("*") if p.is_file()}
    assert {file.path for file in listed} == on_disk
    assert "anchor_align_role-models_20260302_093000.md" in on_disk
    for file in listed:
        assert sha256_text((project.reports / file.path).read_text(encoding="utf-8")) == file.sha256
    markdown = (project.reports / "anchor_align_role-models_20260302_093000.md").read_text(encoding="utf-8")
    for address in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", markdown):
        assert address in on_disk

    before = {path: path.stat().st_mtime_ns for path in project.root.rglob("*")}
    analysis.run(paths, TARGETS)
    report.run(paths)
    assert {path: path.stat().st_mtime_ns for path in project.root.rglob("*")} == before
    assert json.loads(paths.analysis.read_text(encoding="utf-8"))["run"]["name"] == "variant"
