"""What a request would ask and cost, before it is sent."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.estimate import RunEstimate
from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.errors import PreflightError
from eng5.services.connect import TextsById
from eng5.stack.estimate import ASSUMED_SECONDS, estimate
from tests.bench import Bench

MakeBench = Callable[..., Bench]
LLM = {"provider_override": "openai", "model_override": "gpt-4o"}


@pytest.fixture
def planned(
    make_bench: MakeBench, twelve_essays: dict[str, str], tmp_path: Path
) -> Callable[..., RunEstimate]:
    """The estimate of a request for twelve essays; a bench runs on the same state."""
    bench = make_bench()

    def make(
        metadata: dict[str, Any] | None = None,
        config: LlmConfig | None = None,
        run_before: bool = False,
        texts: dict[str, str] | None = None,
        **overrides: Any,
    ) -> RunEstimate:
        texts = texts or twelve_essays
        ids = {name: f"stored-{name}" for name in texts}
        kind = dict(overrides) or {"provider_override": "mock", "model_override": "surface"}
        if run_before:
            bench.run(bench.request(twelve_essays, metadata=metadata))
        document = json.loads(bench.request(texts, metadata=metadata, storage_ids=ids))
        document["data"]["llm_config_overrides"] |= kind
        stored = TextsById({ids[name]: text for name, text in texts.items()})
        return estimate(
            json.dumps(document).encode(), stored, tmp_path / "state", config or LlmConfig(), tmp_path
        )

    return make


def test_everything_has_to_be_asked_at_first(planned: Callable[..., RunEstimate]) -> None:
    """66 comparisons, none kept; a judge without a model takes no tokens and no money."""
    found = planned()
    assert (len(found.comparisons), found.reusable, found.calls) == (66, 0, 66)
    assert (found.prompt_tokens, found.cost_usd, found.seconds) == (0, 0.0, 0.0)


def test_what_is_kept_is_not_asked(
    planned: Callable[..., RunEstimate], twelve_essays: dict[str, str]
) -> None:
    """After a run nothing; after an edit of one essay its eleven; with fresh verdicts all."""
    assert planned(run_before=True).calls == 0
    assert planned(texts={**twelve_essays, "essay-03": "Edited."}).calls == 11
    assert planned({"fresh_verdicts": True}).calls == 66


def test_a_model_s_cost_follows_length_and_price(
    planned: Callable[..., RunEstimate], twelve_essays: dict[str, str]
) -> None:
    """A quarter of the characters plus 150 tokens an answer, at 2.50 and 10 USD a million; five waves of sixteen."""
    found = planned(**LLM)
    assert found.completion_tokens == 66 * 150
    essays = sum(len(text) for text in twelve_essays.values()) * 11
    assert essays / 4 < found.prompt_tokens < essays / 4 + 66 * 500
    assert found.cost_usd == pytest.approx((found.prompt_tokens * 2.5 + found.completion_tokens * 10) / 1e6)
    assert found.seconds == 5 * ASSUMED_SECONDS
    assert found.basis == "length of the texts"


def test_limits_stretch_the_time(planned: Callable[..., RunEstimate]) -> None:
    """At 6 requests a minute 66 take eleven minutes."""
    config = LlmConfig(providers={"openai": LlmProviderConfig(requests_per_minute=6)})
    assert planned(config=config, **LLM).seconds == pytest.approx(660)


def test_an_unknown_model_has_no_cost(planned: Callable[..., RunEstimate]) -> None:
    """None, not zero."""
    assert planned(provider_override="openai", model_override="nobodys-model").cost_usd is None


def test_an_adaptive_run_is_followed_as_far_as_verdicts_are_kept(planned: Callable[..., RunEstimate]) -> None:
    """The same adaptive request after it was run asks nothing; with a larger budget only the rest."""
    metadata = {"adaptive": True, "max_comparisons": 30}
    assert planned(metadata).calls == 30
    assert planned(metadata, run_before=True).calls == 0
    larger = planned({"adaptive": True, "max_comparisons": 40})
    assert len({frozenset(pair) for pair in larger.comparisons}) == 40
    assert larger.calls == 10


def test_what_would_be_refused_says_why(planned: Callable[..., RunEstimate]) -> None:
    """A model that does not exist is known before anything is sent."""
    with pytest.raises(PreflightError, match="no judge mock/nobody"):
        planned(provider_override="mock", model_override="nobody")


def test_nothing_is_assumed_about_the_speed_of_one_s_own_server(planned: Callable[..., RunEstimate]) -> None:
    """Before it has answered the time is not known, however fast a vendor's model is."""
    config = LlmConfig(providers={"openai": LlmProviderConfig(base_url="http://localhost:1/v1")})
    assert planned(config=config, **LLM).seconds is None


def test_nothing_is_assumed_about_the_speed_of_a_judge_of_one_s_own(
    planned: Callable[..., RunEstimate], tmp_path: Path
) -> None:
    """It may be a rule or a model that thinks: n/a before it has answered."""
    code = (
        "class Mine:\n    def __init__(self, call): pass\n    def judge(self, question): raise ValueError\n"
    )
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    found = planned({"judge": "mine.py:Mine"}, provider_override="plugin", model_override="Mine")
    assert (found.calls, found.cost_usd, found.seconds) == (66, 0.0, None)


def test_by_batch_and_one_by_one_stand_side_by_side(planned: Callable[..., RunEstimate]) -> None:
    """Half the cost within a day against full cost in five waves; the chosen way is the run's own."""
    each = planned(**LLM)
    batch = planned({"llm_batching_mode_hint": "provider_batch_api"}, **LLM)
    assert each.cost_usd is not None
    assert batch.cost_usd == pytest.approx(each.cost_usd / 2)
    assert (batch.by_batch, batch.seconds) == (True, 24 * 3600)
    assert each.other_way == batch.spending
    assert batch.other_way == each.spending
    assert planned().other_way is None


def test_a_provider_without_batches_would_be_refused(planned: Callable[..., RunEstimate]) -> None:
    """The plan says so before anything is sent."""
    with pytest.raises(PreflightError, match="openrouter has no batch API"):
        planned(
            {"llm_batching_mode_hint": "provider_batch_api"},
            provider_override="openrouter",
            model_override="openai/gpt-5.1",
        )
