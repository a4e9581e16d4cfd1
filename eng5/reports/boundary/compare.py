"""50 of boundary tests → build/compare_boundary.json and the pages: which judge tells the grades apart better?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations

from eng5.contracts.analysis import Notice
from eng5.contracts.artefact import Artefact, PromptText
from eng5.contracts.compare import Reading
from eng5.contracts.compare_boundary import BoundaryDifference, CompareBoundary, ComparedRun
from eng5.contracts.drawing import Drawing
from eng5.contracts.own import Estimate, with_fields_of
from eng5.errors import InputError
from eng5.files import read_model, write_model, write_text
from eng5.pages.rendering import NOT_AVAILABLE, estimate, percent, signed
from eng5.paths import ProjectPaths
from eng5.plots import rates
from eng5.plots.plot import drawings
from eng5.reports.boundary import advice
from eng5.reports.boundary import analysis as boundary_analysis
from eng5.reports.boundary.compared import Compared, ComparedSide, difference, together
from eng5.reports.boundary.verdicts import shown_p
from eng5.reports.frame import page_files, prompts
from eng5.reports.notices import notice
from eng5.reports.variants.differences import read
from eng5.stats.paired import adjust


def build(tests: Sequence[tuple[str, Artefact]]) -> CompareBoundary:
    """Set boundary tests side by side, every two that share a pair; the reference is the one that comes first.

    Replicates of a test are taken together.

    Args:
        tests: (name of the run, artefact), the baseline's first.

    Raises:
        InputError: no two tests share a pair.
    """
    runs = [ComparedSide.of(name, artefact) for name, artefact in tests]
    couples = [
        Compared(reference, run, shared)
        for reference, run in combinations(together(runs), 2)
        if (shared := [key for key in reference.pairs if key in run.pairs])
    ]
    if not couples:
        raise InputError(
            f"no two of {len(runs)} boundary tests share a pair: {', '.join(run.name for run in runs) or 'none'}",
            remedy="give two [boundary.NAME] tables of experiments.toml the same pairs and different variants",
        )
    differences = _table(couples)
    split = [part for couple in couples for part in couple.by_boundary()]
    involved = {side.name for couple in couples for side in (couple.reference, couple.run)}
    return CompareBoundary(
        answer=answer(differences),
        verdicts=[sentence(difference) for difference in differences],
        notices=_notices(runs, couples),
        level=boundary_analysis.LEVEL,
        runs=[_run(run) for run in runs],
        differences=differences,
        by_boundary=_table(split) if len(split) > len(couples) else [],
        alone=[test.name for test in together(runs) if test.name not in involved],
    )


def answer(rows: Sequence[BoundaryDifference]) -> str:
    """Which of those that share pairs with the first reference to take, by its wins of the higher grade."""
    reference = rows[0].reference
    known = [row for row in rows if row.reference == reference and row.value is not None]
    if not known:
        return f"Nothing can be said: nothing was decided by {reference} and another in both orders."
    best = max(known, key=lambda row: row.value or 0.0)
    one, other = f"{best.run} ({percent(best.rate)})", f"{reference} ({percent(best.reference_rate)})"
    if (best.value or 0.0) <= 0:
        return f"Keep {other}: no other lets the higher grade win more often."
    if best.verdict == "better":
        return f"Take {one}: the higher grade wins more often than with {other}, for other essays of the grades too."
    if best.pairs.verdict == "better":
        return (
            f"Take {one} rather than {other} for these pairs: there the higher grade wins more often. For other essays "
            "of the grades that is not shown."
        )
    return f"Keep {other}: {one} is ahead by no more than chance may make."


def sentence(row: BoundaryDifference) -> str:
    """Better, worse, or cannot tell, in both readings, and by how much."""
    if row.value is None:
        return f"{row.run} and {row.reference}: nothing was decided by both in both orders."
    these = f"on these pairs, asked again: {row.pairs.verdict}, {_read(row, row.pairs)}"
    if row.essays.interval is None:
        others = "of other essays so few say nothing"
    else:
        others = f"for other essays of these grades: {row.essays.verdict}, {_read(row, row.essays)}"
    found = (
        f"{row.run}: the higher grade wins {percent(row.rate)} against {percent(row.reference_rate)} of "
        f"{row.reference}; {these}; {others}."
    )
    return " ".join([found, *advice.sentences(row)])


def _read(row: BoundaryDifference, reading: Reading) -> str:
    p_adjusted = "" if reading.p_adjusted is None else f", {shown_p(reading.p_adjusted)}"
    return f"{points(row.value, reading)} points{p_adjusted}"


def points(value: float | None, reading: Reading) -> str:
    """A difference of shares in percentage points, with its interval: "+31 (+17 to +45)"."""
    if value is None:
        return NOT_AVAILABLE
    text = signed(100 * value, 0)
    if reading.interval is None:
        return text
    return f"{text} ({signed(100 * reading.interval.low, 0)} to {signed(100 * reading.interval.high, 0)})"


def render_pages(comparison: CompareBoundary, artefacts: Sequence[Artefact]) -> dict[str, str]:
    """The text of every file, by its path under reports/: Markdown, HTML page, plots."""
    told: dict[str, tuple[str, PromptText]] = {}
    for title, prompt in chain.from_iterable(map(prompts, artefacts)):
        if prompt is not None:
            told.setdefault(prompt.sha256, (title, prompt))
    drawn = plots(comparison)
    values = {
        "comparison": comparison,
        "tables": [("All shared pairs", comparison.differences), ("By boundary", comparison.by_boundary)],
        "points": points,
        "prompts": list(told.values()),
    }
    return page_files(("compare_boundary.md", "compare_boundary.html"), "compare_boundary", drawn, **values)


def plots(comparison: CompareBoundary) -> dict[str, Drawing]:
    """The differences from the reference, and the win rate of each run."""
    one_reference = len({row.reference for row in comparison.differences}) == 1
    found = {
        "differences": rates.draw(
            "differences",
            "Difference in win rate from the reference",
            "A variant that tells the grades apart better on these pairs lies to the right of the dashed line, with "
            "all of its interval. What holds for other essays is in the table.",
            [
                rates.Row(
                    " ".join(
                        [
                            row.run if one_reference else f"{row.run} : {row.reference}",
                            "/".join(row.boundary or ()),
                        ]
                    ),
                    Estimate(value=row.value, interval=row.pairs.interval),
                    f"{row.run} and {row.reference}: {points(row.value, row.pairs)} points",
                    row.boundary is None,
                    row.pairs.verdict == "worse",
                )
                for row in (*comparison.differences, *comparison.by_boundary)
            ],
            axis="difference in wins of the higher grade, points",
            signed=True,
        ),
        "win_rates": rates.draw(
            "win-rates",
            "Win rate of the higher grade",
            "Rates of each run on its own pairs, corrected for position.",
            [
                rates.Row(run.name, run.corrected, f"{run.name}: {estimate(run.corrected, 'share')}")
                for run in comparison.runs
            ],
            axis="wins of the higher grade, corrected for position",
        ),
    }
    return drawings(found)


def run(project: ProjectPaths, names: Sequence[str]) -> None:
    """Read 50 of each run, the reference's first; write build/compare_boundary.json and reports/compare_boundary.*."""
    artefacts = [read_model(project.run(name).artefact, Artefact) for name in names]
    compared = build(list(zip(names, artefacts, strict=True)))
    write_model(project.compare_boundary, compared)
    for name, text in render_pages(compared, artefacts).items():
        write_text(project.reports / name, text)


