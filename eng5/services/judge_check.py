"""Can the judge of a variant be asked? One small question, of two sentences, says so; no pupil's text is sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from eng5.contracts.failures import NEXT, FailureCause
from eng5.contracts.judge_code import PLUGIN
from eng5.contracts.llm_config import DEFAULT_BASE_URLS, LLM_PROVIDERS, LlmConfig
from eng5.contracts.panel import HUMAN
from eng5.contracts.run import JudgeSettings
from eng5.errors import InputError, PreflightError, ServiceError
from eng5.files import read_text
from eng5.judges import (
    DEFAULT_MODEL,
    DEFAULT_PROVIDER,
    JudgeStoppedError,
    JudgeUnavailableError,
    LlmService,
    Outcome,
    Question,
    Setting,
    ShownEssay,
    Verdict,
    judge_for,
)
from eng5.judges.question import DEFAULT_SYSTEM_PROMPT
from eng5.services.doctor import Fault
from eng5.settings import RunnerSettings

if TYPE_CHECKING:
    from pathlib import Path

ESSAYS = (
    ShownEssay("one", "My dog is good. He is good dog and I like."),
    ShownEssay("two", "My dog is old now, yet he still waits at the door when I come home from school."),
)
STEPS = ("address", "key", "model", "structured output", "speed")
"""What has to be right, each before the next."""

BROKEN: dict[FailureCause, str] = {
    "unreachable": "address",
    "server error": "address",
    "time-out": "speed",
    "rate limit": "key",
    "rejected": "model",
    "too long": "model",
}
"""Which step a cause speaks of; the others are about the answer."""
STOPPED = {
    "AUTHENTICATION_ERROR": "key",
    "QUOTA_EXCEEDED": "key",
    "LLM_CONFIGURATION_ERROR": "key",
    "LLM_PROVIDER_UNAVAILABLE": "address",
}


def check_judge(settings: RunnerSettings, llm: LlmConfig, study: Path) -> list[Fault]:
    """A line for each step, up to the one that is at fault."""
    judge = settings.judge
    if judge.provider == HUMAN:
        return [Fault("judge", f"people; `eng5 judge {settings.batch_id}` serves their page")]
    setting = _setting(judge, settings)
    name = f"{setting.provider}/{setting.model}"
    if setting.provider in LLM_PROVIDERS:
        return asyncio.run(_ask_llm(setting, llm))
    metadata = {"judge": judge.judge} if judge.judge else {}
    if setting.provider != PLUGIN:
        return [Fault("judge", f"{name}: eng5's own, asks nobody")]
    try:
        verdict, seconds = asyncio.run(_ask(setting, metadata, LlmService(llm, study=study)))
    except (JudgeUnavailableError, JudgeStoppedError) as error:
        remedy = "docs/how-to/your-own-judge.md of eng5 says what a judge has to have"
        return [Fault("judge: code", str(error), InputError.exit_code, remedy)]
    if verdict.outcome is Outcome.ERROR:
        found = verdict.error_message or "no reason given"
        return [
            Fault("judge: code", f"{name} is there"),
            Fault("judge: answer", found, ServiceError.exit_code, NEXT["judge failed"]),
        ]
    return [
        Fault("judge: code", f"{name} is there"),
        Fault("judge: answer", f"{verdict.outcome.value}, after {seconds:.1f} s"),
    ]


def _setting(judge: JudgeSettings, settings: RunnerSettings) -> Setting:
    return Setting(
        judge.provider or DEFAULT_PROVIDER,
        judge.model or DEFAULT_MODEL,
        system_prompt=read_text(settings.system_prompt) if settings.system_prompt else DEFAULT_SYSTEM_PROMPT,
        rubric=read_text(settings.rubric) if settings.rubric else None,
        temperature=judge.temperature,
        max_tokens=judge.max_tokens,
        reasoning_effort=judge.reasoning_effort,
        output_verbosity=judge.output_verbosity,
        allow_ties=judge.allow_ties,
    )


async def _ask(setting: Setting, metadata: dict[str, str], service: LlmService) -> tuple[Verdict, float]:
    began = time.monotonic()
    verdict = await judge_for(setting, metadata, service).judge(Question(setting, *ESSAYS))
    return verdict, time.monotonic() - began


async def _ask_llm(setting: Setting, llm: LlmConfig) -> list[Fault]:
    once = llm.of(setting.provider).model_copy(update={"attempts": 1})
    service = LlmService(LlmConfig(providers={**llm.providers, setting.provider: once}))
    address = once.base_url or DEFAULT_BASE_URLS[setting.provider]
    try:
        try:
            verdict, seconds = await _ask(setting, {}, service)
        except JudgeStoppedError as stop:
            step = STOPPED.get(stop.code, "model")
            reached = stop.code != "LLM_CONFIGURATION_ERROR"
            where = f"{address} answers" if reached else f"{address}; nothing was sent"
            return list(_steps(where, setting, Stop(step, str(stop), stop.details.get("remedy"))))
        if verdict.outcome is Outcome.ERROR:
            return list(_steps(f"{address} answers", setting, _stop_of(verdict)))
        form = service.connection(setting.provider, setting.model, _overrides(setting)).format
    finally:
        await service.close()
    found = list(_steps(f"{address} answers", setting, None))
    model = verdict.metadata.get("resolved_model", setting.model)
    again = int(verdict.metadata["answers_asked"]) - 1
    asked = f", after {again} that were not valid" if again else ""
    rate = verdict.completion_tokens / seconds if seconds else 0.0
    speed = f"{seconds:.1f} s for {verdict.prompt_tokens} + {verdict.completion_tokens} tokens"
    return [
        *found,
        Fault("judge: model", f"answers as {model}"),
        Fault("judge: structured output", f"a valid answer{asked}; {form.in_words}"),
        Fault("judge: speed", f"{speed} ({rate:.0f} tokens/s), with two sentences in place of essays"),
    ]


class Stop(NamedTuple):
    """At which step it ended, why, and what to do."""

    step: str
    problem: str
    remedy: str | None


def _stop_of(verdict: Verdict) -> Stop:
    said = verdict.extra.get("raw_text")
    shown = f"; it said: {' '.join(str(said).split())[:200]}" if said else ""
    step = BROKEN.get(verdict.cause, "structured output")
    return Stop(step, f"{verdict.error_message}{shown}", verdict.remedy)


def _steps(address: str, setting: Setting, stop: Stop | None) -> Iterator[Fault]:
    """The steps before the one that stopped it, and that one; without one, those that say the same of any judge."""
    passed = {
        "address": address,
        "key": "accepted, or not asked for",
        "model": f"{setting.model} is there",
        "structured output": "not looked at",
    }
    for step in STEPS:
        if stop is not None and step == stop.step:
            code = PreflightError.exit_code if step in ("key", "model") else ServiceError.exit_code
            yield Fault(f"judge: {step}", stop.problem, code, stop.remedy)
            return
        if stop is None and step == "model":
            return
        yield Fault(f"judge: {step}", passed[step])


def _overrides(setting: Setting) -> dict[str, object]:
    from eng5.judges.llm import OVERRIDES

    return {name: value for name in OVERRIDES if (value := getattr(setting, name)) is not None}
