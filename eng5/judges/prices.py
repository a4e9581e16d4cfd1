"""What an answer costs, from the price list of `genai-prices`, which works without a network."""

from __future__ import annotations

import importlib.util
from dataclasses import astuple, dataclass
from operator import add

from eng5.contracts.llm_config import LLM_PROVIDERS, LlmProviderConfig


@dataclass(frozen=True)
class Usage:
    """Tokens of one answer; `prompt` and `completion` count all, `cache_read` and `cache_write` are of `prompt`."""

    prompt: int = 0
    completion: int = 0
    cache_read: int = 0
    cache_write: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*map(add, astuple(self), astuple(other)))


BATCH_PRICE = 0.5
"""A batch's share of the usual price, by every vendor; for models whose own batch price the list does not have."""


def cost_usd(
    provider: str, model: str, usage: Usage, config: LlmProviderConfig, *, batch: bool = False
) -> float | None:
    """The price in USD, or that of a batch; None for a model without a known price, and for a server of one's own."""
    if provider not in LLM_PROVIDERS or config.base_url is not None:
        return None
    if importlib.util.find_spec("genai_prices") is None:
        return None
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    tokens = Tokens(
        input_tokens=usage.prompt,
        output_tokens=usage.completion,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
    )
    try:
        usual, of_batch = (
            float(calc_price(tokens, model, provider_id=provider, price_context=context).total_price)
            for context in (None, {"processing": "batch"})
        )
    except (LookupError, ValueError):
        return None
    if not batch:
        return usual
    return of_batch if of_batch < usual else usual * BATCH_PRICE
