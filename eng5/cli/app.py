"""The command line: options in, exit code out. Everything heavy is imported when a command needs it."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from eng5.cli import (
    assignments,
    batches,
    card_and_paper,
    importing,
    looking,
    noting,
    people,
    serving,
    spending,
    study,
    texts,
    watching,
)
from eng5.cli.flags import with_flags
from eng5.cli.group import WholeHelp
from eng5.errors import Eng5Error, InputError, InterruptedRunError, as_refusal, unwritable

HELP = """\
Measure how well an LLM judge agrees with expert graders.

Everything happens in a study, a folder of its own that `eng5 init` makes. \
Without a command: run a mode there. A run is a folder under build/; the same \
command again goes on where it stopped, or says where the report is.

\b
Examples:
  eng5 init my-study --example
  eng5 --mode plan
  eng5 --mode anchor-align-test --batch-id try-003 --rubric my_rubric.txt
  eng5 --mode execute --assignment-id UUID --course-id UUID --await-completion
  eng5 runs
"""
EXIT_CODES = """\
Exit codes: 0 done · 1 anything else · 2 bad input or flags · \
3 preflight failed (assignment, anchors, prompt, token) · \
4 a service cannot be reached or answers nonsense · \
5 the platform gave the batch up · 6 partial data, the deadline passed · \
7 another process works on it · 8 a target is missed · \
9 people are awaited · 10 a batch is awaited · 130 interrupted.
"""


class ErrorsInWords(WholeHelp):
    """Every refusal becomes a line on standard error and its own exit code."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Read the flags."""
        with in_words():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        with in_words():
            return super().invoke(ctx)


@contextmanager
def in_words() -> Iterator[None]:
    """Turn a refusal, and Ctrl-C, into a line on standard error and an exit code."""
    try:
        yield
    except (Eng5Error, OSError) as raised:
        if isinstance(raised, OSError) and raised.filename is None:
            raise  # standard output is broken, or this folder is gone
        error = as_refusal(raised)
        _say_error(str(error))
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        _say_error("interrupted; the same command goes on from here")
        raise typer.Exit(InterruptedRunError.exit_code) from None


app = typer.Typer(
    cls=ErrorsInWords,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(study.init)
app.command()(study.why)
app.command(
    "doit",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)(study.run_doit)
app.command()(texts.texts)
app.command()(people.judge)
app.command("import")(importing.import_comparisons)
app.command()(looking.runs)
app.command()(looking.show)
app.command()(looking.config)
app.command()(looking.doctor)
app.command()(watching.watch)
app.command()(noting.note)
app.command()(card_and_paper.card)
app.command()(card_and_paper.paper)
app.command()(serving.serve)
app.command()(spending.ledger)
app.command()(spending.rejudge)
app.command()(spending.retry)
app.add_typer(batches.batches, name="batches")
app.command("register-anchors")(assignments.register)
app.command()(assignments.verify_auth)
app.add_typer(assignments.instructions, name="instructions")


def start(ctx: typer.Context) -> None:
    """Run a mode, unless a command follows."""
    if ctx.invoked_subcommand is None:
        from eng5.cli.mode import run_mode
        from eng5.cli.values import given

        raise typer.Exit(run_mode(given(ctx)))


app.callback(invoke_without_command=True, help=HELP, epilog=EXIT_CODES)(with_flags(start))


def main() -> None:
    """The entry point; SIGTERM ends a command the way Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if sys.stdout is None:  # closed by whoever began it
        sys.stdout = io.StringIO()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        try:
            app(prog_name="eng5")
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _write_nowhere()
        sys.exit(1)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            refusal: Eng5Error = InputError(
                "the folder that this command was started in is gone", remedy="go to another one"
            )
        else:
            refusal = unwritable(error, where="standard output")
            _write_nowhere()
        _say_error(str(refusal))
        sys.exit(refusal.exit_code)


def _write_nowhere() -> None:
    """What is still buffered for a standard output that takes no more would be a traceback at the very end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_error(text: str) -> None:
    sys.stdout.flush()
    typer.secho("error: ", fg="red", bold=True, err=True, nl=False)
    typer.echo(text, err=True)
