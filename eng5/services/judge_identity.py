"""A run's judge before it is asked: what code it is and what it says of itself."""

from __future__ import annotations

from eng5.contracts.judge_code import PLUGIN, JudgeStatement
from eng5.contracts.run import JudgeSettings
from eng5.errors import InputError
from eng5.paths import ProjectPaths


def own_judge(judge: JudgeSettings, project: ProjectPaths) -> JudgeStatement | None:
    """The statement of a judge that is not eng5's own; None for the others.

    Raises:
        InputError: it is not there, or cannot be loaded.
    """
    if judge.provider != PLUGIN:
        return None
    from eng5.judges import JudgeUnavailableError
    from eng5.judges.plugins import statement_of

    try:
        return statement_of(judge.judge, judge.model or "", project.root)
    except JudgeUnavailableError as error:
        remedy = "mend it; docs/how-to/your-own-judge.md of eng5 says what a judge has to have"
        raise InputError(str(error), where=project.experiments, remedy=remedy) from None
