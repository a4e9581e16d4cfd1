"""From build/compare.json's numbers to the pages that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from eng5.contracts.analysis import Metric
from eng5.contracts.artefact import Artefact, PromptText
from eng5.contracts.compare import Cell, Compare, ComparedVariant, Direction, Flips, Opinion, SplitPair
from eng5.contracts.drawing import Drawing
from eng5.pages.rendering import NOT_AVAILABLE, Kind, breakable, number, or_missing
from eng5.plots import forest
from eng5.plots.plot import drawings
from eng5.reports.essay_texts import EssayTexts
from eng5.reports.frame import page_files, prompts, terms
from eng5.reports.spending import cost
from eng5.reports.variants import certainty, figures, sentences
from eng5.reports.variants.read_flips import RUN, flipped_pairs

CONTENTS = (
    ("leaderboard", "Leaderboard"),
    ("differences", "Every two variants"),
    ("changes", "What was changed"),
    ("flips", "Flipped pairs"),
    ("experts", "The experts"),
    ("noise", "Noise"),
    ("holdout", "Held-out anchors"),
    ("method", "Method and prompts"),
)
SHORTEST_TIME = 0.1


def build(
    compared: Compare,
    artefacts: Mapping[str, Sequence[tuple[str, Artefact]]],
    texts: EssayTexts | None = None,
) -> dict[str, str]:
    """The text of every file, by its path under reports/: Markdown, HTML page, plots.

    Args:
        compared: every number.
        artefacts: of each run of each variant, by the variant's name.
        texts: of the essays, as far as they may be shown.
    """
    reading, href = flipped_pairs(compared, artefacts, texts or {})
    drawn = plots(compared)
    by_name = {each.name: each for each in compared.variants}
    ranked = [by_name[place.variant] for place in compared.leaderboard.places]
    values = {
        "compared": compared,
        "run": {"name": RUN, "language": artefacts[compared.baseline][0][1].metadata.language},
        "href": href,
        **({"reading": reading} if compared.split else {}),
        "board": compared.leaderboard,
        "other_judges": len({each.judge.name for each in ranked}) > 1,
        "other_pairs": len({each.figures.pairs for each in ranked}) > 1,
        "ranked": list(zip(compared.leaderboard.places, ranked, strict=True)),
        "versus": certainty.matrix(compared, [each.name for each in ranked]),
        "certainty": partial(certainty.against_baseline, compared),
        "legend": certainty.LEGEND,
        "links": (("All runs", "index.html"), ("History", "history.html")),
        "terms": terms(compared.variants[0].figures.metrics),
        "from_baseline": {
            each.name: [
                one
                for one in compared.differences
                if (one.reference, one.variant) == (compared.baseline, each.name)
            ]
            for each in ranked
        },
        "grades_of": grades_of,
        "baseline": compared.variants[0],
        "others": compared.variants[1:],
        "contents": [one for one in CONTENTS if one[0] != "experts" or compared.experts is not None],
        "metric_heads": _heads(compared.variants[0].figures.metrics),
        "holdout_heads": _heads(compared.holdout.variants[0].metrics) if compared.holdout else [],
        "held_out_grades": [(one.name, grade) for one in compared.holdout.variants for grade in one.grades]
        if compared.holdout
        else [],
        "ranked_heads": [(breakable(each.name), True) for each in ranked],
        "change_words": change_words,
        "variant_heads": [(breakable(each.name), False) for each in compared.variants],
        "deciding": compared.variants[0].figures.metric(compared.decided_by),
        "zero_wins_note": _zero_wins_note(compared.variants[0].figures.metric("zero_win_anchors")),
        "prompts": _prompts(artefacts),
        "change": sentences.change,
        "distance": sentences.distance,
        "span_of": sentences.span,
        "advice": sentences.advice,
        "error_of": error_of,
        "cell_text": cell_text,
        "opinion_line": opinion_line,
        "usd": cost,
        "usd_a_run": lambda figures: cost(
            None if figures.total_usd is None else figures.total_usd / len(figures.runs)
        ),
        "duration": duration,
    }
    return page_files(("compare.md", "compare.html"), "compare", drawn, **values)


def plots(compared: Compare) -> dict[str, Drawing]:
    """A forest plot for each metric that has a difference, by the metric's name."""
    found = {}
    for name in figures.PAIRED:
        rows = [one for one in compared.differences if one.metric == name]
        found[name] = forest.draw(compared.baseline, rows)
    return drawings(found)


def cell_text(pair: SplitPair, cell: Cell) -> str:
    """What a variant says of a pair: right, wrong, even; of equal grades, who won."""
    if not cell.higher_wins + cell.lower_wins + cell.ties:
        return "n/a"
    words = {1: "right", -1: "wrong", 0: "even"}
    if not pair.graded:
        words = {1: pair.higher_name, -1: pair.lower_name, 0: "even"}
    times = cell.higher_wins + cell.lower_wins + cell.ties
    counts = f" {cell.higher_wins}–{cell.lower_wins}" if times > 1 else ""
    return f"{words[cell.net]}{counts}"


def opinion_line(opinion: Opinion) -> str:
    """Which verdict it is, and what was shown how."""
    won = "tie" if opinion.winner_name is None else f"{opinion.winner_name} won"
    sure = or_missing(None if opinion.confidence is None else number(opinion.confidence, 1))
    return (
        f"{opinion.run} #{opinion.sequence} · {opinion.first_name} shown first, {opinion.second_name} second · "
        f"{won} · confidence {sure}"
    )


def error_of(value: float | None, kind: Kind) -> str:
    """A standard error; shares in percentage points."""
    if value is None:
        return "n/a"
    return f"{100 * value:.1f} points" if kind == "share" else f"{value:.3f}"


def duration(seconds: float | None) -> str:
    """How long an answer took."""
    if seconds is None:
        return NOT_AVAILABLE
    return f"< {SHORTEST_TIME} s" if seconds < SHORTEST_TIME else f"{number(seconds, 1)} s"


def change_words(variant: ComparedVariant) -> str:
    """Which of its prompts is another than the baseline's."""
    if not variant.changes:
        return "another judge, without prompts"
    changed = [f"another {diff.what}" for diff in variant.changes if not diff.same]
    return " and ".join(changed) or "the same prompts"


def grades_of(flips: Flips, direction: Direction) -> list[tuple[str, int]]:
    """Grades in words, and how many of their pairs flipped in this direction."""
    return [
        (f"{or_missing(group.higher_grade)} : {or_missing(group.lower_grade)}", len(group.pairs))
        for group in flips.by_grade
        if group.direction == direction
    ]


def _zero_wins_note(metric: Metric) -> str | None:
    """That a target of 0 is out of reach where even a perfect order leaves an anchor without a win."""
    if metric.note is None:
        return None
    return f"Zero-win anchors: {metric.note}, for the last anchor of a complete round-robin beats nobody."


def _heads(metrics: Sequence[Metric]) -> list[tuple[str, bool]]:
    """Heads of columns of numbers; A/B inversions stand among the differences, and here as A/B regression."""
    return [(metric.label, True) for metric in metrics if metric.name != "ab_inversions"]


def _prompts(
    artefacts: Mapping[str, Sequence[tuple[str, Artefact]]],
) -> list[tuple[str, PromptText, list[str]]]:
    """Every prompt once: what it is, its text, and the variants that use it."""
    found: dict[str, tuple[str, PromptText, list[str]]] = {}
    for variant, runs in artefacts.items():
        for title, text in prompts(runs[0][1]):
            if text is not None:
                found.setdefault(f"{title} {text.sha256}", (title, text, []))[2].append(variant)
    return list(found.values())
