"""Bradley-Terry: exact where the maximum exists, finite, wide and named where it does not."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from eng5.stats.bradley_terry import newton
from eng5.stats.bradley_terry.fit import BradleyTerryFit, ConvergenceError, fit
from eng5.stats.comparisons import Comparisons, FloatArray


def decided(n: int, *wins: tuple[int, int]) -> Comparisons:
    """Comparisons from (winner, loser) pairs."""
    return Comparisons.from_decided(n, np.array([w for w, _ in wins]), np.array([v for _, v in wins]))


def simulated(n: int, m: int, seed: int, *, eta: float = 0.0, ties: float = 0.0) -> Comparisons:
    """m random comparisons of n essays with abilities of standard deviation 1."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=n)
    first = rng.integers(0, n, m)
    second = (first + rng.integers(1, n, m)) % n
    chance = 1 / (1 + np.exp(-(theta[first] - theta[second] + eta)))
    outcome = np.where(rng.random(m) < chance, 1, -1)
    return Comparisons(n, first, second, np.where(rng.random(m) < ties, 0, outcome))


def contrast_error(found: BradleyTerryFit, i: int, j: int) -> float:
    """Standard error of θ_i - θ_j."""
    c = found.covariance
    return float(np.sqrt(c[i, i] + c[j, j] - 2 * c[i, j]))


# --- where the maximum exists ---------------------------------------------------------------------


def test_two_essays_in_closed_form() -> None:
    """3 wins of 4: θ_0 - θ_1 = ln 3, information 4 · 3/4 · 1/4 = 3/4, so its error is √(4/3)."""
    found = fit(decided(2, (0, 1), (0, 1), (0, 1), (1, 0)))
    assert found.theta == pytest.approx([np.log(3) / 2, -np.log(3) / 2], abs=1e-12)
    assert contrast_error(found, 0, 1) == pytest.approx(np.sqrt(4 / 3))
    assert found.standard_error == pytest.approx([np.sqrt(1 / 3)] * 2)
    assert found.method == "maximum likelihood"


def test_circle_of_three() -> None:
    """0 > 1 > 2 > 0: equal scores; each pair has information 1/4, so a contrast has variance 2 / (3/4)
    = 8/3, the 1.633 that the platform reports against its reference essay."""
    found = fit(decided(3, (0, 1), (1, 2), (2, 0)))
    assert found.theta == pytest.approx([0, 0, 0], abs=1e-12)
    assert contrast_error(found, 0, 2) == pytest.approx(1.633, abs=5e-4)
    assert found.standard_error == pytest.approx([np.sqrt(8 / 9)] * 3)


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_choix(seed: int) -> None:
    """The scores are choix's unpenalised maximum within 1e-8, after its own optimiser is polished."""
    import choix

    comparisons = simulated(8, 160, seed)
    data = list(zip(comparisons.winner.tolist(), comparisons.loser.tolist(), strict=True))
    theirs = choix.opt_pairwise(8, data, alpha=0.0, method="Newton-CG", tol=1e-12)
    ilsr = choix.ilsr_pairwise(8, data, alpha=0.0, tol=1e-12)
    found = fit(comparisons)
    assert found.theta == pytest.approx(theirs - theirs.mean(), abs=1e-6)
    assert found.theta == pytest.approx(ilsr - ilsr.mean(), abs=1e-8)
    assert found.gradient_norm < 1e-8 and found.converged


@pytest.mark.parametrize("position_effect", [False, True])
def test_agrees_with_statsmodels(position_effect: bool) -> None:
    """Scores, position effect and errors are those of logistic regression on the design matrix."""
    from statsmodels.discrete.discrete_model import Logit

    comparisons = simulated(6, 200, 3, eta=0.6)
    rows = np.arange(len(comparisons))
    design = np.zeros((len(rows), 6))
    design[rows, comparisons.first] = 1
    design[rows, comparisons.second] -= 1
    design = design[:, 1:]
    if position_effect:
        design = np.column_stack([design, np.ones(len(rows))])
    theirs = Logit(comparisons.outcome > 0, design).fit(disp=0, tol=1e-12, maxiter=100)
    found = fit(comparisons, position_effect=position_effect)
    assert found.theta[1:] - found.theta[0] == pytest.approx(theirs.params[:5], abs=1e-8)
    assert [contrast_error(found, i, 0) for i in range(1, 6)] == pytest.approx(theirs.bse[:5], abs=1e-6)
    assert found.log_likelihood == pytest.approx(theirs.llf)
    if position_effect:
        assert found.eta == pytest.approx(theirs.params[5], abs=1e-8)
        assert found.eta_standard_error == pytest.approx(theirs.bse[5], abs=1e-6)
    else:
        assert found.eta is None and found.eta_standard_error is None


