"""Tables as files."""

import csv
import io
import sys

import pytest

from workbench.cli.tables import write_csv, writer_for
from workbench.errors import InputError

ROWS = [
    {"generation": 0, "=cmd|' /C calc'!A0": -70.5, "status": "OK"},
    {"generation": 1, "=cmd|' /C calc'!A0": 0.1 + 0.2, "status": "@SUM(1)"},
]


def test_a_text_that_a_spreadsheet_would_run_is_quoted():
    file = io.StringIO(newline="")
    write_csv(file, ROWS)
    header, first, second = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert header == ["generation", "'=cmd|' /C calc'!A0", "status"]
    assert first == ["0", "-70.5", "OK"], "a number stays one, with its sign"
    assert second == ["1", "0.30000000000000004", "'@SUM(1)"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_all_that_spreadsheets_take_for_a_formula(begin):
    file = io.StringIO(newline="")
    write_csv(file, [{"a": f"{begin}1"}])
    assert next(csv.reader(io.StringIO(file.getvalue().partition("\n")[2], newline="")))[0] == (
        f"'{begin}1"
    )


def test_no_rows_are_an_empty_file():
    file = io.StringIO()
    write_csv(file, [])
    assert file.getvalue() == ""


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"unknown ending '\.xls'.*\.csv, \.parquet"):
        writer_for(tmp_path / "all.xls")


def test_without_pyarrow_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'neuron-workbench\[parquet\]'"):
        writer_for(tmp_path / "all.parquet")


def test_parquet_keeps_every_bit(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "all.parquet"
    writer_for(path)(path, ROWS)
    assert parquet.read_table(path).to_pylist() == ROWS
