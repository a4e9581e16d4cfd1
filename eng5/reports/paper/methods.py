"""What was done, in sentences with the run's own numbers; `[@key]` is a source of `references`."""

from __future__ import annotations

from collections.abc import Iterator

from eng5.contracts.analysis import Analysis, Metric
from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.own import Interval
from eng5.pages.rendering import count, estimate, number, p_value, percent, plural, shown, span

FIRST_OF_HASH = 12
STAND_IN = "This is the alternative annotator test [@calderon2025], adapted to pairs."


def of_alignment(artefact: Artefact, analysis: Analysis) -> list[str]:
    """The methods and figures of an alignment run."""
    return [
        *_judging(artefact, analysis),
        *_scores(analysis),
        *_agreement(analysis),
        *_reliability(analysis),
        *_position(analysis),
        *_graders(analysis),
        _versions(artefact),
    ]


def of_boundary(artefact: Artefact, analysis: BoundaryAnalysis) -> list[str]:
    """The methods and figures of a boundary test."""
    run, overall = analysis.run, analysis.overall
    most = max(pair.iterations for pair in analysis.pairs)
    boundaries = ", ".join(f"{one.higher_grade}/{one.lower_grade}" for one in analysis.boundaries)
    found = [
        f"In the boundary test {run.name}, {run.judge.name} compared {plural(overall.pairs, 'pair')} of essays across "
        f"{boundaries} on the scale {run.grade_scale}, each up to {plural(most, 'time')} in either order "
        f"({count(overall.decided)} decided, {plural(overall.ties, 'tie')}, {count(overall.failed)} failed).",
        *_prompts(artefact, analysis),
        f"The higher grade won {estimate(overall.corrected, 'share')} of the comparisons with both orders of every "
        f"pair weighing the same ({_level(overall.corrected.interval)} interval, "
        f"{_method(overall.corrected.interval)}).",
    ]
    if analysis.sequential is not None:
        found.append(
            f"A pair was no longer asked once its winner was known, at an error rate of {percent(analysis.sequential)}."
        )
    if overall.p_value is not None:
        several = len(analysis.boundaries) > 1
        holm = "; p-values of the boundaries are adjusted by Holm's method [@holm1979]" if several else ""
        found.append(f"Two-sided test against one half: p {_p(overall.p_value)}{holm}.")
    essays = overall.essays
    if essays is not None and essays.interval is not None:
        found.append(
            f"For other essays of these grades the rate is {estimate(essays, 'share')}, Student's t of the "
            f"dyadic-robust variance [@aronow2015], p {_p(essays.p_value)}."
        )
    found.append(
        f"Essay A, whatever its grade, won {estimate(overall.position, 'share')} (exact interval [@clopper1934])."
    )
    return [*found, _versions(artefact)]


def _judging(artefact: Artefact, analysis: Analysis) -> Iterator[str]:
    run, counts = analysis.run, analysis.counts
    grades = len({essay.grade for essay in analysis.essays if essay.grade is not None})
    essays = plural(counts.essays, "essay")
    if counts.graded:
        essays += f", {count(counts.graded)} of them with an expert grade"
        essays += f" ({grades} different grades of the scale {run.grade_scale})"
    who = run.judge.name + (f" ({run.judge.note})" if run.judge.note else "")
    yield (
        f"In the run {run.name} of {run.created_at:%Y-%m-%d}, {who} compared {essays}, in pairs: "
        f"{plural(counts.comparisons, 'comparison')}, {count(counts.judged_pairs)} of {count(counts.possible_pairs)} "
        f"pairs with a winner ({count(counts.decided)} decided, {plural(counts.ties, 'tie')}, {count(counts.failed)} "
        f"failed, {count(counts.missing)} never answered)."
    )
    imported = artefact.metadata.imported
    if imported is not None:
        digest = imported.sha256[:FIRST_OF_HASH]
        yield f"The comparisons were made with another tool and read from {imported.file} (SHA-256 {digest}…)."
    yield from _prompts(artefact, analysis)
    if analysis.evidence is not None:
        yield analysis.evidence.repeats


def _prompts(artefact: Artefact, analysis: Analysis | BoundaryAnalysis) -> Iterator[str]:
    about = artefact.metadata
    sent = [
        f"{role} {prompt.path} (SHA-256 {prompt.sha256[:FIRST_OF_HASH]}…)"
        for role, prompt in (("the system prompt", about.system_prompt), ("the rubric", about.rubric))
        if prompt is not None
    ]
    if sent:
        yield f"It was given {' and '.join(sent)}."
    elif analysis.run.judge.is_model:
        yield f"No prompt was sent: {analysis.run.judge.no_prompt} stood for it."
    names = ("temperature", "max_tokens", "reasoning_effort", "output_verbosity", "seed")
    settings = {name: getattr(about.judge, name) for name in names}
    given = [f"{name.replace('_', ' ')} {value}" for name, value in settings.items() if value is not None]
    if given:
        yield f"Settings: {', '.join(given)}."


