"""`inputs/experiments.toml`: what it may say, and how a mistake in it is named."""

# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.contracts.experiments import Experiments
from eng5.errors import InputError
from eng5.paths import ProjectPaths
from eng5.settings import load_experiments, run_names

ROOT = Path(__file__).parents[2]
EDGE = '[boundary."edge"]\nvariant = "base"\nall_adjacent = true\n'
VARIANT = '\n[variant.base]\nprovider = "mock"\n'


def loaded(root: Path, text: str) -> Experiments:
    path = root / "inputs" / "experiments.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load_experiments(ProjectPaths.at(root))


def test_the_experiments_of_the_project() -> None:
    """The file that comes with the project has the issue's targets, baselines and prompts that exist."""
    experiments = load_experiments(ProjectPaths.at(ROOT))
    targets = {name: (one.max, one.min, one.baseline) for name, one in experiments.targets.items()}
    assert targets == {
        "direct_inversions": (1, None, 5),
        "zero_win_anchors": (0, None, 1),
        "kendall_tau": (None, 0.9, 0.82),
        "ab_regression": (0, None, 0),
    }
    for variant in experiments.variant.values():
        for path in (variant.system_prompt, variant.rubric):
            assert path and (ROOT / "inputs" / path).is_file()


def test_a_study_of_imports_alone_needs_no_variant(tmp_path: Path) -> None:
    """`baseline` is then a run that was imported, which only build/ knows."""
    experiments = loaded(tmp_path, 'baseline = "teachers"\n')
    assert (experiments.baseline, experiments.variant) == ("teachers", {})


def test_names_of_runs(tmp_path: Path) -> None:
    """A variant's first replicate has its own name; further ones are numbered."""
    experiments = loaded(tmp_path, 'baseline = "base"' + VARIANT + "replicates = 3\n[variant.other]\n")
    assert run_names(experiments) == {
        "base": ("base", 1),
        "base.r2": ("base", 2),
        "base.r3": ("base", 3),
        "other": ("other", 1),
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("baseline = ", "not TOML: Invalid value"),
        ("", "the key 'baseline' is missing"),
        ('baseline = "best"' + VARIANT, "baseline: no variant 'best'; there are: base"),
        ('baseline = "base"\ncolour = 1' + VARIANT, "there is no key 'colour'; there are: baseline, "),
        ('baseline = "base"' + VARIANT + 'rubrik = "x"', "[variant.base]: there is no key 'rubrik'; did you mean 'rubric'?"),
        ('baseline = "base"' + VARIANT + "temperature = 3", "[variant.base] temperature = 3: 2 is the most"),
        ('baseline = "base"' + VARIANT + "temperature = nan", "[variant.base] temperature = nan is not a finite number"),
        ('baseline = "base"' + VARIANT + 'simulated = { step = "big" }', "[variant.base.simulated] step = 'big' is not a number"),
        ('baseline = "base"' + VARIANT + "simulated = { abilities = { X1 = nan } }", "[variant.base.simulated.abilities] X1 = nan is not a"),
        ('baseline = "base"' + VARIANT + "simulated = { tie_rrate = 0.1 }", "did you mean 'tie_rate'?"),
        ('baseline = "base"' + VARIANT + "simulated = { tie_rate = 2 }", "[variant.base.simulated] tie_rate = 2: 1 is the most"),
        ('baseline = "base"' + VARIANT + "simulated = { delay_ms = -5 }", "[variant.base.simulated] delay_ms = -5: 0 is the least"),
        ('baseline = "base"' + VARIANT + "simulated = { outage = [10] }", "[variant.base.simulated] outage: the list is too short"),
        ('baseline = "base"' + VARIANT + "replicates = 0", "[variant.base] replicates = 0: 1 is the least"),
        ('baseline = "base"' + VARIANT + 'reasoning_effort = "max"', "[variant.base] reasoning_effort = 'max' is unknown; there are: high, low, medium, none"),
        ('baseline = "base"' + VARIANT + 'paraphrase_of = "best"', "variant.base.paraphrase_of: no variant 'best'"),
        ('baseline = "../x"\n[variant."../x"]\n', "'../x' is no file name"),
        ('baseline = "x\\n"\n[variant."x\\n"]\n', "is no file name"),
        ('baseline = "base"' + VARIANT + "[targets]\nkendall_tau = {}", "targets.kendall_tau: give either max or min"),
        ('baseline = "base"' + VARIANT + "[targets]\ntau = { min = 1 }", "[targets]: there is no key 'tau'; did you mean 'kendall_tau'?"),
        ('baseline = "base"' + VARIANT + "[targets]\nkendall_tau = { mim = 1 }", "did you mean 'min'?"),
        ('baseline = "base"' + VARIANT + 'allow_ties = "maybe"', "allow_ties = 'maybe' is not true or false"),
        ('baseline = "base"\n[varient.base]', "there is no key 'varient'; did you mean 'variant'?"),
        ('baseline = "base"\nvariant = 3', "variant = 3 is not a table"),
        ('baseline = "base"\ngrade_scale = "letters"' + VARIANT, "grade_scale: unknown grade scale 'letters': use one"),
        ('baseline = "base"\nlanguage = "in Swedish"' + VARIANT, "is no language tag"),
        ('baseline = "base"\ncourse_code = ""' + VARIANT, "course_code = '': it is too short"),
        ('baseline = "base"' + VARIANT + EDGE.replace("edge", "base"), "'base' names"),
        ('baseline = "base"' + VARIANT + "replicates = 2\n" + EDGE.replace("edge", "base.r2"), "'base.r2' names"),
        ('baseline = "base"' + VARIANT + EDGE + "replicates = 2\n" + EDGE.replace("edge", "edge.r2"), "'edge.r2' names"),
        ('baseline = "base"' + VARIANT + '[boundary.edge]\nvariant = "best"\nall_adjacent = true', "boundary.edge"),
        ('baseline = "base"' + VARIANT + '[boundary.edge]\nvariant = "base"', "boundary.edge: no pairs"),
    ],
)  # fmt: skip
def test_mistakes_are_named_by_table_and_key(tmp_path: Path, text: str, named: str) -> None:
    """The message says which file and which key, in the file's own words."""
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, text)
    assert caught.value.where == str(tmp_path / "inputs" / "experiments.toml")
    assert named in caught.value.problem
    assert caught.value.remedy


