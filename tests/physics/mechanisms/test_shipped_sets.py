"""What every folder of mechanisms that ships must keep."""

import pytest

from workbench.builds import build
from workbench.mechanisms import read_mechanisms, shipped_mechanisms
from workbench.nmodl import lint
from workbench.resources import shipped

every_set = pytest.mark.parametrize("name", shipped_mechanisms())


@every_set
def test_it_builds_for_both_engines(name: str) -> None:
    mechanisms = read_mechanisms(name)
    built = build([mechanisms], coreneuron=True)
    assert built.library.stat().st_size > 0
    assert built.coreneuron_library is not None
    assert built.coreneuron_library.stat().st_size > 0
    assert built.suffixes == tuple(sorted(m.suffix for m in mechanisms.mechanisms))


@every_set
def test_lint_finds_nothing_that_is_not_accepted(name: str) -> None:
    assert [finding for finding in lint(name) if not finding.accepted] == []


def test_no_folder_is_left_out() -> None:
    """A folder whose files lost their ending would not be tested."""
    folders = {folder.name for folder in shipped("mechanisms").iterdir() if folder.is_dir()}
    assert folders == set(shipped_mechanisms())
