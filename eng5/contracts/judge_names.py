"""Judges that cannot be: what is wrong with a provider and a model, in words. A new model of a provider may be."""

from __future__ import annotations

import re
from collections.abc import Collection

from eng5.contracts.judge_code import PLUGIN
from eng5.contracts.llm_config import LLM_PROVIDERS
from eng5.contracts.panel import HUMAN
from eng5.contracts.refusals import nearest

PROVIDERS = (*LLM_PROVIDERS, "mock", HUMAN, PLUGIN)
WITHOUT_MODEL = ("surface", "simulated", "replay")
"""Models of `mock`."""

FAMILIES = {
    "anthropic": r"claude",
    "openai": r"gpt-|chatgpt|o\d",
    "google": r"gemini|gemma",
}
"""How the names of a vendor's models begin."""
OF_GOOGLE = ("models/", "tunedModels/", "publishers/")


def judge_problem(provider: str | None, model: str | None, judge: str | None = None) -> str | None:
    """Why there can be no such judge, wherever its server is; None when there can be."""
    if judge is not None:
        if provider not in (None, PLUGIN):
            return f"judge: a judge from a file goes with provider = '{PLUGIN}', or without a provider"
        if not re.fullmatch(r".+\.py:[A-Za-z_]\w*", judge):
            return f"judge = '{judge}': write FILE.py:NAME, such as judges/mine.py:Mine"
        return None
    if provider is not None and provider not in PROVIDERS:
        return f"provider = '{provider}' is unknown{nearest(provider, PROVIDERS)}"
    if model is not None and not model.strip():
        return "model is empty: name the model, or leave the line out"
    if provider == "mock" and model is not None and model not in WITHOUT_MODEL:
        return f"model = '{model}': mock has no such model{nearest(model, WITHOUT_MODEL)}"
    if provider == PLUGIN and model is None:
        return "provider = 'plugin' needs model (a judge of an installed package) or judge (FILE.py:NAME)"
    return None


def model_of_another(provider: str | None, model: str | None, own_servers: Collection[str]) -> str | None:
    """Why a vendor cannot have the model; None when it may, and where the provider is a server of one's own."""
    if model is None or provider not in LLM_PROVIDERS or provider in own_servers:
        return None
    gateway = f"; a gateway that has it is named in ENG5_LLM_{provider.upper()}_BASE_URL"
    if provider == "openrouter":
        if "/" in model:
            return None
        vendor = _vendor(model)
        hint = f"; did you mean '{vendor}/{model}'?" if vendor else ""
        return f"model = '{model}': models of openrouter are named VENDOR/MODEL{hint}"
    if "/" in model and not model.startswith(OF_GOOGLE):
        return f"model = '{model}' is a name of openrouter's; did you mean provider = 'openrouter'?{gateway}"
    vendor = _vendor(model)
    if vendor not in (None, provider):
        return f"model = '{model}' is one of {vendor}'s; did you mean provider = '{vendor}'?{gateway}"
    return None


def _vendor(model: str) -> str | None:
    name = model.lower()
    return next((vendor for vendor, begins in FAMILIES.items() if re.match(begins, name)), None)
