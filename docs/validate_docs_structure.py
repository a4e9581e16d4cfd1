"""Says what is wrong with the structure of these docs: `python docs/validate_docs_structure.py`.

Checked are front matter, links, file names that are mentioned, the indexes, decisions and epics;
`docs/README.md` has the rules. Nothing but the standard library is needed. Exit code 1 when something is wrong.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

TYPES = {
    "README.md": "index",
    "cli.md": "reference",
    "experiments.md": "reference",
    "how-to": "how-to",
    "explanation": "explanation",
    "architecture": "design",
    "adr": "decision",
    "operations": "runbook",
    "product": "epic",
}
"""First part of a page's path → its type; an INDEX.md is an index everywhere."""
DATED = {"decision", "design", "epic", "runbook"}
"""These say when they were written and last changed in what they say."""
STATUS = {"decision": {"proposed", "accepted", "superseded"}, "epic": {"draft", "in progress", "done"}}
SECTIONS = ("Context", "Decision", "Consequences")
GENERATED = "examples"
"""Pages that eng5 wrote; they are shown as they are."""

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
MENTIONED = re.compile(r"`((?:eng5|tests|docs|benchmarks|inputs|\.ci)/[\w./-]+)`")
BOX = re.compile(r"^ *- \[([ x])\] ", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """A page below the docs' folder `docs`."""

    docs: Path
    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(self.docs).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The page without blocks of code."""
        return FENCE.sub("", self.text)

    @cached_property
    def front(self) -> dict[str, str]:
        found = FRONT.match(self.text)
        lines = found[1].splitlines() if found else []
        return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}

    @cached_property
    def headings(self) -> list[str]:
        return re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)

    @property
    def type(self) -> str | None:
        """The type that the page's place asks for."""
        return "index" if self.path.name == "INDEX.md" else TYPES.get(self.name.split("/")[0])

    def targets(self) -> Iterator[tuple[str, Path, str]]:
        """Every relative link: as written, the file, the anchor."""
        for target in LINK.findall(self.prose):
            if not re.match(r"\w+:", target):
                name, _, anchor = target.partition("#")
                yield target, (self.path.parent / name).resolve() if name else self.path, anchor


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def front_matter(page: Page) -> Iterator[str]:
    if not page.front:
        yield "has no front matter: begin with ---, type: …, title: …, ---"
        return
    if page.type is None:
        yield f"lies where no type of page belongs; places are {', '.join(TYPES)}"
    elif page.front.get("type") != page.type:
        yield f"says type: {page.front.get('type')}; its place asks for {page.type}"
    if page.headings[:1] != [page.front.get("title")]:
        yield f"says title: {page.front.get('title')}; its heading is {page.headings[:1]}"
    if page.type in DATED:
        try:
            created, updated = (date.fromisoformat(page.front[key]) for key in ("created", "last_updated"))
        except (KeyError, ValueError):
            yield "needs created: and last_updated:, each a date such as 2026-01-31"
        else:
            if updated < created:
                yield "was last updated before it was created"
    allowed = STATUS.get(page.type or "")
    if allowed and page.front.get("status") not in allowed:
        yield f"says status: {page.front.get('status')}; choose one of {', '.join(sorted(allowed))}"


def links(page: Page) -> Iterator[str]:
    for written, file, anchor in page.targets():
        if not file.exists():
            yield f"links to {written}, which does not exist"
        elif anchor and anchor not in map(slug, Page(page.docs, file).headings):
            yield f"links to {written}, and no heading there is called so"


def mentioned_files(page: Page) -> Iterator[str]:
    for name in MENTIONED.findall(page.prose):
        if not (page.docs.parent / name).exists():
            yield f"names {name}, which does not exist"


def decision(page: Page) -> Iterator[str]:
    if page.type == "decision":
        if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", page.path.name):
            yield "is a decision and must be called NNNN-what-it-is-about.md"
        if page.front.get("id") != f"ADR-{page.path.name[:4]}":
            yield f"says id: {page.front.get('id')}; its name says ADR-{page.path.name[:4]}"
        missing = [section for section in SECTIONS if section not in page.headings]
        if missing:
            yield f"has no section {', '.join(missing)}"


def epic(page: Page) -> Iterator[str]:
    """Done is an epic whose criteria are all ticked; its index says the same status."""
    if page.type == "epic":
        status, boxes = page.front.get("status"), BOX.findall(page.prose)
        open_ones = boxes.count(" ")
        if not boxes:
            yield "has no acceptance criteria: lines that begin with - [ ]"
        elif (status == "done") != (open_ones == 0):
            yield f"says status: {status}; {open_ones} of {len(boxes)} acceptance criteria are open"
        index = page.path.with_name("INDEX.md")
        lines = index.read_text(encoding="utf-8").splitlines() if index.is_file() else []
        row = next((line for line in lines if f"({page.path.name})" in line), "")
        if f"| {status} |" not in row:
            yield f"says status: {status}; its row in {index.name} says: {row or 'nothing'}"


CHECKS: tuple[Callable[[Page], Iterator[str]], ...] = (front_matter, links, mentioned_files, decision, epic)


def outside_the_indexes(docs: Path, pages: list[Page]) -> Iterator[str]:
    """Every page is linked from docs/README.md, or from an INDEX.md that is."""
    by_path = {page.path: page for page in pages}
    reached: set[Path] = set()
    waiting = [(docs / "README.md").resolve()]
    while waiting:
        path = waiting.pop()
        if path in by_path and path not in reached:
            reached.add(path)
            if by_path[path].type == "index":
                waiting += [file for _, file, _ in by_path[path].targets()]
    for page in pages:
        if page.path not in reached:
            yield f"{page.name}: no index links to it; add it to README.md or to an INDEX.md"


def problems(docs: Path) -> list[str]:
    """What is wrong, one line a problem, by page."""
    docs = docs.resolve()
    paths = [path for path in sorted(docs.rglob("*.md")) if path.relative_to(docs).parts[0] != GENERATED]
    pages = [Page(docs, path) for path in paths]
    found = [f"{page.name}: {problem}" for page in pages for check in CHECKS for problem in check(page)]
    ids = [page.front["id"] for page in pages if "id" in page.front]
    found += [f"{one}: several pages have this id" for one in sorted({i for i in ids if ids.count(i) > 1})]
    return [*found, *outside_the_indexes(docs, pages)]


def main() -> int:
    found = problems(Path(__file__).parent)
    sys.stdout.writelines(f"{line}\n" for line in found or ["The docs are in order."])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
