"""The page in headless Chromium: what judges see, hear and do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.people.browser import CHROMIUM, answered, ready, until
from tests.people.server import PanelServer, Texts

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, which is not installed"),
]

Open = Callable[..., Any]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PanelServer]:
    """A panel of three judges with long texts."""
    with PanelServer(tmp_path, Texts(words="And more words. " * 12)) as running:
        yield running


@pytest.fixture
def open_page(browser: Any, server: PanelServer) -> Iterator[Open]:
    """A judge's page in a browser of its own; no page may report an error or a refusal of its policy."""
    contexts = []
    troubles: list[str] = []

    def page_of(judge: str = "anna", **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda line: troubles.append(line.text) if "Policy" in line.text else None)
        page.goto(f"{server.url}/#{judge}")
        ready(page)
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert troubles == []


def outcomes(server: PanelServer, judge: str = "anna") -> list[str]:
    return [entry.verdict.outcome.value for _, entry in server.record().answered(judge)]


def test_keys_answer_take_back_and_pause(open_page: Open, server: PanelServer) -> None:
    """Arrows, 1, 2, 0, U and P do what the page says; while a comment is written, or without leave, they do nothing."""
    page = open_page()
    for number, key in enumerate(("ArrowLeft", "2", "0"), start=1):
        page.keyboard.press(key)
        answered(page, number)
        ready(page)
    page.keyboard.press("u")
    answered(page, 2)
    ready(page)
    page.keyboard.press("p")
    assert page.locator("#rest-title").inner_text() == "Paused"
    assert page.locator("#a").is_hidden()
    page.keyboard.press("1")
    page.keyboard.press("p")
    ready(page)
    page.locator("#comment").focus()
    page.keyboard.type("1 and 2, u p")
    page.locator("#question-title").focus()
    page.locator("summary", has_text="Keys").click()
    page.locator("#use-keys").uncheck()
    page.locator("#question-title").focus()
    page.keyboard.press("1")
    page.locator("#use-keys").check()
    page.locator("#question-title").focus()
    page.keyboard.press("ArrowRight")
    answered(page, 3)
    assert outcomes(server) == ["A", "B", "B"]
    assert [line["justification"] for line in server.ledger()] == [None, None, None, None, "1 and 2, u p"]


def test_a_key_held_down_or_a_double_click_answers_one_pair(open_page: Open, server: PanelServer) -> None:
    """The next pair has to be seen first."""
    page = open_page()
    page.keyboard.down("1")
    page.keyboard.down("1")
    answered(page, 1)
    page.keyboard.up("1")
    ready(page)
    page.locator("#right").dblclick()
    answered(page, 2)
    page.locator("#right").click()
    ready(page)
    assert outcomes(server) == ["A", "B"]


