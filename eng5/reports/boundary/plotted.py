"""The plots of a boundary test, and the essays that they and the page number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from eng5.contracts.boundary_analysis import BoundaryAnalysis, BoundaryFigures
from eng5.contracts.drawing import Drawing
from eng5.contracts.grade_scales import scale_of
from eng5.pages.rendering import estimate
from eng5.plots import rates
from eng5.plots.labels import short
from eng5.plots.plot import drawings
from eng5.reports.boundary.verdicts import outcome, position_matters
from eng5.reports.read_pair import PageEssay, href_of

LONGEST_NAME = 9
"""Of an essay in the label of a pair."""
OFF = ("reversed", "excluded")


def plots(analysis: BoundaryAnalysis) -> dict[str, Drawing]:
    """Win rates and position bias of every pair, boundary and the run, as far as there are any."""
    listed = list(_listed(analysis))
    found = {
        "win_rates": rates.draw(
            "win-rates",
            "Win rate of the higher grade",
            "A judge that tells the grades apart lies to the right of the dashed line, with its whole interval. "
            "Rates are corrected for position; diamonds are several pairs together.",
            [
                rates.Row(
                    label,
                    figures.corrected,
                    f"{label}: {estimate(figures.corrected, 'share')}, {outcome(figures)}",
                    whole,
                    figures.discrimination in OFF,
                    link,
                )
                for label, figures, whole, link in listed
            ],
            axis="wins of the higher grade, corrected for position",
        ),
        "position": rates.draw(
            "position-bias",
            "Wins of Essay A",
            "A judge without position bias lies on the dashed line: Essay A wins half, whatever its grade.",
            [
                rates.Row(
                    label,
                    figures.position_balanced,
                    f"{label}: Essay A won {figures.position.count} of {figures.position.of}",
                    whole,
                    position_matters(figures),
                    link,
                )
                for label, figures, whole, link in listed
            ],
            axis="wins of Essay A, both orders weighing the same",
        ),
    }
    return drawings(found)


def _listed(analysis: BoundaryAnalysis) -> Iterator[tuple[str, BoundaryFigures, bool, str | None]]:
    """Label, figures, whether it is a summary, what it opens: each boundary of several pairs, its pairs, the run."""
    names = _short_names([name for pair in analysis.pairs for name in (pair.higher_name, pair.lower_name)])
    essays = essays_of(analysis)
    href, level = href_of(essays), {essay.grade: essay.level for essay in essays}
    for boundary in analysis.boundaries:
        if len(boundary.pairs) > 1:
            high, low = level[boundary.higher_grade], level[boundary.lower_grade]
            link = f"#levels-{high}-{high}-{low}-{low}"
            yield f"{boundary.higher_grade} and {boundary.lower_grade}", boundary.figures, True, link
        for place in boundary.pairs:
            pair = analysis.pairs[place]
            higher = f"{names[pair.higher_name]} ({pair.higher_grade})"
            lower = f"{names[pair.lower_name]} ({pair.lower_grade})"
            yield f"{higher} : {lower}", pair.figures, False, href(pair.higher_id, pair.lower_id)
    if len(analysis.boundaries) > 1:
        yield "all", analysis.overall, True, None


def essays_of(analysis: BoundaryAnalysis) -> list[PageEssay]:
    """The essays of all pairs, the best grade first; levels count from the lowest grade that is tested."""
    found = {}
    for pair in analysis.pairs:
        found[pair.higher_id] = (pair.higher_name, pair.higher_grade)
        found[pair.lower_id] = (pair.lower_name, pair.lower_grade)
    scale = scale_of(analysis.run.grade_scale)
    graded = [(essay_id, name, grade, scale.level(grade)) for essay_id, (name, grade) in found.items()]
    return [PageEssay(*one) for one in sorted(graded, key=lambda one: (-(one[3] or 0), one[1]))]


def _short_names(names: Sequence[str]) -> dict[str, str]:
    """Names without the parts, between underscores, that all begin with, and as short as two fit in a label."""
    beginnings = zip(*(name.split("_")[:-1] for name in names), strict=False)
    shared = len(list(takewhile(lambda parts: len(set(parts)) == 1, beginnings)))
    return dict(
        zip(names, short([name.split("_", shared)[shared] for name in names], LONGEST_NAME), strict=True)
    )
