"""60 and the artefact → the reports that people read, and 70, which names them."""

from __future__ import annotations

from collections.abc import Mapping

from eng5.contracts.analysis import LARGEST_MATRIX, Analysis, EssayRow, GradePair
from eng5.contracts.artefact import Artefact
from eng5.contracts.drawing import Drawing
from eng5.contracts.own import Interval
from eng5.pages.rendering import count, method, number, ranks
from eng5.paths import RunnerPaths
from eng5.plots import confidence, position, rank, score, tau, win_matrix
from eng5.plots.plot import Plot, drawings
from eng5.reports import spending
from eng5.reports.alignment import first_screen, matrix
from eng5.reports.alignment.grade_matrix import MOST_GROUPS
from eng5.reports.alignment.listed import shortened
from eng5.reports.around import NOTHING, Around
from eng5.reports.failures import answer_facts
from eng5.reports.frame import Said, run_files, said, terms, write_report
from eng5.reports.read_pair import PageEssay, href_of

CONTENTS = (
    ("agreement", "Agreement"),
    ("anchors", "Anchors"),
    ("inversions", "Inversions"),
    ("reliability", "Reliability"),
    ("ruler", "Anchors as a ruler"),
    ("position", "Position bias"),
    ("calibration", "Confidence"),
    ("method", "Data and method"),
    ("prompts", "Prompts"),
)


def build(
    artefact: Artefact, analysis: Analysis, drawn: Mapping[str, Drawing], around: Around = NOTHING
) -> dict[str, str]:
    """The text of every file, by its path under reports/: Markdown, HTML page, and the plots of the analysis."""
    contested = len(analysis.contested)
    analysis, left_out = shortened(analysis)
    verdicts = _verdicts(artefact, analysis)
    essays = [
        PageEssay(essay.essay_id, essay.name, essay.grade, essay.level, _about(essay))
        for essay in analysis.essays
    ]
    href = href_of(essays)
    lower = list(dict.fromkeys(pair.lower_grade for pair in analysis.grade_pairs))
    many = len(lower) > MOST_GROUPS
    return run_files(
        ("anchor_align.md", "anchor_align.html"),
        artefact,
        analysis,
        drawn,
        around,
        essays,
        verdicts,
        grade_columns=[(grade, True) for grade in lower],
        grade_rows=_grade_rows(analysis, lower),
        grade_neighbours=_grade_neighbours(analysis) if many else [],
        left_out=left_out,
        contested=contested,
        more=[metric for metric in analysis.metrics if metric.more is not None],
        contents=[*CONTENTS[:3], *_of_people(analysis), *CONTENTS[3:]],
        facts=_facts(analysis),
        verdicts=verdicts,
        href=href,
        matrix=matrix.build(analysis),
        screen=first_screen.build(analysis, href),
        terms=terms(analysis.metrics),
        unfolded=len(analysis.essays) <= LARGEST_MATRIX,
    )


def _of_people(analysis: Analysis) -> list[tuple[str, str]]:
    """The sections about several judges and about experts that the page has."""
    sections = (
        ("dispute", "Doubtful pairs", analysis.dispute),
        ("panel", "The panel of variants", analysis.panel),
        ("judges", "Judges", analysis.judges),
        ("with-prior", "With a judge's help", analysis.with_prior),
        ("beside-experts", "Beside experts", analysis.beside_experts),
    )
    return [(anchor, title) for anchor, title, there in sections if there]


def figures(analysis: Analysis) -> dict[str, Plot | None]:
    """The plots by name; None of those that the analysis has no data for."""
    inverted = {essay for pair in analysis.inversions for essay in (pair.higher_id, pair.lower_id)}
    bias = analysis.position
    return {
        "score": score.draw(analysis.essays, inverted),
        "rank": rank.draw(analysis.essays),
        "win_matrix": win_matrix.draw(analysis.essays, analysis.win_matrix),
        "tau": tau.draw(analysis.metric("kendall_tau")),
        "position": None if bias is None else position.draw(bias.by_gap),
        "calibration": confidence.draw(analysis.calibration),
    }


def plots(analysis: Analysis) -> dict[str, Drawing]:
    """The plots that the analysis has data for, by name."""
    return drawings(figures(analysis))