def test_no_experiments(tmp_path: Path) -> None:
    """A folder without the file is named."""
    with pytest.raises(InputError, match="does not exist"):
        load_experiments(ProjectPaths.at(tmp_path))


PANEL = 'baseline = "base"\n' + VARIANT + '\n[variant.other]\nprovider = "mock"\n'


def test_a_list_is_a_panel_of_variants(tmp_path: Path) -> None:
    """In a table of its own, or at the top level, where it is the variant `panel`; a table is still for people."""
    named = loaded(
        tmp_path, PANEL + '\n[variant.jury]\npanel = ["base", "other"]\npanel_verdict = "weights"\n'
    )
    assert (named.variant["jury"].members, named.variant["jury"].panel_verdict) == (
        ["base", "other"],
        "weights",
    )
    assert run_names(named)["jury"] == ("jury", 1)
    top = loaded(tmp_path, 'panel = ["base", "other"]\n' + PANEL)
    assert top.variant["panel"].members == ["base", "other"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[variant.jury]\npanel = ["base", "nobody"]', "no variant 'nobody'"),
        ('[variant.jury]\npanel = ["base", "base"]', "'base' is named twice"),
        ('[variant.jury]\npanel = ["base"]', "two variants are the least"),
        ('[variant.jury]\npanel = [1, 2]', "names of variants"),
        ('[variant.jury]\npanel_verdict = "weights"', "only of a panel"),
        ('[variant.jury]\npanel = ["base", "other"]\nmodel = "x"', "model: not for a panel of variants"),
        ('[variant.jury]\npanel = ["base", "other"]\n[variant.more]\npanel = ["base", "jury"]', "'jury' is a panel of variants itself"),
        ('[variant.jury]\npanel = ["base", "other"]\n[boundary.edge]\nvariant = "jury"\nall_adjacent = true', "a panel of variants asks nothing"),
    ],
)  # fmt: skip
def test_a_panel_that_cannot_judge_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """The table, the value and what there is."""
    with pytest.raises(InputError, match=problem):
        loaded(tmp_path, f"{PANEL}\n{text}\n")


def test_a_batch_at_a_provider_without_batches_is_refused(tmp_path: Path) -> None:
    """When the file is read, before anything is planned or sent."""
    text = (
        'baseline = "x"\n[variant.x]\nprovider = "{}"\nmodel = "{}"\nbatching_mode = "provider_batch_api"\n'
    )
    with pytest.raises(InputError, match="openrouter has no batch API"):
        loaded(tmp_path, text.format("openrouter", "openai/gpt-5.1"))
    assert loaded(tmp_path, text.format("google", "gemini-2.5-flash")).variant["x"].batching_mode is not None


def test_experts_are_people(tmp_path: Path) -> None:
    """A variant of a model is none; a name that is no variant may be an import."""
    with pytest.raises(InputError, match="variant 'other' is not judged by people"):
        loaded(tmp_path, 'experts = "other"\n' + PANEL)
    assert loaded(tmp_path, 'experts = "teachers"\n' + PANEL).experts == "teachers"
