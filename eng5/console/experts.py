"""How many comparisons by experts reach intervals of a wanted width: said before they are made."""

from __future__ import annotations

from statistics import fmean

import numpy as np

from eng5.contracts.analysis import Analysis
from eng5.contracts.experiments import Experiments
from eng5.contracts.experts import PriorScores
from eng5.files import read_model
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.runs.beside import expert_runs
from eng5.stats.expected_precision import comparisons_needed

MAKE_ONE = (
    "Take comparisons in with `eng5 import FILE.csv --as {0} --people`, or name a variant that people judge."
)
SPREAD, SCATTER = 1.5, 0.3
"""Standard deviation of experts' scores, and of their distances from a good judge's scale, where nothing is known."""


def of_experts(project: ProjectPaths, experiments: Experiments, essays: int) -> list[str]:
    """A sentence a run that people judge, or are to judge.

    Args:
        project: its folders.
        experiments: with the wanted width.
        essays: number of anchors, for runs without an answer.
    """
    named = [experiments.experts] if experiments.experts else expert_runs(project, experiments)
    width = experiments.expert_width
    found = []
    for name in named:
        if name not in experiments.variant and not project.run(name).artefact.is_file():
            found.append(f"Experts of {name}: there is no such run. {MAKE_ONE.format(name)}")
            continue
        known = _fitted(project.run(name))
        if known is not None:
            found.append(_further(name, known, width))
        elif essays > 2:
            found.append(_before(name, essays, width))
    return found


def _fitted(paths: RunnerPaths) -> PriorScores | None:
    """The experts' scores with the help of a judge, as their report has them; None before there is one."""
    return read_model(paths.analysis, Analysis).with_prior if paths.analysis.is_file() else None


def _further(name: str, known: PriorScores, width: float) -> str:
    ability = np.array([row.together.value or 0.0 for row in known.scores])
    spans = [
        fmean(ends.high - ends.low for one in side if (ends := one.interval) is not None)
        for side in ([row.alone for row in known.scores], [row.together for row in known.scores])
    ]
    alone = comparisons_needed(ability, width)
    helped = comparisons_needed(ability, width, known.scatter) if known.related >= 0.5 else alone
    return (
        f"Experts of {name}: {known.comparisons} comparisons so far, the interval of an essay's score is "
        f"{spans[0]:.1f} logits wide on average, and {spans[1]:.1f} with the scale of {known.run}. For {width:g} "
        f"logits {_more(alone, known.comparisons, spans[0] <= width)} by experts alone, and "
        f"{_more(helped, known.comparisons, spans[1] <= width)} with that scale."
    )


def _more(needed: int | None, so_far: int, reached: bool) -> str:
    if reached:
        return "no more are needed"
    if needed is None:
        return "more are needed than can be made"
    return f"about {max(1, needed - so_far):,} more are needed"


def _before(name: str, essays: int, width: float) -> str:
    ability = SPREAD * np.linspace(-1, 1, essays) / np.linspace(-1, 1, essays).std()
    alone = comparisons_needed(ability, width)
    helped = comparisons_needed(ability, width, SCATTER)
    return (
        f"Experts of {name}: {essays} essays have scores with intervals of {width:g} logits after "
        f"{_in_all(alone)} by experts alone, and after {_in_all(helped)} with a judge's scale that is off theirs by "
        f"{SCATTER} logits; how far it is off, only their comparisons can tell."
    )


def _in_all(needed: int | None) -> str:
    return "more comparisons than can be made" if needed is None else f"about {needed:,} comparisons"
