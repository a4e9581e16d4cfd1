"""What the environment says: where the platform is, who we are to it, how LLM providers are reached. Its only reader.

ENG5_LLM_<NAME> sets a limit for every provider, ENG5_LLM_<PROVIDER>_<NAME> for one. ENG5_LLM_BASE_URL and
ENG5_LLM_API_KEY mean `openai`, the provider of every OpenAI-compatible server; see docs/how-to/real-judges.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from eng5.errors import InputError
from eng5.files import read_text

if TYPE_CHECKING:
    from pydantic import SecretStr

    from eng5.contracts.credentials import Credentials
    from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig

DEFAULT_CONTENT_SERVICE_URL = "http://localhost:8001/v1/content"
DEFAULT_CJ_SERVICE_URL = "http://localhost:9095"
DEFAULT_KAFKA_BOOTSTRAP = "localhost:9093"
GUARDED_ENVIRONMENTS = ("production", "prod", "staging")


def platform_values(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The fields of `PlatformSettings`, by ENG5_STACK, the platform's addresses and ENG5_KAFKA_*; InputError."""
    if stack(environment) == "embedded":
        return {"stack": "embedded"}
    return {
        "stack": "external",
        "content_service_url": content_service_url(environment),
        "cj_service_url": service_url("CJ_SERVICE_URL", environment.get("CJ_SERVICE_URL")),
        "kafka_bootstrap": environment.get("KAFKA_BOOTSTRAP_SERVERS", DEFAULT_KAFKA_BOOTSTRAP),
        "kafka_config": kafka_config(environment),
        "serve_token": serve_token(environment),
    }


def anchors_override(environment: Mapping[str, str] = os.environ) -> str:
    """ENG5_ANCHOR_DIR_OVERRIDE; empty where it is not set."""
    return environment.get("ENG5_ANCHOR_DIR_OVERRIDE", "").strip()


def bootstrap_servers(environment: Mapping[str, str] = os.environ) -> str | None:
    """KAFKA_BOOTSTRAP_SERVERS, where it is set."""
    return environment.get("KAFKA_BOOTSTRAP_SERVERS", "").strip() or None


def content_service_url(environment: Mapping[str, str] = os.environ) -> str | None:
    """CONTENT_SERVICE_URL, or where the Content Service is by default."""
    return service_url(
        "CONTENT_SERVICE_URL", environment.get("CONTENT_SERVICE_URL", DEFAULT_CONTENT_SERVICE_URL)
    )


def serve_token(environment: Mapping[str, str] = os.environ) -> SecretStr | None:
    """ENG5_SERVE_TOKEN: what `eng5 serve` wants to see on every HTTP route where it does not listen on loopback."""
    value = environment.get("ENG5_SERVE_TOKEN", "").strip()
    if not value:
        return None
    from pydantic import SecretStr

    return SecretStr(value)


def service_url(name: str, url: str | None) -> str | None:
    """The address without a slash at its end; InputError, by the setting's name, when it is none or holds a secret.

    Addresses are written into 00_run.json and into logs.
    """
    if not url:
        return None
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0]
    if "@" in host or "?" in rest:
        raise InputError(
            f"{name} holds a user, a password or a query",
            remedy="write http://HOST:PORT/…, and give the token in its own variable (`eng5 config`)",
        )
    if scheme not in ("http", "https") or not separator or not host or any(c.isspace() for c in url):
        raise InputError(f"{name}: '{url}' is no address", remedy="write http://HOST:PORT/…")
    return url.rstrip("/")


CONTENT_SECONDS = 60.0


def content_seconds(environment: Mapping[str, str] = os.environ) -> float:
    """ENG5_CONTENT_SECONDS: how long the Content Service may take over one text, attempts together; InputError."""
    given = environment.get("ENG5_CONTENT_SECONDS", "").strip()
    try:
        seconds = float(given or CONTENT_SECONDS)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise InputError(f"ENG5_CONTENT_SECONDS is '{given}'", remedy="give a number of seconds, such as 60")
    return seconds


