"""What an analysis answers on a card: a section for each question, and nothing worked out anew."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import Analysis, Metric
from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.card import CardFigure, CardSection
from eng5.contracts.own import Estimate, with_fields_of
from eng5.pages.rendering import Kind, count, estimate, number, percent, shown, span

AGREEMENT = (
    "kendall_tau",
    "direct_inversions",
    "inversion_rate",
    "excess_inversions",
    "zero_win_anchors",
    "excess_zero_wins",
    "ab_regression",
)
NO_VERDICT = "no comparison was decided"
SIDE = "Does it matter which essay is shown first?"
LONGER = "Do longer essays get more than their grade?"
AGAIN = "Would the judge say the same again?"
AS_SURE = "Is the judge as often right as it says?"


def of_alignment(artefact: Artefact, analysis: Analysis) -> list[CardSection]:
    """Of an alignment run."""
    return [
        _agreement(analysis),
        _ceiling(analysis),
        _position(artefact, analysis),
        _length(analysis),
        _reliability(analysis),
        _confidence(analysis),
    ]


def of_boundary(analysis: BoundaryAnalysis) -> list[CardSection]:
    """Of a boundary test; few pairs leave some questions open."""
    overall, stated = analysis.overall, analysis.overall.confidence
    told = [("corrected", "Wins of the higher grade, corrected for position", overall)]
    for one in analysis.boundaries if len(analysis.boundaries) > 1 else []:
        name = f"{one.higher_grade}/{one.lower_grade}"
        told.append((f"corrected_{name}", f"The same at {name}", one.figures))
    agreement = [
        _figure(name, label, of.corrected, "share", others=of.essays or Estimate())
        for name, label, of in told
    ]
    first, coin, balanced = overall.position_balanced.value, overall.agreement_coin, overall.position_balanced
    sides = [
        _figure("position", "Wins of Essay A", overall.position, "share"),
        _figure("position_balanced", "The same with both orders weighing the same", balanced, "share"),
        _figure("swap_consistency", "Pairs with the same winner in both orders", overall.swap_pairs, "share"),
    ]
    which = (
        None
        if first is None
        else f"The essay shown first wins {percent(first)}, both orders weighing the same."
    )
    by_coin = None if coin is None else f"a coin: {percent(coin)}"
    majority = "Verdicts that agree with the majority of their pair"
    repeats = (
        "Every repeat brought the same verdict." if analysis.deterministic else "Repeats do not always agree."
    )
    no_second = "a boundary test has no second grader"
    found = [
        _section("agreement", "Does the judge tell the grades apart?", analysis.verdict, agreement),
        _unknown("human ceiling", "How well do graders agree with each other?", no_second),
        _section("position", SIDE, which, sides),
        _unknown("length", LONGER, "a boundary test has too few pairs to tell"),
        _section(
            "reliability",
            AGAIN,
            repeats,
            [_figure("agreement", majority, overall.agreement, "share", by_coin)],
        ),
    ]
    if stated.value is None:
        return [*found, _unknown("confidence", AS_SURE, "no verdict states a confidence")]
    note = f"of {count(overall.decided)} decided comparisons"
    mean = _figure("mean_confidence", "Mean stated confidence, 1 to 5", stated, note=note)
    return [*found, _section("confidence", "How sure does the judge say that it is?", None, [mean])]


def _agreement(analysis: Analysis) -> CardSection:
    topic, question = "agreement", "Does the judge order essays as the graders do?"
    known = {metric.name: metric for metric in analysis.metrics if metric.name in AGREEMENT}
    tau = known["kendall_tau"]
    if all(metric.value is None for metric in known.values()):
        not_graded = "no essays of different known grades were compared"
        return _unknown(topic, question, not_graded if analysis.counts.decided else NO_VERDICT)
    found = [_of_metric(known[name]) for name in AGREEMENT if name in known]
    if (ruler := analysis.ruler) is not None:
        kappa = "Quadratic weighted kappa of grades read off the other anchors"
        found += [
            _over_essays("weighted_kappa", kappa, ruler.weighted_kappa),
            _over_essays("exact_agreement", "Exact grade", ruler.exact_agreement, "share"),
            _over_essays("adjacent_agreement", "Within one grade", ruler.adjacent_agreement, "share"),
        ]
    if tau.value is None:
        answer = f"Kendall's tau is not known: {tau.note or 'the scores have no order'}."
    elif tau.other_essays is None:
        answer = f"Kendall's tau is {estimate(tau)} on these pairs; too few anchors to speak of other essays."
    else:
        answer = f"Kendall's tau is {estimate(tau)} on these pairs, {span(tau.other_essays)} for essays like these."
    return _section(topic, question, answer, found)


def _ceiling(analysis: Analysis) -> CardSection:
    topic = "human ceiling"
    question = "How well do graders agree with each other, and is the judge as good as one of them?"
    found, said = list[CardFigure](), list[str]()
    if (ceiling := analysis.ceiling) is not None:
        less = "The same with the graders' error taken out"
        found += [
            _over_essays("krippendorff_alpha", "Krippendorff's alpha of the grades", ceiling.alpha),
            _over_essays("graders_kappa", "Quadratic weighted kappa of two graders", ceiling.kappa),
            _over_essays("tau_with_graders", "Kendall's tau of the judge with their median", ceiling.tau),
            _over_essays("tau_without_error", less, ceiling.tau_without_error),
        ]
        said.append(ceiling.sentence)
    if (beside := analysis.beside_experts) is not None:
        same = "Verdicts of two experts are the same"
        found += [
            _over_essays(
                "with_experts", "A verdict of the judge is an expert's", beside.with_experts, "share"
            ),
            _over_essays("among_experts", same, beside.among_experts, "share"),
        ]
        said.append(beside.sentence)
    elif (experts := analysis.experts) is not None:
        same = "Verdicts of two judges are the same"
        found.append(_over_essays("experts_agreement", same, experts.agreement, "share"))
        said.append(experts.sentence)
    if not found:
        why = "no second grader of these essays; grades of two or more would tell"
        return _unknown(topic, question, why)
    return _section(topic, question, " ".join(said), found)


def _position(artefact: Artefact, analysis: Analysis) -> CardSection:
    bias = analysis.position
    if bias is None:
        imported = artefact.metadata.imported
        no_sides = "the imported file does not say which text lay on the left"
        return _unknown("position", SIDE, no_sides if imported and not imported.positions else NO_VERDICT)
    said = _leaning(
        bias.eta,
        "It is not known.",
        neither="No advantage of a side was found; the interval says how large it may be.",
        above="Yes: it prefers the essay shown first.",
        below="Yes: it prefers the essay shown second.",
    )
    figures = [
        _figure("first_share", "Wins of the essay shown first", bias.first_share, "share"),
        _figure("eta", "Advantage of the first place among equals, logits", bias.eta),
        _figure("consistency", "Same winner in both orders", bias.consistency, "share"),
    ]
    return _section("position", SIDE, said, figures)


def _leaning(found: Estimate, unknown: str, *, neither: str, above: str, below: str) -> str:
    """Which sentence holds of a figure that is 0 where there is no bias."""
    ends = found.interval
    if ends is None:
        return unknown
    return above if ends.low > 0 else below if ends.high < 0 else neither


def _length(analysis: Analysis) -> CardSection:
    bias = analysis.length
    if bias is None:
        why = "no decided comparison of texts of different length is in the analysis"
        return _unknown("length", LONGER, why)
    said = _leaning(
        bias.tendency,
        "Too few graded essays to tell.",
        neither="No tendency beyond the grade was found; the interval says how large it may be.",
        above="Yes: longer essays are placed higher than their grade.",
        below="Yes: shorter essays are placed higher than their grade.",
    )
    graded = bias.longer_graded_higher
    note = f"of {count(bias.compared)} comparisons"
    if graded is not None:
        note += f"; the graders put it higher in {percent(graded)} of those with different grades"
    tendency = "Length and place beyond the grade, Kendall's tau"
    figures = [
        _over_essays("length_tendency", tendency, bias.tendency),
        _figure("longer_won", "Wins of the longer essay", bias.longer_won, "share", note),
    ]
    return _section("length", LONGER, said, figures)


def _reliability(analysis: Analysis) -> CardSection:
    known = analysis.reliability
    if known is None:
        return _unknown("reliability", AGAIN, NO_VERDICT)
    found = [_figure("separation_reliability", "Scale separation reliability", known.separation_reliability)]
    if known.repeated_pairs:
        asked, coin = f"of {count(known.repeated_pairs)} pairs", percent(known.agreement_coin)
        note = f"{asked} that were asked more than once; a coin: {coin}"
        majority, share = (
            "Repeats that agree with the majority of their pair",
            Estimate(value=known.agreement),
        )
        found.append(_figure("agreement", majority, share, "share", note))
    if (half := known.split_half) is not None:
        note = f"95 % of the splits: {number(half.low)} to {number(half.high)}"
        halves = Estimate(value=half.correlation)
        found.append(_figure("split_half", "Correlation of two random halves", halves, note=note))
    said = {
        True: "The scores are more reliable than a coin's.",
        False: "The scores are not more reliable than a coin's.",
        None: "There are too few essays on one scale to say how reliable the scores are.",
    }[known.reliable]
    if analysis.evidence is not None:
        said += f" {analysis.evidence.repeats}"
    return _section("reliability", AGAIN, said, found)


def _confidence(analysis: Analysis) -> CardSection:
    stated = analysis.calibration
    if stated is None or not stated.count:
        return _unknown("confidence", AS_SURE, "no verdict between different grades states a confidence")
    said, over = None, stated.overconfidence
    if over is not None:
        points = f"{abs(round(100 * over))} points {'more' if over > 0 else 'less'}"
        said = f"It claims to be right {points} often than it is."
    error, note = (
        Estimate(value=stated.expected_error),
        f"by chance alone: {number(stated.expected_error_if_calibrated)}",
    )
    figures = [
        _figure("expected_calibration_error", "Expected calibration error", error, note=note),
        _figure("mean_confidence", "Mean stated confidence, 1 to 5", stated.mean_confidence),
    ]
    return _section("confidence", AS_SURE, said, figures)


def _of_metric(metric: Metric) -> CardFigure:
    target = None
    if metric.target is not None:
        sign = "at most" if metric.target.bound == "max" else "at least"
        status = {"met": "met", "missed": "missed", "unknown": "not known"}[metric.target.status]
        target = f"{sign} {shown(metric.target.limit, metric.kind)}: {status}"
    return with_fields_of(metric, CardFigure, target=target)


def _over_essays(name: str, label: str, found: Estimate, kind: Kind = "ratio") -> CardFigure:
    """A figure whose interval is for other essays."""
    return _figure(name, label, Estimate(value=found.value), kind, others=found)


def _figure(
    name: str,
    label: str,
    found: Estimate,
    kind: Kind = "ratio",
    note: str | None = None,
    others: Estimate | None = None,
) -> CardFigure:
    of_others = others.interval if others else None
    return with_fields_of(
        found, CardFigure, name=name, label=label, kind=kind, note=note, other_essays=of_others
    )


def _section(topic: str, question: str, answer: str | None, figures: Sequence[CardFigure]) -> CardSection:
    said = {"topic": topic, "question": question, "answer": answer, "figures": figures}
    return CardSection.model_validate(said)


def _unknown(topic: str, question: str, why: str) -> CardSection:
    said = {"topic": topic, "question": question, "answer": None, "not_known": why}
    return CardSection.model_validate(said)