def _table(couples: Sequence[Compared]) -> list[BoundaryDifference]:
    found = adjust([difference(couple) for couple in couples])
    return [
        with_fields_of(
            one,
            BoundaryDifference,
            run=couple.run.name,
            reference=couple.reference.name,
            boundary=couple.boundary,
            number_of_pairs=len(couple.shared),
            rate=one.variant,
            reference_rate=one.reference,
            runs=len(couple.run.distinct),
            reference_runs=len(couple.reference.distinct),
            value=one.difference,
            pairs=read(one.pairs),
            essays=read(one.essays),
            **advice.build(one, couple, tests=len(found)),
        )
        for one, couple in zip(found, couples, strict=True)
    ]


def _run(run: ComparedSide) -> ComparedRun:
    about, overall = run.analysis.run, run.analysis.overall
    return with_fields_of(
        about,
        ComparedRun,
        name=run.name,
        pairs=overall.pairs,
        comparisons=overall.listed - overall.skipped - overall.missing,
        corrected=overall.corrected,
        position=overall.position,
    )


def _notices(runs: Sequence[ComparedSide], couples: Sequence[Compared]) -> list[Notice]:
    tests = together(runs)
    replicated = [f"{test.name} ({len(test.runs)} runs)" for test in tests if len(test.distinct) > 1]
    repeating = [
        f"{test.name} ({len(test.runs)} runs)" for test in tests if len(test.runs) > len(test.distinct)
    ]
    partial = [run.name for run in runs if run.data.missing]
    fixed = [run.name for run in runs if run.data.deterministic]
    stopped = [run.name for run in runs if run.data.skipped]
    unequal = [
        f"{couple.run.name} and {couple.reference.name}"
        for couple in couples
        if not len(couple.shared) == len(couple.reference.pairs) == len(couple.run.pairs)
    ]
    found = (
        ("missing verdicts", partial, "Some listed comparisons of {} were never answered."),
        (
            "deterministic",
            fixed,
            "Every repeat of {} brought the same verdict: about other essays, repeats say nothing.",
        ),
        (
            "early stopping",
            stopped,
            "Pairs of {} were stopped early: only as many comparisons as both have are set side by side, and "
            "the p-value is a description.",
        ),
        ("replicates", replicated, "Taken together, as means over their runs: {}."),
        ("same again", repeating, "All runs brought the same verdicts, and count as one: {}."),
        ("other pairs", unequal, "Not the same pairs: {}. Only shared pairs are compared."),
    )
    return [notice(code, text.format(", ".join(names))) for code, names, text in found if names]
