"""Every flag of `eng5 --mode …`, named once: what it means, which modes take it, where else its value may come from."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

PLAN, DRY_RUN, EXECUTE, ALIGN, BOUNDARY = "plan", "dry-run", "execute", "anchor-align-test", "boundary-test"
MODES = (PLAN, DRY_RUN, EXECUTE, ALIGN, BOUNDARY)
SENDING = (EXECUTE, ALIGN, BOUNDARY)
JUDGED = (DRY_RUN, *SENDING)

WHAT, WHO, JUDGE, PAIRS, WHERE, HOW = (
    "What to run",
    "Who it is for",
    "The judge",
    "Boundary tests",
    "The platform (without these flags and ENG5_STACK=external: the stand-in)",
    "How to run it",
)


@dataclass(frozen=True)
class Flag:
    """A flag: its parameter's name, its type, its help, and what a value is when nobody gives one."""

    name: str
    kind: Any
    panel: str
    help: str
    modes: tuple[str, ...] = MODES
    default: object = None
    metavar: str | None = None
    environment: str | None = None
    experiments: bool = False
    """Whether experiments.toml has a key of this name."""

    @property
    def spelling(self) -> str:
        return "--" + self.name.replace("_", "-")


FLAGS = (
    Flag("mode", str, WHAT, "What to do.", default=PLAN, metavar="|".join(MODES)),
    Flag("batch_id", str, WHAT, "The run's name: its folder under build/.", default="eng5-np-local-batch"),
    Flag("system_prompt", Path, WHAT, "File with the judge's system prompt.", SENDING),
    Flag("rubric", Path, WHAT, "File with the judge's rubric.", SENDING),
    Flag("max_comparisons", int, WHAT, "Budget of comparisons, 1 or more. No essay is dropped for it.", JUDGED),
    Flag("fresh", bool, WHAT, "Ask again: a new attempt under the same batch id.", SENDING, default=False),
    Flag("fresh_verdicts", bool, WHAT, "A new attempt that uses no verdict kept so far.", SENDING, default=False),
    Flag("adaptive", bool, WHAT, "Below all pairs: choose them by the verdicts so far.", SENDING, default=False),
    Flag("project", Path, WHAT, "The study's folder; this one or one above it when not given."),
    Flag("assignment_id", str, WHO, "Assignment at the CJ service (UUID). execute needs it.", metavar="UUID"),
    Flag("course_id", str, WHO, "Course of the assignment (UUID). execute needs it.", metavar="UUID"),
    Flag("expected_grade_scale", str, WHO, "Stop when the assignment has another grade scale.", (EXECUTE,)),
    Flag("course_code", str, WHO, "Course code of the request.", default="ENG5", experiments=True),
    Flag("language", str, WHO, "Language of the essays.", default="en", experiments=True),
    Flag("user_id", str, WHO, "User that the request names.", default="eng5_np_research_runner"),
    Flag("org_id", str, WHO, "Organisation that the request names."),
    Flag("llm_provider", str, JUDGE, "Provider of the judge.", JUDGED),
    Flag("llm_model", str, JUDGE, "Model of the judge.", JUDGED),
    Flag("llm_temperature", float, JUDGE, "Temperature, 0 to 2.", JUDGED),
    Flag("llm_max_tokens", int, JUDGE, "Longest answer in tokens.", JUDGED),
    Flag("allow_ties", bool, JUDGE, "The judge may call it a tie.", SENDING, default=False),
    Flag("max_cost_usd", float, JUDGE, "Stop before the verdicts cost more than this.", SENDING),
    Flag("llm_batching_mode", str, JUDGE, "per_request, serial_bundle, or provider_batch_api: half the price.", JUDGED),
    Flag("anchor_align_provider", str, JUDGE, "Provider, for this mode only.", (ALIGN,)),
    Flag("anchor_align_model", str, JUDGE, "Model, for this mode only.", (ALIGN,)),
    Flag("anchor_align_reasoning_effort", str, JUDGE, "none, low, medium or high.", (ALIGN,)),
    Flag("anchor_align_output_verbosity", str, JUDGE, "low, medium or high.", (ALIGN,)),
    Flag("boundary_pairs", str, PAIRS, "Anchors, HIGHER:LOWER,HIGHER:LOWER.", (BOUNDARY,)),
    Flag("boundary_grades", str, PAIRS, "Grades, HIGHER:LOWER: every pair of anchors across.", (BOUNDARY,)),
    Flag("all_adjacent", bool, PAIRS, "Every pair across neighbouring grades.", (BOUNDARY,), default=False),
    Flag("boundary_iterations", int, PAIRS, "Times that each pair is asked in each order.", (BOUNDARY,), 10),
    Flag("sequential", bool, PAIRS, "Stop a pair as soon as its winner is known.", (BOUNDARY,), default=False),
    Flag(
        "content_service_url", str, WHERE, "Content Service, ends in /v1/content.", SENDING,
        "http://localhost:8001/v1/content", environment="CONTENT_SERVICE_URL",
    ),
    Flag("cj_service_url", str, WHERE, "CJ service.", SENDING, environment="CJ_SERVICE_URL"),
    Flag(
        "kafka_bootstrap", str, WHERE, "Kafka brokers, HOST:PORT,HOST:PORT.", SENDING,
        "localhost:9093", environment="KAFKA_BOOTSTRAP_SERVERS",
    ),
    Flag("kafka_client_id", str, WHERE, "How the brokers see this client.", SENDING, "eng5-np-runner"),
    Flag("no_kafka", bool, HOW, "Compose the request and stop before publishing it.", SENDING, default=False),
    Flag(
        "await_completion", bool, HOW,
        "Wait for the answers and make the report. Always so with the stand-in, which ends with the command.",
        SENDING, default=False,
    ),
    Flag(
        "completion_timeout", float, HOW, "Longest wait for the answers, in seconds.", SENDING, 1800.0,
        experiments=True,
    ),
    Flag("force_reupload", bool, HOW, "Upload every essay again.", SENDING, default=False),
    Flag("verbose", bool, HOW, "More lines in the run's log.", default=False),
)  # fmt: skip


def _say_version(asked: bool) -> None:
    if asked:
        from eng5 import __version__

        typer.echo(f"eng5 {__version__}")
        raise typer.Exit


def with_flags(function: Callable[..., None]) -> Callable[..., None]:
    """`function(ctx)` with all flags as options, for Typer to read; values are in `ctx.params`."""

    def command(ctx: typer.Context, **_: object) -> None:
        function(ctx)

    def option(name: str, kind: Any, default: bool | None, said: Any) -> inspect.Parameter:
        annotation = Annotated[kind, said]
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)

    parameters = [inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)]
    for flag in FLAGS:
        said = typer.Option(
            flag.spelling,
            help=flag.help,
            rich_help_panel=flag.panel,
            envvar=flag.environment,
            metavar=flag.metavar,
            show_default=False if flag.default in (None, False) else str(flag.default),
        )
        kind, default = (bool, False) if flag.kind is bool else (flag.kind | None, None)
        parameters.append(option(flag.name, kind, default, said))
    version = typer.Option("--version", help="The version of eng5.", is_eager=True, callback=_say_version)
    parameters.append(option("version", bool, False, version))
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__doc__ = function.__doc__
    return command
