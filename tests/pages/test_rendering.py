"""Tests of `eng5.pages.rendering`."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markdown_it import MarkdownIt

from eng5.contracts.artefact import Artefact
from eng5.contracts.own import Estimate, Interval
from eng5.pages import rendering
from eng5.plots.printable import printable
from eng5.reports.alignment import analysis, report
from eng5.reports.baseline import build as baseline_of

Judge = Callable[..., Artefact]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (rendering.number(None), "n/a"),
        (rendering.number(-0.004), "0.00"),
        (rendering.number(-1.5, 1), "−1.5"),
        (rendering.signed(0.25), "+0.25"),
        (rendering.signed(0.001), "0.00"),
        (rendering.percent(0.825), "82 %"),
        (rendering.percent(None), "n/a"),
        (rendering.count(12345), "12 345"),
        (rendering.count(1.25), "1.2"),
        (rendering.count(0.0), "0"),
        (rendering.count(-1.0), "−1"),
        (rendering.p_value(0.00001), "< 0.001"),
        (rendering.p_value(0.0421), "0.042"),
    ],
)
def test_numbers_are_written_one_way(shown: str, expected: str) -> None:
    """Fixed decimals, a true minus sign, no negative zero, n/a for what is absent."""
    assert shown == expected


def test_a_count_says_one_thing_or_several() -> None:
    """The only place that knows how a noun becomes many."""
    assert [rendering.plural(number, "pair") for number in (1, 0, 4950, None)] == [
        "1 pair",
        "0 pairs",
        "4 950 pairs",
        "n/a pairs",
    ]


def test_a_path_breaks_between_its_words() -> None:
    """Behind "_" and "/", and nowhere within what somebody else wrote as markup."""
    assert rendering.breakable("rubric/001_<b>.txt") == "rubric/<wbr>001_<wbr>&lt;b&gt;.txt"


def test_an_estimate_carries_its_interval() -> None:
    """Value and interval share their unit; the method names level, resamples and seed."""
    interval = Interval(low=0.25, high=0.5, level=0.95, method="wilson", resamples=2000, seed=7)
    assert rendering.estimate(Estimate(value=0.4, interval=interval), "share") == "40 % (25 to 50 %)"
    assert rendering.estimate(Estimate(value=0.4)) == "0.40"
    assert rendering.method(interval) == "95 % wilson, 2 000 resamples, seed 7"


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
PIECES = st.lists(
    st.sampled_from(
        ["|", "\\", "`", "```", "\n", "\r\n", "*", "_", "~~", "[x](y)", "![x](y)", "<b>", "<!--", "&amp;", "http://a.b",
         "#", "- ", "1. ", "+ ", "= ", "> ", ":smile:", "$x$", "word", " ", "\x00", "\u202e", "é", "\t"]
    )
    | st.text(max_size=4),
    max_size=12,
).map("".join)  # fmt: skip


@given(PIECES)
def test_any_text_is_one_table_cell_that_shows_it(text: str) -> None:
    """A Markdown parser finds one cell, no markup in it, and exactly the words that went in."""
    tokens = MARKDOWN.parse(f"| a | b |\n| --- | --- |\n| {rendering.cell(text)} | end |\n")
    assert [token.type for token in tokens].count("td_open") == 2
    inline = [token for token in tokens if token.type == "inline"][2]
    children = inline.children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children).split() == printable(text).split()


@given(PIECES)
def test_any_text_stays_within_its_line(text: str) -> None:
    """Outside a table a line of foreign text is one paragraph of a list item, whatever it begins with."""
    tokens = MARKDOWN.parse(f"- {rendering.cell(text)}x\n\nnext\n")
    kinds = [token.type for token in tokens if token.type.endswith("_open")]
    assert kinds == ["bullet_list_open", "list_item_open", "paragraph_open", "paragraph_open"]


@given(PIECES)
def test_a_fence_is_longer_than_any_fence_in_the_text(text: str) -> None:
    """A prompt with fences of its own comes back whole from its fence."""
    tokens = MARKDOWN.parse(f"before\n\n{rendering.fence(text)}\n\nafter\n")
    (block,) = [token for token in tokens if token.type == "fence"]
    body = printable(text).replace("\r", "\n")
    assert block.content == (body if body.endswith("\n") else f"{body}\n")
    assert tokens[-2].content == "after"


def test_an_unknown_name_in_a_template_is_an_error() -> None:
    """A template cannot silently show nothing."""
    with pytest.raises(UndefinedError):
        rendering.environment().from_string("{{ nobody }}").render()


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PROBE = """
<iframe id="page" style="width: 400px; height: 900px; border: 0" srcdoc="{page}"></iframe>
<script>
addEventListener("load", () => {{
  const page = document.getElementById("page").contentDocument;
  const column = () => [...page.querySelectorAll("#anchors tbody tr")].map((row) => row.cells[3].dataset.key);
  const buttons = page.querySelectorAll("#anchors th button.sort");
  const rows = [];
  for (let turn = 0; turn < 2; turn++) {{ buttons[3].click(); rows.push(column()); }}
  const wide = [...page.querySelectorAll("main *")].filter((element) =>
    element.getBoundingClientRect().right > 401 && !element.closest(".scroll, svg, pre"));
  const seen = {{
    scroll: page.documentElement.scrollWidth, width: page.documentElement.clientWidth, rows,
    sorted: page.querySelectorAll("#anchors th")[3].getAttribute("aria-sort"),
    injected: page.querySelectorAll("main script, main img").length, wide: wide.map((each) => each.tagName),
    focusable: page.querySelectorAll(".scroll[tabindex]").length,
  }};
  const result = document.createElement("pre");
  result.id = "seen";
  result.textContent = JSON.stringify(seen);
  document.body.replaceChildren(result);
}});
</script>
"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_browser_shows_the_page_at_400_pixels_and_sorts_it(judge: Judge, tmp_path: Path) -> None:
    """No sideways scroll, no console message, markup in a justification stays text, columns sort both ways."""
    source = judge(rounds=2, steepness=0.3)
    hostile = "<script>document.title = 'x'</script><img src=x onerror=alert(1)> " + "long" * 60
    verdicts = [c.model_copy(update={"justification": hostile}) for c in source.llm_comparisons]
    artefact = source.model_copy(update={"llm_comparisons": verdicts})
    measured = analysis.build(artefact, {}, name="run", baseline=baseline_of(artefact, name="run"))
    files = report.build(artefact, measured, report.plots(measured))
    (page,) = (text for name, text in files.items() if name.endswith(".html"))
    probe = tmp_path / "probe.html"
    probe.write_text(PROBE.format(page=html.escape(page)), encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--virtual-time-budget=5000",
            "--dump-dom", probe.as_uri(),
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    (shown,) = re.findall(r'<pre id="seen">(.*?)</pre>', done.stdout)
    seen = json.loads(html.unescape(shown))
    assert seen["scroll"] <= seen["width"] <= 400 and seen["wide"] == []
    assert seen["injected"] == 0 and seen["focusable"] > 0
    ascending, descending = ([int(key) for key in keys] for keys in seen["rows"])
    assert ascending == sorted(ascending) and descending == sorted(ascending, reverse=True)
    assert seen["sorted"] == "descending"


def test_commands_in_a_sentence_are_code_and_markup_stays_text() -> None:
    """Backticks of a remedy are for terminals and Markdown; whatever else is in it is escaped."""
    assert (
        rendering.code("see `eng5 doctor <x>` & <b>")
        == "see <code>eng5 doctor &lt;x&gt;</code> &amp; &lt;b&gt;"
    )
