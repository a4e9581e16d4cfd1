"""Judges that are not eng5's own: from a file of the study, or from an installed package."""

import asyncio
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.judge_code import PLUGIN
from eng5.judges import JudgeUnavailableError, LlmService, Outcome, Question, Setting, Verdict, judge_for
from eng5.judges.asking import question_sha256
from eng5.judges.plugins import statement_of
from eng5.judges.question import ShownEssay
from eng5.judges.registry import OWN, installed
from tests.bench import Bench
from tests.project import Project

ROOT = Path(__file__).parents[2]
LONGER = """
from eng5.judges import JudgeFacts, Outcome, Verdict

class Longer:
    facts = JudgeFacts(needs=frozenset({"texts"}), usd_per_question=0.25, repeats_itself=True)
    concurrency = 3

    def __init__(self, call):
        self.prompt = call.setting.system_prompt

    def judge(self, question):
        a, b = len(question.essay_a.text), len(question.essay_b.text)
        return Verdict(Outcome.A if a > b else Outcome.B)
"""
QUESTION = Question(
    Setting(PLUGIN, "Longer"), ShownEssay("a", "Short."), ShownEssay("b", "A longer text than the other.")
)


def write(study: Path, code: str, name: str = "mine.py") -> Path:
    file = study / "judges" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(code, encoding="utf-8")
    return file


def made(study: Path, place: str = "judges/mine.py:Longer", **metadata: Any) -> Any:
    return judge_for(QUESTION.setting, {"judge": place, **metadata}, LlmService(study=study))


def answer(study: Path, place: str = "judges/mine.py:Longer") -> Verdict:
    verdict: Verdict = asyncio.run(made(study, place).judge(QUESTION))
    return verdict


