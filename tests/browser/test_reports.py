"""Reports in headless Chromium: at every width, with the keyboard alone, in print, and looked at by axe-core."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import AXE, NAMES, faults, fits, unfolded_with_axe
from tests.people.browser import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, which is not installed"),
]

Show = Callable[..., Any]
WITH_PAIRS = tuple(name for name in NAMES if name != "index")


@pytest.mark.parametrize("width", [400, 768, 1280, 1920])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wider_than_the_page(show: Show, name: str, width: int) -> None:
    """With every row opened too; on a phone tables scroll within themselves, from 1280 px on none has to."""
    fits(show(name, width=width), width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: npm install --prefix tests/browser")
def test_axe_finds_no_serious_fault(show: Show, name: str, scheme: str) -> None:
    """In light and dark, everything unfolded; and with a pair opened."""
    page = unfolded_with_axe(show(name, color_scheme=scheme))
    assert faults(page) == []
    if name in WITH_PAIRS:
        link = page.locator('main a[href^="#pair-"], main a[href^="#essay-"]').first
        link.focus()
        page.keyboard.press("Enter")
        assert page.locator("dialog[open]").count() == 1
        assert faults(page) == []


def test_a_pair_is_read_with_the_keyboard_alone(show: Show) -> None:
    """Tab reaches it, Enter opens both essays and both orders, arrows go on, Esc leads back to where one was."""
    page = show("bad")
    page.evaluate("document.querySelector('#inversions table th button.sort').focus()")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('tbody a')"):
            break
    opener = page.evaluate("document.activeElement.getAttribute('href')")
    assert opener.startswith("#pair-")
    page.keyboard.press("Enter")
    assert page.locator("dialog[open]").count() == 1
    first = page.locator("#reader-title").inner_text()
    assert page.locator("#reader-essays .essay").count() == 2
    assert page.locator("#reader-orders section").count() == 2
    assert page.evaluate(
        "[...document.querySelectorAll('.essay')].every((each) => each.textContent.length > 999)"
    )
    assert re.fullmatch(r"Pair 1 of \d+", page.locator("#reader-place").inner_text())
    page.keyboard.press("ArrowRight")
    assert page.locator("#reader-title").inner_text() != first
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#reader-title").inner_text() == first, "before the first there is none"
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("document.activeElement.getAttribute('href')") == opener


def test_a_pair_shows_every_verdict_whole_and_the_raw_answer(show: Show) -> None:
    """Who won in which order, how sure, the whole justification, and the model's own text on request."""
    page = show("bad", address="#pair-0-5")
    assert page.locator("#reader-orders li").count() == 2
    line = page.locator("#reader-orders li > span").first.inner_text()
    assert re.fullmatch(r"#\d+ · anchor_essay_eng_5_17_vt_\d{3} won · confidence \d\.\d", line)
    words = page.locator("#reader-orders li > p").first.inner_text()
    assert len(words.split()) == 60
    raw = page.locator("#reader-orders details").first
    assert not raw.locator("pre").is_visible()
    raw.locator("summary").click()
    assert words in raw.locator("pre").inner_text()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bad", "table.matrix a"),
        ("bad", "#agreement svg a"),
        ("position-biased", "#position svg a"),
        ("position-biased", "#position tbody a"),
        ("bad", "#calibration svg a"),
        ("bad", "#anchors tbody a"),
        ("bad", ".next a[href^='#pair']"),
        ("100 anchors", "table.matrix a"),
        ("100 anchors", "#agreement svg a"),
        ("boundary", "#pairs svg a"),
        ("students", "svg a"),
        ("students", "tbody a"),
    ],
)
def test_every_dot_row_and_cell_opens_its_pairs(show: Show, name: str, kind: str) -> None:
    """Each leads to at least one pair; the arrow keys lead through all of its list."""
    page = show(name)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    link = page.locator(kind).first
    link.focus()
    page.keyboard.press("Enter")
    assert page.locator("dialog[open]").count() == 1
    assert re.match(r"Pair \d+ of \d+", page.locator("#reader-place").inner_text())
    assert "comparison" in page.locator("#reader-outcome").inner_text()


def test_a_matrix_is_one_stop_of_the_tab_key(show: Show) -> None:
    """Arrow keys go from cell to cell, past those that are empty."""
    page = show("bad")
    cells = page.locator("table.matrix a")
    assert page.locator("table.matrix a[tabindex='0']").count() == 1 and cells.count() == 132
    page.locator("table.matrix a[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#pair-2-1"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#pair-2-3"
    assert page.locator("table.matrix a[tabindex='0']").count() == 1


def test_every_term_is_one_key_away(show: Show) -> None:
    """The button beside a term shows its meaning, and Esc takes it away."""
    page = show("good")
    button = page.locator(".targets .term").first
    button.focus()
    page.keyboard.press("Enter")
    meaning = page.locator(".meaning:popover-open")
    assert meaning.count() == 1 and meaning.inner_text().startswith("Direct inversions")
    page.keyboard.press("Escape")
    assert page.locator(".meaning:popover-open").count() == 0


def test_a_long_table_filters_and_sorts(show: Show) -> None:
    """What does not hold all words is hidden, how many are left is said, and a heading says its direction."""
    page = show("30 anchors")
    field = page.locator("#anchors .filter input")
    field.fill("vt_00")
    assert page.locator("#anchors tbody tr:visible").count() == 9
    assert page.locator("#anchors .filter output").inner_text() == "9 of 30 rows"
    field.fill("")
    head = page.locator("#anchors th").nth(3)
    head.locator("button.sort").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    ranks = page.evaluate(
        "[...document.querySelectorAll('#anchors tbody tr')].map((row) => +row.cells[3].dataset.key)"
    )
    assert ranks == sorted(ranks)


def test_a_link_to_a_folded_section_unfolds_it(show: Show) -> None:
    """The contents and the guide lead to what can be read."""
    page = show("100 anchors")
    assert not page.locator("#guide dl").is_visible()
    page.locator("nav.around a[href='#guide']").click()
    page.wait_for_selector("#guide dl", state="visible")


def test_print_has_the_page_or_the_pair_that_is_open(show: Show, tmp_path: Path) -> None:
    """All sections are unfolded for it; while a pair is open, it is what is printed, to its last word."""
    page = show("100 anchors")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#reliability table").first.is_visible()
    assert not page.locator(".filter").first.is_visible()
    page.evaluate("document.querySelector('#inversions tbody a').click()")
    assert not page.locator("main").is_visible() and page.locator("#reader-essays").is_visible()
    page.pdf(path=str(tmp_path / "pair.pdf"), format="A4")
    from pdfminer.high_level import extract_text

    printed = extract_text(tmp_path / "pair.pdf")
    ends = page.evaluate(
        "[...document.querySelectorAll('.essay')].map((each) => each.textContent.split(' ').pop())"
    )
    assert len(ends) == 2 and all(re.fullmatch(r"END\d+", end) and end in printed for end in ends)
