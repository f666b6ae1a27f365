"""Tables on terminals, in pipes, and where the terminal is too narrow for them."""

import re

import pytest

from xstilts.display import print_table

COLUMNS = ("encoder", "intermediate", "gain", "95%", "seeds", "examples", "flags")
ROWS = [
    ["xlmr", "nli", "+1.00", "+0.25..+1.75", 3, 1200, "at-chance 20/21, source-at-chance 14/21"],
    ["xlmr", "a-name-of-more-than-16-letters", "+2.00", "+1.25..+2.75", 3, 900, None],
]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Return a function: width of the terminal (None: a pipe) -> lines."""

    def show(width: int | None, rows: list[list[object]] = ROWS, names: int = 2) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(width or 40))
        monkeypatch.setattr("sys.stdout.isatty", lambda: width is not None)
        print_table(COLUMNS, rows, title="gains", notes=["a note"], names=names)
        return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()

    return show


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split("[┃│]", line)[1:-1]]


def test_a_table_with_room_is_one(printed) -> None:  # type: ignore[no-untyped-def]
    lines = printed(160)
    assert cells(lines[2]) == list(COLUMNS)
    assert [cells(line) for line in lines[4:6]] == [["" if cell is None else str(cell) for cell in row] for row in ROWS]
    assert lines[-1] == "a note"


def test_a_pipe_has_no_width(printed) -> None:  # type: ignore[no-untyped-def]
    long = [[*row[:-1], "flag, " * 60] for row in ROWS]
    assert cells(printed(None, long)[4])[-1] == ("flag, " * 60).strip()


def test_a_narrow_terminal_has_tables_below_each_other(printed) -> None:  # type: ignore[no-untyped-def]
    lines = printed(60)
    assert max(map(len, lines[:-2])) <= 60
    heads = [cells(line) for line in lines if line.startswith("┃")]
    assert heads == [["intermediate", "gain", "95%", "examples"], ["intermediate", "flags"]]
    rows = [cells(line) for line in lines if line.startswith("│")]
    assert rows[0] == ["nli", "+1.00", "+0.25..+1.75", "1200"]
    assert rows[1] == ["a-name-of-more-t", "+2.00", "+1.25..+2.75", "900"]
    assert lines[-2:] == ["In all rows: encoder xlmr, seeds 3.", "a note"]


def test_without_names_cells_are_folded(printed) -> None:  # type: ignore[no-untyped-def]
    assert sum(line.startswith("┏") for line in printed(60, names=0)) == 1


def test_one_row_is_not_called_all_rows(printed) -> None:  # type: ignore[no-untyped-def]
    assert not any("In all rows" in line for line in printed(60, ROWS[:1]))
