"""50 → 60 of a boundary test: does the judge tell the grades apart, and is it the essay or the position?"""

from __future__ import annotations

from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryAnalysis, BoundaryFigures, BoundaryPair, BoundaryResult
from eng5.files import read_model, write_model
from eng5.paths import RunnerPaths
from eng5.reports import about
from eng5.reports.boundary import figures, verdicts
from eng5.reports.boundary.dataset import BoundaryDataset, load
from eng5.reports.failures import failure_groups
from eng5.reports.notices import so_far
from eng5.stats.boundary import BoundaryStatistics, analyse

LEVEL = 0.95
SMALLEST_RATE = 0.6


def build(artefact: Artefact, *, name: str) -> BoundaryAnalysis:
    """Measure a boundary test; `name` is the run's, the folder under build/.

    Raises:
        ServiceError: the CJ service ran other comparisons than the listed ones.
    """
    data = load(artefact)
    grades = list(dict.fromkeys(pair.boundary for pair in data.pairs))
    boundary_of = [grades.index(pair.boundary) for pair in data.pairs]
    found = analyse(data.repeats, boundary_of, essays=data.essays, level=LEVEL, smallest_rate=SMALLEST_RATE)
    every = list(range(len(data.pairs)))

    def of(pairs: list[int], statistics: BoundaryStatistics) -> BoundaryFigures:
        return figures.build(data, pairs, statistics, SMALLEST_RATE)

    boundaries = []
    for (higher, lower), statistics in zip(grades, found.boundaries, strict=True):
        members = [place for place in every if data.pairs[place].boundary == (higher, lower)]
        measured = of(members, statistics)
        sentence = verdicts.of_boundary(higher, lower, measured, smallest_rate=SMALLEST_RATE)
        boundaries.append(
            BoundaryResult(
                higher_grade=higher, lower_grade=lower, pairs=members, verdict=sentence, figures=measured
            )
        )
    overall = of(every, found.overall)
    return BoundaryAnalysis(
        run=about.summary(artefact, name),
        verdict=so_far(artefact, verdicts.of_run(boundaries)),
        notices=verdicts.notices(artefact, data, overall),
        level=LEVEL,
        smallest_rate=SMALLEST_RATE,
        sequential=data.error_rate,
        deterministic=data.deterministic,
        pairs=[_pair(data, place, of([place], found.pairs[place])) for place in every],
        boundaries=boundaries,
        overall=overall,
        failures=failure_groups(artefact.llm_comparisons),
    )


def run(paths: RunnerPaths) -> None:
    """Read 50, measure, write 60."""
    write_model(paths.analysis, build(read_model(paths.artefact, Artefact), name=paths.name))


def _pair(data: BoundaryDataset, place: int, measured: BoundaryFigures) -> BoundaryPair:
    pair = data.pairs[place]
    return BoundaryPair(
        higher_id=pair.higher.essay_id,
        lower_id=pair.lower.essay_id,
        higher_name=pair.listed.higher,
        lower_name=pair.listed.lower,
        higher_grade=pair.boundary[0],
        lower_grade=pair.boundary[1],
        iterations=pair.listed.iterations,
        stopped_at=data.decisions[place].stopped_at if data.decisions else None,
        figures=measured,
        outcomes_first=data.letters(place, higher_first=True),
        outcomes_second=data.letters(place, higher_first=False),
        verdicts=[data.answers[turn].sequence for turn in data.places([place]) if turn in data.answers],
    )
