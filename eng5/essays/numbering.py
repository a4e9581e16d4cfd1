"""Numbers and bullets of lists and notes, as a reader sees them."""

from __future__ import annotations

ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
SYMBOLS = {
    0xB7: "•", 0xA7: "▪", 0x76: "❖", 0xD8: "➢", 0xFC: "✓", 0xFB: "✗", 0xA8: "□", 0xFE: "☑", 0x6F: "□", 0x6E: "■",
    0x6C: "●", 0xE0: "→", 0xDF: "←", 0x4A: "☺", 0x4C: "☹", 0x2D: "−",
}  # fmt: skip
"""Signs of the fonts Symbol and Wingdings that word processors write as private characters U+F000 + n."""


def numeral(number: int, form: str) -> str:
    """`number` in one of Word's or OpenDocument's forms: `decimal` or `1`, `lowerLetter` or `a`, `upperRoman` or `I`, …

    A form that is not known is written in decimal; `none` and the empty form are no number at all.
    """
    match form:
        case "none" | "":
            return ""
        case "lowerLetter" | "a":
            return _letters(number)
        case "upperLetter" | "A":
            return _letters(number).upper()
        case "lowerRoman" | "i":
            return _roman(number)
        case "upperRoman" | "I":
            return _roman(number).upper()
        case "decimalZero":
            return f"{number:02}"
        case _:
            return str(number)


def bullet(text: str) -> str:
    """A list's sign, or a sign of a symbol font, as a character that every font has; "•" where there is none."""
    shown = "".join(SYMBOLS.get(ord(c) - 0xF000, "•") if 0xF000 <= ord(c) <= 0xF0FF else c for c in text)
    return "".join("•" if 0xE000 <= ord(c) <= 0xF8FF else c for c in shown)


def _letters(number: int) -> str:
    """a … z, aa … zz, aaa …, as Word and LibreOffice count."""
    if not 0 < number <= 26 * 30:
        return str(number)
    times, place = divmod(number - 1, 26)
    return chr(ord("a") + place) * (times + 1)


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    text = ""
    for value, sign in ROMAN:
        times, number = divmod(number, value)
        text += sign * times
    return text
