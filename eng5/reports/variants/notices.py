"""What a reader must know before trusting a comparison of variants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from eng5.contracts.analysis import Notice
from eng5.contracts.compare import ComparedVariant
from eng5.contracts.experiments import Experiments
from eng5.reports.alignment.dataset import Subject
from eng5.reports.notices import MANY, notice
from eng5.reports.variants.dataset import JudgedRun, JudgedVariant


def build(
    experiments: Experiments,
    variants: Sequence[JudgedVariant],
    compared: Sequence[ComparedVariant],
    anchors: Sequence[Subject],
    left_out: Mapping[str, str],
) -> list[Notice]:
    """Gravest first; `anchors` include those that are held out."""
    runs = [run for variant in variants for run in variant.runs]
    found: list[tuple[str, str]] = []

    def note(code: str, text: str, names: Iterable[str]) -> None:
        listed = ", ".join(names)
        if listed:
            found.append((code, text.format(listed)))

    note(
        "not run",
        "Left out: {}. `doit --continue compare` runs what it can, and compares what is there.",
        (f"{name} ({why})" for name, why in left_out.items()),
    )
    note("no verdicts", "No comparison was decided: {}.", (run.name for run in runs if not _decided(run)))
    note(
        "partial data",
        "The data are partial: {}.",
        (f"{run.name}{_why_partial(run)}" for run in runs if _is_partial(run)),
    )
    lost = [(run, count) for run in runs if (count := _failed(run))]
    for code, grave in (("failed", True), ("few failed", False)):
        note(
            code,
            "Comparisons failed and are left out: {}.",
            (f"{count} of {run.name}" for run, count in lost if _many(run, count) is grave),
        )
    note(
        "other texts",
        "Judged anchors with other texts than the baseline's, which are left out: {}.",
        (f"{run.name} ({run.foreign} comparisons)" for run in runs if run.foreign),
    )
    baseline = variants[0].data.by_pair.keys()
    note(
        "other pairs",
        f"Not the pairs of {variants[0].name}, which has {len(baseline)}: {{}}. Only pairs in common count.",
        (
            f"{each.name} ({len(baseline & each.data.by_pair.keys())} in common)"
            for each in variants[1:]
            if each.data.by_pair.keys() != baseline
        ),
    )
    note(
        "other judges",
        f"Not only the prompt differs from {variants[0].name}, the judge does too: {{}}.",
        (f"{each.name} ({each.judge.name})" for each in compared[1:] if each.judge != compared[0].judge),
    )
    note(
        "never varies",
        "Repeats bring the same verdicts: {}. More runs of such a judge say nothing new; more anchors do.",
        (f"{each.name} ({len(each.runs)} runs)" for each in variants if each.never_varies),
    )
    note(
        "no such anchor",
        "Held out by experiments.toml, but not among the anchors: {}.",
        (name for name in experiments.holdout if name not in {anchor.name for anchor in anchors}),
    )
    return [notice(code, text) for code, text in found]


def _decided(run: JudgedRun) -> int:
    return int(run.data.comparisons.decided.sum())


def _is_partial(run: JudgedRun) -> bool:
    return not run.artefact.validation.complete or run.artefact.validation.missing > 0


def _why_partial(run: JudgedRun) -> str:
    seen = run.artefact.validation
    if seen.batch_status != "failed":
        return ""
    remedy = f"; try next: {seen.remedy}" if seen.remedy else ""
    return f" (the batch was given up: {seen.failure or 'no reason given'}{remedy})"


def _many(run: JudgedRun, failed: int) -> bool:
    return failed >= MANY * len(run.artefact.llm_comparisons)


def _failed(run: JudgedRun) -> int:
    return sum(verdict.status == "failed" for verdict in run.artefact.llm_comparisons)
