"""People who judge, and a judge beside them, on planted agreement."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations
from statistics import fmean

import pytest

from eng5.contracts.artefact import Artefact, Comparison, Imported
from eng5.reports.alignment import analysis, experts
from eng5.reports.alignment.dataset import load
from eng5.reports.alignment.prior import with_prior
from eng5.reports.alignment.report import build, plots
from tests.reports.conftest import ROLE_MODEL_GRADES, artefact, comparison, essays

Judge = Callable[..., Artefact]
ANCHORS = essays(ROLE_MODEL_GRADES)
IMPORTED = Imported(file="d.csv", sha256="0" * 64, columns={}, positions=True, people=True)


def people(right: float = 0.85, judges: int = 4, share: float = 1.0, seed: int = 1) -> Artefact:
    """Each of the judges sides with the later anchor, which has the higher grade, with this probability."""
    draw = random.Random(seed)
    rows: list[Comparison] = []
    for judge in range(judges):
        for one, other in combinations(ANCHORS, 2):
            if draw.random() < share:
                better = 1 if draw.random() < right else -1
                left, right_one = draw.sample([one.essay_id, other.essay_id], 2)
                rows.append(
                    comparison(
                        len(rows) + 1, left, right_one, better if left == other.essay_id else -better,
                        provider="imported", model=f"judge-{judge + 1}",
                        justification=f"<script>judge-{judge + 1}</script> says so",
                    )
                )  # fmt: skip
    return artefact(ANCHORS, rows, provider="imported", model="4 judges", imported=IMPORTED)


def test_agreement_of_planted_experts_and_its_ceiling() -> None:
    """Right in 85 % of every pair: two agree in .85² + .15² = 74.5 %, and nobody agrees with one in more than 85 %."""
    found = experts.agreement(load(people(judges=12, seed=3)))
    assert found is not None
    assert found.agreement.value == pytest.approx(0.745, abs=0.03)
    assert found.ceiling.value == pytest.approx(0.85, abs=0.03)
    assert found.alpha.value == pytest.approx(2 * 0.745 - 1, abs=0.06)
    assert found.alpha.interval is not None and found.alpha.value is not None
    assert found.alpha.interval.low < found.alpha.value
    assert (found.judges, found.pairs, found.couples) == (12, 66, 66 * 66)


def test_a_perfect_judge_goes_all_the_way_to_the_ceiling(judge: Judge) -> None:
    """It agrees with an expert in 85 %, more than two experts with each other, and stands in for all of them."""
    one = judge(steepness=9.0)
    found = experts.beside(one, load(one), ("teachers", people(judges=6)))
    assert found is not None and found.with_experts.value is not None
    assert found.of_ceiling == pytest.approx(1.0, abs=0.15)  # of three pairs of equal grades it knows nothing
    assert found.as_good and found.winning_rate == 1.0
    assert found.difference.value is not None and found.difference.value > 0


def test_a_reversed_judge_parts_from_the_experts_where_they_are_surest(judge: Judge) -> None:
    """Every pair is listed at most once, the largest difference first, with the words of both."""
    one = judge(steepness=-9.0)
    found = experts.beside(one, load(one), ("teachers", people()))
    assert found is not None
    sizes = [abs(pair.apart) for pair in found.parted]
    assert sizes == sorted(sizes, reverse=True)
    assert len(found.parted) == experts.LISTED < found.parted_in_all
    first = found.parted[0]
    assert {words.judge for words in first.expert_words} == {f"judge-{number}" for number in range(1, 5)}
    assert all(words.words for words in (*first.judge_words, *first.expert_words))
    assert not found.as_good
    assert "less than they do with each other" in found.sentence


def test_other_texts_are_not_the_same_essays(judge: Judge) -> None:
    """An anchor with the same id and another text is left out on both sides; without any, there is no section."""
    one, theirs = judge(), people()
    changed = [
        essay.model_copy(update={"text_sha256": "f" * 64}) if place else essay
        for place, essay in enumerate(theirs.inputs.anchors)
    ]
    other = theirs.model_copy(update={"inputs": theirs.inputs.model_copy(update={"anchors": changed})})
    assert experts.beside(one, load(one), ("teachers", other)) is None


def test_the_scale_of_a_good_judge_helps_and_of_a_reversed_one_does_not(judge: Judge) -> None:
    """Shorter intervals, and worth comparisons; left out as good as wholly where it is upside down."""
    few = people(share=0.15)
    helped = with_prior(few, load(few), ("model", judge(steepness=1.0)))
    assert helped is not None and helped.worth > 10

    def mean_width(side: str) -> float:
        return fmean(ends.high - ends.low for row in helped.scores if (ends := getattr(row, side).interval))

    assert mean_width("together") < mean_width("alone")
    together = [row.together.value for row in helped.scores if row.together.value is not None]
    assert together == sorted(together, reverse=True) and len(together) == len(helped.scores)
    reversed_ = with_prior(few, load(few), ("model", judge(steepness=-1.0)))
    assert reversed_ is not None and reversed_.related < 0.5
    assert "left out of the scores" in reversed_.sentence
    assert [row.together.value for row in reversed_.scores] == pytest.approx(
        [row.alone.value for row in reversed_.scores], abs=0.25
    )


def test_pages_have_the_sections_and_no_markup_of_comments(judge: Judge) -> None:
    """The judge's page is held against experts, theirs has scores both ways; words of people stay text."""
    one, theirs = judge(), people()
    for run, other in ((one, ("teachers", theirs)), (theirs, ("model", one))):
        made = analysis.build(run, {}, name="run", other=other)
        assert (made.beside_experts is None) == (run is theirs)
        assert (made.with_prior is None) == (run is one)
        pages = build(run, made, plots(made))
        html = next(text for name, text in pages.items() if name.endswith(".html"))
        assert "<script>judge-" not in html
        assert ('id="beside-experts"' in html) == (run is one)
        assert ('id="with-prior"' in html) == (run is theirs)
        if made.beside_experts is not None:
            markdown = next(text for name, text in pages.items() if name.endswith(".md"))
            said = made.beside_experts.parted[0].expert_words[0]
            assert f"{said.judge}, for anchor" in markdown


@pytest.mark.parametrize(("seed", "of_ceiling"), [(0, None), (7, 1.0)])
def test_a_judge_above_the_ceiling_says_what_that_means(
    judge: Judge, seed: int, of_ceiling: float | None
) -> None:
    """Two experts who hardly agree, by few pairs, and a perfect judge: it does not go further than all the way."""
    mine = judge(steepness=60.0)
    found = experts.beside(mine, load(mine), ("teachers", people(right=0.8, judges=2, share=0.2, seed=seed)))
    assert found is not None and found.ceiling is not None and found.with_experts.value is not None
    assert found.with_experts.value > found.ceiling and found.of_ceiling == of_ceiling
    assert "that this one does is chance" in found.sentence
