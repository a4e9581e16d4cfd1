"""Prices: from the offline list, by what was cached, and unknown where nobody knows."""

import pytest

from eng5.contracts.llm_config import LlmProviderConfig
from eng5.judges.prices import Usage, cost_usd

VENDOR = LlmProviderConfig()


def test_the_price_follows_the_list() -> None:
    """GPT-4o: 2.50 USD a million prompt tokens, 10 USD a million completion tokens, half for cached ones.

    1000 of which 400 cached, and 100: (600 · 2.5 + 400 · 1.25 + 100 · 10) / 10^6 = 0.003 USD.
    """
    assert cost_usd("openai", "gpt-4o", Usage(1000, 100, cache_read=400), VENDOR) == pytest.approx(0.003)


def test_an_unknown_model_has_no_price() -> None:
    """None, and no stand-in number."""
    assert cost_usd("openai", "a-model-nobody-sells", Usage(1000, 100), VENDOR) is None


def test_an_own_server_has_no_price() -> None:
    """A model of a known name on a server of one's own costs what the server costs."""
    assert cost_usd("openai", "gpt-4o", Usage(1, 1), LlmProviderConfig(base_url="http://here/v1")) is None


def test_usage_adds_up() -> None:
    """Every kind of token on its own."""
    assert Usage(1, 2, 3, 4) + Usage(10, 20, 30, 40) == Usage(11, 22, 33, 44)
