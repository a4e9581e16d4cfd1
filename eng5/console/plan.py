"""What runs will ask, cost and tell, before anything is spent. Nothing is written, nothing is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from eng5.console.tables import show_table
from eng5.contracts.estimate import RunEstimate, Spending
from eng5.contracts.experiments import Experiments
from eng5.contracts.inventory import Inventory
from eng5.contracts.llm_config import LLM_PROVIDERS
from eng5.contracts.run import RunFile
from eng5.contracts.uploads import Uploads
from eng5.contracts.wire.base import to_wire
from eng5.errors import Eng5Error
from eng5.essays.reading import text_to_send
from eng5.files import read_text, sha256_text
from eng5.paths import ProjectPaths
from eng5.services.connect import estimator
from eng5.services.judge_identity import own_judge
from eng5.settings import RunnerSettings
from eng5.steps import envelope, inventory, run
from eng5.steps.uploads import essays_to_send

Estimator = Callable[[bytes, Mapping[str, str]], RunEstimate]
COLUMNS = ("Run", "Judge", "Comparisons", "Kept", "Calls", "Tokens", "Cost", "Time", "Width of tau")
NUMBERS = COLUMNS[2:]


@dataclass(frozen=True)
class Planned:
    """A run's estimate and the expected width of its 95 % interval of tau; or why there is none."""

    run: str
    estimate: RunEstimate | None = None
    tau_width: float | None = None
    problem: str | None = None
    found: Inventory | None = None


def build(project: ProjectPaths, settings: RunnerSettings, estimator: Estimator) -> Planned:
    """Plan one run: what its next command would ask, another attempt where the last one was given up."""
    if settings.members:
        return Planned(settings.batch_id, problem=f"panel of {', '.join(settings.members)}: asks nothing")
    try:
        found = inventory.of_settings(project, settings, any_language=True)
        attempt = run.attempt_of(project.run(settings.batch_id), settings)
        stated = own_judge(settings.judge, project)
        identity = run.build(settings, project, found, attempt=attempt, own_judge=stated)
        run_file = run.compose(settings, project, identity, datetime.now(UTC))
        estimate = estimate_of(project, settings, run_file, found, estimator)
    except Eng5Error as error:
        return Planned(settings.batch_id, problem=error.problem)
    aligns = settings.mode.about.measures == "alignment"
    width = _tau_width(found, estimate) if aligns else None
    return Planned(settings.batch_id, estimate, width, found=found)


def estimate_of(
    project: ProjectPaths,
    settings: RunnerSettings,
    run_file: RunFile,
    found: Inventory,
    estimator: Estimator,
) -> RunEstimate:
    """What a run would take: its request is composed as it would be sent, with hashes for storage ids.

    Raises:
        Eng5Error: an input is missing, or the request would be refused.
    """
    texts = {
        essay.text_sha256: text_to_send(project.root / essay.path, settings.privacy)
        for essay in essays_to_send(run_file, found)
    }
    uploads = Uploads(content_service="none", storage_ids={sha: sha for sha in texts})
    if settings.mode.about.sends == "students" and settings.assignment_id is None:
        prompt = read_text(project.prompt)
        uploads = uploads.model_copy(update={"prompt_storage_id": sha256_text(prompt)})
        texts[sha256_text(prompt)] = prompt
    event = envelope.build(
        run_file,
        found,
        uploads,
        system_prompt=read_text(settings.system_prompt) if settings.system_prompt else None,
        rubric=read_text(settings.rubric) if settings.rubric else None,
        listed=envelope.pairs_of(project.run(settings.batch_id), run_file.identity.pairs_of),
    )
    return estimator(to_wire(event), texts)


