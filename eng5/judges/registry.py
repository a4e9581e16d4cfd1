"""Which judge answers: entry points of the group `eng5.judges`, eng5's own among them, and files of a study.

An entry point names something that is called with a `JudgeCall` and gives a `Judge`: a class, or a function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from eng5.contracts.judge_code import PLUGIN
from eng5.contracts.llm_config import LLM_PROVIDERS
from eng5.contracts.panel import HUMAN
from eng5.judges.protocol import Judge
from eng5.judges.question import Setting

if TYPE_CHECKING:
    from eng5.judges.llm_service import LlmService

GROUP = "eng5.judges"
OWN: Mapping[str, str] = {
    "surface": "eng5.judges.surface:make",
    "simulated": "eng5.judges.simulated:make",
    "replay": "eng5.judges.replay:make",
    "human": "eng5.judges.human:make",
    "llm": "eng5.judges.llm:make",
}
"""The entry points of pyproject.toml, for a source tree that was not installed since one was added."""

Metadata = Mapping[str, Any]


class JudgeUnavailableError(Exception):
    """There is no such judge, or it cannot work with what the request says."""


@dataclass(frozen=True)
class JudgeCall:
    """The batch that a judge is made for.

    ``setting`` is what decides the answers beside the essays: prompts, temperature and the like. ``metadata`` is
    what the request says beside that. ``llm`` is what the LLM judges of this process share.
    """

    setting: Setting
    metadata: Metadata
    llm: LlmService = field(repr=False)


def judge_for(setting: Setting, metadata: Metadata, llm: LlmService) -> Judge:
    """The judge for a batch, from its setting and the request's envelope metadata.

    Raises JudgeUnavailableError, which says what there is.
    """
    from eng5.judges import plugins

    call = JudgeCall(setting, metadata, llm)
    if setting.provider == PLUGIN:
        return plugins.judge_of(call)
    name = _name_of(setting.provider, setting.model)
    if name not in OWN:
        raise JudgeUnavailableError(f"no judge {setting.provider}/{setting.model}; there are: {_known()}")
    make: Callable[[JudgeCall], Judge] = installed()[name].load()
    return make(call)


def installed() -> dict[str, EntryPoint]:
    """The entry points by name; eng5's own names are taken."""
    found = {name: EntryPoint(name, target, GROUP) for name, target in OWN.items()}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, point)
    return found


def _name_of(provider: str, model: str) -> str:
    if provider in LLM_PROVIDERS:
        return "llm"
    return HUMAN if provider == HUMAN else model if provider == "mock" else provider


def _known() -> str:
    others = sorted(set(installed()) - set(OWN))
    names = ["mock/surface", "mock/simulated", "mock/replay", *(f"{one}/*" for one in LLM_PROVIDERS), HUMAN]
    return ", ".join([*names, *(f"{PLUGIN}/{name}" for name in others)])
