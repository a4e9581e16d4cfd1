"""Parts of Newton's method that the fits rest on."""

from eng5.stats.bradley_terry.newton import ConvergenceError


def test_error_says_what_and_how_far() -> None:
    """The message names what was fitted, the iterations and the score."""
    error = ConvergenceError("a fit", 7, 0.25)
    assert str(error).startswith("a fit did not converge in 7 iterations (largest score 0.25)")
