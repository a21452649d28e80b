"""A search's state as bytes: an .npz archive of numbers and strings, never a pickle."""

import io
from zipfile import BadZipFile

import numpy as np

from workbench.errors import LedgerError
from workbench.search.base import State

_PLAIN = "biufU"  # numpy's dtype kinds: bool, integers, floats, strings


def pack_state(state: State) -> bytes:
    """Return the state as bytes; equal states give equal bytes.

    Raises
    ------
    TypeError
        If a value is not a plain number, a string or an array of them.
    """
    arrays = {name: np.asarray(value) for name, value in state.items()}
    for name, array in arrays.items():
        if array.dtype.kind not in _PLAIN:
            raise TypeError(f"{name} of the state is of dtype {array.dtype}, not plain numbers")
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def unpack_state(packed: bytes) -> State:
    """Return the state that `pack_state` packed.

    Raises
    ------
    LedgerError
        If the bytes are not a packed state, or are damaged.
    """
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (AttributeError, BadZipFile, EOFError, OSError, ValueError) as error:
        raise LedgerError(f"the stored state of the search cannot be read: {error}") from error
    return {name: array.item() if array.ndim == 0 else array for name, array in arrays.items()}
