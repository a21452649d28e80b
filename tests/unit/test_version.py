"""The version stands in three files; a release changes all of them."""

import re
import tomllib
from pathlib import Path

TOP = Path(__file__).parents[2]
VERSION = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["version"]


def first(pattern, file):
    return re.search(pattern, (TOP / file).read_text(), re.MULTILINE)[1]


def test_the_changelog_begins_with_it():
    assert first(r"^## ([\d.]+)", "CHANGELOG.md") == VERSION


def test_it_is_what_is_cited():
    assert first(r"^version: (.+)$", "CITATION.cff") == VERSION
