"""Tests of `eng5.steps.boundary_analysis`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.inventory import InventoryFile
from eng5.errors import DamagedFileError, ServiceError
from eng5.files import read_model, write_model
from eng5.paths import ProjectPaths
from eng5.reports.boundary import analysis as boundary_analysis
from eng5.stats import exact_binomial
from eng5.stats.sequential import decide
from eng5.stats.win_rate import wilson
from tests.boundary_artefacts import drawn, listed_artefact
from tests.reports.conftest import CREATED, essays
from tests.reports.conftest import artefact as plain_artefact

P, Q, R = ("anchor_03", "anchor_01"), ("anchor_03", "anchor_02"), ("anchor_04", "anchor_03")


def analysed(artefact: Artefact) -> BoundaryAnalysis:
    return boundary_analysis.build(artefact, name="run")


def test_figures_of_one_pair_are_those_derived_by_hand() -> None:
    """First order 8 H 1 L 1 T, second 5 H 4 L 1 F: as derived in the tests of the statistics."""
    result = analysed(listed_artefact({P: ("HHHHHHHHLT", "HHHHHLLLLF")}))
    (pair,) = result.pairs
    f = pair.figures
    assert (f.listed, f.decided, f.ties, f.failed, f.missing, f.skipped) == (20, 18, 1, 1, 0, 0)
    assert (f.win_rate.count, f.win_rate.of) == (13, 18)
    expected = wilson(13, 18)
    assert expected is not None and f.win_rate.interval is not None
    assert (f.win_rate.interval.low, f.win_rate.interval.high) == (expected.low, expected.high)
    assert (f.higher_first.count, f.higher_first.of) == (8, 9)
    assert (f.higher_second.count, f.higher_second.of) == (5, 9)
    assert f.corrected.value == pytest.approx((8 / 9 + 5 / 9) / 2)
    assert (f.position.count, f.position.of) == (12, 18)
    assert f.position_p_value == exact_binomial.test(12, 18)
    assert (f.swap_repeats.count, f.swap_repeats.of) == (6, 9)
    assert (f.agreement.count, f.agreement.of) == (13, 19)
    assert (pair.outcomes_first, pair.outcomes_second) == ("HHHHHHHHLT", "HHHHHLLLLF")
    assert (pair.higher_grade, pair.lower_grade) == ("E-", "F+")


def test_pairs_are_grouped_by_boundary_highest_first() -> None:
    """However they are listed, E+/E- comes before E-/F+, and the second has two pairs."""
    result = analysed(drawn({P: (0.9, 0.9), R: (0.5, 0.5), Q: (0.9, 0.9)}, 10))
    assert [(b.higher_grade, b.lower_grade, len(b.pairs)) for b in result.boundaries] == [
        ("E+", "E-", 1),
        ("E-", "F+", 2),
    ]
    assert [(p.higher_name, p.lower_name) for p in result.pairs] == [R, P, Q]
    both = result.boundaries[1].figures
    assert both.listed == 40 and both.pairs == 2
    assert both.win_rate.count == sum(
        result.pairs[n].figures.win_rate.count for n in result.boundaries[1].pairs
    )


def test_a_clear_judge_tells_the_grades_apart() -> None:
    """Nine of ten in both orders: shown, nothing more is needed, and the sentence names both grades."""
    result = analysed(listed_artefact({P: ("HHHHHHHHHL", "LHHHHHHHHH")}))
    assert result.overall.discrimination == "shown" and result.overall.needed is None
    assert result.verdict.startswith(
        "On this pair, asked again, E- is told from F+: the higher grade wins 90 %"
    )
    assert result.verdict.endswith("Of other essays of these grades a single pair says nothing.")
    assert "no effect of position" in result.verdict


def test_position_and_essay_are_told_apart() -> None:
    """Essay A always wins: not the essay but the position, and the corrected rate is one half."""
    result = analysed(listed_artefact({P: ("HHHHHHHHHH", "LLLLLLLLLL")}))
    f = result.overall
    assert f.corrected.value == 0.5 and f.position.value == 1.0 and f.swap_pairs.count == 0
    assert f.discrimination == "excluded"
    assert "the position matters: Essay A wins 100 %" in result.verdict


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("HHHHHHHHHH", "FFFFFFFFFF", None),
        ("HHHHHHHHHHHHHHHHHHHH", "HHHHHHHHFFFFFFFFFFFF", "no effect of position is shown: Essay A wins 50 %"),
    ],
)
def test_failures_in_one_order_are_no_effect_of_position(first: str, second: str, said: str | None) -> None:
    """A judge that is always right wins with Essay A where only that order was answered: nothing follows from it."""
    result = analysed(listed_artefact({P: (first, second)}))
    assert result.overall.position_p_value is not None and result.overall.position_p_value < 0.05
    assert "the position matters" not in result.verdict
    assert said is None or said in result.verdict


def test_a_rate_whose_interval_holds_one_half_is_not_told_apart() -> None:
    """Ten wins in one order and one in the other: the p-value of all is small, the other order is open."""
    result = analysed(listed_artefact({P: ("HHHHHHHHHH", "HFFFFFFFFF")}))
    f = result.overall
    assert f.corrected.value == 1.0 and f.p_value is not None and f.p_value < 0.001
    assert f.corrected.interval is not None and f.corrected.interval.low < 0.5
    assert f.discrimination == "undecided"


def test_a_p_value_of_the_other_side_shows_nothing() -> None:
    """Pairs of very different size: the total speaks for the lower grade, the mean of the pairs for the higher."""
    few, many = ("H" * 3 + "F" * 27, "H" * 3 + "F" * 27), ("H" * 10 + "L" * 20, "H" * 10 + "L" * 20)
    f = analysed(listed_artefact({P: few, Q: many})).overall
    assert f.win_rate.value is not None and f.win_rate.value < 0.5
    assert f.corrected.value is not None and f.corrected.value > 0.5
    assert f.discrimination not in ("shown", "reversed")


def test_a_judge_that_prefers_the_lower_grade_is_named() -> None:
    """The wrong way round is a verdict of its own."""
    result = analysed(listed_artefact({P: ("LLLLLLLLLH", "LLLLLLLLLL")}))
    assert result.overall.discrimination == "reversed"
    assert "wrong way round" in result.verdict


def test_an_open_question_says_how_many_more() -> None:
    """13 of 20 leaves it open, and the sentence says what would close it."""
    result = analysed(listed_artefact({P: ("HHHHHHHLLL", "HHHHHHLLLL")}))
    needed = result.overall.needed
    assert result.overall.discrimination == "undecided"
    assert needed is not None and needed.more is not None and needed.more > 10
    assert f"about {needed.more} more iterations" in result.verdict


@pytest.mark.parametrize("letter", ["T", "F", "-"])
def test_nothing_decided_gives_no_number(letter: str) -> None:
    """Ties, failures and silence leave every rate None; each is counted under its own name."""
    f = analysed(listed_artefact({P: (letter * 3, letter * 3)})).overall
    assert (f.win_rate.value, f.corrected.value, f.position.value, f.p_value) == (None,) * 4
    assert f.discrimination == "no_data"
    assert (f.ties, f.failed, f.missing) == tuple(6 * (letter == each) for each in "TF-")


def test_missing_answers_are_announced() -> None:
    """A listed comparison without an answer is counted and named, and the others stand at their places."""
    result = analysed(listed_artefact({P: ("HH-H", "HLHH")}))
    assert result.overall.missing == 1
    assert result.pairs[0].outcomes_first == "HH-H"
    assert "missing verdicts" in {notice.code for notice in result.notices}


def test_a_judge_that_never_varies_is_named_whatever_its_words() -> None:
    """The same verdict every time, each in words of its own: known of these pairs, and repeats say no more."""
    result = analysed(listed_artefact({P: ("HHHH", "HHHH"), Q: ("HHHH", "LLLL")}))
    assert result.deterministic
    first, second = (pair.figures for pair in result.pairs)
    assert first.agreement.value == 1.0 and first.corrected.value == 1.0 and first.essays is None
    assert second.corrected.value == 0.5
    assert "one iteration would have said as much" in " ".join(notice.text for notice in result.notices)
    once = result.model_copy(update={"deterministic": False})
    assert once.overall.essays == analysed(listed_artefact({P: ("H", "H"), Q: ("H", "L")})).overall.essays


def test_twenty_wins_of_twenty_are_known_of_this_pair() -> None:
    """Asked again about this pair the judge would say the same: an exact test of twenty verdicts."""
    result = analysed(listed_artefact({P: ("H" * 10, "H" * 10)}))
    assert result.overall.p_value == pytest.approx(2.0**-19)
    assert result.overall.essays is None


def test_pairs_of_the_services_own_are_refused() -> None:
    """A platform that ignores the list answers with other pairs: the message counts them and names the remedy."""
    source = listed_artefact({P: ("HH", "HH")})
    anchors = source.inputs.anchors
    stranger = source.llm_comparisons[0].model_copy(
        update={
            "essay_a_id": anchors[0].essay_id,
            "essay_b_id": anchors[1].essay_id,
            "comparison_index": None,
        }
    )
    own = source.model_copy(update={"llm_comparisons": [stranger]})
    with pytest.raises(ServiceError, match="not listed: 1;") as refusal:
        analysed(own)
    assert "without an answer: 4 of 4" in str(refusal.value)
    assert "pre_specified_comparisons" in str(refusal.value)


def test_an_answer_in_the_wrong_order_is_not_on_the_list() -> None:
    """An index that names another comparison than the answer is about is refused."""
    source = listed_artefact({P: ("H", "H")})
    first = source.llm_comparisons[0]
    swapped = first.model_copy(update={"essay_a_id": first.essay_b_id, "essay_b_id": first.essay_a_id})
    with pytest.raises(ServiceError):
        analysed(source.model_copy(update={"llm_comparisons": [swapped]}))


def test_answers_without_an_index_take_the_places_that_fit() -> None:
    """A service that echoes no index gives the same analysis."""
    source = listed_artefact({P: ("HHLH", "LHHH"), Q: ("LLHH", "HHHL")})
    bare = [c.model_copy(update={"comparison_index": None}) for c in source.llm_comparisons]
    assert analysed(source.model_copy(update={"llm_comparisons": bare})) == analysed(source)


def test_an_artefact_without_pairs_is_no_boundary_test() -> None:
    """The analysis of another mode's artefact is refused, by name."""
    with pytest.raises(DamagedFileError, match="no boundary test"):
        analysed(plain_artefact(essays(["A", "B"]), []))