def spending(
    project: ProjectPaths, settings: RunnerSettings, found: Inventory, run_file: RunFile
) -> Spending | None:
    """What is expected of a run that is about to be made, to be kept with it; None of judges that are no models."""
    if settings.judge.provider not in LLM_PROVIDERS:
        return None
    try:
        of = estimator(project, settings.platform)
        return estimate_of(project, settings, run_file, found, of).spending
    except Eng5Error:  # the run itself is refused for it, in its own words
        return None


def row(planned: Planned) -> tuple[object, ...]:
    """The run's line under ``COLUMNS``."""
    one = planned.estimate
    if one is None:
        return (planned.run, planned.problem, *[None] * len(NUMBERS))
    return (
        planned.run,
        f"{one.provider}/{one.model}",
        len(one.comparisons),
        one.reusable,
        one.calls,
        f"{one.prompt_tokens + one.completion_tokens:,}",
        _cost(one.spending),
        _time(one.spending),
        "n/a" if planned.tau_width is None else f"{planned.tau_width:.2f}",
    )


def both_ways(one: RunEstimate) -> str | None:
    """Cost and time by batch and without; None where there is no choice."""
    if one.other_way is None:
        return None
    batch, each = (one.spending, one.other_way) if one.by_batch else (one.other_way, one.spending)
    how = "" if one.by_batch else ' (batching_mode = "provider_batch_api")'
    return f"by batch{how} {_cost(batch)}, {_time(batch)}; one by one {_cost(each)}, {_time(each)}"


def _cost(one: Spending) -> str:
    return "n/a" if one.cost_usd is None else f"{one.cost_usd:.2f} USD"


def _time(one: Spending) -> str:
    if one.seconds is None:
        return "n/a"
    if one.by_batch and one.asked:
        return "within 24 h"
    return f"{one.seconds:.0f} s" if one.seconds < 90 else f"{one.seconds / 60:.0f} min"


def _tau_width(found: Inventory, estimate: RunEstimate) -> float | None:
    from eng5.console.power import levels

    asked = levels(found, estimate)
    return None if asked is None else _width_of(*(tuple(each.tolist()) for each in asked))


@cache
def _width_of(grade: tuple[int, ...], first: tuple[int, ...], second: tuple[int, ...]) -> float | None:
    """Worked out once for all runs that ask the same."""
    import numpy as np

    from eng5.stats.expected_tau import expected_tau

    return expected_tau(np.array(grade), np.array(first), np.array(second))


def say_plan(
    project: ProjectPaths, runs: Iterable[RunnerSettings], experiments: Experiments | None = None
) -> None:
    """Print one line a run; runs of the command line that wait for the platform's own anchors are left out."""
    planned = [
        build(project, settings, estimator(project, settings.platform))
        for settings in runs
        if settings.mode.about.sends != "students"
    ]
    show_table(COLUMNS, [row(one) for one in planned], right=NUMBERS)
    for one in planned:
        if one.estimate is None:
            continue
        for note in (both_ways(one.estimate), *one.estimate.notes):
            if note is not None:
                print(f"{one.run}: {note}")  # noqa: T201
    print(  # noqa: T201
        "Kept: verdicts in the ledger. Tokens, cost and time are of the calls, with answers asked again. "
        "Width: of tau's 95 % interval, for a "
        "judge with tau about 0.85."
    )
    if experiments is not None:
        from eng5.console.experts import of_experts

        _say_power(planned, experiments)
        essays = max((len(one.found.anchors) for one in planned if one.found is not None), default=0)
        for sentence in of_experts(project, experiments, essays):
            print(sentence)  # noqa: T201


def _say_power(planned: Iterable[Planned], experiments: Experiments) -> None:
    """What comparing the variants, and the judge with the graders, can show."""
    from eng5.console import power

    of_variants = [one for one in planned if one.run in experiments.variant and one.tau_width is not None]
    for one in of_variants[:1]:
        if one.found is not None and one.estimate is not None:
            asked = power.levels(one.found, one.estimate)
            compared = None if asked is None else power.of_comparison(asked, experiments)
            power.say([compared, power.of_graders(one.found)])
