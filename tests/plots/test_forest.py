"""Tests of `eng5.plots.forest`."""

from __future__ import annotations

from typing import Any

import pytest

from eng5.contracts.compare import Difference
from eng5.plots import forest
from eng5.plots.plot import Palette


@pytest.fixture
def make_difference(make_interval: Any) -> Any:
    """`make_difference(name, value, low, high, verdict, **changes)`: of win rates, unless told otherwise."""

    def make(
        name: str,
        value: float | None,
        low: float = 0,
        high: float = 0,
        verdict: str = "cannot tell",
        **changes: Any,
    ) -> Difference:
        def reading(half: float) -> dict[str, Any]:
            spread = None if value is None else make_interval(low - half, high + half)
            return {"interval": spread, "p_value": 0.5, "p_adjusted": 0.5, "verdict": verdict}

        values = {
            "metric": "win_rate", "label": "Wins of the higher grade", "kind": "share", "higher_is_better": True,
            "reference": "base", "variant": name, "reference_value": 0.5, "variant_value": None, "value": value,
            "pairs": reading(0.0), "essays": reading(0.1), "comparisons": 66, "differing": 3, "band": None,
            "beyond_noise": None, "advice": None, "more_data": None,
        }  # fmt: skip
        return Difference.model_validate(values | changes)

    return make


def test_variants_run_from_the_top_down_in_the_colours_of_their_verdicts(
    make_difference: Any, read: Any
) -> None:
    """Shares in percentage points; green is better, orange worse, blue cannot tell."""
    rows = [
        make_difference("good", 0.2, 0.1, 0.3, "better"),
        make_difference("bad", -0.1, -0.15, -0.05, "worse"),
        make_difference("open", 0.05, -0.1, 0.2),
    ]
    plot: Any = forest.draw("base", rows)
    points = read(plot).points()
    assert [(round(point.x[0], 6), point.y[0]) for point in points] == [(20, 0), (-10, 1), (5, 2)]
    assert [point.colour for point in points] == [Palette.GOOD, Palette.WARN, Palette.ACCENT]
    segments = [s.tolist() for c in plot.axes.collections for s in c.get_segments()]
    assert segments[0] == [[pytest.approx(10), 0], [pytest.approx(30), 0]], "these pairs"
    assert segments[1] == [[pytest.approx(0), 0], [pytest.approx(40), 0]], "other essays"
    assert [text.get_text() for text in plot.axes.get_yticklabels()] == ["good", "bad", "open"]
    assert plot.axes.yaxis_inverted()
    assert "good +20 (these pairs +10 to +30, other essays +0 to +40): better" in plot.description
    assert read(plot).within_its_edges()


def test_the_side_of_better_is_that_of_the_metric(make_difference: Any) -> None:
    """More wins are to the right, and so are more inversions, which are worse."""

    def sides(**changes: Any) -> list[str]:
        plot = forest.draw("base", [make_difference("one", 1.0, 0.5, 1.5, **changes)])
        assert plot is not None
        return [text.get_text().strip() for text in plot.axes.texts]

    assert sides() == ["worse", "better"]
    assert sides(metric="direct_inversions", kind="count", higher_is_better=False) == ["better", "worse"]


def test_the_noise_is_a_band_about_zero(make_difference: Any) -> None:
    """As far to either side as the two lie apart by chance; none where that is not known."""
    one = make_difference("one", 0.2, 0.1, 0.3).model_copy(update={"band": 0.08})
    plot = forest.draw("base", [one, make_difference("other", 0.2, 0.1, 0.3)])
    assert plot is not None
    (band,) = plot.axes.patches
    box = band.get_path().get_extents(band.get_patch_transform())
    assert (box.x0, box.x1) == (pytest.approx(-8), pytest.approx(8))
    assert (box.y0, box.y1) == (pytest.approx(-0.45), pytest.approx(0.45)), "its own row"


def test_a_variant_without_a_difference_is_left_out(make_difference: Any) -> None:
    """And no plot when none has one."""
    nothing = make_difference("none", None)
    assert forest.draw("base", [nothing]) is None
    assert forest.draw("base", []) is None
    plot = forest.draw("base", [nothing, make_difference("one", 0.1, 0, 0.2)])
    assert plot is not None and [text.get_text() for text in plot.axes.get_yticklabels()] == ["one"]


def test_names_of_variants_stay_apart_and_formulas_are_text(make_difference: Any, read: Any) -> None:
    """Long names lose what they share, wide letters are not cut off, and `$` draws no mathematics."""

    def named(*names: str) -> list[str]:
        plot = forest.draw("base", [make_difference(name, 0.1, 0, 0.2) for name in names])
        read(plot)
        assert plot is not None
        return [text.get_text() for text in plot.axes.get_yticklabels()]

    assert named("prompt_with_examples_one_low") == ["prompt_with_examples_one_low"]
    assert named("prompt_with_many_examples_one_low", "prompt_with_many_examples_two_high") == [
        "…one_low",
        "…two_high",
    ]
    assert len(set(named(*(f"W{n}" + "W" * 25 for n in range(3))))) == 3
    money = forest.draw("base", [make_difference("$x$_1", 0.1, 0, 0.2)])
    assert money is not None and "$x$_1" in money.drawing().svg
