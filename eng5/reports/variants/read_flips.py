"""What the page has within it to open a flipped pair: both essays, and what every run said of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eng5.contracts.artefact import Artefact
from eng5.contracts.compare import Compare
from eng5.reports.alignment.dataset import load
from eng5.reports.essay_texts import EssayTexts
from eng5.reports.read_pair import PageEssay, href_of, readable

RUN = "RUN"
"""Stands for the run in the place of an artefact: the page has verdicts of several."""


def flipped_pairs(
    compared: Compare, artefacts: Mapping[str, Sequence[tuple[str, Artefact]]], texts: EssayTexts
) -> tuple[dict[str, Any], Callable[..., str]]:
    """The data of the page's reader, and the address within the page of two essays.

    Each verdict has its run in the place of its judge, for that is what differs here.
    """
    pairs = {frozenset((pair.higher_id, pair.lower_id)) for pair in compared.split}
    wanted = frozenset().union(*pairs)
    reference = artefacts[compared.baseline][0][1]
    essays = [
        PageEssay(subject.essay_id, subject.name, subject.grade, subject.level)
        for subject in load(reference).subjects
        if subject.essay_id in wanted
    ]
    said = [
        (run, verdict)
        for variant in compared.variants
        for run, artefact in artefacts.get(variant.name, ())
        for verdict in artefact.llm_comparisons
        if frozenset((verdict.essay_a_id, verdict.essay_b_id)) in pairs
    ]
    together = reference.model_copy(
        update={
            "llm_comparisons": [
                verdict.model_copy(update={"sequence": place, "provider": run})
                for place, (run, verdict) in enumerate(said, start=1)
            ],
            "metadata": reference.metadata.model_copy(update={"batch_id": RUN}),
        }
    )
    return readable(together, essays, texts), href_of(essays)
