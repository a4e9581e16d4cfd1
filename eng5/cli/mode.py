"""`eng5 --mode …`: from flags to settings, every one of them checked, and on to the mode's handler."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

from eng5.cli.flags import FLAGS
from eng5.cli.values import Given, one_of
from eng5.contracts.experiments import LANGUAGE_TAG, LONGEST_WAIT, RUN_NAME
from eng5.contracts.grade_scales import scale_of
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import MOST_COMPARISONS, MOST_ITERATIONS, BoundarySelection, JudgeSettings
from eng5.contracts.wire.vocabulary import (
    LLMBatchingMode,
    LLMProviderType,
    OutputVerbosity,
    ReasoningEffort,
)
from eng5.errors import InputError
from eng5.handlers import HANDLER_MAP
from eng5.settings import RunnerSettings, anchors_folder, boundary_names, run_names
from eng5.steps import inventory

AS_GIVEN = ("course_code", "user_id", "org_id", "force_reupload", "fresh", "fresh_verdicts", "verbose")
"""Flags that are settings as they stand."""


def run_mode(given: Given) -> int:
    """Check the flags, collect the inventory, let the mode's handler do the rest; its exit code."""
    settings = settings_of(given)
    planned = settings.mode is RunnerMode.PLAN
    found = inventory.of_settings(given.project, settings, any_language=planned)
    return HANDLER_MAP[settings.mode]().execute(settings, found, given.project.run(settings.batch_id))


def settings_of(given: Given) -> RunnerSettings:
    """The settings that the flags ask for.

    Raises:
        InputError: a flag does not fit the mode or another flag, or its value is not allowed.
    """
    mode = RunnerMode(one_of("--mode", given["mode"], RunnerMode))
    _refuse_flags_of_other_modes(given, mode)
    _require(given, mode)
    platform = given.platform()
    wait = given["completion_timeout"]
    if not 0 < wait <= LONGEST_WAIT:
        raise InputError(
            f"--completion-timeout: {wait} is no time to wait",
            remedy=f"give seconds, more than 0, at most {LONGEST_WAIT:,}",
        )
    if given["no_kafka"] and given["await_completion"]:
        raise InputError(
            "--await-completion with --no-kafka: nothing is published, so no answer will come",
            remedy="leave one of them out",
        )
    return RunnerSettings(
        mode=mode,
        batch_id=own_run_name("--batch-id", given["batch_id"], given),
        assignment_id=uuid_of("--assignment-id", given["assignment_id"]),
        course_id=uuid_of("--course-id", given["course_id"]),
        language=_language(given["language"]),
        grade_scale=given.experiments.grade_scale,
        expected_grade_scale=grade_scale("--expected-grade-scale", given["expected_grade_scale"]),
        judge=_judge(given),
        system_prompt=_file("--system-prompt", given["system_prompt"]),
        rubric=_file("--rubric", given["rubric"]),
        max_comparisons=_at_least_one("--max-comparisons", given["max_comparisons"], MOST_COMPARISONS),
        boundary=_boundary(given, mode),
        use_kafka=not given["no_kafka"],
        await_completion=given["await_completion"] or platform.stack == "embedded",
        completion_timeout=wait,
        anchors_folder=anchors_folder(given.project).resolve(),
        privacy=given.experiments.privacy,
        platform=platform,
        **{name: given[name] for name in AS_GIVEN},
    )


def grade_scale(flag: str, name: str | None) -> str | None:
    """The name of a grade scale, or None; InputError says what is one."""
    if name is None:
        return None
    try:
        return scale_of(name).name
    except ValueError as error:
        raise InputError(f"{flag}: {error}") from None


def uuid_of(flag: str, text: str | None) -> str | None:
    """The UUID in lower case; InputError when it is none."""
    if text is None:
        return None
    try:
        return str(UUID(text.strip()))
    except ValueError:
        raise InputError(
            f"{flag}: '{text}' is no UUID",
            remedy="copy it from the platform; it looks like 01234567-89ab-cdef-0123-456789abcdef",
        ) from None


def own_run_name(flag: str, name: str, given: Given) -> str:
    """The name, when a run of the command line may have it; InputError says why it may not."""
    if not re.fullmatch(RUN_NAME, name):
        raise InputError(
            f"{flag}: '{name}' is no file name",
            remedy="use letters, digits, '.', '_' and '-', at most 80, starting with a letter or digit",
        )
    if name in {*run_names(given.experiments), *boundary_names(given.experiments)}:
        raise InputError(
            f"{flag}: '{name}' is the name of a run of experiments.toml",
            remedy=f"choose another name, or run it with `doit report:{name}`",
        )
    project = given.project
    shared = (
        project.baseline,
        project.compare,
        project.compare_boundary,
        project.upload_journal,
        project.export,
    )
    if name in {path.relative_to(project.build).parts[0] for path in shared}:
        raise InputError(
            f"{flag}: '{name}' is the name of a file or folder that eng5 itself keeps under build/",
            remedy="choose another name",
        )
    return name


