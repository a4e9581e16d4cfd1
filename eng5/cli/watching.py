"""The command that runs again whenever a prompt is saved."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from eng5.cli.completion import run_completions


def watch(
    ctx: typer.Context,
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN",
            autocompletion=run_completions,
            help="Runs to look after; every variant of experiments.toml, and their comparison, when not given.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask judges that cost money without asking first.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the page on this machine; 0: a free one.")
    ] = 0,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Run again when a prompt, a rubric or experiments.toml is saved, and reload the page of the reports.

    Each time it says what changed and what it will cost. A judge that costs money is asked only after a yes in the
    terminal, or with --yes. A mistake in a file is said, and the next save tried. The page is served to this machine
    alone. Ctrl-C ends it, with exit code 130; a run that was under way goes on the next time.
    """
    from eng5.cli.values import study_of
    from eng5.watch.page import served
    from eng5.watch.watch import Watch

    def may_spend(question: str) -> bool:
        if yes:
            return True
        if not sys.stdin.isatty():
            typer.echo(f"{question} Nobody is there to ask: start with --yes to spend without asking.")
            return False
        return typer.confirm(question)

    project = study_of(ctx)
    with served(project.reports, port) as address:
        typer.echo(f"The reports, reloaded as they change: {address}")
        if open_page:
            import webbrowser

            webbrowser.open(address)
        Watch(project, runs or [], may_spend, typer.echo).forever()