def _scores(analysis: Analysis) -> Iterator[str]:
    if analysis.fit is None:
        return
    source = " [@firth1993]" if "Jeffreys" in analysis.fit.method else ""
    bias = (
        " and the advantage of the essay shown first"
        if analysis.position and analysis.position.in_scores
        else ""
    )
    yield (
        f"Scores are Bradley–Terry abilities{bias} [@bradley1952]: {analysis.fit.method}{source}; they converged in "
        f"{analysis.fit.iterations} iterations."
    )


def _agreement(analysis: Analysis) -> Iterator[str]:
    known = {metric.name: metric for metric in analysis.metrics}
    tau, inverted = known["kendall_tau"], known["direct_inversions"]
    if tau.value is not None:
        text = (
            f"Agreement with the order of the experts is Kendall's tau-b [@kendall1945]: {number(tau.value)}"
        )
        yield text + _readings(tau, "the delete-one-essay jackknife [@tukey1958; @arvesen1969]") + "."
    if inverted.value is not None:
        yield (
            f"In {shown(inverted.value, inverted.kind)} pairs the lower grade won more often than it lost"
            + _readings(inverted, "a dyadic-robust variance [@aronow2015]")
            + f" ({inverted.note})."
        )
    ruler = analysis.ruler
    if ruler is not None and ruler.weighted_kappa.value is not None:
        yield (
            "Grades read off a line through the other anchors agree with the experts' with a quadratic weighted kappa "
            f"[@cohen1968] of {estimate(ruler.weighted_kappa)}; {estimate(ruler.exact_agreement, 'share')} are exact."
        )
    if analysis.grade_estimates:
        yield (
            f"Grades of {count(len(analysis.grade_estimates))} essays of unknown grade have conformal intervals "
            f"(jackknife+) [@barber2021] at {percent(analysis.grade_estimates[0].level)}."
        )


def _readings(metric: Metric, others: str) -> str:
    """Both intervals of a figure, with their methods."""
    found = []
    if metric.interval is not None:
        found.append(
            f"{_level(metric.interval)} interval {span(metric.interval, metric.kind)} for the same pairs asked again "
            f"({_method(metric.interval)})"
        )
    if metric.other_essays is not None:
        found.append(
            f"{span(metric.other_essays, metric.kind)} for other essays of the same grades, by {others}"
        )
    return f", {', '.join(found)}" if found else ""


def _reliability(analysis: Analysis) -> Iterator[str]:
    known = analysis.reliability
    if known is not None and known.separation_reliability.value is not None:
        coin = (
            ""
            if known.coin is None
            else f"; a coin on the same pairs reaches {number(known.coin.upper)} in 5 % of cases"
        )
        yield f"Scale separation reliability [@wright1982] is {estimate(known.separation_reliability)}{coin}."


def _position(analysis: Analysis) -> Iterator[str]:
    bias = analysis.position
    if bias is None or bias.first_share.value is None:
        return
    yield (
        f"The essay shown first won {estimate(bias.first_share, 'share')} of {count(bias.decided)} decided comparisons "
        f"({_method(bias.first_share.interval)}, p {_p(bias.p_value)}); its advantage among equals is "
        f"{estimate(bias.eta)} logits."
    )
    if analysis.length is not None and analysis.length.tendency.value is not None:
        yield (
            "Length and place beyond the grade: Kendall's tau [@kendall1945] "
            f"{estimate(analysis.length.tendency)} (interval by the delete-one-essay jackknife [@tukey1958])."
        )


def _graders(analysis: Analysis) -> Iterator[str]:
    if (ceiling := analysis.ceiling) is not None:
        yield (
            f"{ceiling.sentence} Alpha is Krippendorff's for ordinal grades [@krippendorff2019]; the quadratic "
            f"weighted kappa [@cohen1968] of two graders is {estimate(ceiling.kappa)}. {STAND_IN}"
        )
    if (beside := analysis.beside_experts) is not None:
        yield f"{beside.sentence} {STAND_IN}"


def _versions(artefact: Artefact) -> str:
    about = artefact.metadata
    commit = f", commit {about.git_sha[:FIRST_OF_HASH]}" if about.git_sha else ""
    changed = " with changes that were not committed" if about.git_dirty else ""
    return (
        f"The run was made by eng5 {about.runner_version}{commit}{changed}; its artefact has the checksum "
        f"{artefact.validation.artefact_checksum[:FIRST_OF_HASH]}…."
    )


def _level(interval: Interval | None) -> str:
    return "95 %" if interval is None else percent(interval.level)


def _method(interval: Interval | None) -> str:
    """How an interval was made, with its source."""
    if interval is None:
        return "no interval"
    sources = (("wilson", "wilson1927"), ("dyadic", "aronow2015"), ("clopper", "clopper1934"))
    named = [f"@{key}" for word, key in sources if word in interval.method.lower()]
    drawn = (
        ""
        if interval.resamples is None
        else f", {count(interval.resamples)} simulated reruns, seed {interval.seed}"
    )
    return f"{interval.method}{f' [{named[0]}]' if named else ''}{drawn}"


def _p(value: float | None) -> str:
    text = p_value(value)
    return text if text.startswith("<") else f"= {text}"