def _refuse_flags_of_other_modes(given: Given, mode: RunnerMode) -> None:
    strangers = [flag for flag in FLAGS if given.by_flag(flag.name) and mode.value not in flag.modes]
    if strangers:
        fitting = ", ".join(flag.spelling for flag in FLAGS if mode.value in flag.modes)
        raise InputError(
            "; ".join(f"{flag.spelling} is for {' and '.join(flag.modes)}" for flag in strangers)
            + f", not for {mode.value}",
            remedy=f"leave it out; {mode.value} takes: {fitting}",
        )


def _require(given: Given, mode: RunnerMode) -> None:
    if mode is not RunnerMode.EXECUTE:
        return
    missing = [flag for flag in ("assignment_id", "course_id") if given[flag] is None]
    if missing:
        names = " and ".join("--" + name.replace("_", "-") for name in missing)
        raise InputError(
            f"execute needs {names}",
            remedy="`eng5 instructions list` shows the assignments of the CJ service; "
            "to try a prompt on anchors alone use --mode anchor-align-test",
        )


def _judge(given: Given) -> JudgeSettings:
    temperature = given["llm_temperature"]
    if temperature is not None and not 0 <= temperature <= 2:
        raise InputError(f"--llm-temperature: {temperature} is not from 0 to 2")
    cost = given["max_cost_usd"]
    if cost is not None and not 0 < cost < float("inf"):
        raise InputError(f"--max-cost-usd: {cost} buys nothing", remedy="give USD, more than 0")
    values: dict[str, Any] = {
        "provider": given["anchor_align_provider"] or given["llm_provider"],
        "model": given["anchor_align_model"] or given["llm_model"],
        "temperature": temperature,
        "max_tokens": _at_least_one("--llm-max-tokens", given["llm_max_tokens"], 10_000_000),
        "max_cost_usd": cost,
        "allow_ties": given["allow_ties"],
        "adaptive": given["adaptive"],
    }
    for key, flag, allowed in (
        ("reasoning_effort", "anchor_align_reasoning_effort", get_args(ReasoningEffort)),
        ("output_verbosity", "anchor_align_output_verbosity", get_args(OutputVerbosity)),
        ("batching_mode", "llm_batching_mode", get_args(LLMBatchingMode)),
    ):
        values[key] = one_of("--" + flag.replace("_", "-"), given[flag], allowed, optional=True)
    for flag in ("llm_provider", "anchor_align_provider"):
        one_of("--" + flag.replace("_", "-"), given[flag], get_args(LLMProviderType), optional=True)
    return JudgeSettings.model_validate(values)


def _boundary(given: Given, mode: RunnerMode) -> BoundarySelection | None:
    if mode is not RunnerMode.BOUNDARY_TEST:
        return None
    from eng5.essays.pairs import split_names

    pairs, grades = split_names(given["boundary_pairs"]), split_names(given["boundary_grades"])
    if not (pairs or grades or given["all_adjacent"]):
        raise InputError(
            "boundary-test needs pairs",
            remedy="give --boundary-pairs HIGHER:LOWER, --boundary-grades HIGHER:LOWER or --all-adjacent",
        )
    return BoundarySelection(
        pairs=pairs,
        grades=grades,
        all_adjacent=given["all_adjacent"],
        iterations=_at_least_one("--boundary-iterations", given["boundary_iterations"], MOST_ITERATIONS),
        sequential=given["sequential"],
    )


def _language(tag: str) -> str:
    if not re.fullmatch(LANGUAGE_TAG, tag):
        raise InputError(
            f"--language: '{tag}' is no language", remedy="give a language tag, such as en or sv"
        )
    return tag


def _at_least_one(flag: str, value: int | None, most: int) -> Any:
    if value is not None and value < 1:
        raise InputError(f"{flag}: {value} is too small", remedy="1 is the least")
    if value is not None and value > most:
        raise InputError(f"{flag}: {value} is too large", remedy=f"{most:,} is the most")
    return value


def _file(flag: str, path: Path | None) -> Path | None:
    """The file's absolute path, once it is known to hold text."""
    if path is None:
        return None
    from eng5.files import read_text

    if not read_text(path).strip():
        raise InputError(f"{flag}: the file is empty", where=path, remedy="write the text into it")
    return path.resolve()
