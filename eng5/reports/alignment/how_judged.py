"""What a reader must know about how the verdicts came about: who was spoken to, and how pairs were chosen."""

from __future__ import annotations

from eng5.contracts.analysis import Notice
from eng5.contracts.artefact import Artefact
from eng5.essays.language import code_of
from eng5.reports.notices import notice


def notices(artefact: Artefact) -> list[Notice]:
    """Essays that seem to address the judge or are in another language; the price of choosing pairs by the verdicts."""
    found = []
    essays = [*artefact.inputs.anchors, *artefact.inputs.students]
    named = [
        f"{essay.anchor_id or essay.essay_id} ({', '.join(essay.addresses_judge)})"
        for essay in essays
        if essay.addresses_judge
    ]
    if named:
        text = (
            f"These essays may address the judge; read them before trusting their scores: {'; '.join(named)}."
        )
        found.append(notice("addresses the judge", text))
    wanted = code_of(artefact.metadata.language)
    foreign = [
        f"{essay.anchor_id or essay.essay_id} ({essay.language})"
        for essay in essays
        if essay.language not in (None, wanted)
    ]
    if foreign:
        text = f"These essays seem to be in another language than '{wanted}': {'; '.join(foreign)}."
        found.append(notice("another language", text))
    if artefact.metadata.judge.adaptive:
        text = (
            "Pairs were chosen by the verdicts so far, which inflates the reliability; compare it with that of other "
            "adaptive runs only."
        )
        found.append(notice("adaptive", text))
    return found
