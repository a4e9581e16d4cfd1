"""Runs against the targets → reports/gate.md, gate_<run>.json and gate_<run>.xml, and a refusal when one is missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from eng5.contracts.analysis import Analysis, Metric, TargetCheck
from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import Experiments
from eng5.contracts.gate import Gate, GateCheck
from eng5.contracts.own import with_fields_of
from eng5.errors import GateFailedError, InputError
from eng5.files import read_model, write_model, write_text
from eng5.pages.rendering import number, render, shown
from eng5.paths import ProjectPaths
from eng5.plots.printable import printable
from eng5.reports.alignment.dataset import load
from eng5.reports.gate_changes import Before, before_of, headline, outcome, since
from eng5.reports.variants import figures
from eng5.reports.variants.dataset import load_variants
from eng5.reports.variants.sentences import change
from eng5.settings import run_names

ZERO_WINS = (
    "the last anchor of a complete round-robin in perfect order beats nobody, "
    "so the better a judge is, the less it can reach 0"
)


def build(
    analyses: Sequence[Analysis],
    pooled: Sequence[Metric] | None = None,
    *,
    name: str | None = None,
    before: Before | None = None,
) -> Gate:
    """Hold a run, or the replicates of a variant together, against the targets.

    Args:
        analyses: of the runs; one prompt run three times is one candidate and not three chances.
        pooled: the figures of all runs together; by default those of the only run.
        name: of the variant; by default that of the only run.
        before: figures of the baseline; without them what the targets say that it had.

    Raises:
        InputError: no target is set.
    """
    first = analyses[0]
    metrics = first.metrics if pooled is None else pooled
    checks = [
        _check(metric, metric.target, before_of(before, metric))
        for metric in metrics
        if metric.target is not None
    ]
    if not checks:
        raise InputError(
            "no targets to check", where="[targets] of experiments.toml", remedy="set at least one"
        )
    return Gate(
        run=name or first.run.name,
        runs=[analysis.run.name for analysis in analyses],
        batch_uuid=first.run.batch_uuid,
        passed=all(check.status == "met" for check in checks),
        against=before.name if before else "[targets]",
        checks=checks,
        notices=list(dict.fromkeys(notice.text for analysis in analyses for notice in analysis.notices)),
    )


def _check(metric: Metric, target: TargetCheck, before: float | None) -> GateCheck:
    judged = metric.value
    if target.on == "bound":
        ends = metric.interval
        judged = None if ends is None else ends.high if target.bound == "max" else ends.low
    margin = None
    if judged is not None:
        margin = target.limit - judged if target.bound == "max" else judged - target.limit
    return with_fields_of(
        metric,
        GateCheck,
        metric=metric.name,
        judged=judged,
        margin=margin,
        beyond_chance=_beyond_chance(metric, target),
        baseline=before,
        since=since(metric.value, before, target.bound),
        sentence=_sentence(metric, target, judged, margin),
        note=_note(metric, target),
        **{name: getattr(target, name) for name in ("bound", "limit", "on", "status")},
    )


def _beyond_chance(metric: Metric, target: TargetCheck) -> bool | None:
    """Whether the judge, asked again about the same pairs, would be on the same side of the limit."""
    ends = metric.interval
    if ends is None or metric.value is None:
        return None
    if target.bound == "max":
        return ends.high <= target.limit if metric.value <= target.limit else ends.low > target.limit
    return ends.low >= target.limit if metric.value >= target.limit else ends.high < target.limit


def _sentence(metric: Metric, target: TargetCheck, judged: float | None, margin: float | None) -> str:
    """What was reached, what was wanted, and by how much it is missed or met."""
    wanted = f"{'at most' if target.bound == 'max' else 'at least'} {shown(target.limit, metric.kind)} wanted"
    if judged is None or margin is None:
        why = (
            "the run has no value"
            if metric.value is None
            else 'it has no interval, and on = "bound" asks for one'
        )
        return f"{metric.label} is not known: {why}; {wanted}."
    value = shown(metric.value, metric.kind)
    if (
        metric.value is not None
        and metric.value != target.limit
        and value == shown(target.limit, metric.kind)
    ):
        value = number(metric.value, 4)
    if target.on == "bound":
        value += f", {'at most' if target.bound == 'max' else 'at least'} {shown(judged, metric.kind)} by its interval"
    by = (
        f"missed by {_exact(-margin, metric)}"
        if target.status == "missed"
        else f"met with {_exact(margin, metric)} to spare"
    )
    return f"{metric.label} {value}; {wanted}: {by}."


def _exact(margin: float, metric: Metric) -> str:
    """A margin, with more decimals where the usual ones would show 0."""
    text = shown(margin, metric.kind)
    return number(margin, 4) if margin and not any(digit in text for digit in "123456789") else text


def _note(metric: Metric, target: TargetCheck) -> str | None:
    """What the metric's own note says; of zero-win anchors also why 0 may be out of reach."""
    if metric.name == "zero_win_anchors" and target.bound == "max" and target.limit < 1 and metric.note:
        return f"{metric.note}: {ZERO_WINS}"
    return metric.note


