"""Bradley-Terry abilities with standard errors, finite and honest on every graph of comparisons."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from eng5.stats.bradley_terry.connectivity import members, strong_components, weak_components
from eng5.stats.bradley_terry.design import pair_design
from eng5.stats.bradley_terry.information import Information, inverse_diagonal
from eng5.stats.bradley_terry.jeffreys import place_groups
from eng5.stats.bradley_terry.likelihood import PairCounts, Terms, aggregate, decided_terms, tie_terms
from eng5.stats.bradley_terry.newton import ConvergenceError, maximise
from eng5.stats.comparisons import Comparisons, FloatArray, IntArray, sum_by_essay

__all__ = ["BradleyTerryFit", "ConvergenceError", "fit"]

NUISANCE_SD = 2.5
"""Scale of the Gaussian penalty on η and log ν where the data leave them without a finite maximum."""


@dataclass(frozen=True, eq=False)
class BradleyTerryFit:
    """Abilities on the logit scale.

    Attributes:
        theta: shape (n,), ability, mean 0 over each connected component.
        eta: logit advantage of being shown as Essay A; None when not estimated.
        tie_parameter: Davidson's ν, 0 when nothing tied; None when ties are not modelled.
        converged: always True; an iteration that fails raises ConvergenceError.
        iterations: Newton iterations for contrasts within groups, plus those that place the groups.
        gradient_norm: largest absolute score at the solution.
        log_likelihood: unpenalised, natural logarithm, at the solution.
        components: essays that comparisons connect, largest component first; more than one means
            that differences between them rest on no comparison.
        groups: strongly connected components; differences between two groups have no finite
            maximum likelihood estimate.
        no_wins: essays with a decided comparison and no win.
        no_losses: essays with a decided comparison and no loss.
        nuisance_penalised: whether η or ν had no finite maximum and took the Gaussian penalty of sd 2.5.
        alpha: penalty on the level of a smaller component, see ``fit``.
        comparisons: comparisons that informed the fit.
        method: the estimator in words.
    """

    theta: FloatArray
    eta: float | None
    tie_parameter: float | None
    converged: bool
    iterations: int
    gradient_norm: float
    log_likelihood: float
    components: tuple[tuple[int, ...], ...]
    groups: tuple[tuple[int, ...], ...]
    no_wins: tuple[int, ...]
    no_losses: tuple[int, ...]
    nuisance_penalised: bool
    alpha: float
    comparisons: int
    method: str
    counts: PairCounts = field(repr=False)

    @property
    def reference(self) -> tuple[int, ...]:
        """The component that outnumbers every other, on whose mean the others' levels are measured."""
        sizes = [len(component) for component in self.components[:2]] + [1]
        return self.components[0] if self.components and sizes[0] > sizes[1] else ()

    @cached_property
    def covariance(self) -> FloatArray:
        """Shape (n, n), covariance of theta: see ``fit``."""
        n = len(self.theta)
        covariance = np.asarray(np.linalg.inv(self._regular_information())[:n, :n], dtype=np.float64)
        for component in self.components:
            covariance[_block(component, n)] += self._level_variance(component) - 1.0 / len(component)
        return covariance

    @cached_property
    def standard_error(self) -> FloatArray:
        """Shape (n,), standard error of each essay's distance from the mean of its component."""
        variance = self._inverse_diagonal[: len(self.theta)].copy()
        for component in self.components:
            variance[list(component)] += self._level_variance(component) - 1.0 / len(component)
        return np.sqrt(variance)

    @property
    def eta_standard_error(self) -> float | None:
        """Standard error of η, logits; None when not estimated."""
        return None if self.eta is None else float(np.sqrt(self._inverse_diagonal[len(self.theta)]))

    @cached_property
    def _inverse_diagonal(self) -> FloatArray:
        return inverse_diagonal(self._regular_information())

    def _regular_information(self) -> FloatArray:
        """Shape (q, q), information in (θ[, η][, log ν]) with the mean of each component fixed."""
        n, position, ties = len(self.theta), self.eta is not None, bool(self.tie_parameter)
        terms = _terms(self.counts, self.theta, self.eta or 0.0, self.tie_parameter or 0.0)
        full = Information(pair_design(self.counts, n, position=position), terms, ties).dense()
        for component in self.components:
            full[_block(component, n)] += 1.0 / len(component)
        if self.nuisance_penalised:
            full[np.arange(n, len(full)), np.arange(n, len(full))] += NUISANCE_SD**-2
        return full

    def _level_variance(self, component: tuple[int, ...]) -> float:
        return 0.0 if component == self.reference else 1.0 / (2.0 * self.alpha)


