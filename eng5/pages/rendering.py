"""From values to text: the Jinja2 environment of all reports, and how numbers and foreign text are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from eng5.contracts.own import Estimate, Interval
from eng5.contracts.text_diff import TextDiff
from eng5.plots.plot import STYLE
from eng5.plots.printable import printable

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parents[1] / "templates"
NOT_AVAILABLE = "n/a"
MINUS = "−"
_MARKDOWN = re.compile(r"[\\`*_\[\]#|~<>&@$]|:(?=//|[\w+-]+:)|^[-+=](?=\s|$)|^\d+[.)](?=\s|$)")
_ENTITIES = {"|": "&#124;", "<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;", ":": "&#58;", "`": "&#96;"}
Kind = Literal["count", "ratio", "share"]


def number(value: float | None, digits: int = 2) -> str:
    """`value` with a fixed count of decimals and a true minus sign; "n/a" for None."""
    if value is None:
        return NOT_AVAILABLE
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def signed(value: float | None, digits: int = 2) -> str:
    """`number` with a plus sign for positive values."""
    text = number(value, digits)
    return f"+{text}" if value is not None and value > 0 and any(c in "123456789" for c in text) else text


def percent(value: float | None, digits: int = 0) -> str:
    """A share as a percentage."""
    return NOT_AVAILABLE if value is None else f"{number(100 * value, digits)} %"


def count(value: float | None) -> str:
    """A count: no decimals unless it has some, thousands apart."""
    if value is None:
        return NOT_AVAILABLE
    if not float(value).is_integer():
        return number(value, 1)
    return f"{value:,.0f}".replace(",", " ").replace("-", MINUS)


def plural(value: float | None, noun: str) -> str:
    """ "1 pair", "4 950 pairs"; "n/a pairs" where the number is not known."""
    return f"{count(value)} {noun}{'' if value == 1 else 's'}"


def listed(names: Iterable[str]) -> str:
    """ "a, b and c"."""
    every = list(names)
    return " and ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)


def p_value(value: float | None) -> str:
    """A p-value to three decimals, never "0.000"."""
    if value is None:
        return NOT_AVAILABLE
    return "< 0.001" if value < 0.001 else number(value, 3)


def shown(value: float | None, kind: Kind) -> str:
    """A metric's value in the way of its kind."""
    writers = {"count": count, "ratio": number, "share": percent}
    return writers[kind](value)


def span(interval: Interval | None, kind: Kind = "ratio") -> str:
    """ "low to high"; "n/a" for None."""
    if interval is None:
        return NOT_AVAILABLE
    if kind == "share":
        return f"{number(100 * interval.low, 0)} to {percent(interval.high)}"
    return f"{shown(interval.low, kind)} to {shown(interval.high, kind)}"


def estimate(value: Estimate, kind: Kind = "ratio") -> str:
    """ "value (low to high)", or the value alone."""
    text = shown(value.value, kind)
    return text if value.interval is None else f"{text} ({span(value.interval, kind)})"


def ranks(first: int | None, last: int | None) -> str:
    """The ranks that an essay takes: "1", or "1–2" when another shares them."""
    if first is None or last is None:
        return NOT_AVAILABLE
    return str(first) if first == last else f"{first}–{last}"


def utc(moment: datetime) -> str:
    """A moment to the minute, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def or_missing(value: object) -> str:
    """Any value as text; "n/a" for None."""
    return NOT_AVAILABLE if value is None else str(value)


def method(interval: Interval | None) -> str:
    """How an interval was made, with resamples and seed."""
    if interval is None:
        return NOT_AVAILABLE
    drawn = (
        "" if interval.resamples is None else f", {count(interval.resamples)} resamples, seed {interval.seed}"
    )
    return f"{number(100 * interval.level, 0)} % {interval.method}{drawn}"


def cell(value: object) -> str:
    """Any text made safe within one Markdown line or table cell: it shows as itself and as nothing else."""
    line = " ".join(printable(or_missing(value)).split())
    return _MARKDOWN.sub(_escape, line)


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    return _ENTITIES.get(sign) or f"{sign[:-1]}\\{sign[-1]}"


def fence(text: str, language: str = "text") -> str:
    """`text` within a code fence that is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    body = printable(text)
    return f"{marks}{language}\n{body}{'' if body.endswith(chr(10)) else chr(10)}{marks}"


def breakable(name: object) -> Markup:
    """A name or path in HTML that may be broken behind "_" and "/", for columns that are narrower than it."""
    from markupsafe import Markup, escape

    text = escape(printable(str(name)))
    return text.replace("_", Markup("_<wbr>")).replace("/", Markup("/<wbr>"))


def code(text: object) -> Markup:
    """A sentence in HTML; what stands between backticks, such as a command, is code."""
    from markupsafe import Markup, escape

    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(printable(str(text))))))  # noqa: S704 - escaped


def diff_text(diff: TextDiff) -> str:
    """The lines of a difference of two texts, with their signs."""
    signs = {"same": " ", "gone": "-", "new": "+"}
    return "\n".join(
        f"@@ {line.text} lines that are the same @@"
        if line.kind == "skipped"
        else f"{signs[line.kind]} {line.text}"
        for line in diff.lines
    )


@cache
def environment() -> Environment:
    """The templates. HTML escapes every value; Markdown leaves that to `cell` and `fence`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    filters: Sequence[Any] = (
        number, signed, percent, count, plural, p_value, shown, span, estimate, ranks, or_missing, method, cell,
        fence, diff_text, printable, breakable, code, slug,
    )  # fmt: skip
    made.filters |= {function.__name__: function for function in filters}
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    made.globals["plot_style"] = STYLE.read_text(encoding="utf-8")
    return made


def slug(text: str) -> str:
    """A text as a part of an element's id."""
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def _finalize(value: object) -> object:
    """Plain text from a model goes out printable; markup that a template made stays as it is."""
    return printable(value) if type(value) is str else value


def render(template: str, **values: object) -> str:
    """The text of a template, `name.md` or `name.html`."""
    return environment().get_template(template).render(values)


def render_all(templates: Iterable[str], name: str, **values: object) -> dict[str, str]:
    """The texts of the templates as `name` with each one's suffix."""
    return {f"{name}.{one.rsplit('.', 1)[-1]}": render(one, **values) for one in templates}