@pytest.mark.parametrize("position_effect", [False, True])
def test_many_essays_solve_the_likelihood_equations(position_effect: bool) -> None:
    """With 300 essays, solved sparsely, expected wins equal wins for each essay and for Essay A."""
    comparisons = simulated(300, 9000, 1, eta=0.4)
    found = fit(comparisons, position_effect=position_effect)
    assert len(found.groups) == 1
    first, second = comparisons.first, comparisons.second
    p = 1 / (1 + np.exp(-(found.theta[first] - found.theta[second] + (found.eta or 0.0))))
    expected = np.bincount(first, p, 300) + np.bincount(second, 1 - p, 300)
    assert expected == pytest.approx(comparisons.wins, abs=1e-6)
    if position_effect:
        assert p.sum() == pytest.approx((comparisons.outcome > 0).sum(), abs=1e-6)


def test_sparse_and_dense_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same data give the same fit with ties and position effect, solved either way."""
    comparisons = simulated(20, 500, 2, eta=0.5, ties=0.2)
    dense = fit(comparisons, position_effect=True, ties=True)
    monkeypatch.setattr(newton, "DIRECT_LIMIT", 5)
    sparse = fit(comparisons, position_effect=True, ties=True)
    assert sparse.theta == pytest.approx(dense.theta, abs=1e-8)
    assert sparse.eta == pytest.approx(dense.eta, abs=1e-8)
    assert sparse.tie_parameter == pytest.approx(dense.tie_parameter, abs=1e-8)


# --- ties -----------------------------------------------------------------------------------------


def test_davidson_in_closed_form() -> None:
    """4 wins, 1 loss, 6 ties fit exactly: e^d = 4/1 and ν = 6 / √(4 · 1) = 3."""
    outcome = np.array([1] * 4 + [-1] + [0] * 6)
    found = fit(Comparisons(2, np.full(11, 0), np.full(11, 1), outcome), ties=True)
    assert found.theta[0] - found.theta[1] == pytest.approx(np.log(4), abs=1e-8)
    assert found.tie_parameter == pytest.approx(3, abs=1e-8)


def test_davidson_maximises_its_likelihood() -> None:
    """No general-purpose optimiser finds a better point of the three-outcome likelihood."""
    comparisons = simulated(5, 120, 4, eta=0.4, ties=0.25)
    found = fit(comparisons, position_effect=True, ties=True)

    def loss(x: FloatArray) -> float:
        d = x[comparisons.first] - x[comparisons.second] + x[5]
        a, b, t = np.exp(d / 2), np.exp(-d / 2), np.full_like(d, np.exp(x[6]))
        chosen = np.where(comparisons.outcome > 0, a, np.where(comparisons.outcome < 0, b, t))
        return float(-np.log(chosen / (a + b + t)).sum() + x[:5].sum() ** 2)

    best = minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-7})
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-8)
    assert found.theta == pytest.approx(best.x[:5], abs=1e-5)
    assert found.eta == pytest.approx(best.x[5], abs=1e-5)
    assert found.tie_parameter == pytest.approx(np.exp(best.x[6]), abs=1e-5)


def test_ties_are_no_wins_when_not_modelled() -> None:
    """Without the tie model ties change nothing."""
    comparisons = simulated(6, 120, 5)
    tied = Comparisons(
        6,
        np.append(comparisons.first, [0, 1]),
        np.append(comparisons.second, [1, 2]),
        np.append(comparisons.outcome, [0, 0]),
    )
    assert fit(tied).theta == pytest.approx(fit(comparisons).theta, abs=1e-12)


def test_only_ties() -> None:
    """All ties: equal scores and a finite tie parameter, by the prior that the method names."""
    found = fit(Comparisons(3, np.array([0, 1, 2]), np.array([1, 2, 0]), np.full(3, 0)), ties=True)
    assert found.theta == pytest.approx([0, 0, 0], abs=1e-9)
    assert found.tie_parameter is not None and np.isfinite(found.tie_parameter)
    assert found.nuisance_penalised and "Gaussian" in found.method


# --- where the maximum does not exist -------------------------------------------------------------


def test_platform_decides_one_win_by_alpha_and_we_do_not() -> None:
    """One win between two essays: the platform's ±1.9659 is alpha's doing; with Jeffreys' prior the
    distance is that of 1½ wins to ½, ln 3."""
    import choix

    assert choix.ilsr_pairwise(2, [(0, 1)], alpha=0.01) == pytest.approx([1.9659, -1.9659], abs=5e-5)
    assert choix.ilsr_pairwise(2, [(0, 1)], alpha=0.001)[0] > 3
    found = fit(decided(2, (0, 1)))
    assert found.theta == pytest.approx([np.log(3) / 2, -np.log(3) / 2], abs=1e-7)
    assert found.no_wins == (1,) and found.no_losses == (0,)
    assert found.groups == ((0,), (1,))
    assert "Jeffreys" in found.method


@pytest.mark.parametrize("games", [1, 4, 30])
def test_one_sided_pair_in_closed_form(games: int) -> None:
    """k wins of k: with half a win added on each side the distance is ln(2k + 1)."""
    found = fit(decided(2, *[(0, 1)] * games))
    assert found.theta[0] - found.theta[1] == pytest.approx(np.log(2 * games + 1), abs=1e-7)


def test_winner_of_all_leaves_the_others_alone() -> None:
    """0 beats both; 1 and 2 meet three times, 2 : 1: their distance is ln 2 whatever 0 does, where the
    platform's penalty moves it to 1.7004 - 1.0330."""
    import choix

    wins = [(0, 1), (0, 1), (1, 2), (1, 2), (0, 2), (2, 1)]
    platform = choix.ilsr_pairwise(3, wins, alpha=0.01)
    assert platform - platform.mean() == pytest.approx([2.7334, -1.0330, -1.7004], abs=5e-5)
    found = fit(decided(3, *wins))
    assert found.theta[1] - found.theta[2] == pytest.approx(np.log(2), abs=1e-10)
    assert found.theta[0] > found.theta[1]
    assert found.groups == ((1, 2), (0,))


