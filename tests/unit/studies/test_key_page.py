"""The page of all TOML keys is complete, and what it shows is what the tables read."""

import re
import tomllib
from itertools import takewhile

import pytest
from toml_keys import FILES, keys_of, page

from workbench.morphology.generate.tables import Cylinder
from workbench.resources import shipped
from workbench.studies import expected, setting  # noqa: F401  (tables of theirs)
from workbench.studies.table import Table


def every(table):
    return [table, *(below for one in table.__subclasses__() for below in every(one))]


TABLES = [table for table in every(Table) if keys_of(table)]


def rows(text):
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]


def listed_after(heading):
    """Return the keys of the table that follows a line, in their order."""
    lines = page().partition(heading)[2].split("|---|---|---|---|---|\n")[1].splitlines()
    return [row[0].strip("`") for row in rows("\n".join(takewhile(bool, lines)))]


@pytest.mark.parametrize("table", [*TABLES, Cylinder], ids=lambda table: table.__name__)
def test_every_key_says_what_it_means(table):
    assert [key.name for key in keys_of(table) if not key.meaning] == []


def test_every_table_is_shown_with_every_key():
    blocks = re.findall(r"^\|---\|---\|---\|---\|---\|\n((?:\|.*\n)*)", page(), re.MULTILINE)
    shown = {tuple(row[0].strip("`") for row in rows(block)) for block in blocks}
    for table in TABLES:
        assert tuple(key.name for key in keys_of(table)) in shown, table.__name__


def test_tables_stand_where_files_have_them():
    assert listed_after("## study.toml")[:2] == ["title", "description"]
    assert listed_after("### `[conditions]`") == ["celsius_degC", "v_init_mV", "segments"]
    assert "frequency_Hz" in listed_after('### `[[<protocol>.stimuli]]`, `type = "train"`')
    assert listed_after("### `[[section]]`") == list(Cylinder._fields)


@pytest.mark.parametrize(
    "row",
    [
        "| `celsius_degC` | number or quantity | degC | *needed* | The temperature. |",
        '| `cap` | number or `"none"` |  | `250` |',
        "| `native` | true or false |  | `false` |",
        "| `steps_per_ms` | whole number (at least 1) | 1/ms | `200` |",
        "| `features` | table of lists of 2 numbers |  | *needed* |",
        "| `amplitude_nA` | number or quantity or name of a parameter | nA | *needed* |",
        "| `bounds` | list of numbers |  |  |",
        "| `segments` | [table](#cell-toml-conditions-segments) |  | `max_length_um = 40` |",
    ],
)
def test_types_units_and_defaults(row):
    assert row in page()


def test_links_lead_to_headings():
    assert set(re.findall(r"\]\(#([\w-]+)\)", page())) <= set(re.findall(r"{ #([\w-]+) }", page()))


def test_files_of_the_studies_that_ship_are_on_it():
    folder = shipped("optimizations")
    cells = {
        f"{one.parent}/{values['cell']}"
        for one in folder.glob("*/published.toml")
        for values in tomllib.loads(one.read_text()).values()
        if "cell" in values
    }
    shapes = {
        f"{one.parent}/{morphology['file']}"
        for one in folder.glob("*/cell.toml")
        if "file" in (morphology := tomllib.loads(one.read_text()).get("morphology", {}))
    }
    files = {one for one in folder.glob("*/*.toml") if str(one) not in cells | shapes}
    assert {one.name for one in files} == set(FILES)
