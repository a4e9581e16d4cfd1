"""50 of every variant → build/compare.json and the pages: which prompt judges better, and is it chance?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from types import MappingProxyType

import numpy as np

from eng5.contracts.artefact import Artefact, Metadata
from eng5.contracts.compare import (
    Compare,
    ComparedVariant,
    Difference,
    Figures,
    HeldOutVariant,
    Holdout,
    Noise,
)
from eng5.contracts.experiments import Experiments
from eng5.contracts.own import with_fields_of
from eng5.errors import InputError
from eng5.files import read_model, write_model, write_text
from eng5.paths import ProjectPaths
from eng5.protocols import ShowProgress
from eng5.reports import about, essay_texts, text_diff
from eng5.reports.alignment.dataset import Dataset, Subject
from eng5.reports.variants import beside_experts, differences, figures, flips, leaderboard, notices, sentences
from eng5.reports.variants import report as compare_report
from eng5.reports.variants.dataset import JudgedRun, JudgedVariant, load_variants, on_pairs, pool, select
from eng5.reports.variants.differences import Side
from eng5.reports.variants.held_out import held_out_grades
from eng5.runs.beside import experts_of
from eng5.runs.registry import imported_runs


def build(
    experiments: Experiments,
    artefacts: Mapping[str, Sequence[tuple[str, Artefact]]],
    *,
    people: tuple[str, Artefact] | None = None,
    left_out: Mapping[str, str] = MappingProxyType({}),
    tested: Callable[[], None] = lambda: None,
) -> Compare:
    """Set variants side by side on the pairs that the baseline judged.

    Args:
        experiments: baseline, targets, held-out anchors, and which variant is a rewording of which.
        artefacts: (name of the run, artefact) of each run of each variant, by the variant's name.
        people: name and artefact of the experts' run that the variants are held against.
        left_out: why, of runs that are wanted and not among the artefacts.
        tested: called after each test of a metric of two variants, which is what takes time.
    """
    order = [experiments.baseline, *(name for name in artefacts if name != experiments.baseline)]
    loaded = load_variants({name: artefacts[name] for name in order})
    everyone = loaded[0].data.subjects
    held_out = [subject for subject in everyone if subject.name in experiments.holdout]
    subjects = [subject for subject in everyone if subject not in held_out]
    variants = [variant.restricted(subjects) for variant in loaded]
    of_all, of_each = _figures(experiments, variants)
    that_vary = {
        run: found
        for variant, each in zip(variants, of_each, strict=True)
        for found in (each[:1] if variant.never_varies else each)
        for run in found.runs
    }
    prompts = {run.name: _prompt(experiments, variant.name) for variant in variants for run in variant.runs}

    def between(*names: str) -> dict[str, Noise]:
        return differences.noise_between(that_vary, prompts, {_prompt(experiments, name) for name in names})

    noise = differences.noise_band(that_vary, prompts)
    apart = differences.build(
        differences.sides(variants),
        of_all[0].metrics,
        figures.PAIRED,
        decided_by=experiments.decide_by,
        noise=between,
        tested=tested,
    )
    first = variants[0].runs[0].artefact.metadata
    compared = [
        _variant(experiments, *row, apart, first) for row in zip(variants, of_all, of_each, strict=True)
    ]
    flipped = flips.flips(variants)
    board = leaderboard.build(
        compared,
        apart,
        experiments.decide_by,
        flipped,
        noise,
    )
    return Compare(
        baseline=experiments.baseline,
        grade_scale=variants[0].runs[0].artefact.metadata.grade_scale.name,
        verdict=board.answer,
        leaderboard=board,
        notices=notices.build(experiments, loaded, compared, everyone, left_out),
        anchors=[subject.name for subject in subjects],
        level=differences.LEVEL,
        decided_by=experiments.decide_by,
        variants=compared,
        differences=apart,
        noise=noise,
        flips=flipped,
        split=flips.split_pairs(variants),
        experts=beside_experts.build(variants, people),
        holdout=_holdout(loaded, held_out),
    )


def _figures(
    experiments: Experiments, variants: Sequence[JudgedVariant]
) -> tuple[list[Figures], list[list[Figures]]]:
    """Of each variant all runs together, and each run by itself, on the pairs that the baseline judged."""
    pairs = variants[0].data.by_pair.keys()
    in_band = figures.band_count(variants[0].each)

    def of(runs: Sequence[JudgedRun]) -> Figures:
        data = [on_pairs(run.data, pairs) for run in runs]
        return figures.figures(runs, data, figures.measure(data, experiments.targets, in_band))

    each = [[of([run]) for run in variant.runs] for variant in variants]
    together = [
        alone[0] if len(alone) == 1 else of(variant.runs)
        for variant, alone in zip(variants, each, strict=True)
    ]
    return together, each


def _prompt(experiments: Experiments, variant: str) -> str:
    """The variant that `variant` is a rewording of, of a rewording …, or itself."""
    while (other := _paraphrase_of(experiments, variant)) is not None:
        variant = other
    return variant


def _paraphrase_of(experiments: Experiments, variant: str) -> str | None:
    """None of comparisons of another tool as well, of which experiments.toml does not know."""
    known = experiments.variant.get(variant)
    return None if known is None else known.paraphrase_of


def _variant(
    experiments: Experiments,
    variant: JudgedVariant,
    together: Figures,
    each: list[Figures],
    apart: Sequence[Difference],
    baseline: Metadata,
) -> ComparedVariant:
    first = about.summary(variant.runs[0].artefact, variant.runs[0].name)
    from_baseline = [
        one for one in apart if (one.reference, one.variant) == (experiments.baseline, variant.name)
    ]
    deciding = next((one for one in from_baseline if one.metric == experiments.decide_by), None)
    return with_fields_of(
        first,
        ComparedVariant,
        name=variant.name,
        paraphrase_of=_paraphrase_of(experiments, variant.name),
        figures=together,
        each=each if len(each) > 1 else [],
        verdict=None if deciding is None or deciding.value is None else deciding.verdict,
        sentence=sentences.of_variant(deciding),
        changes=text_diff.of_prompts(baseline, variant.runs[0].artefact.metadata)
        if variant.name != experiments.baseline and first.judge.no_prompt != "none"
        else [],
    )


def _holdout(variants: Sequence[JudgedVariant], held_out: Sequence[Subject]) -> Holdout | None:
    """The comparisons with at least one held-out anchor; None when no anchor is held out."""
    if not held_out:
        return None
    touched = [place for place, one in enumerate(variants[0].data.subjects) if one in held_out]
    chosen = [[_involving(run, touched) for run in variant.each] for variant in variants]
    pairs = {pair for run in chosen[0] for pair in run.by_pair}
    measured = [figures.measure([on_pairs(run, pairs) for run in runs], {}, None) for runs in chosen]
    names = figures.ON_HELD_OUT
    sides = [
        Side(variant.name, runs, variant.never_varies) for variant, runs in zip(variants, chosen, strict=True)
    ]
    return Holdout(
        anchors=[subject.name for subject in held_out],
        variants=[
            HeldOutVariant(
                name=variant.name,
                comparisons=sum(len(run.answered) for run in runs),
                metrics=[metric for metric in of_runs if metric.name in names],
                grades=held_out_grades(pool(variant.each), held_out),
            )
            for variant, runs, of_runs in zip(variants, chosen, measured, strict=True)
        ],
        differences=differences.build(sides, measured[0], names, essays=len(held_out)),
    )


def _involving(data: Dataset, places: Sequence[int]) -> Dataset:
    """The comparisons that involve an essay at one of `places`."""
    return select(data, np.isin(data.comparisons.first, places) | np.isin(data.comparisons.second, places))


def run(
    project: ProjectPaths,
    experiments: Experiments,
    runs: Mapping[str, str],
    progress: ShowProgress,
    *,
    left_out: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Read 50 of each run and of each import, write build/compare.json and reports/compare.*.

    Args:
        runs: the variant of each run.
        left_out: why, of runs that are not to be compared.

    Returns:
        Why, of all that are left out: those above, and those without an artefact.

    Raises:
        InputError: the baseline has no artefact. Of imports alone any may be the one that the others are held against.
    """
    artefacts: dict[str, list[tuple[str, Artefact]]] = {}
    missing = {name: "no artefact yet" for name in runs if not project.run(name).artefact.exists()}
    without = {**left_out, **missing}
    for name, variant in {**runs, **imported_runs(project)}.items():
        if name in without:
            continue
        artefacts.setdefault(variant, []).append((name, read_model(project.run(name).artefact, Artefact)))
    artefacts, failed = _without_failed(artefacts)
    without |= failed
    if experiments.baseline not in artefacts:
        if runs or not artefacts:
            raise InputError(
                f"the baseline '{experiments.baseline}' has no answers yet, and the others are held against it",
                where=project.run(experiments.baseline).artefact,
                remedy=f"doit anchor_align:{experiments.baseline}",
            )
        experiments = experiments.model_copy(update={"baseline": min(artefacts)})
    beside = experts_of(project, experiments)
    people = None if beside is None else (beside.name, read_model(beside.artefact, Artefact))
    done = count(1)
    others = len(artefacts) - 1
    with progress(others * len(figures.PAIRED) + others * (others - 1) // 2) as shown:
        compared = build(
            experiments,
            artefacts,
            people=people,
            left_out=without,
            tested=lambda: shown.advance(next(done)),
        )
    write_model(project.compare, compared)
    name, artefact = artefacts[experiments.baseline][0]
    texts = essay_texts.read(project.run(name), artefact, experiments)
    for name, text in compare_report.build(compared, artefacts, texts).items():
        write_text(project.reports / name, text)
    return without


def _without_failed(
    artefacts: dict[str, list[tuple[str, Artefact]]],
) -> tuple[dict[str, list[tuple[str, Artefact]]], dict[str, str]]:
    """Without the runs of which the batch failed, where the variant has a whole one: it would take its pairs away."""
    kept: dict[str, list[tuple[str, Artefact]]] = {}
    left_out: dict[str, str] = {}
    for variant, runs in artefacts.items():
        failed = {name: one for name, one in runs if one.validation.batch_status == "failed"}
        if len(failed) == len(runs):
            failed = {}
        kept[variant] = [(name, one) for name, one in runs if name not in failed]
        left_out |= {name: f"its batch failed: {one.validation.failure}" for name, one in failed.items()}
    return kept, left_out
