"""Names of runs as arguments of a command, and what a shell offers for them after the Tab key."""

from __future__ import annotations

from typing import Annotated

import typer


def run_completions(incomplete: str) -> list[str]:
    """The runs of the study that begin with what was typed; nothing where something is wrong."""
    from eng5.errors import Eng5Error
    from eng5.runs.registry import every_run
    from eng5.settings import load_experiments
    from eng5.study.find import find_study

    try:
        project = find_study()
        return [name for name in every_run(project, load_experiments(project)) if name.startswith(incomplete)]
    except Eng5Error:
        return []


RUN = Annotated[str, typer.Argument(metavar="RUN", autocompletion=run_completions)]
RUNS = Annotated[list[str], typer.Argument(metavar="RUN...", autocompletion=run_completions)]
