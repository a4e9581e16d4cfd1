"""The log of a run: structured JSON lines in `build/<run>/run.log`, and plain lines for the terminal.

Secrets and essay texts never get in: values of secret variables and everything that looks like a token are
blanked out, and fields that carry texts are left out.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

from eng5.contracts.credentials import without_tokens
from eng5.contracts.inventory import Inventory
from eng5.environment import secret_values
from eng5.errors import InputError, unwritable
from eng5.files import read_model
from eng5.paths import RunnerPaths
from eng5.settings import RunnerSettings

FILE_BYTES = 1_000_000
OLD_FILES = 3
LONGEST_VALUE = 1000
SECRET_FIELD = re.compile(r"(^|[_.])(token|secret|password|authorization|api_?key)$", re.IGNORECASE)
TEXT_FIELDS = frozenset({"text", "essay", "essay_text", "content", "justification", "prompt", "rubric"})
LOGGERS = ("eng5", "eng5.librdkafka", "httpx")


class RunLog:
    """Where a handler notes what it does. Every line carries the batch id, the mode and a correlation id."""

    def __init__(self) -> None:
        self._bound: dict[str, object] = {}

    def bind(self, **facts: object) -> None:
        """Facts that every later line carries."""
        self._bound |= facts

    def event(self, name: str, **facts: object) -> None:
        """A line for the file."""
        self._write(logging.INFO, name, facts)

    def problem(self, name: str, **facts: object) -> None:
        """A line for the file about something that went wrong."""
        self._write(logging.ERROR, name, facts)

    def say(self, text: str, **facts: object) -> None:
        """A line for the reader at the terminal, and the same for the file; a run goes on when the reader has gone."""
        with contextlib.suppress(BrokenPipeError):
            print(text, flush=True)  # noqa: T201
        self.event(text, **facts)

    def _write(self, level: int, name: str, facts: dict[str, object]) -> None:
        logging.getLogger("eng5.run").log(level, "%s", name, extra={"facts": self._bound | facts})


@contextmanager
def run_log(paths: RunnerPaths, settings: RunnerSettings) -> Iterator[RunLog]:
    """The run's log, open while the block runs; what ends the block before its time is noted in it.

    Raises:
        InputError: it cannot be written where the run's folder has to be.
    """
    _make_writable(paths)
    facts = {
        "batch_id": settings.batch_id,
        "runner_mode": settings.mode.value,
        "correlation_id": correlation_id(paths),
    }
    handler = logging.handlers.RotatingFileHandler(
        paths.log, maxBytes=FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(_DiscreetLine(facts, secret_values()))
    with _attached(handler, logging.DEBUG if settings.verbose else logging.INFO):
        log = RunLog()
        try:
            yield log
        except Exception as error:
            log.problem("refused", error=type(error).__name__, reason=str(error))
            raise
        except (KeyboardInterrupt, SystemExit):
            log.problem("interrupted")
            raise


def _make_writable(paths: RunnerPaths) -> None:
    try:
        paths.folder.mkdir(parents=True, exist_ok=True)
        paths.log.open("ab").close()
    except OSError as error:
        raise unwritable(error) from None


def correlation_id(paths: RunnerPaths) -> str:
    """That of the frozen run's events; for a folder without a run, one that this command's lines share."""
    from eng5.contracts.run import RunFile

    try:
        return str(read_model(paths.run, RunFile).correlation_id)
    except InputError:
        return str(uuid4())


def log_validation_state(
    log: RunLog, settings: RunnerSettings, inventory: Inventory, **status: object
) -> None:
    """What was found and how far the mode goes: one `validation_state` line for the file."""
    anchors = len(inventory.anchors)
    log.event(
        "validation_state",
        runner_status={"mode": settings.mode.value, "partial_data": False, **status},
        counts={
            "anchors": anchors,
            "students": len(inventory.students),
            "anchor_pairs": anchors * (anchors - 1) // 2,
            "words": sum(essay.words for essay in (*inventory.anchors, *inventory.students)),
        },
        grade_scale=inventory.grade_scale.name,
        instructions=inventory.instructions is not None,
        assignment_text=inventory.prompt is not None,
        max_comparisons=settings.max_comparisons,
    )


@contextmanager
def _attached(handler: logging.Handler, level: int) -> Iterator[None]:
    """The handler on our loggers and on those of the libraries whose lines help an operator."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        quiet = logger.name == "httpx" and level > logging.DEBUG
        logger.setLevel(logging.WARNING if quiet else level)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, old_level, propagate in before:
            logger.removeHandler(handler)
            logger.setLevel(old_level)
            logger.propagate = propagate
        handler.close()


class _DiscreetLine(logging.Formatter):
    """A line of JSON with the run's facts: no secret value, no token, no essay text leaves it."""

    def __init__(self, facts: Mapping[str, object], secrets: frozenset[str]) -> None:
        super().__init__()
        self._facts = facts
        self._secrets = sorted(secrets, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The event with its facts, and the trace of an exception."""
        event = {
            **self._facts,
            **getattr(record, "facts", {}),
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return json.dumps({key: self._clean(key, value) for key, value in event.items()})

    def _clean(self, key: str, value: object) -> object:
        if SECRET_FIELD.search(key):
            return "[secret]"
        if key in TEXT_FIELDS:
            return "[left out]"
        if isinstance(value, dict):
            return {inner: self._clean(str(inner), one) for inner, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(key, one) for one in value]
        if isinstance(value, bool | int | float) or value is None:
            return value
        text = without_tokens(str(value))
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}… ({len(text)} characters)"
