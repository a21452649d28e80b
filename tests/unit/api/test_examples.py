"""Examples in docstrings do as they say; those of `workbench.api` simulate: tests/system."""

import doctest
import importlib
from pathlib import Path

import pytest

import workbench

PACKAGE = Path(workbench.__file__).parent
WITH_EXAMPLES = [
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
    for file in sorted(PACKAGE.rglob("*.py"))
    if ">>> " in file.read_text() and file.parent.name != "api"
]


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples(module):
    done = doctest.testmod(importlib.import_module(module))
    assert done.attempted
    assert not done.failed
