"""Boundary tests of several variants → reports/compare_boundary: which tells the grades apart better?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eng5.contracts.analysis import Estimate, Notice
from eng5.contracts.artefact import Artefact, PromptText
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.compare_boundary import CompareBoundary, ComparedRun, Difference
from eng5.contracts.grade_scales import GRADE_SCALES
from eng5.errors import InputError
from eng5.files import model_bytes, read_model, write_text
from eng5.paths import ProjectPaths
from eng5.stats.comparisons import Comparisons
from eng5.stats.paired import PairedDifference, adjust, match, paired_difference
from eng5.stats.paired_metrics import corrected_win_rate
from eng5.steps import boundary_analysis
from eng5.steps.alignment.dataset import interval
from eng5.steps.boundary.dataset import Dataset, Pair, load
from eng5.steps.boundary.verdicts import shown_p
from eng5.steps.rendering import NOT_AVAILABLE, count, percent, render, signed

__all__ = ["STEM", "build", "render_pages", "run"]

STEM = "compare_boundary"
RESAMPLES = 10_000
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Compared:
    """A boundary test, loaded."""

    name: str
    artefact: Artefact
    data: Dataset
    analysis: BoundaryAnalysis

    def pairs(self) -> dict[Key, Pair]:
        """Its pairs by anchors and texts: a changed text makes another pair."""
        return {
            (pair.listed.higher, pair.higher.text_sha256, pair.listed.lower, pair.lower.text_sha256): pair
            for pair in self.data.pairs
        }

    def comparisons(self, keys: Sequence[Key]) -> Comparisons:
        """The answers about these pairs, in the order of the list; essays are the texts in their order."""
        essays = {sha: place for place, sha in enumerate(_texts(keys))}
        wanted = set(keys)
        places = [place for place, key in enumerate(self.pairs()) if key in wanted]
        rows = []
        for place in sorted(self.data.places(places)):
            answer = self.data.answers.get(place)
            if answer is None or answer.status == "failed":
                continue
            turn = self.data.turns[place]
            pair = self.data.pairs[turn.pair]
            both = essays[pair.higher.text_sha256], essays[pair.lower.text_sha256]
            first, second = both if turn.higher_first else both[::-1]
            outcome = 0 if answer.winner_id is None else 1 if answer.winner_id == answer.essay_a_id else -1
            rows.append((first, second, outcome))
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return Comparisons(len(essays), table[:, 0], table[:, 1], table[:, 2])


def build(tests: Sequence[tuple[str, Artefact]]) -> CompareBoundary:
    """Set boundary tests side by side.

    A test is compared with the first one before it that shares a pair with it, so the baseline's come first.

    Args:
        tests: (name of the run, artefact).

    Raises:
        InputError: no two tests share a pair.
    """
    runs = [
        Compared(name, artefact, load(artefact), boundary_analysis.build(artefact, name=name))
        for name, artefact in tests
    ]
    couples: list[tuple[Compared, Compared, list[Key]]] = []
    for place, run in enumerate(runs):
        for reference in runs[:place]:
            if shared := [key for key in reference.pairs() if key in run.pairs()]:
                couples.append((reference, run, shared))
                break
    if not couples:
        raise InputError(
            f"no two of {len(runs)} boundary tests share a pair: {', '.join(run.name for run in runs) or 'none'}",
            remedy="give two [boundary.NAME] tables of experiments.toml the same pairs and different variants",
        )
    differences = _table([(reference, run, shared, None) for reference, run, shared in couples])
    split = [
        (reference, run, [key for key in shared if reference.pairs()[key].boundary == grades], grades)
        for reference, run, shared in couples
        for grades in dict.fromkeys(reference.pairs()[key].boundary for key in shared)
    ]
    involved = {run.name for reference, other, _ in couples for run in (reference, other)}
    return CompareBoundary(
        verdicts=[sentence(difference) for difference in differences],
        notices=_notices(runs, couples),
        level=boundary_analysis.LEVEL,
        runs=[_run(run) for run in runs],
        differences=differences,
        by_boundary=_table(split) if len(split) > len(couples) else [],
        alone=[run.name for run in runs if run.name not in involved],
    )


def sentence(difference: Difference) -> str:
    """Better, worse, or cannot tell; by how much, and what would decide."""
    if difference.difference.value is None:
        return f"{difference.run} and {difference.reference}: nothing was decided by both in both orders."
    rates = (
        f"{percent(difference.rate)} against {percent(difference.reference_rate)} of {difference.reference}"
    )
    by = f"{points(difference.difference)}, {shown_p(difference.p_adjusted)}"
    if difference.verdict == "cannot_tell":
        more = (
            f"; about {count(difference.needed)} more comparisons of each would decide"
            if difference.needed
            else ""
        )
        return f"{difference.run}: cannot tell; the higher grade wins {rates} ({by}){more}."
    return f"{difference.run}: {difference.verdict}; the higher grade wins {rates} ({by})."


def points(value: Estimate) -> str:
    """A difference of shares in percentage points, with its interval."""
    if value.value is None:
        return NOT_AVAILABLE
    text = f"{signed(100 * value.value, 0)} points"
    if value.interval is None:
        return text
    return f"{text}, {signed(100 * value.interval.low, 0)} to {signed(100 * value.interval.high, 0)}"


def render_pages(comparison: CompareBoundary, artefacts: Sequence[Artefact]) -> dict[str, str]:
    """The text of every file, by its path under reports/: JSON, Markdown, HTML page."""
    prompts: dict[str, tuple[str, PromptText]] = {}
    for artefact in artefacts:
        for title, text in (
            ("System prompt", artefact.metadata.system_prompt),
            ("Judge rubric", artefact.metadata.rubric),
        ):
            if text is not None:
                prompts.setdefault(text.sha256, (title, text))
    values = {
        "comparison": comparison,
        "tables": [("All shared pairs", comparison.differences), ("By boundary", comparison.by_boundary)],
        "points": points,
        "plots": {},
        "plot_folder": f"plots/{STEM}",
        "prompts": list(prompts.values()),
    }
    files = {f"{STEM}.json": model_bytes(comparison).decode()}
    return files | {f"{STEM}.{suffix}": render(f"{STEM}.{suffix}", **values) for suffix in ("md", "html")}


def run(project: ProjectPaths, names: Sequence[str]) -> None:
    """Read 50 of each run, compare, write reports/compare_boundary.{json,md,html}; the reference's name first."""
    artefacts = [read_model(project.run(name).artefact, Artefact) for name in names]
    pages = render_pages(build(list(zip(names, artefacts, strict=True))), artefacts)
    for name, text in pages.items():
        write_text(project.reports / name, text)


