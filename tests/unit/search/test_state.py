import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from workbench.errors import LedgerError
from workbench.search import make_search, pack_state, unpack_state

plain_arrays = hnp.arrays(
    st.sampled_from([np.float64, np.int64, np.uint32, np.uint64, np.bool_]),
    hnp.array_shapes(min_dims=1, min_side=0),
)
plain = (
    plain_arrays
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    # numpy strings end at their first trailing null
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
)


@settings(max_examples=40)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,4}_[a-z]{1,9}", fullmatch=True), plain, max_size=4))
def test_a_state_survives_packing(state):
    found = unpack_state(pack_state(state))
    assert found.keys() == state.keys()
    for name, value in state.items():
        assert type(found[name]) is type(value)
        if isinstance(value, np.ndarray):
            assert found[name].dtype == value.dtype
            assert found[name].tobytes() == value.tobytes()
        else:
            assert repr(found[name]) == repr(value)


@pytest.mark.parametrize("value", [None, {"a": 1}, [object()], 2**70, 1j])
def test_what_is_not_plain_is_not_packed(value):
    with pytest.raises(TypeError, match="inner of the state"):
        pack_state({"inner": value})


def test_damaged_bytes_are_refused():
    packed = pack_state(make_search("random", 3, 2, 5, seed=1).state())
    for damaged in (b"", b"\x80\x04K\x01.", packed[:-30], packed[len(packed) // 2 :]):
        with pytest.raises(LedgerError, match="cannot be read"):
            unpack_state(damaged)


def test_equal_states_give_equal_bytes():
    states = [make_search("ibea", 3, 2, 5, seed=1).state() for _ in range(2)]
    assert pack_state(states[0]) == pack_state(states[1])
