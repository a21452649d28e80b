"""Real cells for tests: files of others, which the catalogue finds where there are any."""

import os
from pathlib import Path

import pytest

from workbench.errors import MorphologyError
from workbench.morphology import fetch, resolve

SKIPPED = "needs the morphology"
SKIPPED_RECORDINGS = "needs the recordings"
NEEDED_BY = {
    "hay_l5b": "hay_cell1",
    "halnes_in": "halnes_in_091008A2",
    "gouwens": "Scnn1a_473845048",
    "gouwens_fast": "Pvalb_470522102",
}
"""Studies whose cell is not ours to ship."""


def known_cell(name: str) -> Path:
    """Return the file of a cell of the catalogue; a test without it is skipped by name.

    Where CI names folders of morphologies, one that they lack is fetched, and none may be missing.
    """
    whole = "CI" in os.environ and "WORKBENCH_MORPHOLOGIES" in os.environ
    try:
        return fetch(name) if whole else resolve(name)
    except MorphologyError as error:
        if whole:
            pytest.fail(str(error))
        pytest.skip(f"{SKIPPED} {name}; `workbench morphology list` says where it is to be had")


def cell_of(study: str) -> None:
    """Skip a test whose study has a cell that is not here."""
    if study in NEEDED_BY:
        known_cell(NEEDED_BY[study])


def recordings_of_others(folder: str) -> Path:
    """Return a folder of recordings beside the morphologies; a test without it is skipped."""
    for one in os.environ.get("WORKBENCH_MORPHOLOGIES", "").split(os.pathsep):
        if one and (Path(one) / folder).is_dir():
            return Path(one) / folder
    if "CI" in os.environ and "WORKBENCH_MORPHOLOGIES" in os.environ:
        pytest.fail(f"$WORKBENCH_MORPHOLOGIES holds no folder {folder}")
    pytest.skip(f"{SKIPPED_RECORDINGS} {folder} in $WORKBENCH_MORPHOLOGIES")