def _table(
    rows: Sequence[tuple[Compared, Compared, list[Key], tuple[str, str] | None]],
) -> list[Difference]:
    found = adjust([_difference(reference, run, keys) for reference, run, keys, _ in rows])
    return [
        Difference(
            run=run.name,
            reference=reference.name,
            boundary=grades,
            pairs=len(keys),
            comparisons=one.comparisons,
            differing=one.differing,
            rate=one.variant,
            reference_rate=one.baseline,
            difference=Estimate(value=one.difference, interval=interval(one.interval)),
            p_value=one.p_value,
            p_adjusted=one.p_adjusted,
            verdict=one.verdict.value,
            needed=None if reference.data.deterministic or run.data.deterministic else one.needed,
        )
        for one, (reference, run, keys, grades) in zip(found, rows, strict=True)
    ]


def _difference(reference: Compared, run: Compared, keys: list[Key]) -> PairedDifference:
    """Repeats of a deterministic judge are no fresh samples: then whole pairs are exchanged."""
    fixed = reference.data.deterministic or run.data.deterministic
    outcomes = match(
        reference.comparisons(keys), run.comparisons(keys), exchange="pair" if fixed else "comparison"
    )
    scale = GRADE_SCALES[reference.artefact.metadata.grade_scale]
    grades: dict[str, str] = {}
    for key in keys:
        pair = reference.pairs()[key]
        grades |= {each.text_sha256: str(each.grade) for each in (pair.higher, pair.lower)}
    level = np.array([scale.level(grades[sha]) for sha in _texts(keys)], dtype=np.int64)
    return paired_difference(outcomes, corrected_win_rate(level), resamples=RESAMPLES)


def _texts(keys: Sequence[Key]) -> list[str]:
    return list(dict.fromkeys(sha for key in keys for sha in (key[1], key[3])))


def _run(run: Compared) -> ComparedRun:
    about, overall = run.analysis.run, run.analysis.overall
    return ComparedRun(
        name=run.name,
        judge=about.judge,
        system_prompt=about.system_prompt,
        rubric=about.rubric,
        pairs=overall.pairs,
        comparisons=overall.listed - overall.skipped - overall.missing,
        corrected=overall.corrected,
        position=overall.position,
    )


def _notices(
    runs: Sequence[Compared], couples: Sequence[tuple[Compared, Compared, list[Key]]]
) -> list[Notice]:
    found = []
    fixed = [run.name for run in runs if run.data.deterministic]
    if fixed:
        found.append(
            Notice(
                code="deterministic",
                text=f"Repeats of a deterministic judge carry no information ({', '.join(fixed)}): "
                "it is compared pair by pair, and few pairs cannot decide. More anchors would.",
            )
        )
    stopped = [run.name for run in runs if run.data.skipped]
    if stopped:
        found.append(
            Notice(
                code="early stopping",
                text=f"Pairs of {', '.join(stopped)} were stopped early: only as many comparisons as both have are "
                "set side by side, and the p-value is a description.",
            )
        )
    partial = [run.name for run in runs if run.data.missing]
    if partial:
        found.append(
            Notice(
                code="missing verdicts",
                text=f"Some listed comparisons of {', '.join(partial)} were never answered.",
            )
        )
    different = [
        f"{run.name} and {reference.name}"
        for reference, run, keys in couples
        if not len(keys) == len(reference.pairs()) == len(run.pairs())
    ]
    if different:
        found.append(
            Notice(
                code="other pairs",
                text=f"Not the same pairs: {'; '.join(different)}. Only shared pairs are compared.",
            )
        )
    return found
