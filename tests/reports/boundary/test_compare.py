"""Tests of `eng5.steps.compare_boundary`."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from eng5.contracts.artefact import Artefact, PromptText
from eng5.contracts.compare_boundary import CompareBoundary
from eng5.errors import InputError
from eng5.files import read_model, write_model
from eng5.paths import ProjectPaths
from eng5.reports.boundary import compare as compare_boundary
from tests.boundary_artefacts import drawn, listed_artefact
from tests.reports.alignment.test_report import Page, tables

RUBRIC = PromptText(path="other.txt", sha256="1" * 64, text="Judge otherwise.")
P, Q, R = ("anchor_03", "anchor_01"), ("anchor_03", "anchor_02"), ("anchor_04", "anchor_03")


def test_a_better_judge_is_called_better_on_these_pairs() -> None:
    """Nine of ten against a coin on the same two pairs: better on these, and too few essays to speak of others."""
    poor, good = drawn({P: (0.5, 0.5), Q: (0.5, 0.5)}, 20), drawn({P: (0.9, 0.9), Q: (0.9, 0.9)}, 20, seed=2)
    found = compare_boundary.build([("poor", poor), ("good", good)])
    (row,) = found.differences
    assert (row.run, row.reference, row.pairs.verdict, row.number_of_pairs, row.comparisons) == (
        "good",
        "poor",
        "better",
        2,
        80,
    )
    assert row.rate is not None and row.reference_rate is not None
    assert row.value == pytest.approx(row.rate - row.reference_rate)
    assert row.pairs.interval is not None and row.pairs.interval.low > 0
    assert row.essays.interval is None and row.verdict == "cannot tell"
    assert "on these pairs, asked again: better" in found.verdicts[0]
    assert "of other essays so few say nothing" in found.verdicts[0]
    assert found.answer.startswith("Take good (") and "rather than poor (" in found.answer
    turned = compare_boundary.build([("good", good), ("poor", poor)])
    (back,) = turned.differences
    assert back.pairs.verdict == "worse" and back.value == pytest.approx(-(row.value or 0))
    assert turned.answer.startswith("Keep good (") and "no other lets the higher grade" in turned.answer


def test_the_same_verdicts_cannot_be_told_apart() -> None:
    """A run beside itself: no difference, p = 1."""
    one = drawn({P: (0.7, 0.6)}, 10)
    (row,) = compare_boundary.build([("a", one), ("b", one)]).differences
    assert (row.value, row.differing, row.pairs.p_value, row.pairs.verdict) == (0.0, 0, 1.0, "cannot tell")


def test_equal_judges_are_rarely_called_different() -> None:
    """Of 60 couples of the same judge with a position bias, few are called different: 0.05 · 60 = 3 expected."""
    alarms = 0
    for seed in range(60):
        draw = random.Random(seed)
        one, other = (drawn({P: (0.9, 0.5)}, 10, seed=draw.randrange(10**9)) for _ in range(2))
        (row,) = compare_boundary.build([("a", one), ("b", other)]).differences
        alarms += row.pairs.verdict != "cannot tell"
    assert alarms <= 8, "P(more than 8 of 60 at 5 %) = 0.002"


def test_only_shared_pairs_of_the_same_texts_are_compared() -> None:
    """A pair that one of them lacks, and a pair whose text was edited, are left out and announced."""
    reference = drawn({P: (0.5, 0.5), Q: (0.5, 0.5), R: (0.5, 0.5)}, 5)
    anchors = [
        anchor.model_copy(update={"text_sha256": "edited"}) if anchor.anchor_id == "anchor_02" else anchor
        for anchor in reference.inputs.anchors
    ]
    other = drawn({P: (0.5, 0.5), Q: (0.5, 0.5)}, 5, seed=2)
    edited = other.model_copy(update={"inputs": other.inputs.model_copy(update={"anchors": anchors})})
    compared = compare_boundary.build([("reference", reference), ("edited", edited)])
    (row,) = compared.differences
    assert (row.number_of_pairs, row.comparisons) == (1, 10)
    assert "other pairs" in {notice.code for notice in compared.notices}


def test_every_two_runs_that_share_a_pair_are_compared() -> None:
    """Two boundaries tested by two judges each make two couples; a fifth run has no counterpart."""
    low = [drawn({P: (0.6, 0.6)}, 5, seed=n) for n in (1, 2)]
    high = [drawn({R: (0.6, 0.6)}, 5, seed=n) for n in (3, 4)]
    lonely = drawn({("anchor_04", "anchor_01"): (0.6, 0.6)}, 5)
    compared = compare_boundary.build(
        [("low", low[0]), ("high", high[0]), ("low2", low[1]), ("high2", high[1]), ("alone", lonely)]
    )
    assert [(row.run, row.reference) for row in compared.differences] == [("low2", "low"), ("high2", "high")]
    assert compared.alone == ["alone"]


def test_several_boundaries_are_also_compared_one_by_one() -> None:
    """The second table has a row a boundary, highest first, with p-values adjusted over its rows."""
    reference = drawn({P: (0.5, 0.5), R: (0.5, 0.5)}, 10)
    run = drawn({P: (0.9, 0.9), R: (0.5, 0.5)}, 10, seed=2)
    compared = compare_boundary.build([("reference", reference), ("run", run)])
    assert [row.boundary for row in compared.by_boundary] == [("E+", "E-"), ("E-", "F+")]
    for row in compared.by_boundary:
        assert row.pairs.p_value is not None and row.pairs.p_adjusted is not None
        assert row.pairs.p_adjusted >= row.pairs.p_value


def test_repeats_of_a_judge_that_never_varies_say_nothing_of_other_essays() -> None:
    """Twenty equal repeats of one pair, in whatever words, tell two judges apart on that pair and on no other."""
    right, wrong = (listed_artefact({P: (letter * 10, letter * 10)}) for letter in "HL")
    compared = compare_boundary.build([("wrong", wrong), ("right", right)])
    (row,) = compared.differences
    assert (row.value, row.pairs.verdict, row.verdict) == (1.0, "better", "cannot tell")
    assert "deterministic" in {notice.code for notice in compared.notices}


def test_nothing_in_common_is_refused_by_name() -> None:
    """Runs without a shared pair, one run, and none: the message names them and the table to write."""
    runs = [("low", drawn({P: (0.6, 0.6)}, 3)), ("high", drawn({R: (0.6, 0.6)}, 3))]
    for given in (runs, runs[:1], []):
        with pytest.raises(InputError, match="share a pair") as refusal:
            compare_boundary.build(given)
        assert all(name in str(refusal.value) for name, _ in given)


def test_nothing_decided_in_common_gives_no_number() -> None:
    """Ties and failures only: no difference, and the sentence says so."""
    ties = listed_artefact({P: ("TT", "FF")})
    compared = compare_boundary.build([("a", ties), ("b", ties)])
    assert compared.differences[0].value is None
    assert "nothing was decided" in compared.verdicts[0] and compared.answer.startswith("Nothing can be said")


def test_run_writes_the_pages_and_the_numbers(tmp_path: Path) -> None:
    """JSON, Markdown and HTML under reports/, even and balanced, the same bytes again."""
    project = ProjectPaths.at(tmp_path)
    write_model(project.run("base").artefact, drawn({P: (0.5, 0.5), R: (0.5, 0.5)}, 5))
    write_model(project.run("new").artefact, drawn({P: (0.9, 0.9), R: (0.6, 0.6)}, 5, seed=2))
    compare_boundary.run(project, ["base", "new"])
    first = {path.name: path.read_bytes() for path in project.reports.rglob("*.*")}
    assert {"compare_boundary.md", "compare_boundary.html"} < set(first)
    assert read_model(project.compare_boundary, CompareBoundary).differences[0].run == "new"
    page = Page(first["compare_boundary.html"].decode())
    assert page.mismatched == [] and page.open == []
    markdown = first["compare_boundary.md"].decode()
    for text in (" ".join(page.text), markdown):
        assert not re.search(r"\b(nan|None|Undefined|inf)\b", text)
    assert all(len({len(row) for row in table}) == 1 for table in tables(markdown))
    compare_boundary.run(project, ["base", "new"])
    assert {path.name: path.read_bytes() for path in project.reports.rglob("*.*")} == first


def replicated(rate: float, count: int, iterations: int = 20) -> list[Artefact]:
    """Runs of one judge, as `replicates` makes them."""
    return [
        drawn({P: (rate, rate), Q: (rate, rate)}, iterations, seed=100 * number, replicate=number)
        for number in range(1, count + 1)
    ]


def test_replicates_of_a_test_are_taken_together() -> None:
    """Three runs of one test are one row; its rate is the mean over them, and the difference is surer."""
    base, runs = drawn({P: (0.6, 0.6), Q: (0.6, 0.6)}, 20), replicated(0.85, 3)
    names = ["good", "good.r2", "good.r3"]
    found = compare_boundary.build([("base", base), *zip(names, runs, strict=True)])
    (row,) = found.differences
    assert (row.run, row.runs, row.reference_runs) == ("good", 3, 1)
    each = [
        compare_boundary.build([("base", base), ("good", run)]).differences[0].rate or 0.0 for run in runs
    ]
    assert row.rate == pytest.approx(sum(each) / 3)
    assert [run.name for run in found.runs] == ["base", *names]
    assert "good (3 runs)" in next(notice.text for notice in found.notices if notice.code == "replicates")


def test_replicates_that_say_the_same_count_once() -> None:
    """A judge that repeats itself adds nothing by being run again."""
    base = drawn({P: (0.5, 0.5), Q: (0.5, 0.5)}, 20)
    same = [
        listed_artefact({P: ("H" * 20, "H" * 20), Q: ("H" * 20, "H" * 20)}, replicate=number)
        for number in (1, 2)
    ]
    found = compare_boundary.build([("base", base), ("fixed", same[0]), ("fixed.r2", same[1])])
    (alone,) = compare_boundary.build([("base", base), ("fixed", same[0])]).differences
    assert found.differences == [alone]
    assert "same again" in {notice.code for notice in found.notices}


def test_a_replicate_by_another_prompt_is_a_test_of_its_own() -> None:
    """What was edited between two runs is not averaged away."""
    one, other = replicated(0.7, 2)
    edited = other.model_copy(update={"metadata": other.metadata.model_copy(update={"rubric": RUBRIC})})
    (row,) = compare_boundary.build([("test", one), ("test.r2", edited)]).differences
    assert (row.run, row.reference) == ("test.r2", "test")


def test_what_would_decide_is_said_where_it_is_open() -> None:
    """A small difference on two pairs: more iterations for these, more essays for others; nothing when decided."""
    poor, better = (
        drawn({P: (0.6, 0.6), Q: (0.6, 0.6)}, 20),
        drawn({P: (0.75, 0.75), Q: (0.75, 0.75)}, 20, seed=4),
    )
    found = compare_boundary.build([("poor", poor), ("better", better)])
    (row,) = found.differences
    assert row.pairs.verdict == "cannot tell" and row.more_iterations is not None and row.more_iterations > 0
    assert row.more_essays == 2, "three essays of at least five"
    assert f"about {row.more_iterations} more iterations of each would decide" in found.verdicts[0]
    assert "from 2 more essays on something can be said" in found.verdicts[0]
    best = drawn({P: (0.99, 0.99), Q: (0.99, 0.99)}, 20)
    (decided,) = compare_boundary.build([("poor", poor), ("best", best)]).differences
    assert decided.pairs.verdict == "better" and decided.more_iterations is None