def test_the_shipped_judges_come_in_the_same_way() -> None:
    """pyproject.toml declares every judge that the registry knows, and nothing else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["eng5.judges"] == OWN
    assert set(OWN) <= set(installed())
    for name in OWN:
        assert callable(installed()[name].load())


def test_a_file_of_the_study_judges(tmp_path: Path) -> None:
    """Its verdict, its price where the verdict has none, and what it says of itself."""
    write(tmp_path, LONGER)
    judge = made(tmp_path)
    verdict = answer(tmp_path)
    assert (verdict.outcome, verdict.cost_usd, judge.concurrency) == (Outcome.B, 0.25, 3)
    stated = statement_of("judges/mine.py:Longer", "Longer", tmp_path)
    assert (stated.needs, stated.repeats_itself) == (["texts"], True)
    assert stated.in_words() == "looks at texts; costs 0.25 USD a question; repeats itself"


def test_a_coroutine_judges_too(tmp_path: Path) -> None:
    """`async def judge` is awaited."""
    write(tmp_path, LONGER.replace("def judge", "async def judge"))
    assert answer(tmp_path).outcome is Outcome.B


def test_a_function_that_gives_a_coroutine_judges_too(tmp_path: Path) -> None:
    """As a decorated `async def` does."""
    later = LONGER.replace("def judge", "async def later").replace("class Longer", "class Longer_")
    own = "class Longer(Longer_):\n    def judge(self, question):\n        return self.later(question)\n"
    write(tmp_path, later + own)
    assert answer(tmp_path).outcome is Outcome.B


@pytest.mark.parametrize(
    "own",
    [
        "    concurrency = property(lambda self: 1 / 0)\n",
        "    version = property(lambda self: exit(3))\n",
        "    def deciding_parameters(self, a, b):\n        return {'weights': object()}\n",
        "    def deciding_parameters(self, a, b):\n        raise SystemExit(3)\n",
    ],
)
def test_what_fails_before_it_is_asked_is_refused_in_words(tmp_path: Path, own: str) -> None:
    """A property that raises, parameters that are no JSON, code that ends the process."""
    write(tmp_path, LONGER.replace("    concurrency = 3\n", own))
    with pytest.raises(
        JudgeUnavailableError, match=r"judges/mine.py:Longer(\.deciding_parameters gives| cannot be)"
    ):
        question_sha256(made(tmp_path), QUESTION)


def test_changed_code_is_another_judge(tmp_path: Path) -> None:
    """In the file or in one beside it: the question has another hash, and the run of before is refused."""
    write(tmp_path, LONGER)
    first = made(tmp_path)
    sha256 = statement_of("judges/mine.py:Longer", "Longer", tmp_path).sha256
    before = question_sha256(first, QUESTION)
    write(tmp_path, "WEIGHT = 2\n", "helper.py")
    assert question_sha256(made(tmp_path), QUESTION) != before
    with pytest.raises(JudgeUnavailableError, match="not the one that the run was made with"):
        made(tmp_path, judge_sha256=sha256)


@pytest.mark.parametrize("needs", [{"texts"}, {"texts", "ids"}])
def test_ids_count_where_they_are_looked_at(tmp_path: Path, needs: set[str]) -> None:
    """The same texts under other ids are the same question for a judge that sees texts only."""
    write(tmp_path, LONGER.replace('frozenset({"texts"})', f"frozenset({needs!r})"))
    judge = made(tmp_path)
    other = Question(QUESTION.setting, ShownEssay("x", "Short."), QUESTION.essay_b)
    same = question_sha256(judge, QUESTION) == question_sha256(judge, other)
    assert same is ("ids" not in needs)


@pytest.mark.parametrize(
    ("code", "place", "says"),
    [
        (LONGER, "judges/none.py:Longer", "there is no file judges/none.py"),
        (LONGER, "judges/mine.py:Longr", "did you mean 'Longer'"),
        ("def (", "judges/mine.py:Longer", "SyntaxError"),
        ("import no_such_module", "judges/mine.py:Longer", r"no_such_module.*mine.py, line 1"),
        ("raise SystemExit(3)", "judges/mine.py:Longer", "SystemExit"),
        ("Longer = 3", "judges/mine.py:Longer", "no class and no function"),
        ("def Longer(call): return 3", "judges/mine.py:Longer", r"no method judge\(question\)"),
        ("def Longer(call): return 1 / 0", "judges/mine.py:Longer", "cannot be made: ZeroDivisionError"),
        (LONGER.replace("concurrency = 3", "concurrency = 0"), "judges/mine.py:Longer", "from 1 is wanted"),
        (LONGER.replace('{"texts"}', '{"grades"}'), "judges/mine.py:Longer", "not 'grades'"),
        (LONGER.replace("    facts = ", "    facts = 3 or "), "judges/mine.py:Longer", "JudgeFacts"),
    ],
)
def test_what_is_no_judge_is_refused_in_words(tmp_path: Path, code: str, place: str, says: str) -> None:
    """A missing file, a slip of the pen, code that does not load, a class that is something else."""
    write(tmp_path, code)
    with pytest.raises(JudgeUnavailableError, match=says):
        made(tmp_path, place)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('raise KeyError("x")', r"raised KeyError: 'x' \(mine.py, line 12\)"),
        ('return "A"', "gave str in place of a Verdict"),
        ("return None", "gave NoneType in place of a Verdict"),
        ('return Verdict("A")', "the outcome 'A': Input should be"),
        ("return Verdict(Outcome.A, confidence=7)", "the confidence 7: .* less than or equal to 5"),
        ("return Verdict(Outcome.A, justification=3)", "the justification 3: .* string"),
        ("raise SystemExit(3)", "raised SystemExit: 3"),
        ('return Verdict(Outcome.A, cost_usd="free")', "the cost_usd 'free'"),
        ("return Verdict(Outcome.A, cost_usd=float('nan'))", "the cost_usd nan: .* finite"),
        ("return Verdict(Outcome.A, prompt_tokens=-5)", "the prompt_tokens -5: .* 0"),
        ("return Verdict(Outcome.A, justification='\\ud800')", "a text that no file takes"),
        ("return Verdict(Outcome.A, metadata=[1])", "the metadata .* dictionary"),
        ('return Verdict(Outcome.A, metadata={"x": object()})', "the metadata .* JSON"),
    ],
)
def test_what_is_no_answer_is_a_failure(tmp_path: Path, body: str, says: str) -> None:
    """An error outcome with the reason; nothing is raised."""
    head, _, _ = LONGER.partition("        a, b =")
    write(tmp_path, head + f"        {body}\n")
    verdict = answer(tmp_path)
    assert (verdict.outcome, verdict.extra["cause"]) == (Outcome.ERROR, "judge failed")
    assert re.search(says, verdict.error_message or "")


def test_a_file_is_not_loaded_for_others(tmp_path: Path) -> None:
    """A stand-in that others may ask loads no code that a request names."""
    with pytest.raises(JudgeUnavailableError, match="embedded stand-in only"):
        judge_for(QUESTION.setting, {"judge": "judges/mine.py:Longer"}, LlmService())


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with a judge, installed by pip into a folder of its own, which is on the path."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "longer_judge.py").write_text(LONGER, encoding="utf-8")
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "longer-judge"\nversion = "1"\n'
        '[project.entry-points."eng5.judges"]\nlonger = "longer_judge:Longer"\n'
        'surface = "longer_judge:Longer"\n'
        '[tool.setuptools]\npy-modules = ["longer_judge"]\n',
        encoding="utf-8",
    )
    options = ["--no-build-isolation", "--no-deps", "--no-index", "-q", "--target", str(target)]
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        pip = [str(Path(sys.base_prefix, "bin", "python3")), "-m", "pip", "--python", sys.executable]
    subprocess.run([*pip, "install", *options, str(source)], check=True)
    monkeypatch.syspath_prepend(str(target))
    yield target
    sys.modules.pop("longer_judge", None)


def test_an_installed_package_judges_a_batch(
    package: Path, make_bench: Callable[..., Bench], twelve_essays: dict[str, str]
) -> None:
    """By its entry point, through the stand-in, to callbacks and a result; eng5's own names stay its own.

    For a name that nobody installed, the nearest one is offered.
    """
    assert set(installed()) == {*OWN, "longer"}
    assert installed()["surface"].value == OWN["surface"]
    bench = make_bench()
    essays = dict(list(twelve_essays.items())[:4])
    raw = bench.request(essays, model="longer").replace(b'"mock"', b'"plugin"')
    answers = bench.run(raw)
    assert len(answers.callbacks) == 6
    assert {(one["provider"], one["model"]) for one in answers.callbacks} == {("plugin", "longer")}
    result = answers.only("huleedu.assessment.result.published.v1")
    ranked = sorted(result["essay_results"], key=lambda one: int(one["rank"]))
    assert [one["essay_id"] for one in ranked] == sorted(essays, reverse=True)
    with pytest.raises(JudgeUnavailableError, match="did you mean 'longer'"):
        judge_for(Setting(PLUGIN, "longr"), {}, LlmService())
    with pytest.raises(JudgeUnavailableError, match="taken by a judge of eng5's own"):
        judge_for(Setting(PLUGIN, "surface"), {}, LlmService())


@pytest.mark.slow
def test_a_study_with_a_judge_of_its_own(tmp_path: Path) -> None:
    """`doit` makes its report; code that changed is another attempt, of which nothing is answered from the ledger."""
    project = Project.small(tmp_path / "study")
    write(project.root, LONGER)
    project.paths.experiments.write_text(
        'baseline = "longer"\n[variant.longer]\njudge = "judges/mine.py:Longer"\n', encoding="utf-8"
    )
    project.doit()
    assert len(project.ledger()) == 15
    [page] = project.paths.reports.glob("anchor_align_*.md")
    assert (
        "a judge of one's own: looks at texts; costs 0.25 USD a question; repeats itself" in page.read_text()
    )
    project.doit()
    assert len(project.ledger()) == 15
    write(project.root, LONGER + "# changed\n")
    project.doit("artefact:longer")
    assert len(project.ledger()) == 30
