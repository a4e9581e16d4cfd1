"""`inputs/experiments.toml`: the variants to compare, the boundaries to test, the targets to meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator, model_validator

from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE, GRADE_SCALES, Scale
from eng5.contracts.judge_code import PLUGIN
from eng5.contracts.judge_names import judge_problem
from eng5.contracts.own import OwnFile, PathText
from eng5.contracts.panel import HUMAN, Human
from eng5.contracts.privacy import Privacy
from eng5.contracts.provider_batch import BY_BATCH, no_batch_api
from eng5.contracts.run import MOST_COMPARISONS, BoundarySelection, JudgeSettings
from eng5.contracts.variant_panel import PanelVerdict

MetricName = Literal[
    "direct_inversions",
    "zero_win_anchors",
    "kendall_tau",
    "ab_regression",
    "inversion_rate",
    "excess_inversions",
    "excess_zero_wins",
    "ab_regression_at_least",
    "ab_regression_at_most",
]
"""What a target may be set for: the four of the epic, and figures that chance does not decide."""
LANGUAGE_TAG = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
DecidingMetric = Literal["kendall_tau", "win_rate", "direct_inversions", "zero_win_anchors"]
LONGEST_WAIT = 31 * 24 * 3600
"""Seconds; a month."""
RUN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"


class Target(OwnFile):
    """What a metric must reach, and what the baseline had."""

    max: float | None = None
    min: float | None = None
    baseline: float | None = None
    on: Literal["point", "bound"] = "point"

    @model_validator(mode="after")
    def _one_side(self) -> Target:
        if (self.max is None) == (self.min is None):
            raise ValueError("give either max or min")
        return self


class Variant(JudgeSettings):
    """A prompt with a judge. Paths are relative to the folder of experiments.toml."""

    system_prompt: PathText | None = None
    rubric: PathText | None = None
    max_comparisons: int | None = Field(default=None, ge=1, le=MOST_COMPARISONS)
    replicates: int = Field(default=1, ge=1, le=99)
    paraphrase_of: str | None = None
    members: list[str] | None = Field(
        default=None, description="`panel = [...]`: the variants that judge together"
    )
    panel_verdict: PanelVerdict = "majority"

    @model_validator(mode="before")
    @classmethod
    def _panel_of_variants(cls, value: object) -> object:
        """A list of variants is a panel of variants; a table says how a panel of people shares its comparisons."""
        if isinstance(value, dict) and isinstance(value.get("panel"), list):
            if not all(isinstance(name, str) for name in value["panel"]):
                raise ValueError('panel: names of variants, as in panel = ["one", "other"]')
            value = {**value, "members": value["panel"], "panel": None}
        return value

    @model_validator(mode="after")
    def _panel_has_no_judge_of_its_own(self) -> Variant:
        if self.members is None:
            if "panel_verdict" in self.model_fields_set:
                raise ValueError("panel_verdict: only of a panel, panel = [...]")
            return self
        if len(self.members) < 2:
            raise ValueError("panel: two variants are the least")
        given = sorted(self.model_fields_set - {"members", "panel", "panel_verdict"})
        if given:
            raise ValueError(f"{given[0]}: not for a panel of variants, which judges as its variants do")
        return self

    def asked(self) -> JudgeSettings:
        """The judge that is asked; one from a file goes by its name there."""
        given = {key: getattr(self, key) for key in JudgeSettings.model_fields}
        if self.judge is not None:
            given |= {"provider": PLUGIN, "model": self.model or self.judge.rpartition(":")[2]}
        return JudgeSettings(**given)

    @model_validator(mode="after")
    def _there_can_be_such_a_judge(self) -> Variant:
        if problem := judge_problem(self.provider, self.model, self.judge):
            raise ValueError(problem)
        if self.batching_mode == BY_BATCH and (problem := no_batch_api(self.provider)):
            raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _people_are_no_model(self) -> Variant:
        if self.provider != HUMAN:
            if self.panel is not None:
                raise ValueError("panel: people judge only where provider is 'human'")
            return self
        own = {
            "model": None,
            "temperature": None,
            "max_comparisons": None,
            "adaptive": False,
            "replicates": 1,
        }
        given = [name for name, default in own.items() if getattr(self, name) != default]
        if given:
            raise ValueError(
                f"{given[0]}: not for people; pairs, overlap and order of [human] say what they compare"
            )
        return self


class Boundary(BoundarySelection):
    """A boundary test by a variant's judge."""

    variant: str
    replicates: int = Field(default=1, ge=1, le=99)


