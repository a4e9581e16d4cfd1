"""Where the platform is, and keys, addresses and limits of LLM providers: from variables and from files."""

from pathlib import Path

import pytest

from eng5.contracts.llm_config import LLM_PROVIDERS, LlmConfig
from eng5.contracts.platform import PlatformSettings
from eng5.environment import VENDOR_KEYS, kafka_config, llm_settings, secret_values
from eng5.errors import InputError
from eng5.settings import platform_of

KEY = "sk-secret-0123456789"


def key_of(config: LlmConfig, provider: str) -> str | None:
    key = config.of(provider).key
    return key.get_secret_value() if key else None


def test_without_variables_there_are_defaults_and_no_keys() -> None:
    """16 at a time, no rate limit, the vendors' own addresses."""
    config = llm_settings({})
    assert tuple(VENDOR_KEYS) == LLM_PROVIDERS
    assert [key_of(config, name) for name in LLM_PROVIDERS] == [None] * 4
    assert (config.of("openai").concurrency, config.of("openai").base_url) == (16, None)


@pytest.mark.parametrize(
    ("variable", "provider"),
    [
        ("OPENAI_API_KEY", "openai"),
        ("ANTHROPIC_API_KEY", "anthropic"),
        ("GOOGLE_API_KEY", "google"),
        ("GEMINI_API_KEY", "google"),
        ("OPENROUTER_API_KEY", "openrouter"),
    ],
)
def test_a_vendor_s_key_is_that_vendor_s_alone(variable: str, provider: str) -> None:
    """One variable gives one provider its key."""
    config = llm_settings({variable: KEY})
    assert {name: key_of(config, name) for name in LLM_PROVIDERS if key_of(config, name)} == {provider: KEY}


def test_a_vendor_s_key_never_goes_to_another_address() -> None:
    """With an address of one's own only the key named for it is sent."""
    environment = {"OPENAI_API_KEY": KEY, "ENG5_LLM_BASE_URL": "http://localhost:8080/v1/"}
    config = llm_settings(environment)
    assert (config.of("openai").base_url, key_of(config, "openai")) == ("http://localhost:8080/v1", None)
    assert key_of(llm_settings({**environment, "ENG5_LLM_API_KEY": "mine"}), "openai") == "mine"


def test_limits_for_all_and_for_one() -> None:
    """A provider's own variable wins over the one for all; addresses are never shared."""
    config = llm_settings(
        {
            "ENG5_LLM_CONCURRENCY": "4",
            "ENG5_LLM_ANTHROPIC_CONCURRENCY": "2",
            "ENG5_LLM_TOKENS_PER_MINUTE": "30000",
            "ENG5_LLM_BASE_URL": "http://localhost:8080/v1",
        }
    )
    assert [config.of(name).concurrency for name in LLM_PROVIDERS] == [4, 2, 4, 4]
    assert config.of("google").tokens_per_minute == 30000
    assert config.of("anthropic").base_url is None


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"ENG5_LLM_CONCURENCY": "4"}, "ENG5_LLM_CONCURENCY is not known"),
        ({"ENG5_LLM_CONCURRENCY": "0"}, r"ENG5_LLM_CONCURRENCY \(for openai\)"),
        ({"ENG5_LLM_TIMEOUT": "soon"}, "ENG5_LLM_TIMEOUT"),
        ({"ENG5_LLM_BASE_URL": "localhost:8080"}, "must be an address"),
        ({"ENG5_LLM_BASE_URL": f"http://me:{KEY}@localhost/v1"}, "must not contain a user"),
    ],
)
def test_what_is_wrong_is_named_without_secrets(environment: dict[str, str], message: str) -> None:
    """The variable, and why; never a key."""
    with pytest.raises(InputError, match=message) as refused:
        llm_settings(environment)
    assert KEY not in str(refused.value)