def stack(environment: Mapping[str, str] = os.environ) -> Literal["embedded", "external"]:
    """ENG5_STACK; InputError when it is neither."""
    match environment.get("ENG5_STACK", "").strip():
        case "" | "embedded":
            return "embedded"
        case "external":
            return "external"
        case other:
            raise InputError(
                f"ENG5_STACK is '{other}'",
                remedy="use 'embedded' (the stand-in) or 'external' (the platform)",
            )


def credentials(environment: Mapping[str, str] = os.environ) -> Credentials:
    """Tokens and JWT_* of the environment."""
    from eng5.contracts.credentials import Credentials

    def secret(name: str) -> Any:
        return environment.get(name, "").strip() or None

    names = [environment.get(name, "") for name in ("ENVIRONMENT", "HULEEDU_ENVIRONMENT")]
    guarded = [name for name in names if name.strip().lower() in GUARDED_ENVIRONMENTS]
    variables = ("JWT_ALGORITHM", "JWT_AUDIENCE", "JWT_ISSUER")
    given = {name.lower(): environment[name] for name in variables if environment.get(name)}
    return Credentials(
        service_account_token=secret("HULEEDU_SERVICE_ACCOUNT_TOKEN"),
        admin_token=secret("HULEEDU_ADMIN_TOKEN"),
        jwt_secret=secret("JWT_SECRET_KEY"),
        guarded_environment=guarded[0].strip().lower() if guarded else None,
        **given,
    )


LLM_PREFIX = "ENG5_LLM_"
KEY_FILE = "ENG5_LLM_KEY_FILE"
VENDOR_KEYS = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "openrouter": ("OPENROUTER_API_KEY",),
}
"""Every provider that is an LLM, and where its vendor's own users keep their key."""
ADDRESS = ("base_url", "api_key")


def llm_settings(environment: Mapping[str, str] = os.environ) -> LlmConfig:
    """The configuration of every provider.

    A vendor's key (OPENAI_API_KEY …) goes to the vendor's own address only: a server of one's own gets the key that
    is named for it, or none.

    Raises:
        InputError: a variable with our prefix that is not known, a value that is not valid, a key file that others
            may read. No message shows a key.
    """
    from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig

    given = {**key_file(environment), **environment}
    names = [name for name in LlmProviderConfig.model_fields if name not in ("key", "base_url")] + [*ADDRESS]
    _refuse_unknown(given, names)
    providers = {}
    for provider in VENDOR_KEYS:
        own = {name: value for name in names if (value := _value(given, provider, name))}
        key = own.pop("api_key", None)
        if key is None and "base_url" not in own:
            key = next((given[name] for name in VENDOR_KEYS[provider] if given.get(name)), None)
        if key is not None:
            own["key"] = key.strip()
        if own:
            providers[provider] = _config(LlmProviderConfig, provider, own)
    return LlmConfig(providers=providers)


def own_servers(given: Mapping[str, str] = os.environ) -> set[str]:
    """The providers that are reached at an address of one's own."""
    return {name for name in VENDOR_KEYS if _value(given, name, "base_url")}


def _value(given: Mapping[str, str], provider: str, name: str) -> str | None:
    own = given.get(f"{LLM_PREFIX}{provider.upper()}_{name.upper()}")
    if own or (name in ADDRESS and provider != "openai"):
        return own
    return given.get(f"{LLM_PREFIX}{name.upper()}")


def _config(kind: type[LlmProviderConfig], provider: str, values: dict[str, Any]) -> LlmProviderConfig:
    from pydantic import ValidationError

    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = f"{LLM_PREFIX}{str(first['loc'][0]).upper()}"
        raise InputError(f"{name} (for {provider}): {first['msg'].removeprefix('Value error, ')}") from None


def _refuse_unknown(given: Mapping[str, str], names: Sequence[str]) -> None:
    known = {KEY_FILE, *(f"{LLM_PREFIX}{name.upper()}" for name in names)}
    known |= {f"{LLM_PREFIX}{provider}_{name}".upper() for provider in VENDOR_KEYS for name in names}
    for name in given:
        if name.startswith(LLM_PREFIX) and name not in known:
            raise InputError(
                f"{name} is not known", remedy=f"known are: {', '.join(sorted(known)[:4])} … (see the docs)"
            )