class Experiments(OwnFile):
    """The whole of `experiments.toml`."""

    grade_scale: Scale = GRADE_SCALES[DEFAULT_GRADE_SCALE]
    course_code: str = Field(default="ENG5", min_length=1, max_length=100)
    language: str = Field(default="en", pattern=LANGUAGE_TAG, description="tag of BCP 47")
    baseline: str = Field(
        description="the variant that the others are compared with; without variants, a run of imported comparisons"
    )
    completion_timeout: float = Field(default=1800.0, gt=0, le=LONGEST_WAIT)
    privacy: Privacy = Privacy()
    essays_in_reports: bool = Field(
        default=False, description="the pages of a run have the essays' texts in them"
    )
    human: Human = Human()
    experts: str | None = Field(
        default=None, pattern=RUN_NAME, description="the run of people that every judge is held against"
    )
    expert_width: float = Field(
        default=1.5, gt=0, description="of the intervals of experts' scores that `doit plan` aims at, logits"
    )
    holdout: list[str] = Field(default=[], description="anchor ids that are reported apart")
    targets: dict[MetricName, Target] = Field(default={})
    decide_by: DecidingMetric = Field(
        default="kendall_tau", description="the figure by which one variant is better than another"
    )
    variant: dict[str, Variant] = Field(default={})
    boundary: dict[str, Boundary] = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _panel_at_the_top(cls, value: object) -> object:
        """`panel = ["a", "b"]` at the top level is `[variant.panel]` with it."""
        if not (isinstance(value, dict) and "panel" in value and isinstance(value.get("variant", {}), dict)):
            return value
        value = {**value}
        panel, variants = value.pop("panel"), value.get("variant", {})
        if "panel" in variants:
            raise ValueError("panel: there is a variant 'panel' too; give the panel a table, [variant.NAME]")
        return {**value, "variant": {**variants, "panel": {"panel": panel}}}

    @field_validator("variant", "boundary")
    @classmethod
    def _names_are_file_names(cls, value: dict[str, object]) -> dict[str, object]:
        import re

        for name in value:
            if not re.fullmatch(RUN_NAME, name):
                raise ValueError(
                    f"'{name}' is no file name: letters, digits, '.', '_' and '-', at most 80, "
                    "starting with a letter or digit"
                )
        return value

    @model_validator(mode="after")
    def _references_exist(self) -> Experiments:
        known = ", ".join(sorted(self.variant))
        wanted = {"baseline": self.baseline} if self.variant else {}
        wanted |= {
            f"variant.{n}.paraphrase_of": n if v.paraphrase_of is None else v.paraphrase_of
            for n, v in self.variant.items()
        }
        wanted |= {f"boundary.{n}.variant": b.variant for n, b in self.boundary.items()}
        for place, name in wanted.items():
            if name not in self.variant:
                raise ValueError(f"{place}: no variant '{name}'; there are: {known}")
        for name, variant in self.variant.items():
            _check_panel(name, variant, self.variant)
        judged = self.variant.get(self.experts or "")
        if judged is not None and judged.provider != HUMAN:
            raise ValueError(f"experts: variant '{self.experts}' is not judged by people")
        wrong = [n for n, b in self.boundary.items() if self.variant[b.variant].members]
        if wrong:
            raise ValueError(
                f"boundary.{wrong[0]}.variant: a panel of variants asks nothing; name one of its variants"
            )
        for start in self.variant:
            seen, origin = [start], self.variant[start].paraphrase_of
            while origin is not None:
                if origin in seen:
                    raise ValueError(f"variant.{start}.paraphrase_of: goes round in a circle")
                seen.append(origin)
                origin = self.variant[origin].paraphrase_of
        runs = [
            name if k == 1 else f"{name}.r{k}"
            for table in (self.variant, self.boundary)
            for name, one in table.items()
            for k in range(1, one.replicates + 1)
        ]
        clash = sorted(name for name, times in Counter(runs).items() if times > 1)
        if clash:
            raise ValueError(
                f"'{clash[0]}' names two runs, of variants or boundaries; each needs its own run folder"
            )
        return self


def _check_panel(name: str, panel: Variant, variants: Mapping[str, Variant]) -> None:
    """ValueError where a panel names what cannot judge in it."""
    members = panel.members or []
    for member in members:
        if member not in variants:
            raise ValueError(
                f"variant.{name}.panel: no variant '{member}'; there are: {', '.join(sorted(variants))}"
            )
        if variants[member].members is not None:
            raise ValueError(
                f"variant.{name}.panel: '{member}' is a panel of variants itself; name its variants"
            )
        if members.count(member) > 1:
            raise ValueError(f"variant.{name}.panel: '{member}' is named twice")