def test_early_stopping_explains_what_was_not_asked() -> None:
    """Ten wins in five iterations settle a pair among one at 5 %: the rest counts as skipped, not as missing."""
    result = analysed(listed_artefact({P: ("HHHHH-----", "HHHHH-----")}, sequential=0.05))
    stopped = decide([1] * 5, [1] * 5, error_rate=0.05).stopped_at
    assert stopped == 4, "8 of 8: C(16, 8) / 2^8 = 50.3 is the first evidence above 20"
    (pair,) = result.pairs
    assert (pair.stopped_at, pair.figures.skipped, pair.figures.missing) == (4, 10, 0)
    assert pair.figures.discrimination == "shown"
    assert pair.figures.corrected.interval is not None
    assert "confidence sequence" in pair.figures.corrected.interval.method
    assert "early stopping" in {notice.code for notice in result.notices}


def test_early_stopping_does_not_excuse_other_gaps() -> None:
    """A gap before the pair was settled is missing; so is one of a pair that was never settled."""
    result = analysed(listed_artefact({P: ("H-HHHH--", "HHHHHH--"), Q: ("HLHL-", "HLHLH")}, sequential=0.05))
    assert [pair.figures.missing for pair in result.pairs] == [1, 1]
    assert [pair.figures.skipped for pair in result.pairs] == [4, 0]


