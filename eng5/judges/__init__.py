"""Judges: one file an implementation, chosen by provider and model.

A new judge is a class that satisfies ``protocol.Judge``, and a line in ``REGISTRY``; an entry whose
model is None takes every model of the provider.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from eng5.contracts.llm_config import LLM_PROVIDERS
from eng5.contracts.panel import HUMAN
from eng5.judges.human import PEOPLE, HumanJudge
from eng5.judges.llm import LlmJudge, LlmService
from eng5.judges.prices import Usage, cost_usd
from eng5.judges.protocol import Judge, JudgeStoppedError, KnowsItsPairs, Outcome, Verdict
from eng5.judges.question import Setting
from eng5.judges.replay import ReplayJudge, ReplaySourceError
from eng5.judges.simulated import SimulatedJudge, SimulatedParameters
from eng5.judges.surface import SurfaceJudge

__all__ = [
    "DEFAULT_MODEL",
    "DEFAULT_PROVIDER",
    "Judge",
    "JudgeStoppedError",
    "JudgeUnavailableError",
    "KnowsItsPairs",
    "LlmService",
    "Outcome",
    "Verdict",
    "judge_for",
]

DEFAULT_PROVIDER = "mock"
DEFAULT_MODEL = "surface"

Metadata = Mapping[str, Any]


class JudgeUnavailableError(Exception):
    """There is no such judge, or it cannot work with what the request says."""


def _surface(setting: Setting, metadata: Metadata, llm: LlmService) -> Judge:
    return SurfaceJudge()


def _simulated(setting: Setting, metadata: Metadata, llm: LlmService) -> Judge:
    try:
        return SimulatedJudge(SimulatedParameters.model_validate(metadata.get("simulated") or {}))
    except ValidationError as error:
        raise JudgeUnavailableError(f"metadata.simulated: {error}") from None


def _human(setting: Setting, metadata: Metadata, llm: LlmService) -> Judge:
    return HumanJudge()


def _replay(setting: Setting, metadata: Metadata, llm: LlmService) -> Judge:
    source = metadata.get("replay")
    if not isinstance(source, str) or not source:
        raise JudgeUnavailableError("metadata.replay must name an artefact, a journal or a ledger")
    try:
        return ReplayJudge(source)
    except ReplaySourceError as error:
        raise JudgeUnavailableError(str(error)) from None


def _llm(setting: Setting, metadata: Metadata, llm: LlmService) -> Judge:
    price = cost_usd(setting.provider, setting.model, Usage(prompt=1), llm.config.of(setting.provider))
    if metadata.get("max_cost_usd") is not None and price is None:
        raise JudgeUnavailableError(
            f"max_cost_usd cannot be kept: the price of {setting.provider}/{setting.model} is not known"
        )
    return LlmJudge(setting, llm)


REGISTRY: dict[tuple[str, str | None], Callable[[Setting, Metadata, LlmService], Judge]] = {
    ("mock", "surface"): _surface,
    ("mock", "simulated"): _simulated,
    ("mock", "replay"): _replay,
    (HUMAN, PEOPLE): _human,
    **{(provider, None): _llm for provider in LLM_PROVIDERS},
}


def judge_for(setting: Setting, metadata: Metadata, llm: LlmService) -> Judge:
    """The judge for a batch, from its setting and the request's envelope metadata.

    ``llm`` is what the LLM judges of this process share.

    Raises JudgeUnavailableError, which says what there is.
    """
    make = REGISTRY.get((setting.provider, setting.model)) or REGISTRY.get((setting.provider, None))
    if make is None:
        known = ", ".join(f"{provider}/{model or '*'}" for provider, model in REGISTRY)
        raise JudgeUnavailableError(f"no judge {setting.provider}/{setting.model}; there are: {known}")
    return make(setting, metadata, llm)
