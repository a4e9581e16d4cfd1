"""The variants against experts, on the pairs that both decided."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.artefact import Artefact
from eng5.contracts.experts import ExpertsLine, VariantsBesideExperts
from eng5.contracts.own import with_fields_of
from eng5.reports import about
from eng5.reports.alignment import experts
from eng5.reports.variants.dataset import JudgedVariant


def build(
    variants: Sequence[JudgedVariant], people: tuple[str, Artefact] | None
) -> VariantsBesideExperts | None:
    """A line a variant that is no people's, the one that agrees most first; None without a pair in common.

    Args:
        variants: the baseline first.
        people: name and artefact of the experts' run.
    """
    if people is None:
        return None
    lines = []
    for variant in variants:
        artefact = variant.runs[0].artefact
        if about.by_people(artefact) or variant.name == people[0]:
            continue
        found = experts.beside(artefact, variant.data, people)
        if found is not None:
            lines.append(with_fields_of(found, ExpertsLine, variant=variant.name))
    lines.sort(key=lambda line: -(line.with_experts.value or 0.0))
    return VariantsBesideExperts(run=people[0], lines=lines) if lines else None
