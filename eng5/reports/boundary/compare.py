"""50 of boundary tests → build/compare_boundary.json and the pages: which judge tells the grades apart better?"""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import Notice
from eng5.contracts.artefact import Artefact, PromptText
from eng5.contracts.compare_boundary import CompareBoundary, ComparedRun, Difference
from eng5.contracts.drawing import Drawing
from eng5.contracts.own import Estimate
from eng5.errors import InputError
from eng5.files import read_model, write_model, write_text
from eng5.pages.rendering import NOT_AVAILABLE, count, percent, render_all, signed
from eng5.paths import ProjectPaths
from eng5.plots import rates
from eng5.plots.plot import drawings, standalone
from eng5.reports.alignment.dataset import interval
from eng5.reports.boundary import analysis as boundary_analysis
from eng5.reports.boundary.compared import Compared, Side, difference
from eng5.reports.boundary.verdicts import rate, shown_p
from eng5.stats.paired import adjust

__all__ = ["STEM", "build", "render_pages", "run"]

TEMPLATES = ("compare_boundary.md", "compare_boundary.html")

STEM = "compare_boundary"


def build(tests: Sequence[tuple[str, Artefact]]) -> CompareBoundary:
    """Set boundary tests side by side.

    A test is compared with the first one before it that shares a pair with it, so the baseline's come first.

    Args:
        tests: (name of the run, artefact).

    Raises:
        InputError: no two tests share a pair.
    """
    runs = [Side.of(name, artefact) for name, artefact in tests]
    couples = [
        couple for place, run in enumerate(runs) if (couple := _with_reference(run, runs[:place])) is not None
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
        verdicts=[sentence(difference) for difference in differences],
        notices=_notices(runs, couples),
        level=boundary_analysis.LEVEL,
        runs=[_run(run) for run in runs],
        differences=differences,
        by_boundary=_table(split) if len(split) > len(couples) else [],
        alone=[run.name for run in runs if run.name not in involved],
    )


def _with_reference(run: Side, earlier: Sequence[Side]) -> Compared | None:
    for reference in earlier:
        if shared := [key for key in reference.pairs() if key in run.pairs()]:
            return Compared(reference, run, shared)
    return None


def sentence(row: Difference) -> str:
    """Better, worse, or cannot tell; by how much, and what would decide."""
    if row.difference.value is None:
        return f"{row.run} and {row.reference}: nothing was decided by both in both orders."
    verdict = row.verdict.replace("_", " ")
    more = f"; about {count(row.needed)} more comparisons of each would decide" if row.needed else ""
    return (
        f"{row.run}: {verdict}; the higher grade wins {percent(row.rate)} against {percent(row.reference_rate)} "
        f"of {row.reference}: {points(row.difference)} points, {shown_p(row.p_adjusted)}{more}."
    )


def points(value: Estimate) -> str:
    """A difference of shares in percentage points, with its interval: "+31 (+17 to +45)"."""
    if value.value is None:
        return NOT_AVAILABLE
    text = signed(100 * value.value, 0)
    if value.interval is None:
        return text
    return f"{text} ({signed(100 * value.interval.low, 0)} to {signed(100 * value.interval.high, 0)})"


def render_pages(comparison: CompareBoundary, artefacts: Sequence[Artefact]) -> dict[str, str]:
    """The text of every file, by its path under reports/: Markdown, HTML page, plots."""
    prompts: dict[str, tuple[str, PromptText]] = {}
    for artefact in artefacts:
        for title, prompt in (
            ("System prompt", artefact.metadata.system_prompt),
            ("Judge rubric", artefact.metadata.rubric),
        ):
            if prompt is not None:
                prompts.setdefault(prompt.sha256, (title, prompt))
    drawn = plots(comparison)
    values = {
        "comparison": comparison,
        "tables": [("All shared pairs", comparison.differences), ("By boundary", comparison.by_boundary)],
        "points": points,
        "plots": drawn,
        "plot_folder": f"plots/{STEM}",
        "prompts": list(prompts.values()),
    }
    files = render_all(TEMPLATES, STEM, **values)
    return files | {f"plots/{STEM}/{key}.svg": standalone(drawing) for key, drawing in drawn.items()}


def plots(comparison: CompareBoundary) -> dict[str, Drawing]:
    """The differences from the reference, and the win rate of each run."""
    found = {
        "differences": rates.draw(
            "differences",
            "Difference in win rate from the reference",
            "A variant that tells the grades apart better lies to the right of the dashed line, with all of its "
            "interval.",
            [
                rates.Row(
                    f"{row.run} {'/'.join(row.boundary)}" if row.boundary else row.run,
                    row.difference,
                    f"{row.run} and {row.reference}: {points(row.difference)} points",
                    row.boundary is None,
                    row.verdict == "worse",
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
                rates.Row(run.name, run.corrected, f"{run.name}: {rate(run.corrected)}")
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


def _table(couples: Sequence[Compared]) -> list[Difference]:
    found = adjust([difference(couple) for couple in couples])
    return [
        Difference(
            run=couple.run.name,
            reference=couple.reference.name,
            boundary=couple.boundary,
            pairs=len(couple.shared),
            comparisons=one.comparisons,
            differing=one.differing,
            rate=one.variant,
            reference_rate=one.baseline,
            difference=Estimate(value=one.difference, interval=interval(one.interval)),
            p_value=one.p_value,
            p_adjusted=one.p_adjusted,
            verdict=one.verdict.value,
            needed=None if couple.deterministic else one.needed,
        )
        for one, couple in zip(found, couples, strict=True)
    ]


def _run(run: Side) -> ComparedRun:
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


def _notices(runs: Sequence[Side], couples: Sequence[Compared]) -> list[Notice]:
    partial = [run.name for run in runs if run.data.missing]
    fixed = [run.name for run in runs if run.data.deterministic]
    stopped = [run.name for run in runs if run.data.skipped]
    unequal = [
        f"{couple.run.name} and {couple.reference.name}"
        for couple in couples
        if not len(couple.shared) == len(couple.reference.pairs()) == len(couple.run.pairs())
    ]
    found = (
        ("missing verdicts", partial, "Some listed comparisons of {} were never answered."),
        (
            "deterministic",
            fixed,
            "Repeats of a deterministic judge carry no information ({}): it is compared pair by pair, and few "
            "pairs cannot decide. More anchors would.",
        ),
        (
            "early stopping",
            stopped,
            "Pairs of {} were stopped early: only as many comparisons as both have are set side by side, and "
            "the p-value is a description.",
        ),
        ("other pairs", unequal, "Not the same pairs: {}. Only shared pairs are compared."),
    )
    return [Notice(code=code, text=text.format(", ".join(names))) for code, names, text in found if names]