def _about(essay: EssayRow) -> str:
    """What is known of an essay, below its name."""
    judged, expected = ranks(essay.rank, essay.rank_last), essay.expected_rank_first
    return (
        f"Rank {judged} by the judge, {ranks(expected, essay.expected_rank_last)} by the experts · "
        f"score {number(essay.score)} · {essay.wins} won, {essay.losses} lost"
    )


def _grade_rows(analysis: Analysis, lower: list[str]) -> list[tuple[str, list[float | None]]]:
    """A row for each higher grade, a probability for each of the lower grades below it."""
    known = {(pair.higher_grade, pair.lower_grade): pair.probability for pair in analysis.grade_pairs}
    higher = dict.fromkeys(pair.higher_grade for pair in analysis.grade_pairs)
    return [(grade, [known.get((grade, other)) for other in lower]) for grade in higher]


def _grade_neighbours(analysis: Analysis) -> list[GradePair]:
    """Each grade and the next lower one, for scales of more grades than a table has columns."""
    return list({pair.higher_grade: pair for pair in analysis.grade_pairs[::-1]}.values())[::-1]


def _facts(analysis: Analysis) -> list[tuple[str, str]]:
    counts, run = analysis.counts, analysis.run
    facts = [
        ("Pairs with a winner", f"{count(counts.judged_pairs)} of {count(counts.possible_pairs)}"),
        ("Comparisons", count(counts.comparisons)),
        ("Decided", count(counts.decided)),
        ("Ties", count(counts.ties)),
        ("Failed", count(counts.failed)),
        ("Asked for and never answered", count(counts.missing)),
        *spending.facts(run),
        *answer_facts(run),
    ]
    if analysis.baseline is not None:
        facts.append(("A/B regression counted against", analysis.baseline.run))
    if analysis.fit is not None:
        fit = analysis.fit
        facts += [
            ("Bradley–Terry", f"{fit.method}; {'converged' if fit.converged else 'not converged'} after "
             f"{fit.iterations} iterations, gradient {fit.gradient_norm:.0e}"),
            ("Without a win", ", ".join(fit.no_wins) or "none"),
            ("Without a loss", ", ".join(fit.no_losses) or "none"),
        ]  # fmt: skip
    found = _intervals(analysis)
    facts += [(f"Interval of {name}", method(interval)) for name, interval in found if interval is not None]
    return facts


def _intervals(analysis: Analysis) -> list[tuple[str, Interval | None]]:
    """Every kind of interval in the report; one stands for all of its kind."""
    found = [(f"{metric.label}, these pairs", metric.interval) for metric in analysis.metrics]
    found += [(f"{metric.label}, essays like these", metric.other_essays) for metric in analysis.metrics]
    for essay in analysis.essays[:1]:
        found += [
            ("scores", essay.score_interval),
            ("win rates", essay.win_rate.interval),
        ]
    if (reliable := analysis.reliability) is not None:
        found.append(("scale separation reliability", reliable.separation_reliability.interval))
    if (ruler := analysis.ruler) is not None:
        found += [("grade boundaries", boundary.position.interval) for boundary in ruler.boundaries[:1]]
        found += [("predicted grades", prediction.predicted.interval) for prediction in ruler.predictions[:1]]
        found += [
            ("weighted kappa", ruler.weighted_kappa.interval),
            ("exact and adjacent agreement", ruler.exact_agreement.interval),
        ]
    if (bias := analysis.position) is not None:
        found += [("wins of the first place", bias.first_share.interval), ("η", bias.eta.interval)]
    if (stated := analysis.calibration) is not None:
        found += [("share right by confidence", level.share.interval) for level in stated.bins[:1]]
        found.append(("mean confidence", stated.mean_confidence.interval))
    return found


def _verdicts(artefact: Artefact, analysis: Analysis) -> Said:
    """The judge's words on every pair that a report opens."""
    flips = [] if analysis.position is None else analysis.position.flips
    opened = [pair.verdicts for pair in (*analysis.inversions, *analysis.contested)]
    opened += [flip.verdicts for flip in flips]
    return said(artefact, analysis.essays, {number for numbers in opened for number in numbers})


def run(paths: RunnerPaths) -> None:
    """50 and 60 → the pages and 70."""
    write_report(paths, Analysis, plots, build)