def test_perfect_order_maximises_likelihood_times_jeffreys_prior() -> None:
    """Five essays in perfect order, the platform's 4.278 … -5.085: ours is the maximum that a
    general-purpose optimiser finds of log-likelihood + ½ log det of the information."""
    import choix

    i, j = np.triu_indices(5, 1)
    platform = choix.ilsr_pairwise(5, list(zip(i.tolist(), j.tolist(), strict=True)), alpha=0.01)
    assert platform - platform.mean() == pytest.approx([4.278, 2.456, 0.384, -2.033, -5.085], abs=1e-3)

    def loss(x: FloatArray) -> float:
        theta = np.append(x, 0.0)
        p = 1 / (1 + np.exp(-(theta[i] - theta[j])))
        information = np.zeros((5, 5))
        np.add.at(information, (i, j), -p * (1 - p))
        information += information.T
        information -= np.diag(information.sum(axis=1))
        return float(-np.log(p).sum() - np.linalg.slogdet(information[:4, :4])[1] / 2)

    best = minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-8})
    found = fit(Comparisons.from_decided(5, i, j))
    assert found.theta[:4] - found.theta[4] == pytest.approx(best.x, abs=1e-5)
    assert found.theta == pytest.approx(-found.theta[::-1], abs=1e-7)
    assert found.standard_error[0] > found.standard_error[2]


def test_disconnected_essays_are_named_and_wide() -> None:
    """Two parts that never met: named, centred apart, and a contrast across them is as wide as alpha."""
    found = fit(decided(5, (0, 1), (1, 2), (2, 0), (3, 4), (4, 3)), alpha=0.01)
    assert found.components == ((0, 1, 2), (3, 4))
    assert found.reference == (0, 1, 2)
    assert found.theta[3:].sum() == pytest.approx(0)
    assert contrast_error(found, 0, 3) > np.sqrt(1 / 0.02)
    assert found.standard_error[:3] == pytest.approx([np.sqrt(8 / 9)] * 3)


def test_no_component_is_the_largest() -> None:
    """Of two parts of the same size neither is the reference."""
    found = fit(decided(4, (0, 1), (1, 0), (2, 3), (3, 2)))
    assert found.reference == ()
    assert found.standard_error == pytest.approx([found.standard_error[0]] * 4)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize("position_effect", [False, True])
@pytest.mark.parametrize("ties", [False, True])
def test_nothing_compared(n: int, position_effect: bool, ties: bool) -> None:
    """Without a comparison every score is 0, every essay its own component, and nothing is certain."""
    none = np.array([], dtype=np.int64)
    found = fit(Comparisons(n, none, none, none), position_effect=position_effect, ties=ties)
    assert found.theta.tolist() == [0.0] * n
    assert found.components == tuple((i,) for i in range(n))
    assert (found.standard_error > 7).all() or n == 1
    assert found.eta == (0.0 if position_effect else None)


