"""A panel's page in a process of its own, which can be killed; and judges who talk to it."""

from __future__ import annotations

import json
import os
import signal
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from eng5.contracts.run import PanelDesign
from eng5.judges.human import PanelRecord
from eng5.judges.question import Setting, ShownEssay
from eng5.people.panel import Material
from tests.forked import ROOT, Forked

BATCH = "00000000-0000-4000-8000-000000000001"
SERVE = """
import asyncio, json, sys
from pathlib import Path
from eng5.people.panel import Panel
from eng5.people.web_server import serve
from tests.people.server import Texts, about
state, texts, host, port, renew = json.loads(sys.argv[1])
texts = Texts(**texts)
panel = Panel(texts.material(), Path(state))
say = lambda line: print(line, flush=True)
asyncio.run(serve(panel, texts.judges, about(texts), say, host=host, port=port, renew_links=renew))
"""


@dataclass(frozen=True)
class Texts:
    """What a panel compares: `essays` texts, the better the later."""

    essays: int = 6
    pairs: int | None = 6
    judges: list[str] = field(default_factory=lambda: ["anna", "bo", "cy"])
    ties: bool = True
    order: str = "adaptive"
    words: str = "word "

    def material(self) -> Material:
        """As a request would give it."""
        return Material(
            batch=BATCH,
            setting=Setting(provider="human", model="people", rubric="Look at it.", allow_ties=self.ties),
            essays={
                f"student::secret_{n:02}": ShownEssay(
                    f"student::secret_{n:02}", f"Text {n:02}. " + self.words * n
                )
                for n in range(self.essays)
            },
            design=PanelDesign.model_validate({"pairs": self.pairs, "overlap": 0.34, "order": self.order}),
        )


def about(texts: Texts) -> dict[str, Any]:
    """What the page shows beside the questions."""
    rubric = {"title": "What counts", "text": "Content\\n- ideas\\n- <b>reasons</b>"}
    return {"title": "Which text is better?", "language": "sv", "ties": texts.ties, "instructions": [rubric]}


class PanelServer:
    """The server, started when it is entered."""

    def __init__(self, state: Path, texts: Texts, *, host: str | None = None, renew: bool = False) -> None:
        self._arguments = [str(state), asdict(texts), host]
        self._renew = renew
        self.state = state
        self.port: int | None = None
        self.links: dict[str, str] = {}
        self.said: list[str] = []
        self.up = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, on the port that it had before; return when it answers."""
        arguments = json.dumps([*self._arguments, self.port, self._renew])
        self._process = Forked(SERVE, [arguments], cwd=ROOT, env=os.environ)
        judges = self._arguments[1]["judges"]  # type: ignore[index]
        self.said = [self._process.stdout.readline().strip() for _ in judges]
        self.links = {line.split()[0]: line.split()[1] for line in self.said if "http" in line}
        if self.links:
            self.port = int(next(iter(self.links.values())).split(":")[2].partition("/")[0])
        self.up.set()

    def kill(self) -> None:
        """As kill -9 does."""
        self.up.clear()
        self._process.kill()
        self._process.close()

    def stop(self) -> str:
        """As Ctrl-C does; what it said since it was started."""
        self._process.send_signal(signal.SIGINT)
        said = self._process.stdout.read()
        self._process.close()
        assert self._process.returncode == 0
        return said

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, credential: str) -> httpx.Client:
        """A judge's connection."""
        return httpx.Client(
            base_url=self.url, headers={"authorization": f"Bearer {credential}"}, trust_env=False, timeout=60
        )

    def record(self) -> PanelRecord:
        """What is on the disk."""
        return PanelRecord(self.state, BATCH).read()

    def ledger(self) -> list[dict[str, Any]]:
        """Every line of the ledger."""
        path = self.state / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def better(question: dict[str, str]) -> str:
    """The side that a judge of these texts takes: the later text."""
    return "left" if question["left"] > question["right"] else "right"
