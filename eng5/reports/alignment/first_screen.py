"""What an anchor alignment report says first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from eng5.contracts.analysis import Analysis, Metric, PairResult
from eng5.pages.rendering import count, number, percent, plural, span
from eng5.reports.first_screen import MOST_LINKS, FirstScreen, Step, pair_links, reaches, without_verdict

BY_COMPARISON = "doit compare says whether it does better"
LEVEL = 0.95
"""Of the intervals of tau."""
SIDES = {True: "reaches", False: "misses"}


def build(analysis: Analysis, href: Callable[..., str]) -> FirstScreen:
    """`href` gives the address of one essay's pairs, or of a pair, by essay ids."""
    steps = list(_steps(analysis, href)) or [Step(f"Try another prompt: {BY_COMPARISON}.")]
    return FirstScreen.of(_asked(analysis), _answer(analysis), steps)


def _asked(analysis: Analysis) -> str:
    run, counts = analysis.run, analysis.counts
    told = [prompt.path.removeprefix("inputs/") for prompt in (run.system_prompt, run.rubric) if prompt]
    prompts = f" with {' and '.join(told)}" if told else ""
    return (
        f"Does {run.judge.name}{prompts} put {plural(counts.essays, 'anchor')} in the order of the experts' grades? "
        f"{plural(counts.comparisons, 'comparison')} of {plural(counts.possible_pairs, 'pair')}."
    )


def _answer(analysis: Analysis) -> str:
    """The headline figure, what it would be again, and what that says about its target."""
    if not analysis.counts.decided:
        return "Nothing can be said: no comparison was decided."
    tau = analysis.metric("kendall_tau")
    so_far = (
        "So far, " if {notice.code for notice in analysis.notices} & {"batch failed", "partial data"} else ""
    )
    if tau.value is None:
        return f"Nothing can be said of the order: {tau.note or 'no two anchors of different grades were decided'}."
    if analysis.reliability is not None and analysis.reliability.reliable is False:
        return (
            f"The judge cannot be told from a coin: its scores are no more reliable than a coin's on the same pairs "
            f"(Kendall's tau {number(tau.value)})."
        )
    return f"{so_far}Kendall's tau with the experts is {number(tau.value)}{_again(tau)}{_certainty(tau)}."


def _again(tau: Metric) -> str:
    parts = []
    if tau.interval is not None:
        parts.append(f"{span(tau.interval)} on these pairs")
    if tau.other_essays is not None:
        parts.append(f"{span(tau.other_essays)} on essays like these")
    return f" (to be expected of this judge: {', '.join(parts)})" if parts else ""


def _certainty(tau: Metric) -> str:
    if tau.target is None or tau.target.bound != "min":
        return ""
    limit = tau.target.limit
    again, others = reaches(tau.interval, limit), reaches(tau.other_essays, limit)
    aim = f"the target of {number(limit)}"
    if again is None:
        return f": asked again, it may reach {aim} or miss it"
    there = {True: "it would reach it", False: "it would miss it", None: "that is open"}[others]
    if others == again:
        there = "too"
    return f": it {SIDES[again]} {aim} with {percent(LEVEL)} certainty on these pairs, and on other essays {there}"


def _steps(analysis: Analysis, href: Callable[..., str]) -> Iterator[Step]:
    counts, codes = analysis.counts, {notice.code for notice in analysis.notices}
    lost = counts.failed + counts.missing
    if lost and codes & {"batch failed", "partial data", "no verdicts", "missing verdicts", "failed"}:
        yield without_verdict(lost, counts.comparisons + counts.missing, analysis)
    elif counts.ties and not counts.decided:
        yield Step(
            f"The judge called {'it' if counts.ties == 1 else f'all {count(counts.ties)}'} a tie: let the prompt ask "
            "for a winner, or set allow_ties = false."
        )
    if "addresses the judge" in codes:
        yield Step("Read the essays that seem to speak to the judge, which are named above.")
    if analysis.reliability is not None and analysis.reliability.reliable is False:
        yield Step(
            "Try another model or another prompt: the verdicts of this one on single pairs are chance."
        )
    tau = analysis.metric("kendall_tau")
    if tau.interval is not None and tau.interval.high < 0:
        yield Step(
            "The judge's order runs against the experts': see that grade_scale names the lowest grade first, and that "
            "the prompt asks for the better essay."
        )
    if "position bias" in codes and (bias := analysis.position) is not None:
        yield Step(
            f"This judge minds the order: the essay shown first won {percent(bias.first_share.value)}. Say in the "
            "prompt that the order means nothing, ask every pair in both orders, and read what it said of pairs that "
            "the order decided.",
            tuple(
                (f"{flip.one_name} and {flip.other_name}", href(flip.one_id, flip.other_id))
                for flip in bias.flips[:MOST_LINKS]
            ),
        )
    if (panel := analysis.panel) is not None and panel.best is not None:
        yield Step(
            f"Hold the panel against {panel.best}, its best member: "
            + ("it is better for other essays." if panel.beats_best else "that it is better is not shown."),
            (("The panel of variants", "#panel"),),
        )
    if pairs := _telling(analysis):
        yield Step(
            "Read the pairs in which the lower grade won, those first that it would win again.",
            pair_links(pairs, href),
        )
    wrong = [each for each in analysis.ruler.predictions if each.looks_wrong] if analysis.ruler else []
    if wrong:
        yield Step(
            "Ask the graders about anchors whose grade looks wrong: by its verdicts, the judge sees another one.",
            tuple(
                (f"{each.name} ({each.grade}, judged {each.predicted_grade})", href(each.essay_id))
                for each in wrong[:MOST_LINKS]
            ),
        )
    yield from _certainty_of(tau)
    if not lost and analysis.status == "met":
        yield Step(
            "Hold it against another prompt with doit compare, or place students with it: eng5 --mode execute."
        )


def _certainty_of(tau: Metric) -> Iterator[Step]:
    """What would show whether the headline figure reaches its target, where that is open."""
    if tau.more is None or tau.more.decides is None:
        return
    if tau.more.side == "out of reach":
        yield Step(
            f"{tau.label} lies so near its target that more data would not show on which side: try another prompt "
            f"({BY_COMPARISON})."
        )
    elif tau.more.side == "open":
        decides = tau.more.decides
        yield Step(
            f"For certainty about {tau.label}: {decides[0].lower()}{decides[1:]}",
            (("What more would tell", "#more"),),
        )


def _telling(analysis: Analysis) -> list[PairResult]:
    """Inversions, those first that the judge would repeat and that lie far apart."""
    return sorted(analysis.inversions, key=lambda pair: -(pair.mostly or pair.probability or 0.0))
