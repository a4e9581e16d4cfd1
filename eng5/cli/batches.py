"""Commands about batches of questions at providers: what was sent, waiting for it, ending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eng5.cli.completion import RUN
from eng5.cli.group import WholeHelp

if TYPE_CHECKING:
    from eng5.cli.values import Given
    from eng5.contracts.provider_batch import SentBatch

batches = typer.Typer(
    cls=WholeHelp,
    invoke_without_command=True,
    rich_markup_mode=None,
)


@batches.callback()
def show(ctx: typer.Context) -> None:
    """Batches of questions at providers: run, state, how many are answered, age, and cost so far.

    Those that have not ended are looked up at their provider. "Kept" counts verdicts in the ledger. With `wait` or
    `cancel` after it, waits for a run's batches or ends one.
    """
    if ctx.invoked_subcommand is not None:
        return
    import asyncio

    from eng5.cli.values import given
    from eng5.console.batches import show_batches
    from eng5.environment import llm_settings
    from eng5.judges.batches.overview import batches_now

    show_batches(asyncio.run(batches_now(given(ctx).project.stack, llm_settings())))


@batches.command()
def wait(ctx: typer.Context, run: RUN) -> None:
    """Wait until the run's batches have ended; Ctrl-C leaves them alone. The run's own command collects them."""
    import asyncio

    from eng5.cli.values import given
    from eng5.environment import llm_settings
    from eng5.errors import InterruptedRunError
    from eng5.judges.batches.waiting import wait_for

    known = given(ctx)
    open_ones = [one for one in _of_run(known, run) if one.state != "ended"]
    if not open_ones:
        typer.echo(f"No batch of '{run}' is open. `doit report:{run}` collects what has ended.")
        return
    try:
        asyncio.run(wait_for(open_ones, llm_settings(), lambda text: typer.echo(text, err=True)))
    except KeyboardInterrupt:
        names = ", ".join(str(one.provider_id) for one in open_ones)
        typer.echo(f"\n{names} goes on; `eng5 batches` shows how far it is", err=True)
        raise typer.Exit(InterruptedRunError.exit_code) from None
    typer.echo(f"The batches of '{run}' have ended. Collect their answers: doit report:{run}")


@batches.command()
def cancel(
    ctx: typer.Context,
    batch: Annotated[str, typer.Argument(metavar="ID", help="The batch's id, as `eng5 batches` shows it.")],
) -> None:
    """End a batch at its provider. What is answered already is paid for and is collected; the rest is not asked."""
    import asyncio

    from eng5.cli.values import given
    from eng5.environment import llm_settings
    from eng5.errors import InputError
    from eng5.judges.batches.sent import SentBatches
    from eng5.judges.batches.waiting import cancel_now

    known = given(ctx)
    sent = SentBatches(known.project.stack)
    found = [one for one in sent.all() if batch in (one.provider_id, one.ident)]
    if not found or found[0].provider_id is None:
        ids = ", ".join(one.provider_id for one in sent.all() if one.provider_id) or "none"
        raise InputError(f"no batch '{batch}' was sent from this study", remedy=f"there are: {ids}")
    if found[0].state == "ended":
        raise InputError(
            f"the batch '{batch}' has ended ({found[0].word})", remedy="there is nothing to cancel"
        )
    word = asyncio.run(cancel_now(sent, found[0], llm_settings()))
    typer.echo(
        f"{batch}: {word}. What was answered is kept; `doit report:{found[0].label}` collects it, "
        "and asks the rest in a new batch."
    )


def _of_run(known: Given, run: str) -> list[SentBatch]:
    from eng5.errors import InputError
    from eng5.judges.batches.sent import SentBatches

    sent = SentBatches(known.project.stack).all()
    found = [one for one in sent if run in (one.label, one.run)]
    if not found:
        names = ", ".join(dict.fromkeys(one.label for one in sent)) or "none"
        raise InputError(f"nothing was sent by batch for a run '{run}'", remedy=f"runs with batches: {names}")
    return found