def key_file(environment: Mapping[str, str]) -> dict[str, str]:
    """NAME=key lines of the file ENG5_LLM_KEY_FILE, which only its owner may be able to read."""
    place = environment.get(KEY_FILE)
    if not place:
        return {}
    path = Path(place)
    with suppress(RuntimeError):  # nobody of that name has a home
        path = path.expanduser()
    keys = _named_values(path, "NAME=key")
    if path.stat().st_mode & 0o077:
        raise InputError(
            "the key file can be read by others",
            where=path,
            remedy=f"chmod 600 {path}, and think of new keys",
        )
    return {name: value.strip("\"'") for name, value in keys.items()}


def _named_values(path: Path, form: str, *, may_be_empty: bool = False) -> dict[str, str]:
    """The lines of a file, a name and a value each; InputError names one that has not the form."""
    found = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith(("#", "!")):
            name, separator, value = (part.strip() for part in line.partition("="))
            if not separator or not (value or may_be_empty):
                raise InputError(f"line {number} is not {form}", where=path)
            found[name] = value
    return found


SECRET_NAME = re.compile(r"TOKEN(?!S)|SECRET|PASSWORD|API_KEY")


def secret_values(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Values of variables and Kafka settings that are secret by their name, for logs to blank out."""
    given = {**environment, **{key.upper(): value for key, value in kafka_config(environment).items()}}
    given |= key_file(environment)
    return frozenset(
        value for name, value in given.items() if SECRET_NAME.search(name.upper()) and len(value) >= 6
    )


def variables(environment: Mapping[str, str] = os.environ) -> dict[str, tuple[str | None, bool]]:
    """What has no flag, by its variable: the value as it may be shown, and whether it is given."""
    given = {**key_file(environment), **environment}
    kept = credentials({})
    values: dict[str, str | None] = {
        **dict.fromkeys(("ENVIRONMENT", "HULEEDU_ENVIRONMENT", "ENG5_SERVE_TOKEN", "ENG5_KAFKA_PROPERTIES")),
        "ENG5_CONTENT_SECONDS": f"{CONTENT_SECONDS:g}",
        **dict.fromkeys(("HULEEDU_SERVICE_ACCOUNT_TOKEN", "HULEEDU_ADMIN_TOKEN", "JWT_SECRET_KEY")),
        "JWT_ALGORITHM": kept.jwt_algorithm,
        "JWT_AUDIENCE": kept.jwt_audience,
        "JWT_ISSUER": kept.jwt_issuer,
        **dict.fromkeys((KEY_FILE, *(name for names in VENDOR_KEYS.values() for name in names))),
        **dict.fromkeys(sorted(name for name in given if name.startswith(LLM_PREFIX) and name != KEY_FILE)),
    }
    return {
        name: (value, False)
        if not given.get(name, "").strip()
        else ("set (hidden)" if SECRET_NAME.search(name) else given[name].strip(), True)
        for name, value in values.items()
    }


def kafka_config(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """librdkafka settings from ENG5_KAFKA_PROPERTIES (a file of key=value lines) and ENG5_KAFKA_*.

    ENG5_KAFKA_SASL_MECHANISM becomes `sasl.mechanism`; a variable wins over the file.
    """
    config: dict[str, str] = {}
    if source := environment.get("ENG5_KAFKA_PROPERTIES"):
        config |= _named_values(Path(source), "key=value", may_be_empty=True)
    for name, value in environment.items():
        if name.startswith("ENG5_KAFKA_") and name != "ENG5_KAFKA_PROPERTIES":
            config[name.removeprefix("ENG5_KAFKA_").lower().replace("_", ".")] = value
    return config


def one_thread_for_matrices() -> None:
    """Matrices of a dozen essays are slower on several threads, and their sums may differ between machines.

    Takes effect when numpy has not been imported yet.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
