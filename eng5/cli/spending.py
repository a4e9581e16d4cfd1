"""Commands about verdicts that were paid for: the ledger, and the same pairs by another judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eng5.cli.completion import RUN

if TYPE_CHECKING:
    from eng5.reports.rejudge import Rejudging


def ledger(ctx: typer.Context) -> None:
    """The verdicts that are kept, by judge: how many, what they cost, how often they spared a question.

    Of the stand-in, or, with ENG5_STACK=external or --kafka-bootstrap before the command, of the Kafka cluster that
    `eng5 serve --role cj` and its judges work around. "Repaid" counts answers that may have been paid for twice,
    because a judge was killed while it was asked.
    """
    from eng5.cli.values import given
    from eng5.console.tables import show_table
    from eng5.environment import DEFAULT_KAFKA_BOOTSTRAP
    from eng5.judges.ledger_view import ledger_view
    from eng5.stack.roles.ledger_topics import ledger_of_cluster

    known = given(ctx)
    platform = known.platform()
    if platform.stack == "external":
        found = ledger_of_cluster(platform.kafka_bootstrap or DEFAULT_KAFKA_BOOTSTRAP, platform.kafka_config)
    else:
        found = ledger_view(known.project.stack)
    columns = (
        "Judge", "Batches", "Verdicts", "Repaid", "Ties", "Errors", "Hits", "Tokens", "Cached", "Cost",
    )  # fmt: skip
    rows = [
        (
            f"{one.provider}/{one.model}",
            len(one.batches),
            one.entries,
            one.paid_again,
            one.ties,
            one.errors,
            one.hits,
            f"{one.prompt_tokens + one.completion_tokens:,}",
            f"{one.cached_tokens:,}",
            "n/a" if one.unpriced == one.entries > 0 else f"{one.cost_usd:.4f} USD",
        )
        for one in found
    ]
    if not rows:
        typer.echo("The ledger is empty.")
        return
    show_table(columns, rows, right=columns[1:])


def rejudge(
    ctx: typer.Context,
    run: RUN,
    provider: Annotated[str, typer.Option("--provider", help="Provider of the other judge.")],
    model: Annotated[str, typer.Option("--model", help="Model of the other judge.")],
    name: Annotated[
        str | None, typer.Option("--name", help="The new run's name; RUN.MODEL when not given.")
    ] = None,
) -> None:
    """Ask another judge the same pairs, in the same order and positions, and compare the verdicts one by one.

    A boundary test is asked as it was listed, with early stopping where it had that.
    """
    import re

    from eng5.cli.mode import own_run_name
    from eng5.cli.values import given
    from eng5.contracts.artefact import Artefact
    from eng5.contracts.run import RunFile
    from eng5.errors import InputError
    from eng5.files import read_model
    from eng5.graph.drive import update_artefact
    from eng5.handlers import HANDLER_MAP
    from eng5.reports import rejudge as step
    from eng5.runs.registry import batch_end, frozen_settings
    from eng5.steps import inventory

    known = given(ctx)
    first = known.project.run(run)
    if not first.artefact.exists() and batch_end(first) is None:
        raise InputError(f"'{run}' has no artefact", where=first.artefact, remedy="finish that run first")
    new_name = own_run_name("--name", name or f"{run}.{re.sub(r'[^A-Za-z0-9._-]+', '-', model)}", known)
    settings = frozen_settings(
        known.project, read_model(first.run, RunFile), known.platform(), known.experiments.privacy
    )
    update_artefact(settings, first)
    asked = read_model(first.artefact, Artefact)
    judge = settings.judge.model_copy(update={"provider": provider, "model": model, "panel": None})
    settings = settings.model_copy(
        update={
            "batch_id": new_name,
            "origin": "command-line",
            "judge": judge,
            "max_comparisons": None,
            "pairs_of": None if settings.boundary else first.artefact,
        }
    )
    second = known.project.run(settings.batch_id)
    found = inventory.of_settings(known.project, settings)
    HANDLER_MAP[settings.mode]().execute(settings, found, second)
    _show(run, step.build(asked, read_model(second.artefact, Artefact)))


def retry(
    ctx: typer.Context,
    run: RUN,
) -> None:
    """Ask again what failed in a run, and make its report anew.

    It is the run's next attempt; the one before is kept. Verdicts come from the ledger, so only what failed is paid.
    """
    from eng5.cli.values import given
    from eng5.errors import InputError
    from eng5.handlers import HANDLER_MAP
    from eng5.runs.registry import artefact_head, load_runs, no_run
    from eng5.steps import inventory

    known = given(ctx)
    runs, paths = load_runs(known.project, known.experiments), known.project.run(run)
    if run not in runs:
        raise no_run(run, runs)
    if all(one.status != "failed" for one in artefact_head(paths).llm_comparisons):
        raise InputError(
            f"nothing failed in '{run}'", where=paths.artefact, remedy="there is nothing to ask again"
        )
    settings = runs[run].model_copy(update={"fresh": True})
    HANDLER_MAP[settings.mode]().execute(settings, inventory.of_settings(known.project, settings), paths)


def _show(run: str, found: Rejudging) -> None:
    from eng5.console.tables import show_table

    def number(value: float | None) -> str:
        return "n/a" if value is None else f"{value:.3f}"

    typer.echo(
        f"\nSame verdict as '{run}': {found.agreeing} of {found.compared} ({number(found.rate)}, 95 % interval "
        f"{number(found.low)} to {number(found.high)}), Cohen's kappa {number(found.kappa)}. "
        f"Not answered: {found.failed}. Only in one run: {found.unmatched}."
    )
    if found.disagreements:
        show_table(
            ("Essay A", "Essay B", "Time", run, "other judge"),
            [
                (one.essay_a_id, one.essay_b_id, one.repetition, one.first, one.second)
                for one in found.disagreements
            ],
            right=("Time",),
        )