def junit(gate: Gate) -> str:
    """The checks as a JUnit test suite; a test case a target."""
    failures = sum(check.status == "missed" for check in gate.checks)
    errors = sum(check.status == "unknown" for check in gate.checks)
    counts = {"tests": str(len(gate.checks)), "failures": str(failures), "errors": str(errors)}
    top = ElementTree.Element("testsuites", {"name": "eng5 gate", **counts})
    suite = ElementTree.SubElement(top, "testsuite", {"name": gate.run, **counts, "skipped": "0"})
    for check in gate.checks:
        case = ElementTree.SubElement(
            suite, "testcase", {"classname": f"eng5.gate.{gate.run}", "name": check.metric, "time": "0"}
        )
        if check.status != "met":
            kind = "failure" if check.status == "missed" else "error"
            ElementTree.SubElement(
                case, kind, {"message": check.sentence, "type": f"target {check.status}"}
            ).text = check.note or check.sentence
    if gate.notices:
        ElementTree.SubElement(suite, "system-out").text = printable("\n".join(gate.notices))
    ElementTree.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(top, encoding="unicode") + "\n"


def pool(
    artefacts: Sequence[tuple[str, Artefact]], baseline: Sequence[Artefact], experiments: Experiments
) -> list[Metric]:
    """The figures of several runs of a variant together, held against the targets.

    Args:
        artefacts: (name, artefact) of each run.
        baseline: of the runs that A/B regression is counted against; may be none.
        experiments: with the targets.
    """
    (variant,) = load_variants({"": artefacts})
    in_band = figures.band_count([load(each) for each in baseline]) if baseline else None
    return figures.measure(variant.each, experiments.targets, in_band)


def write(
    project: ProjectPaths, experiments: Experiments, variants: Mapping[str, Sequence[str]]
) -> list[Gate]:
    """Read the runs of each variant and write all files.

    Args:
        project: its folders.
        experiments: with the targets.
        variants: name of each gate → its runs. Several runs of a variant are held against the targets together.
            A/B regression is counted against the mean over the baseline's runs, as in the comparison.
    """
    of_baseline = [
        (name, read_model(path, Artefact))
        for name, (variant, _) in run_names(experiments).items()
        if variant == experiments.baseline and (path := project.run(name).artefact).is_file()
    ]
    counted = [artefact for _, artefact in of_baseline]
    before = None
    if of_baseline:
        before = Before(experiments.baseline, pool(of_baseline, counted, experiments))
    gates = []
    for name, runs in variants.items():
        analyses = [read_model(project.run(each).analysis, Analysis) for each in runs]
        pooled = None
        if len(runs) > 1 or len(of_baseline) > 1:
            made = [(each, read_model(project.run(each).artefact, Artefact)) for each in runs]
            pooled = pool(made, counted, experiments)
        own = run_names(experiments).get(runs[0], (None, 1))[0] == experiments.baseline
        gates.append(build(analyses, pooled, name=name, before=Before(None, []) if own else before))
    for gate in gates:
        write_model(project.reports / f"gate_{gate.run}.json", gate)
        write_text(project.reports / f"gate_{gate.run}.xml", junit(gate))
    summary = render("gate.md", headline=headline(gates), gates=gates, change=change)
    write_text(project.reports / "gate.md", summary)
    return gates


def refuse(gates: Sequence[Gate]) -> None:
    """Refuse when a gate misses a target.

    Raises:
        GateFailedError: names each variant and target that is not met.
    """
    failed = [gate for gate in gates if not gate.passed]
    if failed:
        lines = [
            f"{gate.run}: {check.sentence}"
            for gate in failed
            for check in gate.checks
            if check.status != "met"
        ]
        raise GateFailedError(
            f"{outcome(gates)}\n  " + "\n  ".join(lines),
            remedy="see reports/gate.md, and the report of each run for the pairs behind it",
        )


def run(project: ProjectPaths, experiments: Experiments, variants: Mapping[str, Sequence[str]]) -> None:
    """`write`, then `refuse`."""
    refuse(write(project, experiments, variants))
