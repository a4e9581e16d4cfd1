"""A small project in a fresh folder, and its chain run step by step against services in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from eng5.contracts.inventory import Inventory
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import JudgeSettings, RunFile, RunIdentity
from eng5.contracts.wire.topics import ASSESSMENT_RESULT, CJ_COMPLETED, COMPARISON_RESULT
from eng5.files import read_model
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.settings import RunnerSettings
from eng5.steps import artefact, envelope, events, inventory, published, run, uploads
from tests import messages
from tests.fakes import FakeBroker, FakeContent, Progress

ANCHORS = {
    "role_model_001_F+.txt": "My rolemodel is good. He play fotboll.",
    "role_model_002_E-.txt": "I want to write about my mother, because she is very nice person.",
    "role_model_003_C+.txt": "A role model is somebody you look up to; to me that is my grandfather from Skåne.",
    "role_model_004_A.txt": "Whenever courage fails me, I remember how my aunt faced down an entire school board.",
}


@dataclass
class Chain:
    """A run of the project under `root`; every step has a method, which may be repeated."""

    root: Path
    name: str = "baseline"
    content: FakeContent = field(default_factory=FakeContent)
    broker: FakeBroker = field(default_factory=FakeBroker)
    changes: dict[str, Any] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        for folder in (self.project.anchors, self.project.students, self.root / "prompts"):
            folder.mkdir(parents=True, exist_ok=True)
        for name, text in ANCHORS.items():
            (self.project.anchors / name).write_text(text, encoding="utf-8")
        self.system_prompt.write_text("Judge fairly.", encoding="utf-8")
        self.rubric.write_text("Content counts.", encoding="utf-8")

    @property
    def project(self) -> ProjectPaths:
        return ProjectPaths.at(self.root)

    @property
    def paths(self) -> RunnerPaths:
        return self.project.run(self.name)

    @property
    def system_prompt(self) -> Path:
        return self.root / "prompts" / "system.txt"

    @property
    def rubric(self) -> Path:
        return self.root / "prompts" / "rubric.txt"

    @property
    def settings(self) -> RunnerSettings:
        values: dict[str, Any] = {
            "mode": RunnerMode.ANCHOR_ALIGN_TEST,
            "batch_id": self.name,
            "origin": "experiments",
            "judge": JudgeSettings(provider="mock", model="surface", temperature=0.0),
            "system_prompt": self.system_prompt,
            "rubric": self.rubric,
            "anchors_folder": self.project.anchors,
        }
        return RunnerSettings.model_validate(values | self.changes)

    @property
    def run_file(self) -> RunFile:
        return read_model(self.paths.run, RunFile)

    @property
    def found(self) -> Inventory:
        return read_model(self.paths.inventory, Inventory)

    def look(self) -> Inventory:
        """What is under inputs/ now."""
        return inventory.of_settings(self.project, self.settings)

    def identity(self, *, attempt: int = 1) -> RunIdentity:
        """Who the run would be now."""
        return run.build(self.settings, self.project, self.look(), attempt=attempt)

    def freeze(self) -> RunFile:
        run.run(self.paths, self.settings, self.look())
        return self.run_file

    def take_stock(self) -> Inventory:
        inventory.run(self.paths, self.look())
        return self.found

    def upload(self, *, force: bool = False) -> None:
        uploads.run(self.paths, self.content, Progress(), force=force)

    def ask(self) -> bytes:
        envelope.run(self.paths)
        return self.paths.envelope.read_bytes()

    def publish(self) -> None:
        published.run(self.paths, self.broker)

    def capture(self, **options: Any) -> Progress:
        self.progress = Progress()
        events.run(self.paths, self.broker, self.progress, **options)
        return self.progress

    def fold(self) -> bytes:
        artefact.run(self.paths)
        return self.paths.artefact.read_bytes()

    def up_to_published(self) -> RunFile:
        """Everything before the capture."""
        self.freeze()
        self.take_stock()
        self.upload()
        self.ask()
        self.publish()
        return self.run_file

    def callbacks(self) -> list[bytes]:
        """A verdict on every pair of the anchors, for the one that comes first in the inventory."""
        batch, ids = self.run_file.batch_uuid, [essay.essay_id for essay in self.found.anchors]
        return [
            messages.raw(messages.callback(batch, a, b, number=number))
            for number, (a, b) in enumerate(combinations(ids, 2))
        ]

    def answer(self) -> None:
        """Put all callbacks, the completion and the result."""
        for number, value in enumerate(self.callbacks()):
            self.broker.put(COMPARISON_RESULT, value, partition=number % 3)
        self.broker.put(CJ_COMPLETED, messages.raw(messages.completed(self.run_file.batch_uuid)))
        self.broker.put(ASSESSMENT_RESULT, messages.raw(messages.result(self.run_file.batch_uuid)))

    def whole(self) -> bytes:
        """The whole chain; the artefact."""
        self.up_to_published()
        self.answer()
        self.capture()
        return self.fold()
