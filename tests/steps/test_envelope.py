"""Step `envelope`: the exact request, repeatable to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import BoundarySelection, JudgeSettings, SimulatedSettings, TextFile
from eng5.contracts.uploads import Uploads
from eng5.errors import DamagedFileError, InputError
from eng5.files import model_bytes, read_model, read_text, sha256_text, write_bytes
from eng5.judges.simulated import SimulatedParameters
from eng5.paths import ProjectPaths
from eng5.steps.envelope import pairs_of, simulated_parameters
from tests.chain import Chain
from tests.reports.conftest import artefact, essays

SCHEMAS = Path(__file__).parents[1] / "platform" / "schemas"
ASSIGNMENT = "0f6c2b1e-6f0b-4b7a-9d64-7b7d8f0e8a11"
SCHEMA = json.loads((SCHEMAS / "ELS_CJAssessmentRequestV1.schema.json").read_text(encoding="utf-8"))


def asked(root: Path, **changes: Any) -> tuple[Chain, dict[str, Any]]:
    """A chain up to its envelope, and the envelope."""
    chain = Chain(root, changes=changes)
    (chain.project.students / "elev_1.txt").write_text("I admire my coach.", encoding="utf-8")
    (chain.project.students / "elev_2.txt").write_text("I admire nobody.", encoding="utf-8")
    chain.project.prompt.write_text("Write about a role model.", encoding="utf-8")
    chain.freeze()
    chain.take_stock()
    chain.upload()
    document: dict[str, Any] = json.loads(chain.ask())
    return chain, document


SETTINGS: list[dict[str, Any]] = [
    {},
    {"system_prompt": None, "rubric": None, "judge": JudgeSettings()},
    {"max_comparisons": 5, "language": "sv", "course_code": "SV3", "org_id": "school-1"},
    {"mode": RunnerMode.BOUNDARY_TEST, "boundary": BoundarySelection(grades=["C+:E-"], iterations=3)},
    {"mode": RunnerMode.EXECUTE},
    {"mode": RunnerMode.EXECUTE, "assignment_id": ASSIGNMENT, "course_id": ASSIGNMENT},
    {"judge": JudgeSettings(provider="mock", model="simulated", seed=7, simulated={"step": 0.5})},
]


@pytest.mark.parametrize("changes", SETTINGS)
def test_the_request_fits_the_platforms_schema(tmp_path: Path, changes: dict[str, Any]) -> None:
    """What is sent validates, whatever the mode; a listed comparison is the one field that is ours."""
    _, document = asked(tmp_path, **changes)
    for part, value in (("envelope", document), ("data", document["data"])):
        checked = Draft202012Validator(SCHEMA[part], format_checker=Draft202012Validator.FORMAT_CHECKER)
        checked.validate(value)
    unknown = set(document["data"]) - set(SCHEMA["data"]["properties"])
    assert unknown == ({"pre_specified_comparisons"} if "boundary" in changes else set())


@pytest.mark.parametrize("changes", SETTINGS)
def test_the_same_run_gives_the_same_bytes(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Ids and times come from 00_run.json: asked again, the request is the same event."""
    chain, _ = asked(tmp_path, **changes)
    first = chain.paths.envelope.read_bytes()
    chain.paths.envelope.unlink()
    assert chain.ask() == first


def test_the_envelope_around_the_request(tmp_path: Path) -> None:
    """Topic as event type, the runner as source, one event and correlation id a batch, the batch as entity."""
    chain, document = asked(tmp_path)
    run = chain.run_file
    assert document["event_type"] == "huleedu.els.cj_assessment.requested.v1"
    assert document["source_service"] == "eng5_np_batch_runner"
    assert document["correlation_id"] == str(run.correlation_id)
    assert document["event_id"] not in (str(run.batch_uuid), document["correlation_id"])
    assert document["metadata"] == {"runner_mode": "anchor-align-test", "batch_label": "baseline"}
    data = document["data"]
    assert data["event_name"] == "els.cj_assessment.requested"
    for part in (data, data["system_metadata"]):
        assert (part["entity_id"], part["entity_type"]) == (str(run.batch_uuid), "batch")
    assert data["system_metadata"]["processing_stage"] == "pending"
    moment = run.created_at.isoformat().replace("+00:00", "Z")
    assert document["event_timestamp"] == data["timestamp"] == data["system_metadata"]["timestamp"] == moment


def test_anchors_are_asked_for_as_a_guest(tmp_path: Path) -> None:
    """No assignment, no prompt of the platform, whatever assignment the run names; our prompts go along."""
    chain, document = asked(tmp_path, assignment_id=ASSIGNMENT)
    data = document["data"]
    assert (data["assignment_id"], data["parent_id"], data["student_prompt_ref"]) == (None, None, None)
    assert data["llm_config_overrides"] == {
        "provider_override": "mock",
        "model_override": "surface",
        "temperature_override": 0.0,
        "max_tokens_override": None,
        "system_prompt_override": "Judge fairly.",
        "judge_rubric_override": "Content counts.",
        "reasoning_effort": None,
        "output_verbosity": None,
    }
    stored = read_model(chain.paths.uploads, Uploads).storage_ids
    assert {one["essay_id"]: one["text_storage_id"] for one in data["essays_for_cj"]} == {
        anchor.essay_id: stored[anchor.text_sha256] for anchor in chain.found.anchors
    }
    assert chain.run_file.identity.assignment_id == ASSIGNMENT


def test_no_wish_is_no_override(tmp_path: Path) -> None:
    """Without prompts and judge the platform decides everything."""
    _, document = asked(tmp_path, system_prompt=None, rubric=None, judge=JudgeSettings())
    assert document["data"]["llm_config_overrides"] is None


