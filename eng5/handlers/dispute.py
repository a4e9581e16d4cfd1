"""A run in which experts answer on the doubtful pairs of another."""

from __future__ import annotations

from eng5.contracts.analysis import Analysis
from eng5.contracts.dispute import DisputedPairs
from eng5.contracts.panel import HUMAN
from eng5.contracts.run import JudgeSettings, PanelDesign
from eng5.errors import InputError
from eng5.files import read_model, write_model
from eng5.paths import RunnerPaths
from eng5.reports.alignment.doubts import MOST_PAIRS, doubtful_pairs
from eng5.runs.registry import mode_of
from eng5.settings import RunnerSettings

LONGEST_NAME = 80


def disputing(paths: RunnerPaths, judges: int, most: int | None) -> DisputedPairs:
    """Choose the pairs of a measured run, and write them beside the run that asks about them.

    Args:
        paths: the run in doubt.
        judges: how many experts answer; each gets every pair.
        most: pairs at most; None: MOST_PAIRS.

    Raises:
        InputError: the run is not measured, is a boundary test, or has no doubtful pair.
    """
    if not (paths.analysis.exists() and paths.artefact.exists()):
        raise InputError(
            f"'{paths.name}' is not measured yet",
            where=paths.analysis,
            remedy=f"doit report:{paths.name}, then again",
        )
    if mode_of(paths).about.measures != "alignment":
        raise InputError(
            f"'{paths.name}' is a boundary test: its pairs are chosen already",
            remedy="give a boundary test a variant whose provider is human",
        )
    if len(paths.dispute.name) > LONGEST_NAME:
        raise InputError(f"'{paths.dispute.name}' is too long for the name of a run", remedy="rename the run")
    pairs = doubtful_pairs(read_model(paths.analysis, Analysis), most or MOST_PAIRS)
    if not pairs:
        raise InputError(
            f"'{paths.name}' has no doubtful pair: no inversion that may be real, no flip, no grade that may be wrong",
            where=paths.analysis,
            remedy='there is nothing to decide; a panel on all pairs is a variant with provider = "human"',
        )
    disputed = DisputedPairs(of=paths.name, times=judges, pairs=pairs)
    write_model(paths.dispute.disputed, disputed)
    return disputed


def settings_of_dispute(settings: RunnerSettings, paths: RunnerPaths) -> RunnerSettings:
    """The settings of the run that disputes: the same essays and rubric, put to people, who may call it even."""
    return settings.model_copy(
        update={
            "batch_id": paths.dispute.name,
            "origin": "command-line",
            "judge": JudgeSettings(provider=HUMAN, allow_ties=True, panel=PanelDesign(overlap=1.0)),
            "system_prompt": None,
            "max_comparisons": None,
            "replicate": 1,
            "pairs_of": paths.dispute.disputed,
        }
    )