def test_judge_that_only_sees_position() -> None:
    """Essay A always wins: the position effect has no finite maximum, is finite, wide and named."""
    i, j = np.nonzero(~np.eye(4, dtype=bool))
    found = fit(Comparisons(4, i, j, np.full(12, 1)), position_effect=True)
    assert found.theta == pytest.approx(np.zeros(4), abs=1e-6)
    assert found.eta is not None and 2 < found.eta < 6
    assert found.eta_standard_error is not None and found.eta_standard_error > 0.7
    assert found.nuisance_penalised and "Gaussian" in found.method


def test_position_effect_that_data_cannot_tell_from_ability() -> None:
    """Two essays always shown in the same order: the position effect falls back on its prior."""
    found = fit(Comparisons(2, np.full(4, 0), np.full(4, 1), np.array([1, 1, 1, -1])), position_effect=True)
    assert found.nuisance_penalised
    assert found.eta == pytest.approx(0, abs=1e-6)
    assert found.theta[0] - found.theta[1] == pytest.approx(np.log(3), abs=1e-6)


def test_few_comparisons_of_far_apart_essays() -> None:
    """Hundreds of nearly separated data sets with a strong position effect and ties: every fit ends."""
    i, j = np.triu_indices(12, 1)
    for seed in range(150):
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(66)[: rng.integers(12, 66)]
        turned = rng.random(len(chosen)) < 0.5
        first, second = np.where(turned, j[chosen], i[chosen]), np.where(turned, i[chosen], j[chosen])
        chance = 1 / (1 + np.exp(-(0.8 * (second - first) + rng.normal(0, 3))))
        outcome = np.where(rng.random(len(chosen)) < chance, 1, -1)
        outcome[rng.random(len(chosen)) < 0.1] = 0
        comparisons = Comparisons(12, first, second, outcome)
        for ties in (False, True):
            found = fit(comparisons, position_effect=True, ties=ties)
            assert np.isfinite(found.theta).all() and np.isfinite(found.standard_error).all()
            assert found.gradient_norm < 1e-5