def test_students_with_their_prompt(tmp_path: Path) -> None:
    """Execute without an assignment sends the students and refers to the stored prompt."""
    chain, document = asked(tmp_path, mode=RunnerMode.EXECUTE)
    reference = document["data"]["student_prompt_ref"]["references"]["student_prompt_text"]
    assert chain.content.text(reference["storage_id"]) == b"Write about a role model."
    assert [one["essay_id"][:8] for one in document["data"]["essays_for_cj"]] == ["STUDENT_"] * 2


def test_students_of_an_assignment(tmp_path: Path) -> None:
    """Execute with an assignment leaves prompt and anchors to the platform."""
    _, document = asked(tmp_path, mode=RunnerMode.EXECUTE, assignment_id=ASSIGNMENT)
    data = document["data"]
    assert (data["assignment_id"], data["parent_id"]) == (ASSIGNMENT, ASSIGNMENT)
    assert data["student_prompt_ref"] is None


def test_the_budget_travels_and_drops_no_essay(tmp_path: Path) -> None:
    """--max-comparisons is the platform's to keep; every essay is sent."""
    _, document = asked(tmp_path, max_comparisons=2)
    assert document["metadata"]["max_comparisons"] == 2
    assert len(document["data"]["essays_for_cj"]) == 4


def test_listed_comparisons(tmp_path: Path) -> None:
    """Each pair of a boundary test is asked equally often in both orders, and only its anchors are sent."""
    chain, document = asked(
        tmp_path, mode=RunnerMode.BOUNDARY_TEST, boundary=BoundarySelection(grades=["C+:E-"], iterations=3)
    )
    ids = {anchor.grade: anchor.essay_id for anchor in chain.found.anchors}
    listed = [(one["essay_a_id"], one["essay_b_id"]) for one in document["data"]["pre_specified_comparisons"]]
    assert sorted(listed) == sorted([(ids["C+"], ids["E-"]), (ids["E-"], ids["C+"])] * 3)
    assert {one["essay_id"] for one in document["data"]["essays_for_cj"]} == {ids["C+"], ids["E-"]}


@pytest.mark.parametrize("name", ["system", "rubric"])
def test_a_prompt_that_changed_is_refused(tmp_path: Path, name: str) -> None:
    """A prompt edited between freezing and asking would make the identity a lie."""
    chain, _ = asked(tmp_path)
    path = chain.root / "prompts" / f"{name}.txt"
    path.write_text("Another prompt.", encoding="utf-8")
    with pytest.raises(InputError, match="changed since the run was made") as caught:
        chain.ask()
    assert caught.value.where == str(path)


def test_the_simulated_judge_knows_the_grades(tmp_path: Path) -> None:
    """Abilities are the grades' levels times `step`, given ones by anchor id win, the seed follows the replicate."""
    simulated = {"step": 0.5, "position_bias": 0.1, "abilities": {"role_model_004_A": 9.0}}
    chain, document = asked(
        tmp_path,
        replicate=3,
        judge=JudgeSettings(provider="mock", model="simulated", seed=7, simulated=simulated),
    )
    ids = {str(anchor.grade): anchor.essay_id for anchor in chain.found.anchors}
    assert document["metadata"]["simulated"] == {
        "seed": 7003,
        "abilities": {ids["F+"]: 0.5, ids["E-"]: 1.0, ids["C+"]: 3.5, ids["A"]: 9.0},
        "position_bias": 0.1,
    }
    assert simulated_parameters(chain.run_file, chain.found) == document["metadata"]["simulated"]


@pytest.mark.parametrize(("content", "error"), [("{", DamagedFileError), (None, InputError)])
def test_an_artefact_without_comparisons_is_no_list_to_ask_again(
    tmp_path: Path, content: str | None, error: type[InputError]
) -> None:
    """Asking every pair instead would be another, dearer question; a damaged one is named."""
    paths = ProjectPaths.at(tmp_path).run("again")
    source = tmp_path / "50_artefact.json"
    write_bytes(source, model_bytes(artefact(essays(["A"]), [])) if content is None else content.encode())
    with pytest.raises(error) as caught:
        pairs_of(paths, TextFile(path=source.name, sha256=sha256_text(read_text(source))))
    assert caught.value.where == str(source)


def test_an_ability_of_an_unknown_anchor_is_refused(tmp_path: Path) -> None:
    """A name that is no anchor's is a slip, not an ability that nobody has."""
    judge = JudgeSettings(provider="mock", model="simulated", simulated={"abilities": {"ANCHOR_77": 3.0}})
    with pytest.raises(InputError, match="ANCHOR_77"):
        asked(tmp_path, judge=judge)


def test_all_parameters_of_the_simulated_judge_are_sent(tmp_path: Path) -> None:
    """What docs/experiments.md names can be said, and the judge understands it."""
    simulated: SimulatedSettings = {"tie_rate": 0, "error_rate": 0.5, "delay_ms": 1, "outage": (10, 20)}
    _, document = asked(
        tmp_path, judge=JudgeSettings(provider="mock", model="simulated", simulated=simulated)
    )
    given = SimulatedParameters.model_validate(document["metadata"]["simulated"])
    assert (given.tie_rate, given.error_rate, given.delay_ms, given.outage) == (0, 0.5, 1, (10, 20))


def test_a_copy_of_a_project_asks_with_the_same_ids(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Event, correlation and batch follow from the identity alone: published twice it is the same event."""
    _, here = asked(tmp_path)
    _, there = asked(tmp_path_factory.mktemp("copy"))
    for key in ("event_id", "correlation_id"):
        assert here[key] == there[key]
    assert here["data"]["entity_id"] == there["data"]["entity_id"]
