"""How LLM providers are reached, from variables. `settings` passes the environment in; see docs/how-to/real-judges.md.

ENG5_LLM_<NAME> sets a limit for every provider, ENG5_LLM_<PROVIDER>_<NAME> for one. ENG5_LLM_BASE_URL and
ENG5_LLM_API_KEY mean `openai`, the provider of every OpenAI-compatible server.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eng5.contracts.llm_config import LLM_PROVIDERS, LlmConfig, LlmProviderConfig
from eng5.errors import InputError
from eng5.files import read_text

PREFIX = "ENG5_LLM_"
KEY_FILE = "ENG5_LLM_KEY_FILE"
VENDOR_KEYS = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "openrouter": ("OPENROUTER_API_KEY",),
}
LIMITS = ("concurrency", "requests_per_minute", "tokens_per_minute", "timeout", "attempts", "reasks")
ADDRESS = ("base_url", "api_key")


def llm_config(environment: Mapping[str, str]) -> LlmConfig:
    """The configuration of every provider.

    A vendor's key (OPENAI_API_KEY …) goes to the vendor's own address only: a server of one's own gets the key that
    is named for it, or none.

    Raises:
        InputError: a variable with our prefix that is not known, a value that is not valid, a key file that others
            may read. No message shows a key.
    """
    given = {**key_file(environment), **environment}
    _refuse_unknown(given)
    providers = {}
    for provider in LLM_PROVIDERS:
        own = {name: value for name in (*LIMITS, *ADDRESS) if (value := _value(given, provider, name))}
        key = own.pop("api_key", None)
        if key is None and "base_url" not in own:
            key = next((given[name] for name in VENDOR_KEYS[provider] if given.get(name)), None)
        if key is not None:
            own["key"] = key.strip()
        if own:
            providers[provider] = _config(provider, own)
    return LlmConfig(providers=providers)


def _value(given: Mapping[str, str], provider: str, name: str) -> str | None:
    own = given.get(f"{PREFIX}{provider.upper()}_{name.upper()}")
    if own or (name in ADDRESS and provider != "openai"):
        return own
    return given.get(f"{PREFIX}{name.upper()}")


def _config(provider: str, values: dict[str, Any]) -> LlmProviderConfig:
    try:
        return LlmProviderConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = f"{PREFIX}{str(first['loc'][0]).upper()}"
        raise InputError(f"{name} (for {provider}): {first['msg'].removeprefix('Value error, ')}") from None


def _refuse_unknown(given: Mapping[str, str]) -> None:
    names = [name.upper() for name in (*LIMITS, *ADDRESS)]
    known = {KEY_FILE, *(PREFIX + name for name in names)}
    known |= {f"{PREFIX}{provider.upper()}_{name}" for provider in LLM_PROVIDERS for name in names}
    for name in given:
        if name.startswith(PREFIX) and name not in known:
            raise InputError(
                f"{name} is not known", remedy=f"known are: {', '.join(sorted(known)[:4])} … (see the docs)"
            )


def key_file(environment: Mapping[str, str]) -> dict[str, str]:
    """NAME=key lines of the file ENG5_LLM_KEY_FILE, which only its owner may be able to read."""
    place = environment.get(KEY_FILE)
    if not place:
        return {}
    path = Path(place).expanduser()
    lines = read_text(path).splitlines()
    if path.stat().st_mode & 0o077:
        raise InputError(
            "the key file can be read by others",
            where=path,
            remedy=f"chmod 600 {path}, and think of new keys",
        )
    keys = {}
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            name, separator, value = line.partition("=")
            if not separator or not value.strip():
                raise InputError(f"line {number} is not NAME=key", where=path)
            keys[name.strip()] = value.strip().strip("\"'")
    return keys
