"""The kit for a paper."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pylatexenc.latexwalker import LatexEnvironmentNode, LatexWalker

from eng5.contracts.artefact import Artefact, Imported
from eng5.errors import InputError
from eng5.reports.alignment import analysis
from eng5.reports.boundary import analysis as boundary_analysis
from eng5.reports.card.card import Measured
from eng5.reports.paper import paper
from eng5.reports.paper.references import REFERENCES
from tests.boundary_artefacts import drawn
from tests.reports.conftest import artefact, judged

HOSTILE = "50%_&#1 {x} $y$ \\input{z} [a] Åsa 中"


def measured(made: Artefact, name: str = "run") -> Measured:
    """An alignment run."""
    return made, analysis.build(made, {}, name=name)


def boundary(name: str = "test") -> Measured:
    """A boundary test."""
    made = drawn({("anchor_03", "anchor_01"): (0.9, 0.8)}, 10)
    return made, boundary_analysis.build(made, name=name)


def rows(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    """A CSV file of the kit."""
    return list(csv.DictReader(io.StringIO(files[name].decode())))


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kit whose figures are of no interest: drawing them, as SVG and as PDF, takes longer than all the rest."""
    monkeypatch.setattr("eng5.reports.paper.figures.files", lambda plots: {})


@pytest.mark.usefixtures("undrawn")
def test_the_numbers_are_those_of_the_analysis() -> None:
    """CSV tables have them whole, the methods paragraph as they are read."""
    made = judged(rounds=2)
    files = paper.build([measured(made)])
    known = analysis.build(made, {}, name="run")
    tau = known.metric("kendall_tau")
    (row,) = rows(files, "tables/runs.csv")
    assert tau.value is not None and tau.interval is not None and tau.other_essays is not None
    assert (float(row["kendall_tau"]), float(row["kendall_tau_low"])) == (tau.value, tau.interval.low)
    figure = next(row for row in rows(files, "tables/figures_run.csv") if row["name"] == "kendall_tau")
    assert float(figure["high_essays_like_these"]) == tau.other_essays.high
    essays = rows(files, "tables/essays_run.csv")
    assert [float(row["score"]) for row in essays] == [essay.score for essay in known.essays]
    text = files["methods.md"].decode()
    assert f"Kendall's tau-b [@kendall1945]: {tau.value:.2f}".replace("-", "−", 0) in text
    assert f"{known.counts.comparisons} comparisons" in text and "300 simulated reruns, seed 0" in text


@pytest.mark.parametrize(
    "names",
    [
        ["run", "test"],
        *(pytest.param(one, marks=pytest.mark.slow) for one in (["run"], ["run", "run.r2"], ["test"])),
    ],
)
def test_every_file_that_the_document_names_is_there_and_no_other(names: list[str]) -> None:
    """One run or several, boundary tests among them: inputs, figures and sources of paper.tex are complete."""
    runs = [boundary(name) if name == "test" else measured(judged(seed=len(name)), name) for name in names]
    files = paper.build(runs)
    document = files["paper.tex"].decode()
    inputs = set(re.findall(r"\\input\{(.+?)\}", document))
    figures = {f"{name}.pdf" for name in re.findall(r"\\includegraphics\[.*?\]\{\{(.+?)\}\.pdf\}", document)}
    assert inputs == {name for name in files if name.endswith(".tex")} - {"paper.tex"}
    assert figures == {name for name in files if name.endswith(".pdf")}
    assert {name[:-4] for name in figures} == {name[:-4] for name in files if name.endswith(".svg")}
    cited = {
        key
        for found in re.findall(r"\\cite\{(.+?)\}", files["methods.tex"].decode())
        for key in found.split(",")
    }
    assert cited == set(re.findall(r"^@\w+\{(\w+),$", files["references.bib"].decode(), re.MULTILINE))
    for name in inputs | {"paper.tex"}:
        LatexWalker(files[name].decode(), tolerant_parsing=False).get_latex_nodes()
    for name in figures:
        assert files[name].startswith(b"%PDF-")
        ElementTree.fromstring(files[name.replace(".pdf", ".svg")])


@pytest.mark.usefixtures("undrawn")
def test_only_sources_whose_method_appears_are_listed() -> None:
    """One judge and one grader: no source about several graders, none about tests of boundaries."""
    keys = set(
        re.findall(
            r"^@\w+\{(\w+),$", paper.build([measured(judged())])["references.bib"].decode(), re.MULTILINE
        )
    )
    assert {"bradley1952", "kendall1945", "wilson1927", "aronow2015"} <= keys <= set(REFERENCES)
    assert not keys & {"krippendorff2019", "calderon2025", "holm1979", "barber2021"}


@pytest.mark.slow
def test_the_same_runs_give_the_same_bytes(tmp_path: Path) -> None:
    """PDF and SVG included; files of the folder that are not of the kit stay."""
    runs = [measured(judged()), boundary()]
    paper.run(runs, tmp_path)
    (tmp_path / "mine.tex").write_text("mine")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    paper.run([measured(judged()), boundary()], tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("undrawn")
def test_names_are_escaped_everywhere() -> None:
    """An essay, a model, a prompt and a file of any name leave every LaTeX file well-formed."""
    made = judged(rounds=2)
    named = [
        one.model_copy(update={"anchor_id": f"{HOSTILE} {place}"})
        for place, one in enumerate(made.inputs.anchors)
    ]
    source = Imported(file=HOSTILE, sha256="0" * 64, columns={"chosen": "a"}, positions=True)
    checked = made.validation.model_copy(update={"provider_used": HOSTILE, "model_used": HOSTILE})
    files = paper.build([measured(made.model_copy(update={
        "metadata": made.metadata.model_copy(update={"imported": source}),
        "inputs": made.inputs.model_copy(update={"anchors": named}),
        "validation": checked,
    }))])  # fmt: skip
    for name in ("methods.tex", "tables/runs.tex", "tables/essays_run.tex", "tables/figures_run.tex"):
        text = files[name].decode()
        nodes = LatexWalker(text, tolerant_parsing=False).get_latex_nodes()[0]
        assert "\\input" not in text and "%_" not in text
        if name.startswith("tables/"):
            assert [type(node) for node in nodes if isinstance(node, LatexEnvironmentNode)] == [
                LatexEnvironmentNode
            ]
    assert "Åsa 中" in files["tables/essays_run.csv"].decode()


def test_a_run_without_a_verdict_has_a_kit_without_figures_and_numbers() -> None:
    """What is not known is n/a or left out; nothing is invented."""
    files = paper.build([measured(artefact(judged().inputs.anchors, []))])
    assert rows(files, "tables/runs.csv")[0]["kendall_tau"] == ""
    assert "Kendall" not in files["methods.tex"].decode()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """Nothing is written."""
    (tmp_path / "paper").write_text("a file")
    with pytest.raises(InputError, match="there is a file"):
        paper.run([measured(judged())], tmp_path / "paper")
    assert (tmp_path / "paper").read_text() == "a file"
