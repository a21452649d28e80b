"""Whatever a file holds, a reader of morphologies returns a cell or raises an input error."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.morphology.mutations import SUFFIXES, damaged
from workbench.errors import MorphologyError
from workbench.morphology import Morphology, load_morphology

# Each foreign file starts a child of a third of a second.
EXAMPLES = {".swc": 300, ".toml": 200, ".asc": 8, ".h5": 8}
UNHURRIED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damaged_files_are_read_or_refused(suffix, tmp_path):
    file = tmp_path / f"cell{suffix}"

    @settings(max_examples=EXAMPLES[suffix], deadline=None, suppress_health_check=UNHURRIED)
    @given(damaged(suffix))
    def read_or_refused(content):
        file.write_bytes(content)
        with contextlib.suppress(MorphologyError):
            assert isinstance(load_morphology(file), Morphology)

    read_or_refused()


@settings(max_examples=200, deadline=None, suppress_health_check=UNHURRIED)
@given(data=st.binary(max_size=200), suffix=st.sampled_from((".swc", ".toml")))
def test_any_bytes_are_read_or_refused(data, suffix, tmp_path):
    file = tmp_path / f"cell{suffix}"
    file.write_bytes(data)
    with pytest.raises(MorphologyError, match="cell"):
        load_morphology(file)