def test_iteration_limit_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fit that does not converge raises, says how far it came, and survives pickling."""
    monkeypatch.setattr(newton, "MAX_ITERATIONS", 1)
    with pytest.raises(ConvergenceError, match="in 1 iterations") as caught:
        fit(simulated(6, 120, 0))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.iterations, str(again)) == (1, str(caught.value))


def test_alpha_must_be_positive() -> None:
    """A penalty of 0 would make a contrast between unconnected essays infinitely wide."""
    with pytest.raises(ValueError, match="alpha"):
        fit(decided(2, (0, 1)), alpha=0.0)


# --- properties -----------------------------------------------------------------------------------


@st.composite
def data(draw: st.DrawFn) -> Comparisons:
    """Any comparisons of 2 to 6 essays, from none to 30, often separated or disconnected."""
    n = draw(st.integers(2, 6))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(1, n - 1), st.sampled_from([1, -1]))
    rows = draw(st.lists(pairs, max_size=30))
    first = np.array([i for i, _, _ in rows], dtype=np.int64)
    step = np.array([k for _, k, _ in rows], dtype=np.int64)
    return Comparisons(n, first, (first + step) % n, np.array([o for _, _, o in rows], dtype=np.int64))


@settings(max_examples=60)
@given(data(), st.integers(0, 2**32 - 1))
def test_relabelling_essays_relabels_scores(comparisons: Comparisons, seed: int) -> None:
    """Scores, errors and names follow the essays under any permutation."""
    order = np.random.default_rng(seed).permutation(comparisons.n)
    renamed = Comparisons(
        comparisons.n, order[comparisons.first], order[comparisons.second], comparisons.outcome
    )
    ours, theirs = fit(comparisons), fit(renamed)
    assert theirs.theta[order] == pytest.approx(ours.theta, abs=1e-6)
    assert theirs.standard_error[order] == pytest.approx(ours.standard_error, rel=1e-5)
    assert set(theirs.no_wins) == {int(order[i]) for i in ours.no_wins}


@settings(max_examples=60)
@given(data())
def test_swapping_positions(comparisons: Comparisons) -> None:
    """Showing every pair the other way round with the same winners: same scores, opposite position effect."""
    swapped = Comparisons(comparisons.n, comparisons.second, comparisons.first, -comparisons.outcome)
    assert fit(swapped).theta == pytest.approx(fit(comparisons).theta, abs=1e-6)
    ours = fit(comparisons, position_effect=True)
    theirs = fit(swapped, position_effect=True)
    assert ours.eta is not None and theirs.eta is not None
    assert theirs.eta == pytest.approx(-ours.eta, abs=1e-5)
    assert theirs.theta == pytest.approx(ours.theta, abs=1e-4)


@settings(max_examples=60)
@given(data())
def test_duplicating_all_comparisons(comparisons: Comparisons) -> None:
    """Twice the same data: the same contrasts within a group, errors smaller by √2."""
    twice = Comparisons(
        comparisons.n,
        np.tile(comparisons.first, 2),
        np.tile(comparisons.second, 2),
        np.tile(comparisons.outcome, 2),
    )
    ours, theirs = fit(comparisons), fit(twice)
    for group in ours.groups:
        members = list(group)
        within = ours.theta[members] - ours.theta[members].mean()
        assert theirs.theta[members] - theirs.theta[members].mean() == pytest.approx(within, abs=1e-8)
    if len(ours.groups) == 1:
        assert theirs.standard_error * np.sqrt(2) == pytest.approx(ours.standard_error, rel=1e-8)


@settings(max_examples=60)
@given(data(), st.sampled_from(["alone", "loses to all", "beats all"]))
def test_a_further_essay_does_not_disturb_contrasts(comparisons: Comparisons, fate: str) -> None:
    """An essay without comparison, win or loss leaves every contrast within a group as it was."""
    n = comparisons.n
    everyone, newcomer = np.arange(n), np.full(n, n)
    first, second, outcome = comparisons.first, comparisons.second, comparisons.outcome
    if fate != "alone":
        first, second = np.append(first, newcomer), np.append(second, everyone)
        outcome = np.append(outcome, np.full(n, 1 if fate == "beats all" else -1))
    ours, theirs = fit(comparisons), fit(Comparisons(n + 1, first, second, outcome))
    for group in ours.groups:
        members = list(group)
        within = ours.theta[members] - ours.theta[members].mean()
        assert theirs.theta[members] - theirs.theta[members].mean() == pytest.approx(within, abs=1e-8)
    assert np.isfinite(theirs.theta).all() and np.isfinite(theirs.standard_error).all()
    if fate == "alone":
        assert theirs.theta[:n] == pytest.approx(ours.theta, abs=1e-8)
        assert (n,) in theirs.components
    else:
        assert n in (theirs.no_losses if fate == "beats all" else theirs.no_wins)
        assert (theirs.theta[n] > theirs.theta[:n]).all() == (fate == "beats all")


@settings(max_examples=40)
@given(data())
def test_every_fit_is_finite(comparisons: Comparisons) -> None:
    """Any data, with every model: finite scores and errors, no error 0 beside a positive one."""
    for position_effect in (False, True):
        for ties in (False, True):
            found = fit(comparisons, position_effect=position_effect, ties=ties)
            assert np.isfinite(found.theta).all()
            assert (found.standard_error > 0).all()


SPARSE = (
    "0>1 2>1 3>2 3>4 4>5 6>5 7>6 8>7 9>8 9>10 11>10 11>12 12>13 13>14 15>14 16>15 17>16 18>17 18>19 20>19 21>20 "
    "22>21 23>22 24>23 24>25 26>25 26>27 28>27 28>29 29>0 12>1 17>22 8>14 24>16 5>0 22>5 3>21 18>8 27>12 15>13 "
    "24>20 4>6 16>0 18>21 25>29 0>1 2>1 3>2 4>3 5>4 6>5 6>7 8>7 8>9 9>10 11>10 11>12 12>13 14>13 15>14 16>15 17>16 "
    "18>17 18>19 19>20 20>21 21>22 23>22 24>23 25>24 26>25 27>26 28>27 28>29 29>0 12>1 17>22 8>14 24>16 5>0 22>5 "
    "21>3 18>8 27>12 15>13 20>24 4>6 16>0 21>18 29>25"
)
"""A ring of thirty essays and some chords, each asked twice; winner first."""


def test_groups_far_apart_are_placed_as_near_as_rounding_allows() -> None:
    """Where the last millionths of a step drown in rounding, the fit ends there and does not fail."""
    winner, loser = zip(*(each.split(">") for each in SPARSE.split()), strict=True)
    found = fit(Comparisons.from_decided(30, np.array(winner, dtype=int), np.array(loser, dtype=int)))
    assert found.converged and found.iterations < 200
    assert found.gradient_norm < 1e-5
    assert len(found.groups) > 10 and np.isfinite(found.standard_error).all()
