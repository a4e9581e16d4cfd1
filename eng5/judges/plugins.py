"""Judges that are not eng5's own: from an installed package, or from a file of the study.

Whatever such a judge does, it becomes a verdict or a failure with words; and its code is part of its version, so
that code which changed is not answered from the ledger.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import json
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from eng5.contracts.judge_code import JudgeStatement
from eng5.contracts.refusals import nearest
from eng5.errors import Eng5Error
from eng5.files import read_bytes, sha256_bytes
from eng5.judges.protocol import JudgeFacts, JudgeStoppedError, Outcome, Verdict
from eng5.judges.question import Question
from eng5.judges.registry import OWN, JudgeCall, JudgeUnavailableError, installed

NEEDS = frozenset({"texts", "ids", "prompt"})


def judge_of(call: JudgeCall) -> PluginJudge:
    """The judge that the request names by a file of the study, or by its model as an entry point.

    Raises JudgeUnavailableError: it is not there, cannot be made, or is not the code that the run was made with.
    """
    place, study = call.metadata.get("judge"), call.llm.study
    if place is not None and study is None:
        raise JudgeUnavailableError(
            f"a judge from a file ({place}) runs in the embedded stand-in only; install it as a package "
            "for `eng5 serve`"
        )
    make, sha256 = _loaded(place, study, call.setting.model)
    frozen = call.metadata.get("judge_sha256")
    if frozen is not None and frozen != sha256:
        raise JudgeUnavailableError(
            f"the code of {place or call.setting.model} is not the one that the run was made with; run it again"
        )
    try:
        return PluginJudge(make(call), _name(place, call), sha256)
    except JudgeUnavailableError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code
        raise JudgeUnavailableError(f"{_name(place, call)} cannot be made: {_where(error)}") from None


def statement_of(place: str | None, model: str, study: Path) -> JudgeStatement:
    """What the judge says of itself and the hash of its code, without asking it anything.

    Raises JudgeUnavailableError as `judge_of`.
    """
    make, sha256 = _loaded(place, study, model)
    facts = _facts(make, place or model)
    return JudgeStatement(
        sha256=sha256,
        needs=sorted(facts.needs),
        usd_per_question=facts.usd_per_question,
        repeats_itself=facts.repeats_itself,
    )


class PluginJudge:
    """A judge of somebody else's, held to what a judge has to do."""

    def __init__(self, judge: Any, name: str, sha256: str) -> None:
        if not callable(getattr(judge, "judge", None)):
            raise JudgeUnavailableError(f"{name} has no method judge(question)")
        self._judge = judge
        self._name = name
        self.facts = _facts(judge, name)
        self.version = f"plugin-{getattr(judge, 'version', '1')}-{sha256}"
        concurrency = getattr(judge, "concurrency", 1)
        if not isinstance(concurrency, int) or concurrency < 1:
            raise JudgeUnavailableError(
                f"{name}.concurrency is {concurrency!r}: a whole number from 1 is wanted"
            )
        self.concurrency = concurrency

    def deciding_parameters(self, essay_a_id: str, essay_b_id: str) -> Mapping[str, Any]:
        """What the judge names, and the ids where it looks at them."""
        own = getattr(self._judge, "deciding_parameters", None)
        try:
            named: dict[str, Any] = dict(own(essay_a_id, essay_b_id)) if callable(own) else {}
            json.dumps(named, allow_nan=False)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code
            raise JudgeUnavailableError(
                f"{self._name}.deciding_parameters gives no JSON values: {_where(error)}"
            ) from None
        return named | ({"ids": [essay_a_id, essay_b_id]} if "ids" in self.facts.needs else {})

    async def judge(self, question: Question) -> Verdict:
        """Its verdict; a failure when it raises something or gives what is no verdict."""
        try:
            if inspect.iscoroutinefunction(self._judge.judge):
                given = await self._judge.judge(question)
            else:
                given = await asyncio.to_thread(self._judge.judge, question)
                if inspect.isawaitable(given):
                    given = await given
        except JudgeStoppedError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code
            return _failed(f"{self._name} raised {_where(error)}")
        if problem := _no_verdict(given):
            return _failed(f"{self._name} gave {problem}")
        return self._priced(given)

    def _priced(self, verdict: Verdict) -> Verdict:
        usd = self.facts.usd_per_question
        if usd is None or verdict.cost_usd != 0.0:
            return verdict
        return replace(verdict, cost_usd=usd)


