"""Cable measures of a cell."""

from workbench.api.cells import Cell
from workbench.cells import Electrotonic
from workbench.cells.electrotonic import Gates
from workbench.engines.resting import electrotonic_at_rest
from workbench.workers import ProcessWorkers


def electrotonic(cell: Cell, gates: Gates = "frozen") -> Electrotonic:
    """Return the cable measures of a cell, linear around its rest.

    Those of a passive cell (no mechanism but `pas`) are computed from what is painted; for any
    other a child process runs it to rest, and NEURON tells its membrane there.

    Parameters
    ----------
    cell
        The cell, with all values.
    gates
        "frozen": they stay as they are at rest, as in a current too quick for them; "following":
        they follow the voltage, and the answer is of constant currents alone; "initial": they stay
        as they are where a run begins, at v_init_mV; "passive": none but `pas` counts.

    Returns
    -------
    A value that knows space constants, input and transfer impedances, attenuations and time
    constants.

    Raises
    ------
    StudyError
        If a value is free.
    EngineError
        If the cell does not rest, or NEURON cannot run it.
    InputError
        Other gates.

    Examples
    --------
    >>> import workbench as wb
    >>> cell = wb.load_cell("hodgkin_huxley", params="published")
    >>> frozen = wb.electrotonic(cell)
    >>> following = wb.electrotonic(cell, gates="following")
    >>> following.input_MOhm("soma(0.5)") < frozen.input_MOhm("soma(0.5)")
    True
    """
    with ProcessWorkers(1) as pool:
        return electrotonic_at_rest(cell.recipe, pool, gates)