def fit(
    comparisons: Comparisons, *, alpha: float = 0.01, position_effect: bool = False, ties: bool = False
) -> BradleyTerryFit:
    """Fit P(i beats j) = σ(θ_i - θ_j [+ η when i is Essay A]), optionally with ties.

    Contrasts within a strongly connected group of essays are their exact maximum likelihood
    estimates. Where one group beat another every time, the likelihood has no finite maximum: the
    distance of the groups is then the one that maximises the likelihood times Jeffreys' prior, with
    the contrasts inside the groups held (Firth 1993, Biometrika 80:27-38). So an essay without a win
    gets a finite score that no tuning constant decides, and does not move the others against each
    other. This is the maximum likelihood in the completion of the model (Geyer 2009, Electron. J.
    Statist. 3:259-289), with the infinite distances made finite.

    The covariance is the pseudo-inverse of the full Fisher information at the solution, so no essay
    is a reference with error 0. Where no comparison connects a component with the largest one (or
    none is the largest), its level is a Gaussian with mean 0 and variance 1/(2·alpha): alpha is the
    penalty alpha·level², as `choix` counts it, and decides nothing but the width of such contrasts.

    Args:
        comparisons: n essays, m comparisons; n and m may be 0.
        alpha: precision of the level of unconnected components, > 0.
        position_effect: estimate η.
        ties: model ties (Davidson 1970); otherwise ties carry no information.

    Raises:
        ConvergenceError: when Newton's method reaches its limit.
    """
    if alpha <= 0:
        raise ValueError(f"alpha must be positive, not {alpha}")
    n = comparisons.n
    counts = aggregate(comparisons, positions=position_effect, ties=ties)
    forward, backward = counts.won + counts.tied > 0, counts.lost + counts.tied > 0
    group = strong_components(
        n,
        np.concatenate([counts.i[forward], counts.j[backward]]),
        np.concatenate([counts.j[forward], counts.i[backward]]),
    )
    separated = bool(group.any())
    component = weak_components(n, counts.i, counts.j) if separated else group

    inside = group[counts.i] == group[counts.j]
    within = counts.select(inside) if separated else counts
    with_ties = bool(within.tied.any())
    point = maximise(within, n, group, position=position_effect, ties=with_ties)
    penalised = point is None
    if point is None:
        point = maximise(
            within, n, group, position=position_effect, ties=with_ties, nuisance_precision=NUISANCE_SD**-2
        )
    if point is None:
        raise ConvergenceError("Bradley-Terry", 0, float("inf"))
    theta, iterations, gradient_norm = point.theta, point.iterations, point.gradient_norm
    if separated:
        _, first_member, compact = np.unique(group, return_index=True, return_inverse=True)
        between = counts.select(~inside)
        placed = place_groups(
            between,
            theta[between.i] - theta[between.j] + point.eta,
            compact[between.i],
            compact[between.j],
            component[first_member],
        )
        theta = theta + placed.level[compact]
        theta -= (np.bincount(component, theta, n) / np.bincount(component, minlength=n).clip(1))[component]
        iterations += placed.iterations
        gradient_norm = max(gradient_norm, placed.gradient_norm)
    wins = sum_by_essay(counts.won, counts.i, n) + sum_by_essay(counts.lost, counts.j, n)
    losses = sum_by_essay(counts.lost, counts.i, n) + sum_by_essay(counts.won, counts.j, n)
    return BradleyTerryFit(
        theta=theta,
        eta=point.eta if position_effect else None,
        tie_parameter=point.nu if ties else None,
        converged=True,
        iterations=iterations,
        gradient_norm=gradient_norm,
        log_likelihood=_terms(counts, theta, point.eta, point.nu).value,
        components=members(component),
        groups=members(group),
        no_wins=tuple(np.flatnonzero((wins == 0) & (losses > 0)).tolist()),
        no_losses=tuple(np.flatnonzero((losses == 0) & (wins > 0)).tolist()),
        nuisance_penalised=penalised,
        alpha=alpha,
        comparisons=int((counts.won + counts.lost + counts.tied).sum()),
        method=_method(separated, penalised),
        counts=counts,
    )


def _block(component: tuple[int, ...], n: int) -> tuple[slice, slice] | tuple[IntArray, IntArray]:
    """Index of the rows and columns of one component, a view where it is all essays."""
    if len(component) == n:
        return slice(n), slice(n)
    rows = np.array(component)
    return rows[:, None], rows[None, :]


def _terms(counts: PairCounts, theta: FloatArray, eta: float, nu: float) -> Terms:
    d = theta[counts.i] - theta[counts.j] + eta
    return tie_terms(counts, d, float(np.log(nu))) if nu else decided_terms(counts, d)


def _method(separated: bool, penalised: bool) -> str:
    parts = ["maximum likelihood"]
    if separated:
        parts.append("distances between separated groups with Jeffreys' prior")
    if penalised:
        parts.append(f"position effect and ties with a Gaussian prior of sd {NUISANCE_SD}")
    return "; ".join(parts)
