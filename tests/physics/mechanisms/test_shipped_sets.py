"""What every folder of mechanisms that ships must keep."""

import pytest

from tests.physics.mechanisms.families import beside
from workbench.builds import build
from workbench.mechanisms import read_mechanisms, shipped_mechanisms
from workbench.nmodl import lint
from workbench.resources import shipped

every_set = pytest.mark.parametrize("name", shipped_mechanisms())


@every_set
def test_it_builds_for_both_engines(name: str) -> None:
    own = {m.suffix for m in read_mechanisms(name).mechanisms}
    alone = build([read_mechanisms(name)], coreneuron=False)
    assert alone.library.stat().st_size > 0
    assert alone.suffixes == tuple(sorted(own))
    both = build(beside(name), coreneuron=True)
    assert both.coreneuron_library is not None
    assert both.coreneuron_library.stat().st_size > 0
    assert own <= set(both.suffixes)


@every_set
def test_lint_finds_nothing_that_is_not_accepted(name: str) -> None:
    assert [finding for finding in lint(name) if not finding.accepted] == []


def test_no_folder_is_left_out() -> None:
    """A folder whose files lost their ending would not be tested."""
    folders = {folder.name for folder in shipped("mechanisms").iterdir() if folder.is_dir()}
    assert folders == set(shipped_mechanisms())
