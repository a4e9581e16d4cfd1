"""Variants in order, with the tests of every two: what the sentences about which to take are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eng5.contracts.compare import ComparedVariant, Difference
from eng5.pages.rendering import listed, shown

MOST_NAMED = 3
"""Variants that a sentence names."""


@dataclass(frozen=True)
class PairTests:
    """The tests of every two variants in the deciding metric."""

    deciding: Sequence[Difference]

    def of(self, better: str, other: str) -> Difference | None:
        """The test of these two, in whichever order; None where there was none."""
        return next((one for one in self.deciding if {one.reference, one.variant} == {better, other}), None)

    def better(self, one: str, other: str, *, on_these_pairs: bool = False) -> bool:
        """Whether `one` is shown to be better than `other`."""
        test = self.of(one, other)
        if test is None or test.value is None:
            return False
        wanted = "better" if test.variant == one else "worse"
        return (test.pairs.verdict if on_these_pairs else test.verdict) == wanted


@dataclass(frozen=True)
class Ranking:
    """The variants, the baseline first; their order and values by the deciding metric; which to take."""

    variants: Sequence[ComparedVariant]
    order: Sequence[str]
    values: dict[str, float | None]
    take: str
    as_well: Sequence[str]
    tests: PairTests
    differences: Sequence[Difference]

    @property
    def baseline(self) -> str:
        return self.variants[0].name

    @property
    def ahead(self) -> str | None:
        """The best of the others by value, where it is not the one to take."""
        first = self.order[0]
        return first if first != self.take and self.values[first] != self.values[self.take] else None

    @property
    def too_few(self) -> bool:
        """There are not enough essays to say anything of others."""
        tested = [one for one in self.tests.deciding if one.value is not None]
        return bool(tested) and all(one.essays.interval is None for one in tested)

    @property
    def rivals(self) -> str:
        """Those that cannot be told from the one to take; a long list is in the table."""
        if len(self.as_well) <= MOST_NAMED:
            return listed(self.as_well)
        every = len(self.as_well) == len(self.variants) - 1
        return "any other" if every else f"{len(self.as_well)} others"

    def with_value(self, name: str) -> str:
        """ "l1 (0.89)"."""
        about = self.tests.deciding[0]
        return f"{name} ({shown(self.values[name], about.kind)})"
