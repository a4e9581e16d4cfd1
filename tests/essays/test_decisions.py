"""Comparisons that another tool wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from eng5.errors import InputError
from eng5.essays.decisions import Decisions, read_decisions


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
    [("120", ["x", "y", None]), ("101", ["x", "y", "x"])],
)
def test_numbers_mean_what_the_whole_column_says(read, cells: str, winners: list[str | None]) -> None:  # type: ignore[no-untyped-def]
    """1, 2 and 0 are left, right and tie; where there is no 2, 1 and 0 are left and right."""
    rows = read("left,right,result\n" + "".join(f"x,y,{cell}\n" for cell in cells)).rows
    assert [row.winner for row in rows] == winners


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
    with pytest.raises(InputError, match="no such file"):
        read_decisions(tmp_path / "nothing.csv", {})
