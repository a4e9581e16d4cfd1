"""Tests of `eng5.reports.alignment.matrix` and of `grade_matrix`, which it shows where there are many essays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from eng5.contracts.artefact import Artefact
from eng5.reports.alignment import analysis, grade_matrix, matrix
from eng5.reports.alignment.dataset import load

Judge = Callable[..., Artefact]


def test_a_cell_counts_the_rows_wins_and_opens_the_pair(judge: Judge) -> None:
    """In expert order, coloured by who should have won; nothing on the diagonal."""
    measured = analysis.build(judge(["A", "B", "F+"], steepness=0.0, rounds=6), {}, name="run")
    found = matrix.build(measured)
    assert found is not None and not found.of_grades
    for row, cells in enumerate(found.rows):
        for column, cell in enumerate(cells):
            won, lost = measured.win_matrix[row][column], measured.win_matrix[column][row]
            if row == column:
                assert (cell.text, cell.href) == ("", "")
                continue
            looks = {1: "inverted" if row > column else "expected", 0: "even", -1: "none"}
            assert cell.text == str(won) and cell.href == f"#pair-{row}-{column}"
            assert cell.look == looks[(won > lost) - (won < lost)]


def test_many_essays_are_grouped_by_grade(judge: Judge) -> None:
    """Wins between grades are those of the artefact, and their sum is every decided comparison."""
    artefact = judge(["A", "B", "C+", "F+"] * 8, steepness=0.4)
    measured = analysis.build(artefact, {}, name="run")
    groups = measured.grade_matrix
    assert groups is not None and measured.win_matrix == []
    assert [(one.label, one.essays) for one in groups.groups] == [("A", 8), ("B", 8), ("C+", 8), ("F+", 8)]
    grade = {essay.essay_id: essay.grade for essay in artefact.inputs.anchors}
    counted = Counter(
        (grade[one.winner_id], grade[one.loser_id])
        for one in artefact.llm_comparisons
        if one.winner_id and one.loser_id
    )
    for row, won in zip(groups.groups, groups.wins, strict=True):
        for column, wins in zip(groups.groups, won, strict=True):
            assert wins == counted[row.label, column.label]
    found = matrix.build(measured)
    assert found is not None and found.of_grades
    share = 100 * counted["A", "B"] / (counted["A", "B"] + counted["B", "A"])
    assert found.rows[0][1].text == f"{share:.0f} %" and found.rows[0][1].href == "#levels-9-9-8-8"


def test_a_scale_of_many_grades_has_groups_of_neighbours(judge: Judge) -> None:
    """No more than a dozen rows, and no grade in two of them."""
    grades = [f"{number}" for number in range(101)]
    from eng5.contracts.grade_scales import scale_of

    scale = scale_of("0 to 100")
    artefact = judge(["A"] * 40, grade_scale=scale)
    anchors = [
        essay.model_copy(update={"grade": grades[2 * place]})
        for place, essay in enumerate(artefact.inputs.anchors)
    ]
    inputs = artefact.inputs.model_copy(update={"anchors": anchors})
    found = grade_matrix.build(load(artefact.model_copy(update={"inputs": inputs})))
    assert found is not None and len(found.groups) == grade_matrix.MOST_GROUPS
    assert sum(one.essays for one in found.groups) == 40
    ends = [(one.highest, one.lowest) for one in found.groups]
    assert all(low > high for (_, low), (high, _) in pairwise(ends))
    assert found.groups[0].label == "72 to 78"
