"""A judge on one page."""

from __future__ import annotations

import re
from pathlib import Path

from markdown_it import MarkdownIt

from eng5.contracts.artefact import Artefact, Imported
from eng5.contracts.card import Card, CardSection
from eng5.contracts.experiments import Target
from eng5.files import model_bytes, read_model, write_model
from eng5.paths import ProjectPaths
from eng5.reports.alignment import analysis
from eng5.reports.boundary import analysis as boundary_analysis
from eng5.reports.card import card
from tests.boundary_artefacts import drawn
from tests.reports.conftest import artefact, judged


def of_lengths(made: Artefact) -> Artefact:
    """The same, its anchors of different length."""
    anchors = [
        one.model_copy(update={"words": 200 + 7 * place}) for place, one in enumerate(made.inputs.anchors)
    ]
    return made.model_copy(update={"inputs": made.inputs.model_copy(update={"anchors": anchors})})


def of(made: Artefact) -> tuple[Card, dict[str, CardSection]]:
    """The card of an alignment run, and its sections by topic."""
    measured = analysis.build(made, {"kendall_tau": Target(min=0.9)}, name="run")
    found = card.build(made, measured, [])
    return found, {section.topic: section for section in found.sections}


def test_every_figure_is_one_of_the_analysis() -> None:
    """Values and both intervals are those of 60_analysis.json, to the last bit, with the target beside them."""
    made = of_lengths(judged(rounds=2, position=0.8))
    measured = analysis.build(made, {"kendall_tau": Target(min=0.9)}, name="run")
    _, sections = of(made)
    for figure in sections["agreement"].figures:
        known = next((metric for metric in measured.metrics if metric.name == figure.name), None)
        if known is not None:
            assert (figure.value, figure.interval, figure.other_essays) == (
                known.value,
                known.interval,
                known.other_essays,
            )
    tau = sections["agreement"].figures[0]
    assert tau.target is not None and tau.target.startswith("at least 0.90: ")
    assert measured.position is not None and measured.reliability is not None and measured.length is not None
    assert sections["position"].figures[1].value == measured.position.eta.value
    assert sections["reliability"].figures[0].value == measured.reliability.separation_reliability.value
    assert sections["length"].figures[0].value == measured.length.tendency.value
    assert sections["length"].figures[0].other_essays == measured.length.tendency.interval


def test_what_is_not_known_says_so() -> None:
    """No second grader, no verdict, no sides: a reason in place of a figure, and no number."""
    _, sections = of(judged())
    assert sections["human ceiling"].not_known is not None and not sections["human ceiling"].figures
    assert "no second grader" in sections["human ceiling"].not_known
    _, empty = of(artefact(judged().inputs.anchors, []))
    for topic in ("agreement", "position", "reliability", "confidence"):
        assert empty[topic].not_known is not None and empty[topic].answer is None
    made = judged()
    source = Imported(file="f.csv", sha256="0" * 64, columns={"chosen": "a"}, positions=False)
    _, of_tool = of(
        made.model_copy(update={"metadata": made.metadata.model_copy(update={"imported": source})})
    )
    assert "does not say which text lay on the left" in (of_tool["position"].not_known or "")


def test_several_graders_are_the_ceiling_and_their_intervals_are_for_other_essays() -> None:
    """Alpha, kappa and the sentence of the analysis; the interval stands in the column that it is for."""
    made = judged()
    grades = [one.grade or "" for one in made.inputs.anchors]
    anchors = [
        one.model_copy(update={"grades": {"g1": grade, "g2": grade, "g3": other}})
        for one, grade, other in zip(made.inputs.anchors, grades, [*grades[1:], "F+"], strict=True)
    ]
    made = made.model_copy(update={"inputs": made.inputs.model_copy(update={"anchors": anchors})})
    known = analysis.build(made, {}, name="run").ceiling
    _, sections = of(made)
    assert known is not None and sections["human ceiling"].answer == known.sentence
    alpha = sections["human ceiling"].figures[0]
    assert (alpha.value, alpha.interval, alpha.other_essays) == (
        known.alpha.value,
        None,
        known.alpha.interval,
    )


def test_on_what_it_was_measured_and_on_what_not() -> None:
    """Grades that are here are counted, the highest first, and those that are not are named."""
    found, _ = of(judged(["A", "A", "C+", "E-"]))
    assert found.measured_on.grades == {"A": 2, "C+": 1, "E-": 1}
    assert list(found.measured_on.grades) == ["A", "C+", "E-"]
    assert "B, C-, D+, D-, E+, F+, F" in found.not_measured_on[0]
    assert any("Groups of pupils" in line and "not known" in line for line in found.not_measured_on)


def test_a_boundary_test_has_a_card_too() -> None:
    """Win rate, position and repeats; what it cannot tell is not known."""
    made = drawn({("anchor_03", "anchor_01"): (0.9, 0.9)}, 10)
    measured = boundary_analysis.build(made, name="test")
    found = card.build(made, measured, [])
    sections = {section.topic: section for section in found.sections}
    assert sections["agreement"].figures[0].value == measured.overall.corrected.value
    assert sections["human ceiling"].not_known and sections["length"].not_known
    assert found.measured_on.essays == 2 and found.measured_on.comparisons == 20
    assert "# " in card.markdown(found)


def test_the_files_are_the_same_every_time(tmp_path: Path) -> None:
    """JSON and Markdown, with the hashes of the files that they rest on."""
    paths = ProjectPaths.at(tmp_path).run("run")
    write_model(paths.artefact, judged())
    analysis.run(paths, {})
    written = card.run(paths)
    assert [path.name for path in written] == ["card_run.md", "card_run.json"]
    before = [path.read_bytes() for path in written]
    assert [path.read_bytes() for path in card.run(paths)] == before
    found = read_model(written[1], Card)
    assert [digest.path for digest in found.digests][:2] == ["50_artefact.json", "60_analysis.json"]
    assert model_bytes(found) == before[1]


def test_foreign_words_stay_in_their_cells() -> None:
    """Whatever a run, a judge or a prompt is called, the Markdown has its tables and nothing else."""
    made = judged()
    hostile = "a|b <script>x</script>\n# c"
    judge = made.metadata.judge.model_copy(update={"provider": hostile, "model": hostile})
    checked = made.validation.model_copy(update={"provider_used": hostile, "model_used": hostile})
    found, _ = of(made.model_copy(update={
        "metadata": made.metadata.model_copy(update={"judge": judge}), "validation": checked,
    }))  # fmt: skip
    html = MarkdownIt("commonmark").enable("table").render(card.markdown(found))
    assert "<script>" not in html
    assert html.count("<h1>") == 1 and len(re.findall("<h2>", html)) == 6 + 2 + bool(found.notices)
