"""What doit shows in a terminal, and how its process ends."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from doit.exceptions import UnmetDependency
from doit.reporter import ConsoleReporter

from eng5.environment import one_thread_for_matrices
from eng5.graph import action


class Reporter(ConsoleReporter):  # type: ignore[misc]
    """doit's console output, with a refusal as one message, nothing repeated at the end, and its exit code."""

    desc = "console output of eng5"
    names_study = True
    """Not where `eng5 doit` has named it."""

    def initialize(self, tasks: Any, selected_tasks: Any) -> None:
        """Prepare the process, once it is known that tasks will run."""
        super().initialize(tasks, selected_tasks)
        action.outstanding.update(selected_tasks)
        if self.names_study:
            print(f"study: {Path.cwd()}", file=sys.stderr)  # noqa: T201
        one_thread_for_matrices()
        action.end_quietly_on_interrupt()
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")

    def execute_task(self, task: Any) -> None:
        """Say that a task begins."""
        action.outstanding.discard(task.name)
        super().execute_task(task)

    def skip_uptodate(self, task: Any) -> None:
        """Say that a task has nothing to do."""
        action.outstanding.discard(task.name)
        super().skip_uptodate(task)

    def _write_failure(self, result: dict[str, Any], write_exception: bool = True) -> None:
        if isinstance(result["exception"], UnmetDependency):
            return  # The task that it waits for has said why.
        message = str(result["exception"].get_msg() if write_exception else "").strip()
        self.write(f"✗  {result['task'].name}\n   {message}\n".replace("\n   \n", "\n"))

    def complete_run(self) -> None:
        """Say what belongs to no task; end with the exit code of the first refusal."""
        for message in (*self.runtime_errors, *(f"✗  {error}" for error in action.late_refusals)):
            self.write(f"{message}\n")
        for error in (*action.refusals, *action.late_refusals):
            sys.exit(error.exit_code)
