"""What a shell offers after the Tab key. It never says that something is wrong."""

from __future__ import annotations


def run_completions(incomplete: str) -> list[str]:
    """The runs of the study that begin with what was typed."""
    from eng5.errors import Eng5Error
    from eng5.runs.registry import every_run
    from eng5.settings import load_experiments
    from eng5.study.find import find_study

    try:
        project = find_study()
        return [name for name in every_run(project, load_experiments(project)) if name.startswith(incomplete)]
    except Eng5Error:
        return []
