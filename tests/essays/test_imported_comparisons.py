"""Comparisons that another tool wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from eng5.errors import InputError
from eng5.essays.imported_comparisons import Decisions, read_decisions


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    """`read(text, **mapping)`: the decisions of a file with this text."""

    def read_text(text: str, **mapping: str) -> Decisions:
        path = tmp_path / "decisions.csv"
        path.write_text(text, encoding="utf-8")
        return read_decisions(path, mapping)

    return read_text


def test_no_more_marking_is_known(read) -> None:  # type: ignore[no-untyped-def]
    """Its columns as published with Wheadon et al. (2020): chosen and not chosen, milliseconds, no positions."""
    found = read(
        "id,timeTaken,createdAt,judgeId,chosen,notChosen,task\n"
        "1,12500,2020-01-31T10:00:30.000Z,J1,QWERTY,ABCDEF,t\n"
    )
    (row,) = found.rows
    assert not found.positions and (row.left, row.right, row.winner) == ("ABCDEF", "QWERTY", "QWERTY")
    assert (row.judge, row.seconds) == ("J1", 12.5)
    assert row.started_at == datetime(2020, 1, 31, 10, 0, 17, 500_000, tzinfo=UTC)


def test_comproved_with_semicolons_is_known(read) -> None:  # type: ignore[no-untyped-def]
    """Left, right and selected representation, semicolons, day first, a byte-order mark."""
    found = read(
        "\ufeffAssessor;Left representation;Right representation;Selected representation;Date;Duration\n"
        "Ann;Text 1;Text 2;Text 2;31-01-2020 10:00;42,5\n"
    )
    (row,) = found.rows
    assert found.positions and (row.left, row.right, row.winner) == ("Text 1", "Text 2", "Text 2")
    assert row.seconds == 42.5 and row.ended_at == datetime(2020, 1, 31, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("chosen", "winner", "decided"),
    [
        ("x", "x", True),
        ("Y", "y", True),
        ("left", "x", True),
        ("B", "y", True),
        ("tie", None, True),
        ("", None, False),
    ],
)
def test_a_choice_is_a_name_a_side_or_a_tie(read, chosen: str, winner: str | None, decided: bool) -> None:  # type: ignore[no-untyped-def]
    """In any case; an empty cell is a comparison without an answer and no tie."""
    (row,) = read(f"judge,left,right,chosen\nj,x,y,{chosen}\n").rows
    assert (row.winner, row.decided) == (winner, decided)


@pytest.mark.parametrize(
    ("cells", "winners"),
    [
        ("1 2 0", ["x", "y", None]),
        ("1 0 1", ["x", "y", "x"]),
        ("1 -1 0", ["x", "y", None]),
        ("1 0.5 0", ["x", None, "y"]),
        ("1.0 0.0 NaN", ["x", "y", None]),
    ],
)
def test_numbers_mean_what_the_whole_column_says(read, cells: str, winners: list[str | None]) -> None:  # type: ignore[no-untyped-def]
    """1, 2 and 0 are left, right and tie; where there is no 2, 1 and 0 are left and right."""
    rows = read("left,right,result\n" + "".join(f"x,y,{cell}\n" for cell in cells.split())).rows
    assert [row.winner for row in rows] == winners


@pytest.mark.parametrize(
    ("sides", "chosen", "winners"),
    [
        (("1,2", "3,1", "2,3"), "1 1 1", "1 3 2"),
        (("1,2", "3,1", "2,3"), "1 1 3", "1 1 3"),
        (("A,B", "C,A", "B,C"), "A A A", "A C B"),
        (("A,B", "C,A", "B,C"), "A A C", "A A C"),
        (("A,B", "C,A", "B,C"), "A A tie", "A A None"),
    ],
)
def test_texts_that_are_called_like_sides(  # type: ignore[no-untyped-def]
    read, sides: tuple[str, ...], chosen: str, winners: str
) -> None:
    """1 is the left text, and not text 1, in a column that cannot be names of texts."""
    lines = zip(sides, chosen.split(), strict=True)
    rows = read("left,right,chosen\n" + "".join(f"{pair},{word}\n" for pair, word in lines)).rows
    assert [str(row.winner) for row in rows] == winners.split()


def test_a_text_of_another_pair_is_no_side(read) -> None:  # type: ignore[no-untyped-def]
    """A stands for the left text only where no text is called A."""
    with pytest.raises(InputError, match="line 3: 'A' in column 'chosen' is neither 'B' nor 'C'"):
        read("left,right,chosen\nA,D,D\nB,C,A\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    """What spreadsheets save, with and without a line that names the separator."""
    path = tmp_path / "decisions.csv"
    table = separator.join(("judge", "left", "right", "chosen")) + "\r\n"
    table += separator.join(("Åsa", '"line one\nline two"', "y", "y")) + "\r\n"
    for before in ("", f"sep={separator}\r\n"):
        path.write_bytes((before + table).encode(encoding))
        (row,) = read_decisions(path, {}).rows
        assert (row.judge, row.left, row.winner) == ("Åsa", "line one\nline two", "y")


def test_accents_in_two_parts_are_the_same_name(read) -> None:  # type: ignore[no-untyped-def]
    """A decomposed é, as one system writes it, is the é of another."""
    (row,) = read("left,right,chosen\nLe\u0301a,y,L\u00e9a\n").rows
    assert row.winner == row.left == "L\u00e9a"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("31/01/2020 10:00", "2020-01-31T10:00+00:00"),
        ("1/31/2020 10:00:05 PM", "2020-01-31T22:00:05+00:00"),
        ("31.1.20 10:00", "2020-01-31T10:00+00:00"),
        ("31/01/2020, 10:00:05", "2020-01-31T10:00:05+00:00"),
        ("2020/01/31 10:00", "2020-01-31T10:00+00:00"),
        ("31 January 2020 10:00", "2020-01-31T10:00+00:00"),
        ("Jan 31, 2020 10:00 AM", "2020-01-31T10:00+00:00"),
        ("31-Jan-2020", "2020-01-31T00:00+00:00"),
        ("2020-01-31 10:00:05 UTC", "2020-01-31T10:00:05+00:00"),
        ("Fri Jan 31 2020 10:00:05 GMT+0100 (CET)", "2020-01-31T10:00:05+01:00"),
        ("1580464805000", "2020-01-31T10:00:05+00:00"),
        ("1580464805.25", "2020-01-31T10:00:05+00:00"),
        ("NA", None),
    ],
)
def test_times_as_tools_write_them(read, written: str, read_as: str | None) -> None:  # type: ignore[no-untyped-def]
    """The day before the month, unless a number above 12 shows otherwise; zones where they are written."""
    (row,) = read(f'left,right,chosen,date\nx,y,x,"{written}"\n').rows
    assert row.ended_at == (None if read_as is None else datetime.fromisoformat(read_as))


def test_the_month_comes_first_in_the_whole_column_or_nowhere(read) -> None:  # type: ignore[no-untyped-def]
    """One date with a day above 12 decides for all."""
    rows = read("left,right,chosen,date\nx,y,x,2/3/2020\nx,y,x,2/13/2020\n").rows
    assert [row.ended_at and row.ended_at.date().isoformat() for row in rows] == ["2020-02-03", "2020-02-13"]


@pytest.mark.parametrize(("written", "seconds"), [("12,5", 12.5), ("1:02:03", 3723.0), ("0:12", 12.0)])
def test_time_taken(read, written: str, seconds: float) -> None:  # type: ignore[no-untyped-def]
    """Seconds with a point or a comma, or by the clock."""
    (row,) = read(f'left,right,chosen,seconds\nx,y,x,"{written}"\n').rows
    assert row.seconds == seconds


def test_other_columns_are_named_on_the_command_line(read) -> None:  # type: ignore[no-untyped-def]
    """A mapping goes before what is known by its name; no judge column is no judge."""
    text = "Teacher,One,Two,Best,left\nt,x,y,y,zzz\n"
    (row,) = read(text, judge="Teacher", left="One", right="Two", chosen="Best").rows
    assert (row.judge, row.left, row.winner) == ("t", "x", "y")
    assert read("left,right,winner\nx,y,x\n").rows[0].judge is None


@pytest.mark.parametrize(
    ("text", "mapping", "said"),
    [
        ("", {}, "empty"),
        ("a,b,c\n", {}, "no comparison|chosen"),
        ("one,two,best\nx,y,x\n", {}, "which two texts"),
        ("left,right,best\nx,y,x\n", {}, "which text was chosen"),
        ("left,right,chosen\nx,y,z\n", {}, "line 2: 'z' in column 'chosen' is neither 'x' nor 'y'"),
        ("left,right,chosen\nx,y,x\n\nx,x,x\n", {}, "line 4: 'x' is compared with itself"),
        ("left,right,chosen\nx,,x\n", {}, "line 2: no text in column 'right'"),
        ("judge,left,right,chosen\n,x,y,x\n", {}, "line 2: no judge"),
        ("left,right,chosen,date\nx,y,x,yesterday\n", {}, "line 2: 'yesterday' is no time"),
        ("left,right,chosen,date\nx,y,x,0001-01-01\n", {}, "line 2: '0001-01-01' is no time"),
        ("left,right,chosen,seconds\nx,y,x,-3\n", {}, "line 2: '-3' is no time taken"),
        ("left,right,chosen\nx,y,x\n", {"judge": "Teacher"}, "--map judge=Teacher: no such column"),
        ("left,right,chosen\nx,y,x\n", {"teacher": "left"}, "'teacher' is nothing that is read"),
    ],
)
def test_what_cannot_be_read_is_refused_by_line(  # type: ignore[no-untyped-def]
    read, text: str, mapping: dict[str, str], said: str
) -> None:
    """Every refusal names the line or the column, the value and a remedy."""
    with pytest.raises(InputError, match=said) as refusal:
        read(text, **mapping)
    assert refusal.value.remedy


def test_a_workbook_or_a_missing_file_is_no_table(tmp_path: Path) -> None:
    """Bytes of a packed document, and no file at all, are refused in words."""
    path = tmp_path / "decisions.xlsx"
    path.write_bytes(b"PK\x03\x04\0\0")
    with pytest.raises(InputError, match="no CSV file"):
        read_decisions(path, {})
    with pytest.raises(InputError, match="does not exist"):
        read_decisions(tmp_path / "nothing.csv", {})