def test_touch_on_a_small_screen(open_page: Open, server: PanelServer) -> None:
    """At 400 pixels: texts one below the other, nothing to scroll sideways, buttons of a finger's size in view."""
    page = open_page(viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True)
    a, b = page.locator("article").nth(0).bounding_box(), page.locator("article").nth(1).bounding_box()
    assert b["y"] >= a["y"] + a["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    for button in ("#left", "#tie", "#right"):
        box = page.locator(button).bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44 and box["y"] + box["height"] <= 800
    for button in ("#pause", "#undo"):
        assert page.locator(button).bounding_box()["height"] >= 44
    page.locator("#tie").tap()
    answered(page, 1)
    assert outcomes(server) == ["tie"]


def test_texts_side_by_side_on_a_large_screen(open_page: Open) -> None:
    """At 1280 pixels A is on the left of B, at the same height; instructions can be folded, and stay text."""
    page = open_page(viewport={"width": 1280, "height": 900})
    a, b = page.locator("article").nth(0).bounding_box(), page.locator("article").nth(1).bounding_box()
    assert a["y"] == b["y"] and a["x"] + a["width"] <= b["x"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert "<b>reasons</b>" in page.locator("#instructions-text").inner_text()
    page.locator("summary", has_text="What to look for").click()
    assert page.locator("#instructions-text").is_hidden()
    page.locator("#left").click()
    answered(page, 1)
    assert page.locator("#instructions-text").is_hidden()


def test_a_paragraph_from_right_to_left_begins_at_the_right(open_page: Open) -> None:
    """Each paragraph of a text and of a comment has the direction of its own words."""
    page = open_page(viewport={"width": 1280, "height": 900})
    places = page.evaluate("""() => {
      const text = document.getElementById("a");
      text.textContent = "abc\\n\u05d0\u05d1\u05d2";
      const box = text.getBoundingClientRect(), range = document.createRange();
      return [0, 4].map((at) => {
        range.setStart(text.firstChild, at);
        range.setEnd(text.firstChild, at + 1);
        const letter = range.getBoundingClientRect();
        return [letter.left - box.left, box.right - letter.right];
      });
    }""")
    (latin_left, _), (_, hebrew_right) = places
    assert latin_left == pytest.approx(0, abs=2)
    assert hebrew_right == pytest.approx(0, abs=2)
    page.locator("#comment").fill("\u05d0\u05d1")
    assert page.locator("#comment").evaluate("(each) => getComputedStyle(each).direction") == "rtl"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_paper(open_page: Open, scheme: str) -> None:
    """WCAG 2.2: a contrast of 4.5 for text and on buttons, in light and in dark."""
    page = open_page(color_scheme=scheme)
    pairs = page.evaluate("""() => {
      const light = (text) => {
        const [r, g, b] = text.match(/[\\d.]+/g).map((each) => each / 255)
          .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const paper = (element) => {
        for (; element; element = element.parentElement) {
          const color = getComputedStyle(element).backgroundColor;
          if (color !== "rgba(0, 0, 0, 0)") return color;
        }
      };
      const wanted = ["h1", "#progress", "#a", "#left", "#tie", "summary", ".comment .quiet", "#instructions p"];
      return wanted.map((name) => {
        const element = document.querySelector(name);
        const [dark, bright] = [light(getComputedStyle(element).color), light(paper(element))].sort((a, b) => a - b);
        return [name, (bright + 0.05) / (dark + 0.05)];
      });
    }""")
    assert {name: ratio for name, ratio in pairs if ratio < 4.5} == {}


def test_what_a_screen_reader_gets(open_page: Open) -> None:
    """Roles and names of everything, in the order in which it is read."""
    page = open_page()
    tree = page.locator("body").aria_snapshot()
    place = -1
    for wanted in (
        'link "Skip to the texts"',
        "banner:",
        'heading "Which text is better?" [level=1]',
        'progressbar "0 of 6 done"',
        'button "Pause P"',
        'button "Take back my last answer U" [disabled]',
        "- status",
        "- alert",
        "main:",
        'heading "What counts" [level=2]',
        'region "Comparison 1 of 6":',
        'heading "Comparison 1 of 6" [level=2]',
        'article "Text A":',
        'article "Text B":',
        'region "Comment":',
        'textbox "Why? (you may leave this empty)"',
        'group "Your answer":',
        'button "A is better 1"',
        'button "Neither 0"',
        'button "B is better 2"',
    ):
        found = tree.find(wanted, place + 1)
        assert found > place, f"{wanted} is missing, or out of order, in\n{tree}"
        place = found
    assert page.locator("#a").get_attribute("lang") == "sv"


def test_progress_is_told_and_focus_goes_to_the_next_pair(open_page: Open) -> None:
    """The live region says what became of the answer; Tab goes on from the new pair's heading to its answers."""
    page = open_page()
    page.locator("#left").focus()
    page.keyboard.press("Enter")
    answered(page, 1)
    assert page.get_by_role("status").inner_text() == "Saved. 1 of 6 done."
    assert page.evaluate("document.activeElement.textContent") == "Comparison 2 of 6"
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert reached == ["comment", "Keys", "left", "tie", "right"]


def test_an_answer_without_a_connection_is_sent_again_once(open_page: Open, server: PanelServer) -> None:
    """It waits in the page, over a reload too, and counts once; the server may even have been killed meanwhile."""
    page = open_page()
    server.kill()
    page.keyboard.press("1")
    until(page, "document.getElementById('trouble').textContent.startsWith('Not connected')")
    server.start()
    answered(page, 1)
    ready(page)
    page.context.set_offline(True)
    page.keyboard.press("2")
    until(page, "document.getElementById('trouble').textContent.startsWith('Not connected')")
    page.context.set_offline(False)
    page.reload()
    answered(page, 2)
    until(page, "document.getElementById('trouble').textContent === ''")
    assert outcomes(server) == ["A", "B"]


def test_an_answer_whose_acknowledgement_was_lost_is_not_doubled(
    open_page: Open, server: PanelServer
) -> None:
    """The server had it; the page sends it again and is told so."""
    page = open_page()
    lost: list[Any] = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch())
            route.abort()

    page.route("**/api/answer", lose)
    page.keyboard.press("1")
    until(page, "document.getElementById('said').textContent.startsWith('This pair was answered')")
    assert outcomes(server) == ["A"] and len(server.ledger()) == 1


def test_two_tabs_and_the_back_button(open_page: Open, server: PanelServer) -> None:
    """The second tab learns that its pair is answered; who comes back by the button sees the pair that is due."""
    page = open_page()
    other = page.context.new_page()
    other.goto(page.url)
    ready(other)
    page.keyboard.press("1")
    answered(page, 1)
    other.evaluate("send('api/answer', {id: state.question.id, choice: 'right', comment: '', seconds: 1})")
    until(other, "state.done === 1")
    assert outcomes(server) == ["A"]
    ready(page)
    page.goto("about:blank")
    page.go_back()
    ready(page)
    assert page.locator("#question-title").inner_text() == "Comparison 2 of 6"
    page.keyboard.press("2")
    answered(page, 2)
    assert outcomes(server) == ["A", "B"]


def test_the_clock_stands_still_in_a_pause(open_page: Open, server: PanelServer) -> None:
    """Seconds of a pause are not counted."""
    page = open_page()
    page.evaluate("pause(); looked = 5000; pause()")
    ready(page)
    page.evaluate("pause()")
    assert page.evaluate("since") is None
    page.evaluate("pause()")
    page.keyboard.press("1")
    answered(page, 1)
    (line,) = server.ledger()
    assert 5.0 <= line["metadata"]["seconds"] < 5.6


def test_from_the_choice_of_a_name_to_the_end(browser: Any, server: PanelServer) -> None:
    """Without a name that can be read the page asks for one; after the last pair it says so, and what was answered
    last can be taken back.
    """
    page = browser.new_page()
    page.goto(f"{server.url}/#%C3")
    page.get_by_role("button", name="bo").click()
    for number in range(1, 7):
        ready(page)
        page.locator("#left").click()
        answered(page, number)
    assert page.get_by_role("heading", name="All done. Thank you!").is_visible()
    page.locator("#undo").click()
    answered(page, 5)
    ready(page)
    page.locator("#right").click()
    answered(page, 6)
    assert outcomes(server, "bo") == ["A"] * 5 + ["B"]
    page.close()