def test_early_stopping_shares_its_error_rate_among_the_pairs() -> None:
    """With eight pairs each has 0.05 / 8, and eight wins in a row are no longer enough."""
    grades = ["F+"] * 8 + ["E-"]
    pairs = {("anchor_09", f"anchor_{n:02}"): ("HHHH", "HHHH") for n in range(1, 9)}
    result = analysed(listed_artefact(pairs, grades, sequential=0.05))
    assert [pair.stopped_at for pair in result.pairs] == [None] * 8
    assert {pair.figures.discrimination for pair in result.pairs} == {"undecided"}


@given(st.data())
def test_neither_arrival_nor_delivery_changes_the_analysis(data: st.DataObject) -> None:
    """Order, duplicates counted, times and checksums leave no trace."""
    letters = st.text("HLTF-", min_size=3, max_size=3)
    source = listed_artefact({P: (data.draw(letters), data.draw(letters)), Q: (data.draw(letters), "HLH")})
    rows = data.draw(st.permutations(source.llm_comparisons))
    seen = source.validation.model_copy(
        update={
            "duplicates": 9,
            "artefact_checksum": "f" * 64,
            "manifest": [InventoryFile(path="00_run.json", bytes=1, sha256="0")],
        }
    )
    later = [row.model_copy(update={"completed_at": CREATED.replace(year=2031)}) for row in rows]
    other = source.model_copy(update={"llm_comparisons": later, "validation": seen})
    assert analysed(other) == analysed(source)


def test_run_writes_the_same_bytes_again(tmp_path: Path) -> None:
    """60 reads back as what was built, and a second run leaves it alone."""
    paths = ProjectPaths.at(tmp_path).run("boundary")
    write_model(paths.artefact, drawn({P: (0.8, 0.6)}, 10))
    boundary_analysis.run(paths)
    first = paths.analysis.read_bytes()
    paths.analysis.unlink()
    boundary_analysis.run(paths)
    assert paths.analysis.read_bytes() == first
    assert read_model(paths.analysis, BoundaryAnalysis).run.name == "boundary"


def test_the_verdict_of_several_boundaries_names_each_once() -> None:
    """What is told apart comes first, with how many of how many."""
    result = analysed(listed_artefact({R: ("HL" * 5, "HL" * 5), P: ("HHHHHHHHHL", "LHHHHHHHHH")}))
    assert result.verdict.startswith("On these pairs, asked again: told apart: E-/F+ (1 of 2); ")
    assert result.verdict.endswith("For other essays of the grades: nothing known: E+/E-, E-/F+ (2 of 2).")
