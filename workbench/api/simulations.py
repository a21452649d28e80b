"""Simulate cells and look at what came out."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

import numpy as np

from workbench.api.cells import Cell
from workbench.api.pictures import of_traces
from workbench.arrays import Floats
from workbench.engines import Failure, Job
from workbench.engines.opening import check, prove
from workbench.engines.tasks import simulate as run_jobs
from workbench.errors import EngineError
from workbench.evaluations import Simulated, in_rounds, simulated
from workbench.features import Missing, Window, check_names, measure
from workbench.protocols import Protocol, Trace, check_units
from workbench.studies import EngineChoice, cell_notes
from workbench.workers import ProcessWorkers, check_count

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RecordedTrace(Trace):
    """One recording that can be measured: times in ms, a voltage (a name that ends in `.v`) in mV.

    Attributes
    ----------
    window_ms
        The stimulus, within which features are measured unless told otherwise.
    stimulus_nA
        By how much the current of that stimulus is above the one before it, for input resistances;
        None if that is not known.

    Raises
    ------
    InputError
        If the numbers are surely in V or in s.
    """

    window_ms: tuple[float, float] = (0.0, 0.0)
    stimulus_nA: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_units(self)

    def __repr__(self) -> str:
        if not self.values.size:
            return f"<RecordedTrace {self.name}: no samples>"
        return (
            f"<RecordedTrace {self.name}: {self.values.size} samples, {self.t_ms[0]:g} to "
            f"{self.t_ms[-1]:g} ms, {self.values.min():.4g} to {self.values.max():.4g}>"
        )

    def _repr_html_(self) -> str | None:
        return (
            of_traces({self.name: self}, [self.window_ms], repr(self)) if self.t_ms.size else None
        )

    def features(
        self,
        names: Sequence[str],
        *,
        threshold_mV: float = -20.0,
        window_ms: tuple[float, float] | None = None,
    ) -> dict[str, Floats]:
        """Return all values of each feature; an empty array where it has none.

        Raises
        ------
        InputError
            If a feature does not exist.
        """
        check_names(names)
        window = Window(*(window_ms or self.window_ms), threshold_mV)
        # Of another window than its own nobody knows the current.
        stimulus_nA = None if window_ms else self.stimulus_nA
        found = measure(self, names, window, stimulus_nA=stimulus_nA)
        return {n: np.empty(0) if isinstance(m, Missing) else m for n, m in found.items()}


class _Simulated(RecordedTrace):
    """What NEURON gave is in its units, however small: a cell may rest at 0 mV."""

    def __post_init__(self) -> None:
        Trace.__post_init__(self)


@dataclass(frozen=True)
class Response(Mapping[str, RecordedTrace]):
    """What one cell did under one protocol: recordings by name, such as `soma.v`.

    Attributes
    ----------
    maps
        By the name of each of the protocol's maps, a data frame with a row a segment: `section`,
        `x`, `distance_um` (the path from soma(0.5)), `area_um2`, and what the map keeps.
    found
        What was found on the cell first, where the protocol is relative to it: `resting_potential`
        (mV), `input_resistance` (MOhm), `holding_current` (nA), `rheobase` (nA). The parameters of
        `protocol` are the numbers that came of it.
    """

    cell: Cell
    protocol: Protocol
    traces: Mapping[str, RecordedTrace]
    maps: Mapping[str, "pd.DataFrame"] = field(default_factory=dict)
    found: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> RecordedTrace:
        return self.traces[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.traces)

    def __len__(self) -> int:
        return len(self.traces)

    def __repr__(self) -> str:
        names = ", ".join([*self, *(f"map {name}" for name in self.maps)])
        return f"<Response of {self.cell.name} to {self.protocol.name}: {names}>"

    def _repr_html_(self) -> str | None:
        until_ms = self.protocol.duration_ms
        windows_ms = [one.window_ms(until_ms) for one in self.protocol.bound().stimuli]
        return of_traces(self.traces, windows_ms, repr(self)) if self.traces else None


@overload
def simulate(
    cells: Cell,
    protocol: str | Protocol,
    *,
    workers: int = 1,
    engine: str | EngineChoice | None = None,
    **parameters: float | str,
) -> Response: ...


@overload
def simulate(
    cells: Sequence[Cell],
    protocol: str | Protocol,
    *,
    workers: int = 1,
    engine: str | EngineChoice | None = None,
    **parameters: float | str,
) -> list[Response]: ...


def simulate(
    cells: Cell | Sequence[Cell],
    protocol: str | Protocol,
    *,
    workers: int = 1,
    engine: str | EngineChoice | None = None,
    **parameters: float | str,
) -> Response | list[Response]:
    """Simulate one cell or several under a protocol, in child processes.

    Parameters
    ----------
    cells
        One cell, or several.
    protocol
        The name of a protocol of the cells' study, or a protocol.
    workers
        Number of child processes.
    engine
        As in `fit`; by default as each cell says.
    parameters
        Parameters of the protocol, such as `amplitude_nA=0.5`.

    Returns
    -------
    Response or list of Response
        As one cell or several were given.

    Raises
    ------
    EngineError
        If the engine cannot run the cell, or a simulation fails; the message says how.
    InputError
        If it cannot be right: the shape of the cell, its mechanisms, the protocol, the words of the
        engine. What is odd and can be simulated is a warning.

    Examples
    --------
    Half a millisecond of 10 nA makes the squid's axon fire once, 1 nA does not:

    >>> import workbench as wb
    >>> cell = wb.load_cell("hodgkin_huxley", params="published")
    >>> wb.simulate(cell, "pulse")["soma.v"].features(["Spikecount"])
    {'Spikecount': array([1.])}
    >>> wb.simulate(cell, "pulse", amplitude_nA=1)["soma.v"].features(["Spikecount"])
    {'Spikecount': array([0.])}
    """
    check_count(workers)
    several = [cells] if isinstance(cells, Cell) else list(cells)
    if engine is not None:
        several = [cell.with_engine(engine) for cell in several]
    protocols = [cell.protocol(protocol).with_parameters(parameters) for cell in several]
    jobs = [
        Job(cell.recipe, _known(asked), cell.study.problem.integrator_of(asked.name))
        for cell, asked in zip(several, protocols, strict=True)
    ]
    for job in jobs:
        check(job.recipe, [job.protocol], job.integrator)
    notes = (note for job in jobs for note in cell_notes(job.recipe, [job.integrator]))
    for note in dict.fromkeys(notes):
        warnings.warn(note, stacklevel=2)
    prove([(cell.name, job) for cell, job in zip(several, jobs, strict=True)])
    with ProcessWorkers(min(workers, max(1, len(jobs)))) as pool:
        found = in_rounds(
            [
                simulated(cell.recipe, [asked], cell.study.problem.integrator_of)
                for cell, asked in zip(several, protocols, strict=True)
            ],
            lambda jobs: run_jobs(jobs, pool),
        )
    done = list(map(_response, several, found))
    return done[0] if isinstance(cells, Cell) else done


def _known(protocol: Protocol) -> Protocol:
    """Return a protocol for checks: with stand-ins for what is found on the cell."""
    return protocol.bound() if protocol.sought else protocol


def _response(cell: Cell, found: Simulated) -> Response:
    import pandas as pd

    [protocol] = found.protocols
    outcome = found.outcomes[protocol.name]
    if isinstance(outcome, Missing):
        raise EngineError(f"{cell.name}, {protocol.name}: {outcome.reason}")
    if isinstance(outcome, Failure):
        raise EngineError(f"{cell.name}, {protocol.name}: {outcome}")
    window_ms = protocol.window_ms()
    stimulus_nA = protocol.step_nA(*window_ms)
    traces = {
        name: _Simulated(name, trace.t_ms, trace.values, window_ms, stimulus_nA)
        for name, trace in outcome.items()
    }
    maps = {name: pd.DataFrame(one.columns) for name, one in outcome.maps.items()}
    values = {
        name: float(one.mean())
        for name, one in found.found.get(protocol.name, {}).items()
        if not isinstance(one, Missing)
    }
    return Response(cell, protocol, traces, maps, values)
