"""The text of an RTF as its author left it. Control words are those of the RTF specification 1.9.1.

The libraries for RTF keep what was deleted or is hidden, or lose footnotes, so the groups are followed here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from eng5.essays.manuscript import COMMENTS, HIDDEN, PICTURES, RUNNING, TRACKED, Manuscript
from eng5.essays.numbering import bullet, numeral

TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
SIGNS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ",
    "qmspace": " ",
    "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "softline": "\n", "column": "\n",
}  # fmt: skip
ESCAPED = {b"~": "\u00a0", b"_": "-", b"-": "", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
LEFT_OUT = {
    "annotation", "atnauthor", "atndate", "atnid", "atnref", "bkmkend", "bkmkstart", "blipuid", "buptim", "colortbl",
    "colorschememapping", "comment", "creatim", "datafield", "datastore", "do", "docvar", "filetbl", "fldinst",
    "fonttbl", "footer", "footerf", "footerl", "footerr", "formfield", "ftncn", "ftnsep", "ftnsepc", "aftncn",
    "aftnsep", "aftnsepc", "generator", "header", "headerf", "headerl", "headerr", "info", "latentstyles", "listtable",
    "listoverridetable", "listlevel", "listname", "nonshppict", "objdata", "objclass", "object", "operator", "pgdsctbl",
    "pict", "pnseclvl", "pntxta", "pntxtb", "printim", "private", "revtbl", "revtim", "rsidtbl", "shprslt", "sn", "sp",
    "stylesheet", "sv", "themedata", "title", "userprops", "xmlnstbl", "xmlopen", "mmathPr", "wgrffmtfilter", "xe",
    "tc",
}  # fmt: skip
KEPT = {"footnote", "shpinst", "shptxt", "listtext", "pntext", "nesttableprops", "pn", "ud", "upr"}
"""Groups that begin with `\\*` and hold text, or are no text but keep their place."""
SAID = {
    "deleted": TRACKED, "revised": TRACKED, "mvf": TRACKED, "mvt": TRACKED, "annotation": COMMENTS, "pict": PICTURES,
    "header": RUNNING, "headerl": RUNNING, "headerr": RUNNING, "headerf": RUNNING,
    "footer": RUNNING, "footerl": RUNNING, "footerr": RUNNING, "footerf": RUNNING,
}  # fmt: skip
"""What is said about a file that has these."""
CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "cp936", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
SYMBOL_FONT = "symbol"
MAX_DEPTH = 2_000


@dataclass(frozen=True)
class _State:
    """What a group inherits from the one around it."""

    left_out: bool = False
    hidden: bool = False
    deleted: bool = False
    font: int = 0
    skip: int = 1
    target: str = "body"


def read(content: bytes) -> Manuscript:
    """The manuscript of an RTF.

    Raises:
        ValueError: it does not begin as RTF does, ends within a group, or nests deeper than 2,000 groups.
    """
    if not content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        raise ValueError("no RTF")
    return _RtfReader(content).read()


class _RtfReader:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.state = _State()
        self.outer: list[_State] = []
        self.first_in_group = False
        self.starred = False
        self.to_skip = 0
        self.codepage = "cp1252"
        self.fonts = {match[0]: match[1] for match in _fonts(content)}
        self.bytes = b""
        self.texts: dict[str, list[str]] = {"body": [""]}
        self.label = ""
        self.notes = {"footnote": 0, "endnote": 0}
        self.made = Manuscript()
        self.noted: list[tuple[str, str, str]] = []
        self.surrogate = ""

    def read(self) -> Manuscript:
        place = 0
        while match := TOKEN.match(self.content, place):
            place = match.end()
            coded, word, number, escaped, brace, plain = match.groups()
            if coded is not None:
                self._byte(bytes.fromhex(coded.decode()))
            elif plain is not None:
                self._plain(plain)
            else:
                self._flush()
                if word is not None:
                    if word == b"bin":
                        place += max(0, int(number or 0))
                    else:
                        self._word(word.decode(), None if number is None else int(number))
                elif brace == b"{":
                    self._open()
                elif brace == b"}":
                    if not self.outer:
                        break
                    self._close()
                elif escaped == b"*":
                    self.starred = True
                elif escaped is not None:
                    self._put(ESCAPED.get(escaped, ""))
                    if escaped in b"\r\n":
                        self._end_paragraph()
        self._flush()
        if self.outer:
            raise ValueError("it ends within a group")
        self._end_paragraph()
        for kind in ("footnote", "endnote"):
            self.made.notes += [f"{mark} {words}" for of, mark, words in self.noted if of == kind]
        return self.made

    def _open(self) -> None:
        if len(self.outer) >= MAX_DEPTH:
            raise ValueError("groups within groups without end")
        self.outer.append(self.state)
        self.first_in_group, self.starred = True, False

    def _close(self) -> None:
        closed, self.state = self.state, self.outer.pop()
        self.first_in_group = self.starred = False
        if closed.target == self.state.target:
            return
        words = "".join(self.texts.pop(closed.target, [""]))
        if closed.target == "label":
            self.label = words
        else:
            kind, _, mark = closed.target.partition(" ")
            self.noted.append((kind, mark, words.strip()))

    def _word(self, word: str, number: int | None) -> None:
        starred, self.starred = self.starred, False
        first, self.first_in_group = self.first_in_group, False
        if word in SAID:
            self.made.say(SAID[word])
        if word in LEFT_OUT or (starred and first and word not in KEPT):
            self.state = replace(self.state, left_out=True)
        elif word == "shptxt":
            self.state = replace(self.state, left_out=False)
        elif word in ("listtext", "pntext") and not self.state.left_out:
            self._collect("label")
        elif word == "footnote" and not self.state.left_out:
            self._collect("footnote")
        elif word == "ftnalt" and self.state.target.startswith("footnote"):
            self._as_endnote()
        elif word == "u" and number is not None:
            self._unicode(number)
        elif word in SIGNS:
            self._put(SIGNS[word])
        elif word in ("par", "sect", "page"):
            self._end_paragraph()
        elif word in ("cell", "nestcell"):
            self._put("\t")
        elif word in ("row", "nestrow"):
            self._end_paragraph()
        else:
            self._format(word, number)

    def _format(self, word: str, number: int | None) -> None:
        on = number != 0
        match word:
            case "v":
                self.state = replace(self.state, hidden=on)
            case "deleted" | "mvf":
                self.state = replace(self.state, deleted=on)
            case "plain":
                self.state = replace(self.state, hidden=False, deleted=False, font=0)
            case "f" | "af" if number is not None and word == "f":
                self.state = replace(self.state, font=number)
            case "uc" if number is not None:
                self.state = replace(self.state, skip=max(0, number))
            case "ansicpg" if number is not None:
                self.codepage = _codec(f"cp{number}") or self.codepage
            case "mac":
                self.codepage = "mac_roman"
            case "pc":
                self.codepage = "cp437"
            case "pca":
                self.codepage = "cp850"
            case _:
                pass

    def _collect(self, what: str) -> None:
        """Words of a note or a label are kept apart from the text around them until their group ends."""
        if self.state.hidden or self.state.deleted:
            self.state = replace(self.state, left_out=True)
            return
        target = what if what == "label" else self._mark(what)
        self.state = replace(self.state, target=target)
        self.texts[target] = [""]

    def _mark(self, kind: str) -> str:
        self.notes[kind] += 1
        number = numeral(self.notes[kind], "i" if kind == "endnote" else "1")
        self._put(f"[{number}]")
        return f"{kind} [{number}]"

    def _as_endnote(self) -> None:
        """`\\ftnalt` comes after `\\footnote`: the mark that was put is taken back and counted as an endnote's."""
        around = self.outer[-1]
        old = self.state.target.partition(" ")[2]
        text = self.texts[around.target]
        if text[-1] == old:
            text.pop()
            self.notes["footnote"] -= 1
        self.texts.pop(self.state.target)
        self.state = replace(around, hidden=False)
        target = self._mark("endnote")
        self.state = replace(self.state, target=target)
        self.texts[target] = [""]

    def _unicode(self, number: int) -> None:
        code = number % 0x10000
        if 0xD800 <= code <= 0xDBFF:
            self.surrogate = chr(code)
        elif self.surrogate and 0xDC00 <= code <= 0xDFFF:
            pair = (self.surrogate + chr(code)).encode("utf-16", "surrogatepass").decode("utf-16")
            self.surrogate = ""
            self._put(pair)
        elif not 0xD800 <= code <= 0xDFFF:
            self._put(bullet(chr(code)))
        self.to_skip = self.state.skip

    def _byte(self, byte: bytes) -> None:
        self.first_in_group = False
        if self.to_skip:
            self.to_skip -= 1
        else:
            self.bytes += byte

    def _plain(self, text: bytes) -> None:
        self.first_in_group = False
        skipped, self.to_skip = text[: self.to_skip], max(0, self.to_skip - len(text))
        self.bytes += text[len(skipped) :]

    def _flush(self) -> None:
        """Bytes come in pieces, and a letter of some encodings has two: they are decoded together."""
        if self.bytes:
            encoding = self.fonts.get(self.state.font) or self.codepage
            if encoding == SYMBOL_FONT:
                text = "".join(
                    bullet(chr(0xF000 + byte)) if byte > 0x7F else chr(byte) for byte in self.bytes
                )
            else:
                text = self.bytes.decode(encoding, "replace")
            self.bytes = b""
            self._put(text)

    def _put(self, text: str) -> None:
        state = self.state
        if text.strip() and state.hidden and not state.left_out:
            self.made.say(HIDDEN)
        if text and not (state.left_out or state.hidden or state.deleted):
            self.texts.setdefault(state.target, [""]).append(text.replace("\r", "\n"))

    def _end_paragraph(self) -> None:
        state = self.state
        if state.left_out or state.deleted:
            return
        if state.target != "body":
            self._put("\n")
            return
        label, self.label = self.label.strip(), ""
        self.made.add("".join(self.texts["body"]).strip("\t"), label)
        self.texts["body"] = [""]


def _codec(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _fonts(content: bytes) -> Iterator[tuple[int, str]]:
    """Number and encoding of each font of the table that says one."""
    start = content.find(b"{\\fonttbl")
    for match in re.finditer(
        rb"\\f(\d{1,5})\b[^{}]{0,200}?\\fcharset(\d{1,3})", content[start : start + 100_000]
    ):
        charset = int(match[2])
        if charset == 2:
            yield int(match[1]), SYMBOL_FONT
        elif charset in CHARSETS and charset:
            yield int(match[1]), CHARSETS[charset]