def test_a_key_file_of_one_s_own_is_read(tmp_path: Path) -> None:
    """NAME=key lines with comments; a variable wins over the file; logs blank its keys out."""
    path = tmp_path / "keys"
    path.write_text(f"# mine\nOPENAI_API_KEY={KEY}\nANTHROPIC_API_KEY='other-{KEY}'\n", encoding="utf-8")
    path.chmod(0o600)
    environment = {"ENG5_LLM_KEY_FILE": str(path), "OPENAI_API_KEY": "from-the-variable"}
    config = llm_settings(environment)
    assert key_of(config, "openai") == "from-the-variable"
    assert key_of(config, "anthropic") == f"other-{KEY}"
    assert f"other-{KEY}" in secret_values(environment)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    """The message says which file and what to do, and shows no key."""
    path = tmp_path / "keys"
    path.write_text(f"OPENAI_API_KEY={KEY}\n", encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(InputError, match="chmod 600") as refused:
        llm_settings({"ENG5_LLM_KEY_FILE": str(path)})
    assert KEY not in str(refused.value)


def test_keys_do_not_show_when_the_configuration_is_printed() -> None:
    """repr, str and JSON hide them."""
    config = llm_settings({"OPENAI_API_KEY": KEY})
    assert KEY not in f"{config!r} {config} {config.model_dump_json()}"


def test_the_stand_in_is_the_default() -> None:
    """Without ENG5_STACK no address of the environment is used: a plain run never reaches a platform."""
    addresses = {"KAFKA_BOOTSTRAP_SERVERS": "kafka:1", "CONTENT_SERVICE_URL": "http://content:2"}
    for environment in ({}, {"ENG5_STACK": ""}, {"ENG5_STACK": " embedded "}):
        settings = platform_of(addresses | environment)
        assert settings == PlatformSettings(stack="embedded")


def test_the_platform_of_the_environment() -> None:
    """ENG5_STACK=external takes the addresses, or the platform's usual ones."""
    given = platform_of(
        {
            "ENG5_STACK": "external",
            "KAFKA_BOOTSTRAP_SERVERS": "kafka:1",
            "CONTENT_SERVICE_URL": "http://content:2/v1/content",
            "CJ_SERVICE_URL": "http://cj:3",
            "ENG5_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        }
    )
    assert (given.kafka_bootstrap, given.content_service_url, given.cj_service_url) == (
        "kafka:1",
        "http://content:2/v1/content",
        "http://cj:3",
    )
    assert given.kafka_config == {"security.protocol": "SASL_SSL"}
    usual = platform_of({"ENG5_STACK": "external"})
    assert (usual.kafka_bootstrap, usual.content_service_url) == (
        "localhost:9093",
        "http://localhost:8001/v1/content",
    )


@pytest.mark.parametrize("url", ["http://user:hunter2@content:2", "https://content/v1?token=hunter2"])
@pytest.mark.parametrize("name", ["CONTENT_SERVICE_URL", "CJ_SERVICE_URL"])
def test_an_address_with_a_secret_in_it_is_refused(name: str, url: str) -> None:
    """Addresses stand in files and logs; the message does not repeat the secret either."""
    with pytest.raises(InputError, match=name) as caught:
        platform_of({"ENG5_STACK": "external", name: url})
    assert "hunter2" not in str(caught.value)


def test_an_unknown_stack_is_refused() -> None:
    """A typing error does not quietly use the stand-in."""
    with pytest.raises(InputError, match="ENG5_STACK is 'extern'"):
        platform_of({"ENG5_STACK": "extern"})


def test_kafka_settings_of_a_file(tmp_path: Path) -> None:
    """key=value lines with comments; a variable wins over the file; a line without = is named."""
    path = tmp_path / "kafka.properties"
    path.write_text("# cluster\nsasl.username = me\n\n! old\nsasl.password=a=b\n", encoding="utf-8")
    environment = {"ENG5_KAFKA_PROPERTIES": str(path), "ENG5_KAFKA_SASL_USERNAME": "you", "OTHER": "x"}
    assert kafka_config(environment) == {"sasl.username": "you", "sasl.password": "a=b"}
    path.write_text("sasl.username me\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1 is not key=value") as caught:
        kafka_config(environment)
    assert caught.value.where == str(path)


def test_secrets_are_known_and_not_shown(tmp_path: Path) -> None:
    """Passwords of Kafka and tokens are told to the log to blank out, and no repr has them."""
    path = tmp_path / "kafka.properties"
    path.write_text("sasl.password=from-the-file\n", encoding="utf-8")
    environment = {
        "ENG5_STACK": "external",
        "ENG5_KAFKA_PROPERTIES": str(path),
        "ENG5_KAFKA_SSL_KEY_PASSWORD": "from-a-variable",
        "HULEEDU_ADMIN_TOKEN": "the-token",
        "HOME": "/home/me",
    }
    secrets = {"from-the-file", "from-a-variable", "the-token"}
    assert secrets <= secret_values(environment)
    assert "/home/me" not in secret_values(environment)
    assert not any(secret in repr(platform_of(environment)) for secret in secrets)