def _loaded(place: str | None, study: Path | None, model: str) -> tuple[Callable[[JudgeCall], Any], str]:
    if place is not None and study is not None:
        return _from_file(place, study)
    others = {name: point for name, point in installed().items() if name not in OWN}
    if model not in others:
        hint = nearest(model, others) or "; no package with a judge is installed"
        hint = "; the name is taken by a judge of eng5's own" if model in OWN else hint
        raise JudgeUnavailableError(f"no installed package has a judge '{model}'{hint}")
    point = others[model]
    try:
        make = point.load()
    except Exception as error:  # noqa: BLE001 - a stranger's code
        raise JudgeUnavailableError(
            f"the judge '{model}' ({point.value}) cannot be loaded: {_where(error)}"
        ) from None
    return _callable(make, model), code_sha256(_files_of(point))


def _from_file(place: str, study: Path) -> tuple[Callable[[JudgeCall], Any], str]:
    name, _, attribute = place.rpartition(":")
    path = study / name
    try:
        sha256 = code_sha256(sorted(path.parent.glob("*.py"))) if path.is_file() else None
    except Eng5Error as error:
        raise JudgeUnavailableError(str(error)) from None
    if sha256 is None:
        raise JudgeUnavailableError(f'judge = "{place}": there is no file {name}')
    spec = importlib.util.spec_from_file_location(f"eng5_judge_{sha256[:16]}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise JudgeUnavailableError(f'judge = "{place}": {name} is no Python file')
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code
        raise JudgeUnavailableError(f'judge = "{place}" cannot be loaded: {_where(error)}') from None
    finally:
        sys.path.remove(str(path.parent))
    if not hasattr(module, attribute):
        names = [one for one, value in vars(module).items() if callable(value) and not one.startswith("_")]
        raise JudgeUnavailableError(
            f"judge = \"{place}\": {name} has no '{attribute}'{nearest(attribute, names)}"
        )
    return _callable(getattr(module, attribute), place), sha256


def _callable(make: Any, name: str) -> Callable[[JudgeCall], Any]:
    if not callable(make):
        raise JudgeUnavailableError(f"{name} is no class and no function")
    found: Callable[[JudgeCall], Any] = make
    return found


def code_sha256(files: list[Path]) -> str:
    """Hash over names and bytes of the files, whatever their order."""
    lines = sorted(f"{path.name} {sha256_bytes(read_bytes(path))}" for path in files)
    return sha256_bytes("\n".join(lines).encode())


def _files_of(point: EntryPoint) -> list[Path]:
    """Every Python file of the package that an entry point is in, or the module alone."""
    spec = importlib.util.find_spec(point.module.partition(".")[0])
    if spec is None:
        return []
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    files = [path for folder in folders for path in folder.rglob("*.py")]
    return files or ([Path(spec.origin)] if spec.origin else [])


def _facts(judge: Any, name: str) -> JudgeFacts:
    facts = getattr(judge, "facts", JudgeFacts())
    if not isinstance(facts, JudgeFacts):
        raise JudgeUnavailableError(f"{name}.facts is {facts!r}, and not JudgeFacts(…)")
    if unknown := set(facts.needs) - NEEDS:
        raise JudgeUnavailableError(
            f"{name}.facts: a judge needs {', '.join(sorted(NEEDS))}; not '{sorted(map(str, unknown))[0]}'"
        )
    return facts


class SoundVerdict(BaseModel):
    """The fields of a verdict as the ledger and the callbacks take them."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False, from_attributes=True)

    outcome: Outcome
    confidence: Annotated[float, Field(ge=1, le=5)] | None
    justification: str | None
    error_code: str | None
    error_message: str | None
    prompt_tokens: Annotated[int, Field(ge=0, le=10**12)]
    completion_tokens: Annotated[int, Field(ge=0, le=10**12)]
    cost_usd: Annotated[float, Field(ge=0)] | None
    metadata: Mapping[str, JsonValue]
    extra: Mapping[str, JsonValue]


def _no_verdict(given: object) -> str | None:
    """What is wrong with a judge's answer; None when nothing is."""
    if not isinstance(given, Verdict):
        return f"{type(given).__name__} in place of a Verdict"
    try:
        SoundVerdict.model_validate(given).model_dump_json()
    except ValidationError as error:
        first = error.errors()[0]
        return f"the {first['loc'][0]} {ascii(first['input'])[:40]}: {first['msg']}"
    except ValueError as error:
        return f"a text that no file takes: {error}"
    return None


def _failed(message: str) -> Verdict:
    return Verdict(
        Outcome.ERROR,
        error_code="LLM_INTERNAL_ERROR",
        error_message=message,
        extra={"cause": "judge failed"},
    )


def _where(error: BaseException) -> str:
    """Class, message, and the line that it came from, outside of eng5 and Python's own modules."""
    said = str(error).strip().splitlines()
    text = f"{type(error).__name__}{f': {said[0]}' if said else ''}"
    if isinstance(error, SyntaxError):
        return text
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename]
    return f"{text} ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else text


def _name(place: str | None, call: JudgeCall) -> str:
    return place or f"the judge '{call.setting.model}'"
