"""A copy of the project in a fresh folder, and doit in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eng5.paths import ProjectPaths
from tests import forked

ROOT = Path(__file__).parents[1]
DOIT = "import sys; from doit.doit_cmd import DoitMain; sys.exit(DoitMain().run(sys.argv[1:]))"


@dataclass(frozen=True)
class Project:
    """A folder with dodo.py and inputs/."""

    root: Path

    @classmethod
    def fresh(cls, root: Path, *, without: Sequence[str] = ()) -> Project:
        """Only what a clone has that the graph reads; `without` files of such names."""
        root.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "dodo.py", root)
        shutil.copytree(ROOT / "inputs", root / "inputs", ignore=shutil.ignore_patterns(*without))
        return cls(root)

    @classmethod
    def small(cls, root: Path) -> Project:
        """A fresh one with the essays that are plain text: six anchors, each of its own grade, and three students."""
        return cls.fresh(root, without=("*.docx", "*.odt", "*.rtf", "*.pdf"))

    @property
    def paths(self) -> ProjectPaths:
        return ProjectPaths.at(self.root)

    def copy(self, root: Path) -> Project:
        """Everything, generated files included."""
        shutil.copytree(self.root, root)
        return Project(root)

    def put_back(self, copy: Project) -> Project:
        """Everything as in the copy: doit's notes hold for this place alone."""
        shutil.rmtree(self.root)
        copy.copy(self.root)
        return self

    def doit(
        self,
        *arguments: str,
        code: str = DOIT,
        env: dict[str, str] | None = None,
        succeeds: bool = True,
        imports: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run `doit ARGUMENTS` in a process of its own; `code` may be another program that runs doit.

        With `imports`, that process imports everything itself.
        """
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            **(env or {}),
        }
        if imports:
            done = subprocess.run(
                [sys.executable, "-c", code, *arguments],
                cwd=self.root,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        else:
            done = forked.run(code, arguments, cwd=self.root, env=environment)
        if succeeds:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def reports(self) -> dict[str, bytes]:
        """Every file under reports/, by its path."""
        folder = self.paths.reports
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def generated(self) -> dict[str, bytes]:
        """Every file of every run, and the reports."""
        runs = {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for name in self.paths.runs()
            for path in sorted(self.paths.run(name).folder.rglob("*.json*"))
        }
        return runs | self.reports()

    def ledger(self) -> list[str]:
        """The stand-in's verdicts, one line each."""
        files = sorted(self.paths.stack.rglob("ledger.jsonl"))
        return [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]

    def uploads(self) -> list[str]:
        """The journal of uploads, one line each."""
        journal = self.paths.upload_journal
        return journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []
